"""Values of a DICOM header. Any of them may be missing, of the wrong kind, or not a number; then it counts as missing.

Nothing here imports Django.
"""

import math
from typing import Any

from pydicom.dataset import Dataset


def value(dataset: Dataset | None, keyword: str) -> Any:
    """The value of an element, ``None`` where there is none or it cannot be read as its kind."""
    if dataset is None:
        return None
    try:
        return dataset.get(keyword)
    except (ValueError, TypeError, OverflowError, AttributeError, LookupError, NotImplementedError):
        return None


def numbers(dataset: Dataset | None, keyword: str, count: int) -> list[float] | None:
    """The first ``count`` numbers of an element, ``None`` unless there are as many and all are finite."""
    found = value(dataset, keyword)
    if found is None or isinstance(found, str | bytes):
        found = [found] if found else []
    try:
        parts = [float(each) for each in (found if hasattr(found, "__iter__") else [found])[:count]]
    except (ValueError, TypeError, OverflowError):
        return None
    return parts if len(parts) == count and all(map(math.isfinite, parts)) else None


def number(dataset: Dataset | None, keyword: str) -> float | None:
    """The first number of an element."""
    found = numbers(dataset, keyword, 1)
    return found[0] if found else None


def count(dataset: Dataset, keyword: str) -> int:
    """A whole number that is not negative; 0 where there is none."""
    found = number(dataset, keyword)
    return max(0, int(found)) if found is not None else 0
