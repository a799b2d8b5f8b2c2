"""JPEG, PNG, TIFF and HEIC: decoded once from first to last byte, within a limit of pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from PIL import Image, ImageSequence

from .problems import MAX_PIXELS, Problem, Unreadable

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@contextmanager
def opened(file: BinaryIO, kind: str) -> Iterator[Image.Image]:
    """A picture of exactly this ``kind``, not decoded yet. Raises ``Unreadable``, or what Pillow raises for a damaged one."""
    try:
        with Image.open(file, formats=[kind]) as image:  # without formats= Pillow would open PostScript too
            yield image
    except Image.DecompressionBombError:
        raise Unreadable(Problem.TOO_MANY_PIXELS) from None


def decode(image: Image.Image) -> None:
    """Decode what ``image`` shows now. Raises as ``opened``."""
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable(Problem.TOO_MANY_PIXELS)
    image.load()


def facts(file: BinaryIO, kind: str) -> dict[str, object]:
    """Width and height of a picture of this ``kind``. Raises as ``opened``."""
    with opened(file, kind) as image:
        width, height = image.size
        decode(image)
    return {"width": width, "height": height}


def jpeg(file: BinaryIO) -> dict[str, object]:
    """See ``facts``."""
    return facts(file, "JPEG")


def png(file: BinaryIO) -> dict[str, object]:
    """See ``facts``."""
    return facts(file, "PNG")


def tiff(file: BinaryIO) -> dict[str, object]:
    """Width and height of the first page, and the number of pages, after all have been decoded. Raises as ``opened``."""
    pages = 0
    with opened(file, "TIFF") as image:
        width, height = image.size
        for page in ImageSequence.Iterator(image):
            decode(page)
            pages += 1
    return {"width": width, "height": height, "pages": pages}
