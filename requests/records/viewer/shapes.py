"""What the child says of a frame, reduced to what it may say: a process that a hostile file may have turned is believed no further."""

import math
from base64 import b64decode
from typing import Any, TypedDict

from secondop.web.text import one_line

from ..facts import line, number

SIDE = 4096
FORMATS = ("u8", "i16", "u16", "rgb")
TAGS = 40
FUNCTIONS = ("linear", "exact", "sigmoid", "table")
MOST_VIEWS, MOST_REGIONS = 8, 32


class Info(TypedDict):
    """One frame: which of its file it is, what its values are, and where it lies; see ``headers`` for the units."""

    frame: int
    instance: int
    format: str
    rows: int
    columns: int
    shrunk: int
    scale: list[float]
    views: list[list[Any]]
    invert: bool
    exact: bool
    spacing: list[float] | None
    at_detector: bool
    aspect: float
    regions: list[list[float | None]]
    tempo: float | None
    orientation: list[float] | None
    position: float | None
    tags: list[list[str]]


def real(value: Any) -> float:
    """A finite number. Raises ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


def reals(value: Any, count: int) -> list[float] | None:
    """So many finite numbers, or none at all. Raises ``ValueError``."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != count:
        raise ValueError("not as many numbers")
    return [real(each) for each in value]


def side(value: Any) -> int:
    """Pixels along a side. Raises ``ValueError``."""
    if not 1 <= number(value) <= SIDE:
        raise ValueError("too long a side")
    return int(value)


def tags(value: Any) -> list[list[str]]:
    """Keywords and short texts. Raises ``ValueError``."""
    if not isinstance(value, list) or len(value) > TAGS:
        raise ValueError("not a list")
    return [[one_line(line(keyword)), line(text)] for keyword, text in value]


def views(value: Any) -> list[list[Any]]:
    """Windows and tables, each its name, function, center, width, and a table's levels. Raises ``ValueError`` or ``TypeError``."""
    if not isinstance(value, list) or len(value) > MOST_VIEWS:
        raise ValueError("not a short list")
    return [view(*each) for each in value]


def view(name: Any, function: Any, center: Any, width: Any, levels: Any) -> list[Any]:
    """One of them. Raises ``ValueError``."""
    if function not in FUNCTIONS or real(width) <= 0 or not isinstance(levels, str):
        raise ValueError("not a view")
    if len(b64decode(levels, validate=True)) != (width if function == "table" else 0):
        raise ValueError("not its table")
    return [one_line(line(name)), function, real(center), real(width), levels]


def regions(value: Any) -> list[list[float | None]]:
    """Areas, each four sides and two sizes or none. Raises ``ValueError``."""
    if not isinstance(value, list) or len(value) > MOST_REGIONS or any(len(each) != 6 for each in value):
        raise ValueError("not a short list of areas")
    return [area(each) for each in value]


def area(value: list[Any]) -> list[float | None]:
    """One of them. Raises ``ValueError``."""
    sides: list[float | None] = [real(each) for each in value[:4]]
    sizes = [None, None] if value[4] is None else [real(each) for each in value[4:]]
    return [*sides, *sizes]


def tidy(found: Any) -> Info:
    """``found`` as an ``Info``. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    if found["format"] not in FORMATS:
        raise ValueError("not a format")
    return Info(
        frame=number(found["frame"]),
        instance=min(number(min(found["instance"], 10_000_000)), 10_000_000),
        format=found["format"],
        rows=side(found["rows"]),
        columns=side(found["columns"]),
        shrunk=max(1, number(found["shrunk"])),
        scale=reals(found["scale"], 2) or [1.0, 0.0],
        views=views(found["views"]),
        invert=bool(found["invert"]),
        exact=bool(found["exact"]),
        spacing=reals(found["spacing"], 2),
        at_detector=bool(found["at_detector"]),
        aspect=real(found["aspect"]),
        regions=regions(found["regions"]),
        tempo=None if found["tempo"] is None else real(found["tempo"]),
        orientation=reals(found["orientation"], 6),
        position=None if found["position"] is None else real(found["position"]),
        tags=tags(found.get("tags", [])),
    )
