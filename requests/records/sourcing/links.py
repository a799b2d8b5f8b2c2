"""The link by which an office sends records: made, closed, counted, and what comes by it. It takes files and tells nothing."""

import base64
from datetime import timedelta
from textwrap import wrap

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import salted_hmac

from secondop.cases.lifecycle import NotAllowed, lock, recipients
from secondop.cases.states import Party
from secondop.notices.services import tell
from secondop.web.clock import now
from secondop.web.link_secrets import hash_of

from ..arrivals import Arrivals
from ..services import Added, Sender, keep
from ..tus.models import Upload
from .models import DropLink, RecordRequest, RequestEvent
from .rules import is_usable

FILES_AN_HOUR = 60 * settings.UPLOAD_FILES_PER_REQUEST
HOUR = timedelta(hours=1)
LETTERS = 26  # of base 32: 128 bits


class LinkOver(NotAllowed):
    """The link does not take files any more."""


def secret_of(link: DropLink) -> str:
    """The secret of a link, made from its random number and the key of this installation: what the letter shows is stored nowhere else."""
    digest = salted_hmac("secondop.drop.secret", str(link.uid), algorithm="sha256").digest()
    return base64.b32encode(digest).decode().lower()[:LETTERS]


def address_of(link: DropLink) -> str:
    """The whole address, with the secret in groups that can be typed from a fax."""
    return settings.BASE_URL + reverse("records:drop", args=["-".join(wrap(secret_of(link), 5))])


def live(request: RecordRequest) -> DropLink | None:
    """The link of a request that is not over."""
    return request.links.live().order_by("-pk").first()


def renew(request: RecordRequest) -> DropLink:
    """A new link for a request; the one before stops working."""
    close(request)
    link = DropLink(request=request)
    link.secret_hash = hash_of(secret_of(link), "drop")
    link.save()
    return link


def close(request: RecordRequest) -> int:
    """Let the link of a request take no more, and give back the room of what came by it in part; returns how many were closed."""
    Upload.objects.open().filter(link__request=request).update(expires_at=now())
    return request.links.filter(revoked_at=None).update(revoked_at=now())


def check(link: DropLink | None) -> None:
    """Raise ``LinkOver`` where the link by which files come was closed meanwhile."""
    if link and not DropLink.objects.live().filter(pk=link.pk).exists():
        raise LinkOver


def count_use(link: DropLink, files: int) -> bool:
    """Count an upload of so many ``files``; whether the link may take as many in this hour. Holds for uploads at the same time."""
    at = now()
    DropLink.objects.filter(pk=link.pk, window__lte=at - HOUR).update(window=at, used=0)
    return bool(DropLink.objects.filter(pk=link.pk, used__lte=FILES_AN_HOUR - files).update(used=F("used") + files))


@transaction.atomic
def receive(link: DropLink, arrivals: Arrivals, *, is_one_by_one: bool = False) -> Added:
    """Make records of what an office has sent, or of one file of several; whoever runs the request is told once, until they have looked.

    Raises ``LinkOver`` where the link was closed, the authorization taken back, or the case moved on while the files came.
    """
    case = lock(link.request.case)
    request = case.record_requests.select_for_update(of=("self",)).select_related("source").get(pk=link.request_id)
    request.case = case
    check(link)
    if not request.is_open or not is_usable(request):
        raise LinkOver
    added = keep(case, arrivals, Sender(None, request, is_one_by_one))
    if (added.records or added.known) and request.arrived_at is None:
        request.arrived_at = now()
        request.save(update_fields=["arrived_at"])
        event = request.events.create(what=RequestEvent.What.ARRIVED)
        tell_arrival(request, event)
    return added


def tell_arrival(request: RecordRequest, event: RequestEvent) -> None:
    """Tell whoever runs the request that files have come: is it complete?"""
    case = request.case
    party, kind = (Party.PATIENT, "own_records_arrived") if request.by_patient else (Party.COORDINATOR, "records_arrived")
    here = reverse("records:request", args=[case.uid, request.uid])
    for person in recipients(case, party):
        tell(person, kind, case=case, link=here, key=f"arrived:{event.pk}:{person.pk}")
