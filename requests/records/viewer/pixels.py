"""The pixels of one frame as the browser windows them itself: at most 16 bits a pixel, lossless wherever the file's own values allow it.

A packed frame is zlib's format, which browsers inflate themselves. Inside, each value is the difference to its left neighbor
(the first of a row: to the one above), folded so that small differences of either sign are small numbers; sixteen-bit values are
written as all low bytes, then all high bytes. Slices of a scan shrink to a third that way, in 3 ms each. static/js/viewer/frames.js
undoes it. Nothing here imports Django.
"""

import math
import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_SIDE = 4096  # above it a picture is made smaller, and its page says so
LEVEL = 1
PERCENTILES = (1, 99)
SAMPLES = 65536  # values looked at to find a window
SHORT = (-32768, 32767)
WORD = (0, 65535)


class Scale(NamedTuple):
    """What a stored value means: ``value * slope + intercept``."""

    slope: float = 1.0
    intercept: float = 0.0


class Gray(NamedTuple):
    """A frame of gray values, of a type that browsers read, and what they mean; ``is_exact`` unless values were rounded to fit."""

    values: NDArray
    scale: Scale
    is_exact: bool = True


def fit(values: NDArray, scale: Scale) -> Gray:
    """``values`` of any type as 8 or 16 bits: as they are where they fit, otherwise spread over 65,536 steps."""
    if values.dtype.kind == "f":
        return spread(values.astype(np.float64), scale)
    if values.dtype == bool or values.dtype == np.uint8:
        return Gray(values.astype(np.uint8), scale)
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if SHORT[0] <= low and high <= SHORT[1]:
        return Gray(values.astype("<i2"), scale)
    if low >= WORD[0] and high <= WORD[1]:
        return Gray(values.astype("<u2"), scale)
    return spread(values.astype(np.float64), scale)


def spread(values: NDArray, scale: Scale) -> Gray:
    """Numbers between their smallest and their largest as 65,536 steps; what is no number counts as the smallest."""
    finite = np.isfinite(values)
    low, high = (float(values[finite].min()), float(values[finite].max())) if finite.any() else (0.0, 0.0)
    step = (high - low) / WORD[1]
    if not math.isfinite(step) or step <= 0:
        return Gray(np.zeros(values.shape, "<u2"), Scale(1.0, scale.slope * low + scale.intercept), is_exact=False)
    steps = np.rint((np.where(finite, values, low) - low) / step).astype("<u2")
    return Gray(steps, Scale(scale.slope * step, scale.slope * low + scale.intercept), is_exact=False)


def color(values: NDArray, bits: int) -> NDArray:
    """A color frame (rows, columns, 3) with 8 bits a channel."""
    if values.dtype == np.uint8:
        return values
    return (values >> max(0, bits - 8)).astype(np.uint8)


def shrink(values: NDArray) -> tuple[NDArray, int]:
    """``values`` small enough to show, each the mean of a square of the original, and the side of that square."""
    side = math.ceil(max(values.shape[:2]) / MAX_SIDE)
    if side <= 1:
        return values, 1
    rows, columns = values.shape[0] // side, values.shape[1] // side
    total = np.zeros((rows, columns, *values.shape[2:]), np.int64)
    for row in range(side):
        for column in range(side):
            total += values[row : rows * side : side, column : columns * side : side]
    return (total // (side * side)).astype(values.dtype), side


def usual_window(gray: Gray) -> tuple[float, float]:
    """Center and width that show nearly all of a frame that brings no window of its own."""
    some = gray.values.ravel()
    some = some[:: max(1, some.size // SAMPLES)]
    low, high = (float(each) for each in np.percentile(some, PERCENTILES))
    if low == high:
        low, high = float(some.min()), float(some.max())
    ends = sorted((low * gray.scale.slope + gray.scale.intercept, high * gray.scale.slope + gray.scale.intercept))
    return (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) or 1.0


def pack(values: NDArray) -> bytes:
    """A frame as described above."""
    planes = [values] if values.ndim == 2 else [values[:, :, channel] for channel in range(values.shape[2])]
    packing = zlib.compressobj(LEVEL, strategy=zlib.Z_RLE)  # of differences hardly more repeats than runs: half the time, and smaller
    return b"".join([*(packing.compress(_folded(np.ascontiguousarray(plane))) for plane in planes), packing.flush()])


def _folded(plane: NDArray) -> bytes:
    wide = plane.dtype.itemsize == 2
    unsigned, signed, bits = (np.uint16, np.int16, 15) if wide else (np.uint8, np.int8, 7)
    values: NDArray[Any] = plane.view(unsigned)
    steps: NDArray[Any] = values.copy()
    np.subtract(steps[:, 1:], values[:, :-1], out=steps[:, 1:])
    np.subtract(steps[1:, 0], values[:-1, 0], out=steps[1:, 0])
    turned: Any = steps.view(signed)
    folded = ((turned << 1) ^ (turned >> bits)).view(unsigned)
    if not wide:
        return folded.tobytes()
    return (folded & 255).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes()
