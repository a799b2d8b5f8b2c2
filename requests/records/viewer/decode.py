"""One DICOM file as frames for the viewer. It runs in the child process; nothing here imports Django."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.pixels import get_decoder, iter_pixels, pixel_array
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGExtended12Bit

from ..formats.elements import count, value
from . import headers
from .pixels import Gray, Scale, color, fit, pack, shrink
from .problems import NotShown, Problem
from .voi import shaded, views_of

MAX_PIXELS = 40_000_000  # of one frame, before anything is decoded
MAX_FRAMES = 10_000  # of one file
PREVIEW_SIDE = 512
# What the libraries raise for a damaged file.
DAMAGE = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError),
    *(RuntimeError, TypeError, ValueError, struct.error, zlib.error, InvalidDicomError),
)
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")

warnings.simplefilter("ignore")  # pydicom tells of every oddity on stderr, which nobody reads


class Frame(NamedTuple):
    """One image: what the index says of it, its packed pixels, and a small PNG where one was asked for."""

    info: dict[str, Any]
    packed: bytes
    preview: bytes


def frames(file: BinaryIO, preview: bool = False) -> Iterator[Frame]:
    """Every frame of ``file``, the middle one with a picture if ``preview``.

    Raises ``NotShown``, or what the libraries raise for a damaged file; what came before is good.
    """
    dataset = dcmread(file, stop_before_pixels=True, force=False)
    total = check(dataset)
    is_whole = has_to_be_read_whole(dataset)
    said = headers.shown(dataset)
    for number, values in enumerate(arrays(file, total, is_whole=is_whole)):
        yield frame(dataset, number, values, {"tags": said} if number == 0 else {}, is_preview=preview and number == total // 2)


def check(dataset: FileDataset) -> int:
    """How many frames the header announces. Raises ``NotShown``."""
    rows, columns = count(dataset, "Rows"), count(dataset, "Columns")
    if not rows or not columns or count(dataset, "SamplesPerPixel") not in (1, 3):
        raise NotShown(Problem.NO_PIXELS)
    if rows * columns > MAX_PIXELS:
        raise NotShown(Problem.TOO_LARGE)
    total = max(1, count(dataset, "NumberOfFrames"))
    if total > MAX_FRAMES:
        raise NotShown(Problem.TOO_MANY)
    try:
        is_known = get_decoder(dataset.file_meta.TransferSyntaxUID).is_available
    except NotImplementedError:
        is_known = False
    if not is_known:
        raise NotShown(Problem.SYNTAX)
    if dataset.file_meta.TransferSyntaxUID == JPEGExtended12Bit and count(dataset, "BitsStored") > 8:
        raise NotShown(Problem.TWELVE_BITS)  # no decoder that we ship has these: they would say that the file is damaged
    return total


def arrays(file: BinaryIO, total: int, *, is_whole: bool) -> Iterator[NDArray]:
    """The decoded frames one after the other, in color as RGB, with only one in memory unless the file is read as a whole."""
    source: BinaryIO | FileDataset = file
    file.seek(0)
    if is_whole:
        source = dcmread(file)
        if not any(keyword in source for keyword in PIXELS):
            raise NotShown(Problem.NO_PIXELS)
    if total == 1:
        yield pixel_array(source, index=0)
    else:
        yield from iter_pixels(source)


def has_to_be_read_whole(dataset: FileDataset) -> bool:
    """Whether pydicom finds the pixels of a file only after reading all of it; ask before every element was asked for.

    It is deflated as a whole, or its elements are written without their kinds although its head says otherwise.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    raw = [element for element in dataset.values() if isinstance(element, RawDataElement)]
    is_implicit = syntax.is_implicit_VR  # which pydicom looks up anew each time
    return syntax == DeflatedExplicitVRLittleEndian or any(element.is_implicit_VR != is_implicit for element in raw)


def frame(dataset: FileDataset, number: int, values: NDArray, more: dict[str, Any], *, is_preview: bool) -> Frame:
    """One decoded frame, ready to be sent."""
    info: dict[str, Any] = {"frame": number, "instance": count(dataset, "InstanceNumber"), **more}
    if value(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        values = apply_color_lut(values, dataset)
        bits = values.dtype.itemsize * 8
    else:
        bits = count(dataset, "BitsStored")
    if values.ndim == 3:
        shown, side = shrink(color(values[:, :, :3], bits))
        info |= {"format": "rgb", "scale": [1, 0], "views": [], "invert": False, "exact": True}
        picture = shown
    else:
        gray, side = gray_of(dataset, number, values)
        shown = gray.values
        views = views_of(dataset, number, gray)
        is_inverted = value(dataset, "PhotometricInterpretation") == "MONOCHROME1"
        kind = {"u1": "u8", "i2": "i16", "u2": "u16"}[shown.dtype.str[1:]]
        info |= {"format": kind, "scale": list(gray.scale), "invert": is_inverted, "exact": gray.is_exact}
        info["views"] = [view.packed() for view in views]
        picture = shaded(gray, views[0], is_inverted) if is_preview else shown
    info |= {"rows": shown.shape[0], "columns": shown.shape[1], "shrunk": side}
    info |= headers.spacing_of(dataset, number, side) | headers.place_of(dataset, number)
    info |= {"regions": headers.regions_of(dataset, side), "tempo": headers.tempo_of(dataset)}
    return Frame(info, pack(shown), png(picture) if is_preview else b"")


def gray_of(dataset: FileDataset, number: int, values: NDArray) -> tuple[Gray, int]:
    """A frame of gray values after the modality's table, or with its slope and intercept beside it, and how much it was shrunk."""
    scale = headers.scale_of(dataset, number)
    if value(dataset, "ModalityLUTSequence"):
        values, scale = apply_modality_lut(values, dataset), Scale()
    if values.dtype.byteorder == ">":
        values = values.astype(values.dtype.newbyteorder("="))
    gray = fit(values, scale)
    small, side = shrink(gray.values)
    return Gray(np.ascontiguousarray(small), gray.scale, gray.is_exact), side


def png(picture: NDArray) -> bytes:
    """A PNG of at most 512 pixels a side."""
    out = io.BytesIO()
    image = Image.fromarray(picture)
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    image.save(out, "PNG")
    return out.getvalue()
