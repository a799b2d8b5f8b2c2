"""How work reaches Celery: only to tasks that exist."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from secondop.celery import app

SOURCES = [path for top in ("secondop", "requests", "reviews") for path in sorted((settings.ROOT / top).rglob("*.py"))]


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a file, with the last part of what is called."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield getattr(node.func, "id", "") or getattr(node.func, "attr", ""), node


@pytest.fixture(scope="module")
def tasks() -> set[str]:
    """The names of all tasks."""
    app.loader.import_default_modules()
    return set(app.tasks)


def test_tasks_sent_by_name_exist(tasks):
    named = {
        call.args[0].value
        for path in SOURCES
        for name, call in calls(path)
        if name == "enqueue" and call.args and isinstance(call.args[0], ast.Constant)
    }
    assert named <= tasks


@pytest.mark.parametrize("entry", settings.CELERY_BEAT_SCHEDULE.values(), ids=lambda entry: entry["task"])
def test_tasks_of_the_clock_exist_and_do_not_pile_up(tasks, entry):
    assert entry["task"] in tasks
    assert entry["options"]["expires"] == entry["schedule"]
