"""What is missing or double in a series, told by the numbers of its images."""

from collections.abc import Iterable
from functools import reduce
from itertools import pairwise
from math import gcd

SHOWN = 6


def missing(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The stretches (first, last) that a series leaves out between its first and last number, counted in its own step.

    Numbers that begin at 2 to 9 are taken to have begun at 1. Where more are missing than there, the numbers do not count images.
    """
    found = sorted(set(numbers))
    if len(found) < 3:
        return []
    step = reduce(gcd, (two - one for one, two in pairwise(found)))
    if step == 1 and 1 < found[0] < 10:
        found.insert(0, 0)
    stretches = [(one + step, two - step) for one, two in pairwise(found) if two - one > step]
    lost = sum((last - first) // step + 1 for first, last in stretches)
    return stretches if lost < len(found) else []


def told(stretches: list[tuple[int, int]], last: int) -> str:
    """The stretches in words, a few of them."""
    shown = [str(first) if first == end else f"{first}–{end}" for first, end in stretches[:SHOWN]]
    more = " and others" if len(stretches) > SHOWN else ""
    single = len(stretches) == 1 and stretches[0][0] == stretches[0][1]
    return f"{'Image' if single else 'Images'} {', '.join(shown)}{more} of {last} {'is' if single else 'are'} missing."
