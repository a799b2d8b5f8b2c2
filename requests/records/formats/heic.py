"""HEIC, the pictures of iPhones: as other pictures, by libheif."""

from typing import BinaryIO

import pillow_heif

from . import image

pillow_heif.options.DECODE_THREADS = 1  # each thread would take its share of the address space
pillow_heif.register_heif_opener(thumbnails=False)


def facts(file: BinaryIO) -> dict[str, object]:
    """Width and height of the picture that the file shows first. Raises as ``image.opened``."""
    return image.facts(file, "HEIF")
