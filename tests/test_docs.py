"""The documents say what the code does."""

import re
from pathlib import Path

from secondop.cases.management.commands.draw_workflow import drawing
from secondop.cases.states import MOVES
from secondop.cases.timeline import PATIENT_WORDS, STAFF_WORDS

ROOT = Path(__file__).resolve().parents[1]
OF_OTHERS = {"PIP_INDEX_URL", "HTTPS_PROXY"}  # read by other programs
DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "templates/components/README.md"]


def test_the_drawing_of_the_workflow_is_the_workflow():
    text = (ROOT / "docs/architecture.md").read_text()
    drawn = text.split("<!-- workflow -->")[1].split("<!-- /workflow -->")[0].strip()
    assert drawn == drawing(), "run manage.py draw_workflow and paste it into docs/architecture.md"


def test_every_file_and_link_that_a_document_names_exists():
    for document in DOCS:
        text = document.read_text()
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link and not link.startswith("mailto:")]
        assert [link for link in links if not (document.parent / link).exists()] == [], document.name
        named = re.findall(r"`((?:secondop|requests|reviews|templates|static|tests|docs)/[\w./-]+)`", text)
        assert [name for name in named if not (ROOT / name).exists()] == [], document.name


def test_every_constant_and_variable_that_a_document_names_exists():
    sources = [path for folder in ("secondop", "requests", "reviews") for path in (ROOT / folder).rglob("*.py")]
    known = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", "".join(path.read_text() for path in [*sources, ROOT / "docker-compose.yml"])))
    for document in DOCS:
        named = re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]*)`", document.read_text())
        assert [name for name in named if name not in known and name not in OF_OTHERS] == [], document.name


def test_every_move_has_its_words_in_both_timelines():
    assert set(MOVES) <= set(STAFF_WORDS)
    assert set(MOVES) <= set(PATIENT_WORDS)
