"""Saying that a series has changed: called by whatever takes images in or removes them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F

from secondop.web.clock import now

from .models import Stack

SETTLE = timedelta(seconds=5)  # more of the series may come in a moment


def mark(records: Iterable[Any]) -> None:
    """The ``records`` came, or are going: have their series prepared anew. Call it in the transaction of that."""
    concerned = {record.series_id: record.case_id for record in records if record.series_id}
    if not concerned:
        return
    Stack.objects.bulk_create([Stack(case_id=case, series_id=series) for series, case in concerned.items()], ignore_conflicts=True)
    rows = Stack.objects.filter(series__in=concerned)
    rows.update(changes=F("changes") + 1, status=Stack.Status.QUEUED, attempts=0, next_try_at=now() + SETTLE)
