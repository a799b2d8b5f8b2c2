"""Signing: what still stands against it, and the act itself."""

from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max

from routing.services.eligibility import licence_of
from secondop.accounts import identity
from secondop.accounts.models import User
from secondop.cases.lifecycle import Refused, move
from secondop.cases.models import Case
from secondop.documents import services as documents
from secondop.documents.kinds import OPINION
from secondop.web.clock import now
from secondop.web.text import random_code

from ..links import icd10_codes, web_address
from ..models import Answer, Letter, Opinion
from . import materials, second_looks
from .canonical import fingerprint, texts
from .versions import held_draft
from .writing import is_blind

# What WeasyPrint renders in a few seconds; the fields together could hold three times as much.
MAX_CHARACTERS = 60_000
MAX_LINES = 2_000
NEWS_NAMED = 5
NEEDED = {"bottom_line": "Write the short answer.", "patient_summary": "Write the summary in plain words.", "limits": "State the limits."}


class Gap(NamedTuple):
    """One thing that is missing before an opinion can be signed, and the field of the write-up it belongs to."""

    text: str
    field: str


class Incomplete(Refused):
    """The opinion cannot be signed yet; ``gaps`` says why."""

    def __init__(self, gaps: list[Gap]) -> None:
        self.gaps = gaps
        super().__init__(f"{len(gaps)} thing{'s' if len(gaps) != 1 else ''} missing before you can sign.")


def gaps(case: Case, draft: Opinion) -> list[Gap]:
    """Everything that stands against signing ``draft`` today, in the order of the page."""
    found = [Gap(text, name) for name, text in NEEDED.items() if not getattr(draft, name).strip()]
    if is_blind(case, draft):
        found.insert(0, Gap("Lock your first impression.", "first_read"))
    found += answer_gaps(draft) + material_gaps(draft) + grid_gaps(draft) + list_gaps(draft)
    if icd10_codes(draft.icd10) is None:
        found.append(Gap("Check the ICD-10 codes: letters and digits such as C64.2, with commas between them.", "icd10"))
    characters, lines = size(draft)
    if characters > MAX_CHARACTERS or lines > MAX_LINES:
        found.append(Gap(f"Shorten the text: {characters} characters on {lines} lines; {MAX_CHARACTERS} on {MAX_LINES} fit.", "reasoning"))
    licence, problem = licence_of(draft.author, case)
    return found if licence else [*found, Gap(problem, "jurisdiction")]


def answer_gaps(draft: Opinion) -> list[Gap]:
    """Questions without a whole answer."""
    found = []
    for answer in draft.answers.all():
        at, name = f"answers-{answer.position}", f"question {answer.position + 1}"
        if not answer.verdict:
            found.append(Gap(f"Say whether {name} is answered.", f"{at}-verdict"))
        elif answer.verdict != Answer.Verdict.CANNOT and not answer.text.strip():
            found.append(Gap(f"Write the answer to {name}.", f"{at}-text"))
        if answer.verdict in (Answer.Verdict.PARTLY, Answer.Verdict.CANNOT) and not answer.why.strip():
            found.append(Gap(f"Say why {name} is not fully answered.", f"{at}-why"))
    return found


def material_gaps(draft: Opinion) -> list[Gap]:
    """What came, or was set aside, since the draft began and its materials do not name."""
    found = [material.line for material in materials.news(draft)]
    if not found:
        return []
    others = f" and {len(found) - NEWS_NAMED} more" if len(found) > NEWS_NAMED else ""
    return [Gap(f"Say whether you reviewed what came since you began: {'; '.join(found[:NEWS_NAMED])}{others}.", "materials_reviewed")]


def grid_gaps(draft: Opinion) -> list[Gap]:
    """Rows of the grid that are not complete, and what would settle a difference."""
    rows = list(draft.grid.all())
    open_rows = [row for row in rows if not row.is_complete]
    found = [Gap(f"Complete the comparison: {row.get_aspect_display().lower()}.", f"grid-{row.position}-verdict") for row in open_rows]
    if any(row.differs for row in rows) and not draft.settle.strip():
        found.append(Gap("Say what would settle the difference.", "settle"))
    return found


def list_gaps(draft: Opinion) -> list[Gap]:
    """Options that say nothing, and addresses that cannot be a link."""
    empty = [option for option in draft.options.all() if not (option.benefit.strip() and option.harm.strip())]
    wrong = [source for source in draft.evidence.all() if source.url and not web_address(source.url)]
    found = [Gap(f"Give benefit and harm of “{o.name}”, or clear its fields.", f"options-{o.position}-benefit") for o in empty]
    return found + [Gap("Give a full address that begins with https://, or none.", f"evidence-{s.position}-url") for s in wrong]


def size(draft: Opinion) -> tuple[int, int]:
    """How many characters and lines the text has, its rows included."""
    written = texts(draft)
    return sum(map(len, written)), sum(text.count("\n") + 1 for text in written)


def sign(case: Case, *, by: User, password: str, version: int) -> Case:
    """Lock the draft of ``by`` as the next version, give it fingerprint and code, and send its PDF to be made.

    ``version`` is the number of saves that the signer's page showed. Raises those of ``identity.confirm()``, ``Incomplete``,
    ``Refused`` when the text changed since, ``Conflict`` when it was signed already, ``NotAllowed`` for anybody else.
    """
    identity.confirm(by, password, act="opinion.sign")
    with transaction.atomic():
        locked, draft = held_draft(case, by, is_whole=True)
        if draft.edits != version:
            raise Refused("The text has changed since you opened this page. Please read it once more.")
        missing = gaps(locked, draft)
        if missing:
            raise Incomplete(missing)
        replaced = list(locked.opinions.filter(status=Opinion.Status.SIGNED))
        highest = locked.opinions.aggregate(highest=Max("version"))["highest"] or 0
        seal(locked, draft, highest + 1)
        supersede(replaced)
        signed = move(locked, "sign", by=by)
        documents.order(letter_for(draft))
        return signed


def letter_for(opinion: Opinion) -> Letter:
    """The job of making the PDF of a version that was just signed."""
    filename = f"second-opinion-{opinion.case.reference}-v{opinion.version}.pdf"
    return Letter.objects.create(opinion=opinion, case=opinion.case, kind=OPINION, subject=str(opinion.uid), filename=filename)


def supersede(replaced: list[Opinion]) -> None:
    """A new version takes the place of earlier signed ones; nobody has to look at those any more."""
    Opinion.objects.filter(pk__in=[opinion.pk for opinion in replaced]).update(status=Opinion.Status.SUPERSEDED)
    for opinion in replaced:
        second_looks.cancel(opinion)


def seal(case: Case, draft: Opinion, version: int) -> None:
    """Write number, signature, code and fingerprint in one update, after which the database lets nothing change."""
    draft.case = case
    draft.version, draft.signed_at, draft.code = version, now(), random_code(3)
    draft.signature = signature(case, draft.author)
    draft.sha256, draft.status = fingerprint(draft), Opinion.Status.SIGNED
    draft.save()


def signature(case: Case, author: User) -> dict[str, Any]:
    """The author as the letter names them: as they are today, whatever changes later."""
    profile = author.specialist_profile
    licence, _ = licence_of(author, case)
    return {
        "name": str(author),
        "title": profile.credentials,
        "institution": profile.institution,
        "licences": [f"{licence.number}, {licence.place}"] if licence else [],
        "specialty": str(case.specialty or ""),
    }
