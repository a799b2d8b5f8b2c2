"""What a copy holds of a case, as one table: an app whose rows a patient may read has a line here.

Each line names a function that takes the case and the reader, and gives what this person may read of it on a page, no more.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from secondop.accounts.models import User
    from secondop.cases.models import Case
    from secondop.vault.models import StoredFile


class File(NamedTuple):
    """A file of the vault that goes into the copy: in which folder, under which name, and of when it is."""

    folder: str
    name: str
    stored: "StoredFile"
    at: datetime


class Part(NamedTuple):
    """What one app gives: ``data`` becomes part of the case in data.json, ``files`` lie beside it."""

    data: dict[str, Any]
    files: list[File] = []


PARTS = (
    "secondop.exports.kernel.request",
    "secondop.exports.kernel.conversation",
    "secondop.exports.kernel.history",
    "secondop.exports.kernel.documents",
    "records.export.records",
    "records.export.requests",
    "records.imaging.export.images",
    "tracking.export.people",
    "opinions.export.opinions",
)


def parts_of(case: "Case", reader: "User") -> Part:
    """Everything that ``reader`` may read of ``case``, from all apps."""
    data: dict[str, Any] = {}
    files: list[File] = []
    for name in PARTS:
        function: Callable[[Case, User], Part] = import_string(name)
        part = function(case, reader)
        data |= part.data
        files += part.files
    return Part(data, files)
