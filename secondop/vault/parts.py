"""The sealed parts of a file on disk: VAULT_DIR/<case>/<file>/<number>.part.

Every part is bound to its case, its file and its number, and the last one to the number of parts as well (the others
to 0, as in the STREAM construction), so that a part that was changed, swapped, dropped or brought from elsewhere does not open.
"""

import errno
import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings
from tink import TinkError, aead

from .errors import Damaged, StorageDown, StorageFull

PART_SIZE = 4 * 1024 * 1024
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
OVERHEAD = 33  # tink's prefix (5), the nonce (12) and the tag (16)


def folder(case_uid: UUID, file_uid: UUID | None = None) -> Path:
    """Where the parts of a file are, or all files of a case."""
    path = Path(settings.VAULT_DIR) / str(case_uid)
    return path / str(file_uid) if file_uid else path


def make_folder(case_uid: UUID, file_uid: UUID) -> Path:
    """Make the file's folder, closed to everybody else. Raises ``StorageDown``."""
    path = folder(case_uid, file_uid)
    try:
        path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700)
    except OSError as error:
        raise _down(error) from error
    return path


def write(path: Path, cipher: aead.Aead, bound_to: bytes, plain: bytes) -> None:
    """Seal ``plain`` into the file ``path``, on the disk when this returns. Raises ``StorageDown``."""
    unfinished = path.with_suffix(".tmp")
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0) as file:
            sealed = memoryview(cipher.encrypt(plain, bound_to))
            while sealed:
                sealed = sealed[file.write(sealed) :]
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise _down(error) from error


def read(path: Path, cipher: aead.Aead, bound_to: bytes, length: int) -> bytes:
    """The ``length`` plain bytes of a part. Raises ``Damaged`` or ``StorageDown``."""
    try:
        with path.open("rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size != length + OVERHEAD:
                raise Damaged(f"{path.name} has the wrong length")
            sealed = file.readall()
        return cipher.decrypt(sealed, bound_to)
    except FileNotFoundError:
        raise Damaged(f"{path.name} is missing") from None
    except OSError as error:
        raise _down(error) from error
    except TinkError:
        raise Damaged(f"{path.name} was altered") from None


def name(index: int) -> str:
    """The file name of a part."""
    return f"{index}.part"


def binding(case_uid: UUID, file_uid: UUID, index: int, count: int) -> bytes:
    """What a part is bound to; ``count`` is 0 for all parts but the last."""
    return f"{case_uid}|{file_uid}|{index}|{count}".encode()


def settle(path: Path) -> None:
    """Put the names in a file's folder, and the names of its parents, on the disk. Raises ``StorageDown``."""
    try:
        for place in (path, path.parent, path.parent.parent):
            _sync(place)
    except OSError as error:
        raise _down(error) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file's or a case's folder; nothing to remove is fine."""
    shutil.rmtree(path, ignore_errors=True)


def _down(error: OSError) -> StorageDown:
    if error.errno in NO_ROOM:
        return StorageFull("No room is left in the vault.")
    return StorageDown(f"The vault cannot be used: {error}")
