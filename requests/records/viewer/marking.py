"""Saying that a series has to be prepared: whatever takes images in or removes them says so, and people where it failed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Least

from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.web.clock import now
from secondop.web.queue import enqueue

from .models import Stack

SETTLE = timedelta(seconds=5)  # more of the series may come in a moment
# To make a large stack anew costs more: over a slow line its slices come one by one for hours.
SETTLE_A_FILE, LONGEST_SETTLE = timedelta(milliseconds=50), timedelta(minutes=1)


def mark(records: Iterable[Any], *, more_may_come: bool = False) -> None:
    """The ``records`` came, or are going: have their series prepared anew, after a while if ``more_may_come``.

    Call it in the transaction of that.
    """
    concerned = {record.series_id: record.case_id for record in records if record.series_id}
    if not concerned:
        return
    Stack.objects.bulk_create([Stack(case_id=case, series_id=series) for series, case in concerned.items()], ignore_conflicts=True)
    rows = Stack.objects.filter(series__in=concerned)
    at = when_settled() if more_may_come else now() + SETTLE
    rows.update(changes=F("changes") + 1, status=Stack.Status.QUEUED, attempts=0, next_try_at=at, tried_again=False)


def when_settled() -> Least:
    """When a stack is made anew if nothing else comes: later, the more files it was made of the last time."""
    a_file = Value(SETTLE_A_FILE, DurationField())
    of_its_files = ExpressionWrapper(F("files_total") * a_file, DurationField())
    settled = ExpressionWrapper(Value(now() + SETTLE, DateTimeField()) + of_its_files, DateTimeField())
    return Least(settled, Value(now() + LONGEST_SETTLE, DateTimeField()))


@transaction.atomic
def again(case: Case, *, by: User, stack: Stack) -> None:
    """Prepare a series of ``case`` that failed once more, now. Raises ``Refused`` when it has not failed, or somebody was faster."""
    failed = Stack.objects.filter(pk=stack.pk, status=Stack.Status.FAILED)
    if not failed.update(status=Stack.Status.QUEUED, attempts=0, next_try_at=now(), tried_again=True):
        raise Refused("These images are being prepared, or are there already.")
    audit("series.again", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(stack.uid))
    enqueue("records.tasks.prepare_series", stack.pk)
