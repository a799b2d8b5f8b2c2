"""JPEG and PNG: decoded once from first to last byte, within a limit of pixels."""

from typing import BinaryIO

from PIL import Image

from .problems import MAX_PIXELS, Problem, Unreadable

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def facts(file: BinaryIO, kind: str) -> dict[str, object]:
    """Width and height of a picture of exactly this ``kind``. Raises ``Unreadable``, or what Pillow raises for a damaged one."""
    try:
        with Image.open(file, formats=[kind]) as image:  # without formats= Pillow would open PostScript too
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Unreadable(Problem.TOO_MANY_PIXELS)
            image.load()
    except Image.DecompressionBombError:
        raise Unreadable(Problem.TOO_MANY_PIXELS) from None
    return {"width": width, "height": height}


def jpeg(file: BinaryIO) -> dict[str, object]:
    """See ``facts``."""
    return facts(file, "JPEG")


def png(file: BinaryIO) -> dict[str, object]:
    """See ``facts``."""
    return facts(file, "PNG")
