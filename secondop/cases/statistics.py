"""How long opinions took at this organisation, read from the journal. Nothing is said before enough of them stand behind it."""

from datetime import timedelta
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.core.cache import caches
from django.db.models import Aggregate, Count, DurationField, F, OuterRef, Subquery

from secondop.web.clock import now

from .models import JournalEntry

WINDOW = timedelta(days=365)
LEAST = 20  # fewer than these, and one unusual case moves the figures


class Spread(NamedTuple):
    """How long something took: half of the cases no longer than ``median``, nine in ten no longer than ``p90``."""

    median: timedelta
    p90: timedelta


class DeliveryTimes(NamedTuple):
    """The two clocks of the ``opinions`` that were delivered: since the patient asked, and since the records were complete."""

    opinions: int
    from_asking: Spread
    from_complete: Spread


class Percentiles(Aggregate):
    """The median and the 90th percentile of a duration, as a list of the two."""

    function = "percentile_cont"
    template = "%(function)s(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(DurationField())


def known_times() -> DeliveryTimes | None:
    """``delivery_times()`` for pages that many people look at: asked at most once in ten minutes by each process."""
    kept = caches["pages"]
    found = kept.get("delivery-times")
    if found is None:
        found = delivery_times() or False
        kept.set("delivery-times", found)
    return found or None


def delivery_times() -> DeliveryTimes | None:
    """How long the opinions delivered in the last 365 days took; ``None`` while there are fewer than ``LEAST`` of them.

    Each delivery counts from the last time the case was sent or reopened before it, and from the last time its records were
    called complete. Days on which the patient was waited for count too: they are part of what a patient lives through.
    """
    delivered = JournalEntry.objects.filter(event="release", at__gt=now() - WINDOW)
    found = delivered.annotate(asked=last("submit", "reopen"), complete=last("make_ready")).aggregate(
        opinions=Count("pk"), from_asking=Percentiles(F("at") - F("asked")), from_complete=Percentiles(F("at") - F("complete"))
    )
    if found["opinions"] < LEAST:
        return None
    return DeliveryTimes(found["opinions"], Spread(*found["from_asking"]), Spread(*found["from_complete"]))


def last(*events: str) -> Subquery:
    """When one of these things last happened to the case, before the line of the journal that is looked at."""
    earlier = JournalEntry.objects.filter(case=OuterRef("case"), event__in=events, at__lte=OuterRef("at"))
    return Subquery(earlier.order_by("-at", "-pk").values("at")[:1])
