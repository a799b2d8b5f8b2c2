"""How values become gray levels (DICOM PS3.3, C.11.2): the views that a file brings. It runs in the child; nothing here imports Django.

A view is a window with its function, or a table. static/js/viewer_look.js draws them by the same rules.
"""

import math
from base64 import b64encode
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset

from ..formats.elements import numbers, value
from . import headers
from .pixels import Gray, usual_window

FUNCTIONS = {"LINEAR": "linear", "LINEAR_EXACT": "exact", "SIGMOID": "sigmoid"}
TABLE = "table"
MOST_VIEWS = 8
NAME_LIMIT = 40
WIDEST = 65536  # entries of a table


class View(NamedTuple):
    """A window, or a table: then ``levels`` are the gray levels (0 to 255) of the ``width`` whole values around ``center``."""

    name: str
    function: str
    center: float
    width: float
    levels: bytes = b""

    def packed(self) -> list[Any]:
        """The view as JSON takes it."""
        return [self.name, self.function, self.center, self.width, b64encode(self.levels).decode()]


def views_of(dataset: FileDataset, frame: int, gray: Gray) -> list[View]:
    """The views that the file has for a frame, tables first; at its end there is always a window."""
    windows = windows_of(headers.part(dataset, frame, "FrameVOILUTSequence")) or [View("", "exact", *usual_window(gray))]
    windows = windows[: MOST_VIEWS // 2]
    return [*tables_of(dataset)[: MOST_VIEWS - len(windows)], *windows]


def windows_of(source: Dataset) -> list[View]:
    """The windows that are some. LINEAR has none narrower than 1: such a window is taken as it is written."""
    function = FUNCTIONS.get(str(value(source, "VOILUTFunction") or "LINEAR").strip().upper(), "linear")
    centers, widths = each_of(source, "WindowCenter"), each_of(source, "WindowWidth")
    names = [*each_of(source, "WindowCenterWidthExplanation"), *[""] * MOST_VIEWS]
    found = []
    for name, *pair in zip(names, centers, widths, strict=False):
        center, width = (finite(each) for each in pair)
        if center is not None and width is not None and width > 0:
            kind = "exact" if function == "linear" and width < 1 else function
            found.append(View(str(name)[:NAME_LIMIT], kind, center, width))
    return found


def tables_of(dataset: FileDataset) -> list[View]:
    """The tables, their entries as gray levels. pydicom's own apply_voi() goes wrong beyond 256 entries of 8 bits."""
    found = []
    for item in value(dataset, "VOILUTSequence") or []:
        described = numbers(item, "LUTDescriptor", 3)
        if described is None or not 1 <= described[2] <= 16:
            continue
        count, first, bits = (int(each) for each in described)
        entries = entries_of(item, count or WIDEST, is_little=dataset.file_meta.TransferSyntaxUID.is_little_endian)
        if entries is not None:
            most = max(2**bits - 1, 2 ** int(entries.max()).bit_length() - 1)
            levels = np.rint(entries * (255 / most)).astype(np.uint8)
            name = str(value(item, "LUTExplanation") or "")[:NAME_LIMIT]
            found.append(View(name, TABLE, first + levels.size / 2, levels.size, levels.tobytes()))
    return found


def entries_of(item: Dataset, count: int, *, is_little: bool) -> NDArray | None:
    """The numbers of a table, which may be written as numbers, as words, or as bytes; ``None`` unless they are all there."""
    data = value(item, "LUTData")
    if isinstance(data, bytes):
        is_of_bytes = len(data) < 2 * count
        found = np.frombuffer(data, np.uint8) if is_of_bytes else np.frombuffer(data[: 2 * count], "<u2" if is_little else ">u2")
    else:
        parts = numbers(item, "LUTData", count)
        found = np.asarray(parts or [], np.float64)
    return found[:count].astype(np.uint16) if 0 < count <= found.size and count <= WIDEST else None


def each_of(source: Dataset, keyword: str) -> list[Any]:
    """The values of an element that may have several, a few of them."""
    found = value(source, keyword)
    several = [found] if found is None or isinstance(found, str) or not hasattr(found, "__iter__") else list(found)
    return [each for each in several if each is not None][:MOST_VIEWS]


def finite(found: Any) -> float | None:
    """A number, ``None`` where it is none."""
    try:
        number = float(found)
    except (ValueError, TypeError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def shaded(gray: Gray, view: View, is_inverted: bool) -> NDArray:
    """Gray levels of 0 to 255."""
    levels = levels_of(gray.values * gray.scale.slope + gray.scale.intercept, view)
    return (255 - levels if is_inverted else levels).astype(np.uint8)


def levels_of(values: NDArray, view: View) -> NDArray:
    """The gray levels of ``values``, not rounded (PS3.3, C.11.2.1.2 and C.11.2.1.3)."""
    center, width = view.center, view.width
    if view.function == TABLE:
        places = np.rint(values - (center - width / 2)).clip(0, width - 1).astype(np.int64)
        return np.frombuffer(view.levels, np.uint8)[places].astype(np.float64)
    if view.function == "sigmoid":
        return 255 / (1 + np.exp(np.clip(-4 * (values - center) / width, -500, 500)))
    if view.function == "linear":
        center, width = center - 0.5, width - 1
    if not width:
        return np.where(values > center, 255.0, 0.0)
    return np.clip((values - center) / width + 0.5, 0, 1) * 255
