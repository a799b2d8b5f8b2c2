"""What the clock does about requests: tell who runs one that its office is to be asked again, and end those of ended cases."""

from contextlib import suppress

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from secondop.cases.lifecycle import Erased, lock, recipients
from secondop.cases.states import ENDED, Party
from secondop.notices.services import tell

from .models import RecordRequest, RequestEvent
from .rules import is_allowed
from .services import Status, finish

AT_ONCE = 200


def watch() -> int:
    """Tell of every chase that is due and was not told of, and end the requests of ended cases; returns how many it looked at."""
    to_tell = RecordRequest.objects.to_chase().exclude(case__state__in=ENDED).filter(Q(told_on=None) | Q(told_on__lt=F("chase_on")))
    over = RecordRequest.objects.open().filter(case__state__in=ENDED)
    found = [*to_tell.select_related("case")[:AT_ONCE], *over.select_related("case")[:AT_ONCE]]
    for request in found:
        with suppress(Erased):
            look_at(request)
    return len(found)


@transaction.atomic
def look_at(request: RecordRequest) -> None:
    """End a request whose case has ended; otherwise tell of its chase, once for each of its days."""
    case = lock(request.case)
    fresh = case.record_requests.select_for_update(of=("self",)).select_related("source").get(pk=request.pk)
    fresh.case = case
    if case.state in ENDED:
        if fresh.is_open:
            finish(fresh, Status.CANCELLED, RequestEvent.What.CANCELLED, None, "The case has ended.")
        return
    if not fresh.chases or fresh.told_on == fresh.chase_on:
        return
    fresh.told_on = fresh.chase_on
    fresh.save(update_fields=["told_on"])
    if is_allowed(fresh):
        tell_chase(fresh)


def tell_chase(request: RecordRequest) -> None:
    """Tell whoever runs the request that it is time to ask again."""
    case = request.case
    party, kind = (Party.PATIENT, "own_records_chase") if request.by_patient else (Party.COORDINATOR, "records_chase")
    here = reverse("records:request", args=[case.uid, request.uid])
    for person in recipients(case, party):
        tell(person, kind, case=case, link=here, key=f"chase:{request.pk}:{request.chase_on}:{person.pk}")
