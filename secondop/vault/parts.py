"""The sealed parts of a file: what each is bound to, and how it goes into the store and comes back.

Every part is bound to its case, its file and its number, and the last one to the number of parts as well (the others
to 0, as in the STREAM construction), so that a part that was changed, swapped, dropped or brought from elsewhere does not open.
"""

from uuid import UUID

from tink import TinkError, aead

from .errors import Damaged
from .stores import store

PART_SIZE = 4 * 1024 * 1024
OVERHEAD = 33  # tink's prefix (5), the nonce (12) and the tag (16)


def write(cipher: aead.Aead, case_uid: UUID, file_uid: UUID, index: int, count: int, plain: bytes) -> None:
    """Seal ``plain`` as the part ``index``; safe when this returns. ``count`` as in ``binding()``. Raises ``StorageDown``."""
    store().write(case_uid, file_uid, index, cipher.encrypt(plain, binding(case_uid, file_uid, index, count)))


def read(cipher: aead.Aead, case_uid: UUID, file_uid: UUID, index: int, count: int, length: int) -> bytes:
    """The ``length`` plain bytes of a part. Raises ``Damaged`` or ``StorageDown``."""
    sealed = store().read(case_uid, file_uid, index, length + OVERHEAD)
    try:
        return cipher.decrypt(sealed, binding(case_uid, file_uid, index, count))
    except TinkError:
        raise Damaged(f"part {index} was altered") from None


def binding(case_uid: UUID, file_uid: UUID, index: int, count: int) -> bytes:
    """What a part is bound to; ``count`` is 0 for all parts but the last."""
    return f"{case_uid}|{file_uid}|{index}|{count}".encode()
