"""What can go wrong while a notice is handed over."""

from datetime import timedelta


class ServerAway(Exception):
    """No server can be reached; says nothing about the notice."""


class Refused(ValueError):
    """The gateway does not take this text, now or later; ``code`` is the status of its answer."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class TryLater(OSError):
    """The gateway could not take this text now; ``code`` is the status of its answer, ``wait`` how long it asks to wait."""

    def __init__(self, code: int, wait: timedelta) -> None:
        super().__init__(code)
        self.code, self.wait = code, wait
