"""Cases with an opinion at each step, made by the verbs that people use."""

from collections.abc import Callable
from typing import Any

from opinions.letter import letter_of
from opinions.models import Letter, Opinion, SecondLook
from opinions.services import checking, second_looks, signing
from opinions.services.drafts import start
from opinions.services.writing import Stamp, WrittenText, lock_first_read, save
from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.documents import services as documents
from tests.factories import PASSWORD
from tests.routing.people import accepted_case, make_specialist

WORDS = {
    "bottom_line": "The operation can wait.",
    "patient_summary": "Your heart valve is narrow, but not very narrow.",
    "limits": "I did not examine you.",
    "diagnosis": "Moderate aortic stenosis.",
    "recommendation": "Another scan in a year.",
    "strength": "conditional",
    "urgency": "months",
    "certainty": 80,
}
ANSWER = {"verdict": "answered", "text": "No, not this year.", "why": ""}
AGREES = {"verdict": "agree", "impact": "", "note": ""}
DIFFERS = {"verdict": "differ_major", "impact": "major", "note": "No operation now."}
OPTION = {"name": "Wait", "benefit": "No operation.", "harm": "It may get worse.", "burden": "", "certainty": "", "fit": ""}


def in_review(**fields: Any) -> tuple[Case, User, Opinion]:
    """A case in review with a draft whose first impression is locked."""
    case, author = accepted_case(**fields)
    draft = start(case, by=author)
    return case, author, lock_first_read(case, by=author, stamp=Stamp(draft.edits, "tests"), text="Looks moderate to me.")


def full_text(*, major: bool = False, **fields: Any) -> WrittenText:
    """Everything that signing asks for, with one question; with ``major`` the treatment differs in a major way."""
    grid = {n: dict(AGREES) for n in range(6)}
    more = dict(fields)
    if major:
        grid[4] = dict(DIFFERS)
        more.setdefault("settle", "A scan under stress.")
    return WrittenText({**WORDS, **more}, {0: dict(ANSWER)}, grid, [dict(OPTION)], [{"text": "Guideline", "url": "https://example.org/a"}])


def write(case: Case, author: User, text: WrittenText | None = None) -> Opinion:
    """Save ``text`` (a full one when not given) into the draft of ``author``."""
    draft = Opinion.objects.get(case=case, author=author, status="draft")
    return save(case, by=author, stamp=Stamp(draft.edits, "tests"), text=text or full_text())


def signed(
    *, major: bool = False, pdf: bool = False, text: Callable[[Opinion], WrittenText] | None = None, **fields: Any
) -> tuple[Case, Opinion]:
    """A case being checked, and its signed opinion, written by ``text`` or full; with ``pdf`` its document is rendered."""
    case, author, draft = in_review()
    draft = write(case, author, text(draft) if text else full_text(major=major, **fields))
    case = signing.sign(case, by=author, password=PASSWORD, version=draft.edits)
    opinion = Opinion.objects.get(pk=draft.pk)
    if pdf:
        assert documents.render(opinion.document.pk, letter_of)
    return case, opinion


def ready_document(opinion: Opinion, data: bytes = b"%PDF-1.7 stands in for a rendered one") -> Letter:
    """The opinion's document with ``data`` stored, for tests that need a file and not its content."""
    documents.keep(Letter.objects.get(opinion=opinion), data)
    return Letter.objects.get(opinion=opinion)


def confirmed(case: Case, opinion: Opinion) -> SecondLook:
    """The opinion with a second specialist's confirmation."""
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    second_looks.accept(case, by=second)
    return second_looks.answer(case, by=second, confirm=True, note="I read the scan, it is moderate.")


def released(**fields: Any) -> tuple[Case, Opinion]:
    """A delivered case and the opinion its patient was given."""
    case, opinion = signed(**fields)
    ready_document(opinion)
    return checking.release(case, by=case.owner), Opinion.objects.get(pk=opinion.pk)
