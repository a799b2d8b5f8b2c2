"""Rules of the house that no linter knows, read from the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

from secondop.embedded.data import ROOT

SENDERS = {"delay", "delay_on_commit", "apply_async", "apply_async_on_commit", "send_task"}
QUEUE = "secondop/web/queue.py"
LIFECYCLE = "secondop/cases/lifecycle.py"
OF_ROWS = ("save", "save_base", "delete")
WRITERS = {"update", "create", "get_or_create", "update_or_create", "bulk_update", "setattr"}


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """The files of some folders, the code of the site when none are named, with their trees."""
    for folder in folders or ("secondop", "requests", "reviews"):
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def names_used(tree: ast.AST, names: set[str]) -> list[int]:
    """The lines on which an attribute of one of these names is read, called or not (``send = task.apply_async`` counts)."""
    return sorted(node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in names)


def test_the_rule_sees_what_it_forbids():
    assert names_used(ast.parse("x.delay(1)\nsend = x.apply_async"), SENDERS) == [1, 2]


def test_tasks_are_sent_by_enqueue_only():
    found = [f"{file}:{line}" for file, tree in trees() if file != QUEUE for line in names_used(tree, SENDERS)]
    assert found == [], "send tasks with secondop.web.queue.enqueue()"
    assert names_used(ast.parse((ROOT / QUEUE).read_text()), SENDERS)


def writes_of_state(tree: ast.AST) -> list[int]:
    """The lines that write a column called ``state``: by assignment, by ``setattr``, or by a query."""
    found = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []
        written = [part.attr for target in targets for part in ast.walk(target) if isinstance(part, ast.Attribute)]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in WRITERS:
            named = [part for argument in node.args[1:] for part in ast.walk(argument)]
            written = [word.arg for word in node.keywords] + [part.value for part in named if isinstance(part, ast.Constant)]
        if "state" in written:
            found.append(node.lineno)
    return found


def test_nothing_but_move_writes_where_a_case_stands():
    ways = ["case.state = x", "a, case.state = 1, x", "case.state: str = x", "cases.filter(pk=1).update(state=x)"]
    ways += ["Case.objects.create(patient=p, state=x)", "setattr(case, 'state', x)", "Case.objects.bulk_update(cases, ['state'])"]
    assert all(writes_of_state(ast.parse(way)) == [1] for way in ways)
    assert not writes_of_state(ast.parse("x = case.state\ncases.filter(state=x).count()"))
    found = [file for file, tree in trees() for _ in writes_of_state(tree)]
    assert found == [LIFECYCLE], "make a move of MOVES with secondop.cases.lifecycle.move()"


def test_models_are_found_by_foreign_keys_not_by_name():
    found = [f"{file}:{line}" for file, tree in trees() for line in names_used(tree, {"get_model"})]
    assert found == [], "use a foreign key and its reverse manager; get_model is for migrations"


def side_effects(tree: ast.AST) -> list[int]:
    """The lines that import the signals of models, or by which a class saves or deletes its rows in a way of its own."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            imported = {f"{node.module}.{name.name}" for name in node.names}
            found += [node.lineno] * any(name.startswith("django.db.models.signals") for name in imported)
        elif isinstance(node, ast.Import):
            found += [node.lineno] * any(name.name.startswith("django.db.models.signals") for name in node.names)
        elif isinstance(node, ast.ClassDef):
            found += [part.lineno for part in node.body if isinstance(part, ast.FunctionDef) and part.name in OF_ROWS]
    return found


def test_signals_and_save_have_no_side_effects():
    ways = ["from django.db.models import F, signals", "from django.db.models.signals import post_save", "import django.db.models.signals"]
    ways += [f"class A(Model):\n def {name}(self): pass" for name in OF_ROWS]
    assert all(len(side_effects(ast.parse(way))) == 1 for way in ways)
    found = [f"{file}:{line}" for file, tree in trees() for line in side_effects(tree)]
    assert found == [], "put what has to happen into the service of the verb"


def test_migrations_make_no_accounts():
    found = [
        str(path.relative_to(ROOT))
        for path in Path(ROOT).glob("*/*/migrations/*.py")
        if "create_user" in path.read_text() or "set_password" in path.read_text()
    ]
    assert found == []


def test_files_stay_short():
    """At most 300 lines, templates 120; migrations are as Django writes them, and what is in vendor/ is others'."""
    folders = ("secondop", "requests", "reviews", "tests", "static/css", "static/js", "templates")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*") if path.suffix in (".py", ".css", ".js", ".html")]
    lengths = {path: len(path.read_text().splitlines()) for path in [*files, ROOT / "dev"] if "migrations" not in path.parts}
    assert len(lengths) > 300
    long = {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > (120 if path.suffix == ".html" else 300)}
    assert long == {}, "split it by idea"


def test_functions_stay_short():
    """At most 45 lines, those of views 25."""
    found = [
        (f"{file}:{node.lineno}", node.end_lineno - node.lineno + 1, "views" in (Path(file).stem, Path(file).parent.name))
        for file, tree in trees("secondop", "requests", "reviews", "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    assert len(found) > 1000
    assert sum(is_view for _, _, is_view in found) > 50
    assert [place for place, length, is_view in found if length > (25 if is_view else 45)] == []
