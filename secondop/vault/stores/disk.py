"""Parts as files of a disk: VAULT_DIR/<case>/<file>/<number>.part, closed to everybody else."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from ..errors import Damaged, StorageDown, StorageFull
from .base import Lying

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LEAST_FREE_BYTES = 256 * settings.MIB
SUFFIX = ".part"
CACHED = 4 * settings.MIB  # a longer part belongs to a large file, which would drive the database's pages out of the system's memory


class Disk:
    """The store in the folder ``root``; see ``Store`` for what its methods do."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, case_uid: UUID, file_uid: UUID | None = None) -> Path:
        """Where the parts of a file are, or all files of a case."""
        path = self.root / str(case_uid)
        return path / str(file_uid) if file_uid else path

    def begin(self, case_uid: UUID, file_uid: UUID) -> None:
        """Make the file's folder, and put its name and that of the case's folder on the disk."""
        path = self.folder(case_uid, file_uid)
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.mkdir(mode=0o700)
            _sync(path.parent)
            _sync(self.root)
        except OSError as error:
            raise _down(error) from error

    def write(self, case_uid: UUID, file_uid: UUID, index: int, sealed: bytes) -> None:
        """Write beside the name and take the name when all is on the disk."""
        path = self._part(case_uid, file_uid, index)
        unfinished = path.with_suffix(".tmp")
        try:
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0) as file:
                rest = memoryview(sealed)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
                if len(sealed) > CACHED:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            unfinished.replace(path)
        except OSError as error:
            raise _down(error) from error

    def settle(self, case_uid: UUID, file_uid: UUID) -> None:
        """Put the names in a file's folder on the disk; those of the folders are there since ``begin()``."""
        try:
            _sync(self.folder(case_uid, file_uid))
        except OSError as error:
            raise _down(error) from error

    def read(self, case_uid: UUID, file_uid: UUID, index: int, length: int) -> bytes:
        """Read a part in one go."""
        path = self._part(case_uid, file_uid, index)
        try:
            with path.open("rb", buffering=0) as file:
                if os.fstat(file.fileno()).st_size != length:
                    raise Damaged(f"{path.name} has the wrong length")
                return file.readall()
        except FileNotFoundError:
            raise Damaged(f"{path.name} is missing") from None
        except OSError as error:
            raise _down(error) from error

    def remove(self, case_uid: UUID, file_uid: UUID | None = None) -> None:
        """Remove a file's or a case's folder."""
        shutil.rmtree(self.folder(case_uid, file_uid), ignore_errors=True)

    def sizes(self, case_uid: UUID, file_uid: UUID) -> dict[int, int]:
        """Look into the file's folder."""
        try:
            with os.scandir(self.folder(case_uid, file_uid)) as entries:
                return {int(entry.name.removesuffix(SUFFIX)): entry.stat().st_size for entry in entries if entry.name.endswith(SUFFIX)}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _down(error) from error

    def lying(self) -> Iterator[Lying]:
        """Go through the folders that are named by a UUID; others (lost+found) are not ours."""
        for case in _folders(self.root):
            for place in _folders(case):
                try:
                    changed = datetime.fromtimestamp(place.stat().st_mtime, UTC)
                except FileNotFoundError:
                    continue
                yield Lying(UUID(case.name), UUID(place.name), changed)

    def try_out(self) -> None:
        """Write a few bytes under no name."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root) as file:
                file.write(b"ready")
                os.fsync(file.fileno())
            if shutil.disk_usage(self.root).free < LEAST_FREE_BYTES:
                raise StorageFull("The vault's disk is almost full.")
        except OSError as error:
            raise _down(error) from error

    def _part(self, case_uid: UUID, file_uid: UUID, index: int) -> Path:
        return self.folder(case_uid, file_uid) / f"{index}{SUFFIX}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folders(path: Path) -> list[Path]:
    """The folders in ``path`` that are named by a UUID."""
    try:
        with os.scandir(path) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False) and is_uuid(entry.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _down(error) from error


def is_uuid(text: str) -> bool:
    """Whether ``text`` is a UUID in its plain spelling."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _down(error: OSError) -> StorageDown:
    if error.errno in NO_ROOM:
        return StorageFull("No room is left in the vault.")
    return StorageDown(f"The vault cannot be used: {error}")
