"""What is kept out of the log."""

import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError

# Part of a path that is long and random and no case's or file's number: the secret of an invitation, the key of a password reset.
SECRET = re.compile(r"(?<=/)(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/|$))[\w:-]{24,}(?=/|$)")


class WithoutSecrets(logging.Filter):
    """Replaces secrets in the paths that Django names in its messages: whoever reads the log must not be able to use a link."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its arguments cleaned."""
        if isinstance(record.args, tuple):
            record.args = tuple(SECRET.sub("…", value) if isinstance(value, str) else value for value in record.args)
        return True


class WithoutWords(logging.Formatter):
    """Writes where something failed and with which error, but not the error's own words where these may quote what people wrote.

    PostgreSQL quotes the whole row that breaks a constraint, a converter the text that it cannot convert. Only the words of errors
    about files, connections and settings are written; of a database's error its code and the names it concerns.
    """

    def format(self, record: logging.LogRecord) -> str:
        """As usual, after the words are taken out of what Celery says of a failed task."""
        if isinstance(record.args, Mapping) and "exc" in record.args:
            record.args = {**record.args, "exc": str(record.args["exc"]).partition("(")[0]}
        return super().format(record)

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]) -> str:  # noqa: N802
        """The tracebacks of an error and of those it came from, the first one first."""
        return "\n\nwhich led to\n\n".join(reversed([_traceback(error) for error in _chain(ei[1])]))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _traceback(error: BaseException) -> str:
    return "".join(["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__), _name(error)])


def _name(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, OSError | ImproperlyConfigured | OperationalError):
        return f"{name}: {str(error).partition(chr(10))[0]}"
    found = getattr(error.__cause__, "diag", None) if isinstance(error, DatabaseError) else None
    names = (getattr(found, part, None) for part in ("sqlstate", "table_name", "column_name", "constraint_name"))
    return " ".join([name, *filter(None, names)])
