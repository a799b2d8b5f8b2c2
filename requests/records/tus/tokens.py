"""Tokens by which a program sends files: for one case, with an end, taken back at once; kept as a hash only."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.web.clock import now
from secondop.web.link_secrets import hash_of, new_secret

from ..admission import TurnedAway
from .models import UploadToken

HASHED_AS = "upload-token"
AT_ONCE = 10
USED_ROUGHLY = timedelta(minutes=5)
NOT_VALID = "This token is not valid, or no longer."


def make(case: Case, *, by: User, purpose: str, label: str, days: int) -> tuple[UploadToken, str]:
    """A new token for ``case``, and its secret, which nobody sees again. Raises ``Refused`` when there are too many."""
    secret = new_secret()
    with transaction.atomic():
        if valid(case, by).count() >= AT_ONCE:
            raise Refused(f"There are {AT_ONCE} tokens already. Please take one back that is not used any more.")
        token = UploadToken.objects.create(
            case=case,
            purpose=purpose,
            made_by=by,
            label=label,
            secret_hash=hash_of(secret, HASHED_AS),
            expires_at=now() + timedelta(days=days),
        )
        audit("upload_token.make", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(token.uid), detail={"days": days})
    return token, secret


def valid(case: Case, by: User) -> QuerySet[UploadToken]:
    """The tokens that ``by`` has made for ``case`` and that still work."""
    return case.upload_tokens.filter(made_by=by, revoked_at=None, expires_at__gt=now())


def revoke(case: Case, *, by: User, uid: UUID) -> None:
    """Take a token of ``by`` back; one that is over already is fine."""
    with transaction.atomic():
        if case.upload_tokens.filter(uid=uid, made_by=by, revoked_at=None).update(revoked_at=now()):
            audit("upload_token.revoke", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(uid))


def token_of(request: HttpRequest) -> UploadToken:
    """The token that a request carries. Raises ``TurnedAway``, for one that never was and for one that is over alike."""
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    found = None
    if scheme.lower() == "bearer":
        rows = UploadToken.objects.select_related("made_by", "case")
        found = rows.filter(secret_hash=hash_of(secret.strip(), HASHED_AS)).first()
    if found is None or not found.is_valid or not found.made_by.is_active:
        raise TurnedAway(HTTPStatus.UNAUTHORIZED, NOT_VALID)
    if found.used_at is None or now() - found.used_at > USED_ROUGHLY:
        UploadToken.objects.filter(pk=found.pk).update(used_at=now())
    return found
