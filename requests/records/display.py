"""Records in words: what a list says of each file."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat, pluralize
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime

from secondop.accounts.models import User
from secondop.cases.access import Right, rights_of
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.web.clock import now

from .archives import display as archives
from .imaging.pages import Reader, SeriesRow, aside_of, one_each, people_of
from .imaging.pages import rows_of as series_rows
from .imaging.words import day, named_in, of_file
from .kinds import TAKEN, Kind
from .models import WAITING, Preview, Purpose, Record, Status
from .removing import MOST_REFUSED, is_removable, last_used
from .services import room_left, takes_records
from .sourcing.pages import for_patient
from .tus.pages import unfinished

ON_A_PAGE = 100
NAMES_SHOWN = 10
IMAGES_SHOWN = 10  # that wait to be checked; of more only the number is told
SLOW_AFTER = timedelta(minutes=2)
POLL_SOON, POLL_LATER = "3s", "20s"
TAGS = {Status.RECEIVED: "neutral", Status.CHECKING: "info", Status.READY: "success"}
LEADS = {
    Party.PATIENT: "Reports, letters, pictures and scans. Your specialist should see them all.",
    Party.COORDINATOR: "What the patient has sent, and what you add on their behalf.",
    Party.SPECIALIST: "The records of this case, to read here or to download.",
}
PAPERS = "A court order, a power of attorney, or a birth certificate. Only you and your care coordinators see these, never a specialist."
ACTIVE_WORDS = {
    "javascript": "a script",
    "launch": "a command to start a program",
    "import": "a command to load data",
    "submit": "a form that sends data",
    "embedded": "attached files",
    "media": "media",
}


class Row(NamedTuple):
    """A record as a list shows it."""

    record: Record
    meta: str
    tag: str
    note: str
    identity: str
    aside: str
    can_open: bool
    can_remove: bool
    preview: Preview | None
    is_new: bool = False
    template: str = "records/row.html"


class Refusal(NamedTuple):
    """Files that were not taken for one and the same reason."""

    reason: str
    first: list[str]
    rest: list[str]


def page_of(request: HttpRequest, case: Case, purpose: Purpose = Purpose.MEDICAL) -> dict[str, Any]:
    """Everything the page of a case's records of one purpose shows to the person who asks.

    The number of queries does not grow with the files.
    """
    user = cast(User, request.user)
    rights = rights_of(user, case)
    reader = Reader(user, rights, last_used(case, purpose), moment_of(request.GET.get("since", "")))
    records = case.records.listed_to(user).filter(purpose=purpose)
    checked = records.filter(status__in=WAITING) if Right.UPLOAD in rights else records.none()
    waiting = checked.aggregate(count=Count("pk"), last=Max("created_at"), images=Count("pk", filter=Q(kind=Kind.DICOM)))
    return {
        "case": case,
        "papers": purpose == Purpose.AUTHORITY,
        "waiting": waiting["count"],
        "back": back_of(case, rights),
        "taken": TAKEN,
        "limits": {"file": settings.UPLOAD_FILE_BYTES, "case": settings.UPLOAD_CASE_BYTES, "count": settings.UPLOAD_FILES_PER_REQUEST},
        **files_part(request, case, records, reader, waiting),
        **sender_part(case, reader, purpose, records),
        **purpose_part(request, case, rights, purpose),
    }


def moment_of(seconds: str) -> datetime | None:
    """The moment that the reading room names in an address, in seconds since 1970; ``None`` for anything else."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def files_part(request: HttpRequest, case: Case, records: Any, reader: Reader, waiting: dict[str, Any]) -> dict[str, Any]:
    """The files that were taken, a page of them; ``waiting`` is what of them is being checked."""
    there = records.exclude(status=Status.REFUSED)
    if waiting["images"] > IMAGES_SHOWN:
        there = there.exclude(status__in=WAITING, kind=Kind.DICOM)
    page = Paginator(one_each(there).select_related("preview", "identity"), ON_A_PAGE).get_page(request.GET.get("page"))
    is_settling = not all(is_settled(record) for record in page)
    return {
        "page": page,
        "files": there.count() if any(record.series_id for record in page) else page.paginator.count,
        "rows": rows_of(page, case, reader),
        "has_images": any(record.kind == Kind.DICOM for record in page) and Right.RECORDS in reader.rights,
        "poll_after": poll_after(waiting["last"]) or (POLL_SOON if is_settling else ""),
    }


