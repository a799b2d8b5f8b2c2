"""What the vault asks of a place that keeps sealed parts."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


class Lying(NamedTuple):
    """What lies in the store under a file's name, whether a row knows it or not, and when it was last added to."""

    case_uid: UUID
    file_uid: UUID
    changed_at: datetime


class Store(Protocol):
    """What the vault asks of a place for parts; every method raises ``StorageDown`` (``StorageFull``) where the place does not work."""

    def begin(self, case_uid: UUID, file_uid: UUID) -> None:
        """Make room for the parts of a new file."""

    def write(self, case_uid: UUID, file_uid: UUID, index: int, sealed: bytes) -> None:
        """Keep the bytes of one part, whole or not at all; a part of the same number is replaced. Its bytes are safe when this returns."""

    def settle(self, case_uid: UUID, file_uid: UUID) -> None:
        """Make the names of a file's parts safe too: after this, a power failure loses nothing of the file."""

    def read(self, case_uid: UUID, file_uid: UUID, index: int, length: int) -> bytes:
        """The bytes of one part. Raises ``Damaged`` when it is missing or not ``length`` bytes long."""

    def remove(self, case_uid: UUID, file_uid: UUID | None = None) -> None:
        """Remove the parts of a file, or of all files of a case; nothing to remove is fine."""

    def sizes(self, case_uid: UUID, file_uid: UUID) -> dict[int, int]:
        """The number and length of each part of a file that is there."""

    def lying(self) -> Iterator[Lying]:
        """All files that have anything in the store."""

    def try_out(self) -> None:
        """Write a few bytes, and see that there is room for more."""
