"""Master keys, and the case keys they wrap (tink AEAD, AES-256-GCM)."""

import base64
import binascii
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import tink
from django.conf import settings
from tink import aead, secret_key_access

from .errors import Damaged, MasterKeyMissing

LOCAL, PRODUCTION = "local:", "key:"
TEMPLATE = aead.aead_key_templates.AES256_GCM

aead.register()


class Master(NamedTuple):
    """A master key: its public id, kept beside what it wraps, and its cipher."""

    id: str
    cipher: aead.Aead


class Wrapped(NamedTuple):
    """A case key as it is stored."""

    wrapped: bytes
    master_id: str


def new_master_key(local: bool = True) -> str:
    """A fresh master key as one line of text; a local one is marked, and production refuses it."""
    keyset = tink.proto_keyset_format.serialize(tink.new_keyset_handle(TEMPLATE), secret_key_access.TOKEN)
    return (LOCAL if local else PRODUCTION) + base64.urlsafe_b64encode(keyset).decode()


def is_local(text: str) -> bool:
    """Whether the text of a master key is marked as made for a demo."""
    return text.strip().startswith(LOCAL)


def configured() -> tuple[str, ...]:
    """The texts of the configured master keys, the current one first. Raises ``MasterKeyMissing``.

    They come from VAULT_MASTER_KEY or the file VAULT_MASTER_KEY_FILE, separated by commas or line ends; older ones only unwrap.
    """
    text = settings.VAULT_MASTER_KEY
    if not text and settings.VAULT_MASTER_KEY_FILE:
        try:
            text = Path(settings.VAULT_MASTER_KEY_FILE).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise MasterKeyMissing(f"The file of the vault's master key cannot be read ({type(error).__name__}).") from None
    texts = tuple(re.findall(r"[^\s,]+", text))
    if not texts:
        raise MasterKeyMissing("The vault has no master key.")
    return texts


def masters() -> tuple[Master, ...]:
    """The configured master keys, the current one first. Raises ``MasterKeyMissing``."""
    return _parsed(configured())


def new_case_key(case_uid: UUID) -> Wrapped:
    """A fresh key for a case, wrapped by the current master key and bound to the case."""
    master = masters()[0]
    handle = tink.new_keyset_handle(TEMPLATE)
    return Wrapped(tink.proto_keyset_format.serialize_encrypted(handle, master.cipher, case_uid.bytes), master.id)


def unwrap(key: Wrapped, case_uid: UUID) -> aead.Aead:
    """The cipher of a case. Raises ``MasterKeyMissing`` when its master key is not configured, ``Damaged`` when it was altered."""
    return _opened(key, case_uid).primitive(aead.Aead)


def rewrap(key: Wrapped, case_uid: UUID) -> Wrapped:
    """The same key of a case, wrapped by the current master key. Raises as ``unwrap()``."""
    master = masters()[0]
    handle = _opened(key, case_uid)
    return Wrapped(tink.proto_keyset_format.serialize_encrypted(handle, master.cipher, case_uid.bytes), master.id)


def seal(text: str, purpose: bytes) -> str:
    """``text`` sealed by the current master key, whose id stands before it. Raises ``MasterKeyMissing``."""
    master = masters()[0]
    return f"{master.id}:{base64.b64encode(master.cipher.encrypt(text.encode(), purpose)).decode()}"


def unseal(sealed: str, purpose: bytes) -> str:
    """What ``seal()`` sealed. Raises ``MasterKeyMissing`` when its key is not configured, ``TinkError`` when it was altered."""
    wanted, encoded = sealer(sealed), sealed.partition(":")[2]
    master = next((one for one in masters() if one.id == wanted), None)
    if master is None:
        raise MasterKeyMissing("The master key that seals this text is not configured.")
    return master.cipher.decrypt(base64.b64decode(encoded), purpose).decode()


def sealer(sealed: str) -> str:
    """The id of the master key that sealed this text."""
    return sealed.partition(":")[0]


def _opened(key: Wrapped, case_uid: UUID) -> tink.KeysetHandle:
    master = next((one for one in masters() if one.id == key.master_id), None)
    if master is None:
        raise MasterKeyMissing("The master key that wraps this case's key is not configured.")
    try:
        return tink.proto_keyset_format.parse_encrypted(key.wrapped, master.cipher, case_uid.bytes)
    except tink.TinkError:
        raise Damaged("The key of the case was altered.") from None


@lru_cache(maxsize=4)
def _parsed(texts: tuple[str, ...]) -> tuple[Master, ...]:
    return tuple(_parse(text) for text in texts)


def _parse(text: str) -> Master:
    mark, _, encoded = text.partition(":")
    try:
        keyset = base64.urlsafe_b64decode(encoded)
        cipher = tink.proto_keyset_format.parse(keyset, secret_key_access.TOKEN).primitive(aead.Aead)
    except (binascii.Error, ValueError, tink.TinkError):
        raise MasterKeyMissing("A master key of the vault is not readable: it is one line, as new_master_key prints it.") from None
    if f"{mark}:" not in (LOCAL, PRODUCTION):
        raise MasterKeyMissing(f"A master key of the vault begins with {PRODUCTION} or {LOCAL}.")
    return Master(hashlib.sha256(keyset).hexdigest()[:16], cipher)
