"""Files that come one by one, in the journal and in the audit log: one line a person or office, case and quarter of an hour.

A program sends the five thousand slices of a scan as five thousand files. As many lines that say the same would bury the one that
matters. The first file of a person leaves a line; what they send within the next quarter of an hour belongs to it, as the frames
of a series belong to theirs. The records themselves say of each file who sent it, and when.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.web.clock import now

if TYPE_CHECKING:
    from .models import Record, RecordRequest

SITTING = timedelta(minutes=15)


def begins(case: Case, by: User | None, event: str, refused: "list[Record]") -> bool:
    """Whether what ``by`` has just sent, taken as ``event`` or (without one) ``refused``, begins a sitting.

    The caller has locked the case.
    """
    since = now() - SITTING
    if event:
        return not case.journal.filter(event=event, by=by, at__gt=since).exists()
    before = case.records.filter(status="refused", uploaded_by=by, created_at__gt=since)
    return not before.exclude(pk__in=[record.pk for record in refused]).exists()


def begins_for(case: Case, request: "RecordRequest", just_now: "list[Record]") -> bool:
    """Whether what an office has sent ``just_now``, taken or refused, begins a sitting; as ``begins()``. What was here before does not."""
    refused, before = Q(status="refused"), case.records.filter(request=request, created_at__gt=now() - SITTING)
    alike = refused if all(record.status == "refused" for record in just_now) else ~refused
    return bool(just_now) and not before.filter(alike).exclude(pk__in=[record.pk for record in just_now]).exists()
