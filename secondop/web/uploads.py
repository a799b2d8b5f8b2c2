"""Files that nobody asked for."""

from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler


class NoFiles(FileUploadHandler):
    """What takes files at every address that does not set a handler of its own: nothing does.

    Django parses a form to find the CSRF token in it, whoever sent it and wherever to; its own handlers would write the files of
    a stranger to the disk before they are refused.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins. Raises ``BadRequest``, so that the rest is not read either."""
        raise BadRequest("A file was sent where none is taken.")
