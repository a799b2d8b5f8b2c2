"""What the commands print, and the one error that ends them: a step that failed and the way out of it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """A command cannot go on: ``what`` failed, and ``way_out`` is what the person at the keyboard can do about it."""

    def __init__(self, what: str, way_out: str, status: int = 1) -> None:
        super().__init__(f"{what}\n{way_out}")
        self.what, self.way_out, self.status = what, way_out, status


def say(text: str = "") -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def complain(failure: Failure) -> None:
    """Print a failure to the error stream, what first, the way out below it."""
    print(f"\nFailed: {failure.what}\n{failure.way_out}", file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Name a step before it begins and say how long it took; a failure inside leaves the name standing as the last line."""
    print(f"  {text} … ", end="", flush=True)
    begun, ended = time.monotonic(), ""
    try:
        yield
        ended = f"{time.monotonic() - begun:.1f} s"
    finally:
        print(ended, flush=True)


def tail(path: str, lines: int = 15) -> str:
    """Return the last lines of a log file, or an empty text when there is none."""
    try:
        with open(path, encoding="utf8", errors="replace") as log:
            return "".join(log.readlines()[-lines:]).rstrip()
    except FileNotFoundError:
        return ""
