"""Archives in words: how far each is unpacked, and what came out of it."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import pluralize
from django.utils.text import get_text_list

from records.models import Archive
from records.removing import is_removable
from secondop.accounts.models import User
from secondop.cases.access import Right
from secondop.cases.models import Case

AT_MOST = 200


class Line(NamedTuple):
    """One archive that was sent, with all that lies in it: ``done`` of ``total`` files while it ``is_open``; whether all may still go."""

    archive: Archive
    is_open: bool
    done: int
    total: int
    words: str
    can_remove: bool


def lines(case: Case, purpose: str, user: User, rights: set[Right], used: datetime | None) -> list[Line]:
    """The archives of ``case`` that ``user`` may know of, the newest first; ``used`` as for ``is_removable()``."""
    found = case.archives.known_to(user, rights).filter(purpose=purpose).order_by("-pk")
    sent = list(found.filter(root=None)[:AT_MOST])
    trees = {archive.pk: [archive] for archive in sent}
    for archive in Archive.objects.filter(root__in=sent):
        trees[archive.root_id or 0].append(archive)
    shown = (_line(trees[archive.pk], is_removable(archive, case, used)) for archive in sent)
    return [line for line in shown if line.words]


def _line(tree: list[Archive], can_remove: bool) -> Line:
    is_open = any(one.record_id for one in tree)
    done, total = sum(one.done for one in tree), sum(one.total for one in tree)
    return Line(tree[0], is_open, done, total, _going(done, total) if is_open else _ended(tree), can_remove)


def _going(done: int, total: int) -> str:
    return f"{intcomma(done)} of {intcomma(total)} files unpacked" if total else "Unpacking begins"


def _ended(tree: list[Archive]) -> str:
    """What came of it; nothing where nothing came, because the list of refusals says why."""
    taken, refused, known = (sum(getattr(one, name) for one in tree) for name in ("taken", "refused", "known"))
    told = [f"{intcomma(taken)} file{pluralize(taken)} came"]
    told += [f"{intcomma(refused)} {pluralize(refused, 'was,were')} not taken"] if refused else []
    told += [f"{intcomma(known)} {pluralize(known, 'was,were')} here already"] if known else []
    return f"{get_text_list(told, 'and')}." if taken else ""
