"""What pages show of uploads on their way and of the programs that may send files."""

from typing import Any

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.web.clock import now

from ..models import DropLink, Purpose
from .models import Status, Upload, UploadToken
from .services import address_of


def unfinished(case: Case, user: User, purpose: Purpose) -> list[Upload]:
    """The files that ``user`` began to send and that did not come whole."""
    return list(case.uploads.open().of(user).filter(purpose=purpose).select_related("stored"))


def known(case: Case, sender: User | DropLink, fingerprints: list[str]) -> dict[str, str]:
    """Of files that ``sender`` has chosen what is here, by what a page knows them again: nothing, or the address where the rest goes."""
    found = case.uploads.of(sender).filter(fingerprint__in=[mark for mark in fingerprints if mark], expires_at__gt=now())
    here = found.exclude(status=Status.REFUSED).exclude(record__status=Status.REFUSED)
    at = here.select_related("case", "link").order_by("status", "-pk")
    return {upload.fingerprint: address_of(upload) if upload.status == Status.OPEN else "" for upload in at}


def of_programs(case: Case, user: User) -> dict[str, Any]:
    """The tokens of ``user`` that have been used or still can be."""
    tokens = list(UploadToken.objects.filter(case=case, made_by=user))
    return {"case": case, "valid": [token for token in tokens if token.is_valid], "over": [one for one in tokens if not one.is_valid]}