def sender_part(case: Case, reader: Reader, purpose: Purpose, records: Any) -> dict[str, Any]:
    """What those who may upload meet besides: the room that is left, what was not taken, and what is not finished."""
    is_open, user = takes_records(case), reader.user
    if Right.UPLOAD not in reader.rights:
        return {"may_upload": False, "is_open": is_open, "refused_count": 0}
    refused = list(records.filter(status=Status.REFUSED)[:MOST_REFUSED])
    own = [record for record in refused if record.uploaded_by_id in (user.pk, None)]
    label = "Clear this list" if len(own) == len(refused) else "Clear your files from this list"
    return {
        "may_upload": True,
        "is_open": is_open,
        "room": room_left(case) if is_open else 0,
        "refusals": by_reason(refused),
        "refused_count": len(refused),
        "most_refused": MOST_REFUSED if len(refused) == MOST_REFUSED else 0,
        "clear": label if own else "",
        "unfinished": unfinished(case, user, purpose) if is_open else [],
        "archives": archives.lines(case, purpose, user, reader.rights, reader.reviewed),
    }


def purpose_part(request: HttpRequest, case: Case, rights: set[Right], purpose: Purpose) -> dict[str, Any]:
    """What only the list of papers, or only that of the records for the review says."""
    if purpose != Purpose.MEDICAL:
        return {"lead": PAPERS}
    said = {"lead": LEADS[role_of(rights)], "people": people_of(case, rights), "may_search": Right.RECORDS in rights}
    return {**said, **gathered(request, case, rights)}


def gathered(request: HttpRequest, case: Case, rights: set[Right]) -> dict[str, Any]:
    """What the whole page says besides the files: the checklist and who was asked, and whether its reader may ask others."""
    if "HX-Request" in request.headers:
        return {}
    return {"gathering": for_patient(case, rights), "may_request": bool(rights & {Right.DECIDE, Right.COORDINATE})}


def poll_after(last: datetime | None) -> str:
    """When the page asks again, by when the newest file came that is being checked; not at all without one."""
    if last is None:
        return ""
    return POLL_SOON if now() - last < SLOW_AFTER else POLL_LATER


def is_settled(record: Record) -> bool:
    """Whether nothing of the record is about to appear in the list: no picture of it is being made, or that takes too long to wait for."""
    preview = preview_of(record)
    return preview is None or preview.status != Preview.Status.QUEUED or now() - record.created_at > SLOW_AFTER


def role_of(rights: set[Right]) -> Party:
    """As whom a person with ``rights`` reads the page: coordinator, specialist (also one who takes a second look), or patient's side."""
    if Right.COORDINATE in rights:
        return Party.COORDINATOR
    return Party.SPECIALIST if Right.WRITE in rights or Right.UPLOAD not in rights else Party.PATIENT


def back_of(case: Case, rights: set[Right]) -> tuple[str, str]:
    """The page that somebody with ``rights`` came from, and what it is called; always one that opens to them."""
    role = role_of(rights)
    if role == Party.COORDINATOR:
        return reverse("routing:case", args=[case.uid]), "The case"
    if role == Party.SPECIALIST:
        writes = Right.WRITE in rights
        return reverse("opinions:write" if writes else "opinions:second", args=[case.uid]), "Your review" if writes else "Your second look"
    if case.state == State.DRAFT and Right.DECIDE in rights:
        return reverse("intake:hub", args=[case.uid]), "Your request"
    if case.state != State.DRAFT and Right.STATUS in rights:
        return reverse("tracking:case", args=[case.uid]), "Your case"
    return reverse("tracking:list"), "Your cases"


