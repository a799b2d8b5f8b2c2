"""The link in a mail that ends mails of its sort: signed, bound to one person and one group, without an end, and good for nothing else."""

from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, Signer

from .choices import stop
from .groups import DIGEST, GROUP_OF, GROUPS
from .models import Notice

SIGNER = "secondop.notices.stop"


class NoSuchLink(Exception):
    """Nobody was ever sent this link, or whoever was has no account any more."""


def token_for(notice: Notice) -> str:
    """The token for the mails of the notice's group; empty where a kind always comes, or the reader has no account."""
    group = DIGEST if notice.kind == DIGEST else GROUP_OF.get(notice.kind, "")
    return token(notice.recipient_id, group) if group and notice.recipient_id else ""


def token(user_id: int, group: str) -> str:
    """The token by which mails of ``group`` to the person ``user_id`` end."""
    return Signer(salt=SIGNER).sign_object([user_id, group])


def group_of(secret: str) -> str:
    """The group whose mails a token ends. Raises ``NoSuchLink``."""
    return _read(secret)[1]


def stop_by(secret: str) -> str:
    """End the mails that a token is about, however often it is used; returns their group. Raises ``NoSuchLink``."""
    user_id, group = _read(secret)
    stop(get_user_model()._default_manager.get(pk=user_id), group)
    return group


def _read(secret: str) -> tuple[int, str]:
    try:
        user_id, group = Signer(salt=SIGNER).unsign_object(secret)
    except (BadSignature, ValueError) as error:
        raise NoSuchLink from error
    if group not in {*GROUPS, DIGEST} or not get_user_model()._default_manager.filter(pk=user_id, is_active=True).exists():
        raise NoSuchLink
    return user_id, group
