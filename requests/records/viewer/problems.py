"""Why a file has no images in the viewer: a code, which the parent process turns into words (records.viewer.words)."""

from enum import StrEnum


class Problem(StrEnum):
    """What stands in the way; ``LIMITS`` is the parent's word for a file whose process died or took too long."""

    NO_PIXELS = "no_pixels"
    SYNTAX = "syntax"
    TWELVE_BITS = "twelve_bits"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    DAMAGED = "damaged"
    LIMITS = "limits"


class NotShown(Exception):
    """The file, or the rest of it, cannot be shown."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem)
