"""What pages show of uploads on their way and of the programs that may send files."""

from typing import Any

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.web.clock import now

from ..models import Purpose
from .models import Status, Upload, UploadToken


def unfinished(case: Case, user: User, purpose: Purpose) -> list[Upload]:
    """The files that ``user`` began to send and that did not come whole."""
    return list(case.uploads.open().of(user).filter(purpose=purpose).select_related("stored"))


def known(case: Case, user: User, fingerprints: list[str]) -> dict[str, Upload]:
    """What is here, or partly here, of files that ``user`` has chosen, by what a page knows them again."""
    found = case.uploads.of(user).filter(fingerprint__in=[mark for mark in fingerprints if mark], expires_at__gt=now())
    here = found.exclude(status=Status.REFUSED).exclude(record__status=Status.REFUSED)
    return {upload.fingerprint: upload for upload in here.order_by("status", "-pk")}


def of_programs(case: Case, user: User) -> dict[str, Any]:
    """The tokens of ``user`` that have been used or still can be."""
    tokens = list(UploadToken.objects.filter(case=case, made_by=user))
    return {"case": case, "valid": [token for token in tokens if token.is_valid], "over": [one for one in tokens if not one.is_valid]}
