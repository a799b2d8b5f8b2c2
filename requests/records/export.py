"""What a copy of a case holds of its records: the files that the reader may open, and what was not taken."""

from secondop.accounts.models import User
from secondop.cases.access import Right, rights_of
from secondop.cases.models import Case
from secondop.exports.parts import File, Part

from .downloads import download_name
from .models import Record, RecordRequest, Upload, UploadToken
from .sourcing.rules import runs


def records(case: Case, reader: User) -> Part:
    """Every record that ``reader`` sees in the list; with their bytes those they may open."""
    listed = list(case.records.listed_to(reader).select_related("uploaded_by", "request").order_by("created_at", "pk"))
    openable = list(case.records.openable_by(reader).select_related("stored").order_by("created_at", "pk"))
    files = [File("records", download_name(one), one.stored, one.created_at) for one in openable if one.stored]
    uploads = [coming(one) for one in case.uploads.open().of(reader).select_related("stored")]
    tokens = [program(one) for one in case.upload_tokens.filter(made_by=reader)]
    return Part({"records": [told(one) for one in listed], "uploads_not_finished": uploads, "programs_that_may_send": tokens}, files)


def coming(upload: Upload) -> dict[str, object]:
    """A file of which a part is here."""
    return {"name": upload.name, "size": upload.length, "here": upload.offset, "began_at": upload.created_at, "until": upload.expires_at}


def program(token: UploadToken) -> dict[str, object]:
    """A token in words; it is not kept itself."""
    times = {"last_used_at": token.used_at, "until": token.expires_at, "taken_back_at": token.revoked_at}
    return {"name": token.label, "made_at": token.created_at, **times}


def told(record: Record) -> dict[str, object]:
    """One record in words."""
    return {
        "name": record.name,
        "folder": record.folder,
        "purpose": record.get_purpose_display(),
        "kind": record.get_kind_display(),
        "stands_at": record.get_status_display(),
        "not_taken_because": record.reason,
        "size": record.size,
        "scanned_for_viruses_at": record.scanned_at,
        "sha256": record.sha256,
        "sent_by": record.sender,
        "sent_at": record.created_at,
    }


def requests(case: Case, reader: User) -> Part:
    """Which places were asked for records, for those who decide on the case: dates, state and what happened; notes are the asker's own."""
    rights = rights_of(reader, case)
    if not rights & {Right.DECIDE, Right.COORDINATE}:
        return Part({})
    found = case.record_requests.prefetch_related("events")
    return Part({"record_requests": [asked(request, with_notes=runs(request, rights)) for request in found]})


def asked(request: RecordRequest, *, with_notes: bool) -> dict[str, object]:
    """One request in words."""
    return {
        "reference": request.code,
        "office": request.office,
        "place": request.place,
        "records": request.what,
        "asked_by": "patient" if request.by_patient else "care team",
        "stands_at": request.get_status_display(),
        "sent_on": request.sent_on,
        "last_day": request.due_on,
        "events": [
            {"what": event.get_what_display(), "at": event.at, **({"note": event.note} if with_notes else {})}
            for event in request.events.all()
        ],
    }