def rows_of(page: Page, case: Case, reader: Reader) -> list[Row | SeriesRow]:
    """The rows of one page: a file each, and one for all images of a series."""
    series = series_rows(case, [record.series_id for record in page if record.series_id], reader)
    return [series[record.series_id] if record.series_id else file_row(record, case, reader) for record in page]


def file_row(record: Record, case: Case, reader: Reader) -> Row:
    """The row of one file; who it says it is about is for coordinators only."""
    rights = reader.rights
    return Row(
        record,
        describe(record),
        TAGS[Status(record.status)],
        note_of(record),
        named_in(record.facts) if Right.COORDINATE in rights else "",
        aside_of(record.identity) if record.identity and record.identity.set_aside else "",
        Right.RECORDS in rights and (record.status == Status.READY or record.uploaded_by_id == reader.user.pk),
        Right.UPLOAD in rights and is_removable(record, case, reader.reviewed),
        preview_of(record) if Right.RECORDS in rights else None,
        reader.is_new(record.ready_at or record.created_at, record.identity),
    )


def preview_of(record: Record) -> Preview | None:
    """The job of making something to look at of a record, where there is one; loaded with the record."""
    return getattr(record, "preview", None) if record.status == Status.READY else None


def describe(record: Record) -> str:
    """Kind, what is in it, size, when it came and where it lay."""
    facts = record.facts
    details = {
        Kind.PDF: _counted(facts.get("pages", 0), "page"),
        Kind.DICOM: of_file(facts),
        Kind.TEXT: _counted(facts.get("lines", 0), "line"),
        Kind.TIFF: [*_pixels(facts), *_counted(facts.get("pages", 0), "page")],
        Kind.FHIR: _document(facts),
        Kind.CCDA: _document(facts),
    }.get(Kind(record.kind), _pixels(facts))
    came = date_format(localtime(record.created_at), "D j M Y")
    origin = f"From {record.folder}" if record.folder else ""
    told = (record.get_kind_display(), *details, filesizeformat(record.size), f"Sent {came}", scan_of(record), origin)
    return " · ".join(part for part in told if part)


def in_series(row: Row) -> Row:
    """The row of an image on the page of its series, which says what its images share."""
    record = row.record
    number = f"Image {record.position}" if record.position is not None else ""
    return row._replace(meta=" · ".join(filter(None, (number, filesizeformat(record.size), scan_of(record)))))


def scan_of(record: Record) -> str:
    """Whether a virus scanner has seen the file, never that it is clean."""
    if record.status != Status.READY:
        return ""
    return "Scanned for viruses" if record.scanned_at else "Not scanned for viruses"


def note_of(record: Record) -> str:
    """What a reader should know about the file, or why its check takes so long."""
    if record.kind != Kind.ZIP and record.is_waiting and now() - record.created_at > SLOW_AFTER:
        return "The check takes longer than usual. We keep trying; you need not send it again."
    preview = preview_of(record)
    if preview and preview.status == Preview.Status.FAILED:
        return "We could not make a picture of this file. You can still download it."
    active = active_of(record)
    return f"This PDF contains {active}. Open it only in a viewer that asks before it runs anything." if active else ""


def active_of(record: Record) -> str:
    """What can act in a PDF, in words."""
    return str(get_text_list([ACTIVE_WORDS[name] for name in record.facts.get("active", []) if name in ACTIVE_WORDS], "and"))


def by_reason(refused: list[Record]) -> list[Refusal]:
    """Names of refused files under the reason they share."""
    groups: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for record in refused:
        groups[record.reason]["/".join(part for part in (record.folder, record.name) if part)] = None
    return [Refusal(reason, list(names)[:NAMES_SHOWN], list(names)[NAMES_SHOWN:]) for reason, names in groups.items()]


def _counted(count: int, what: str) -> list[str]:
    return [f"{count} {what}{pluralize(count)}"] if count else []


def _pixels(facts: dict[str, Any]) -> list[str]:
    return [f"{facts['width']} × {facts['height']} pixels"] if facts.get("width") else []


def _document(facts: dict[str, Any]) -> list[str]:
    return [facts.get("title", ""), facts.get("source", ""), day(facts.get("written", ""))]
