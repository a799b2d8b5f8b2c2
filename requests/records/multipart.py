"""Django's parser of multipart forms, made to hand every file to ``Arrivals`` piece by piece."""

from collections.abc import Callable
from typing import Any, cast

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from secondop.accounts.limits import go_on
from secondop.accounts.signed_in import SignedIn

from .arrivals import Arrivals, Skip

STEP = 256 * 1024  # what is read at a time: twice the speed of Django's own 64 KiB


class IntoTheVault(FileUploadHandler):
    """Takes the place of Django's handlers: no file is held in memory or written to a temporary place."""

    chunk_size = STEP

    def __init__(self, request: HttpRequest, arrivals: Arrivals) -> None:
        super().__init__(request)
        self.arrivals = arrivals

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins. Raises ``SkipFile``: the parser then reads on to the next one."""
        super().new_file(*args, **kwargs)
        self._or_skip(self.arrivals.begin, self.file_name or "")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece of it. Raises ``SkipFile``."""
        self._or_skip(self.arrivals.write, raw_data)

    def file_complete(self, file_size: int) -> None:
        """It is complete; outside of what the parser skips, so a file refused only now just is not there."""
        try:
            self.arrivals.end()
        except Skip:
            return

    def upload_interrupted(self) -> None:
        """The body ended within a file."""
        self.arrivals.interrupt()

    @staticmethod
    def _or_skip(step: Callable[..., None], *args: object) -> None:
        try:
            step(*args)
        except Skip as skip:
            raise SkipFile from skip


class Counted:
    """Counts what is read of the body of an upload, and lets the session of a sender who has one go on while it comes.

    A server ends a body whose sender went away like one that is complete, and the parser takes that for the end of the form:
    only the count tells. An upload may take longer than anybody may do nothing.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request, self._read = request, request.read
        self._signed_in = cast(SignedIn, request) if request.user.is_authenticated else None
        self.announced = int(request.META["CONTENT_LENGTH"])
        self.arrived = 0
        vars(request)["read"] = self.read  # the parser calls request.read()

    def read(self, *args: int) -> bytes:
        """Read as the request itself does, and count."""
        data = self._read(*args)
        self.arrived += len(data)
        if data and self._signed_in:
            go_on(self._signed_in.session, self._signed_in.user)
        return data

    def is_whole(self) -> bool:
        """Whether as much came as was announced; parses the form where the CSRF check has not done so."""
        self._request.FILES.keys()
        return self.arrived == self.announced
