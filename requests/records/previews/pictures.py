"""Pictures: turned upright, brought to a bounded size and to plain colours, and written anew, without anything they carried along."""

import importlib
import io
from collections.abc import Sequence
from typing import BinaryIO, cast

from PIL import Image, ImageCms, ImageOps

from records.formats.problems import MAX_PIXELS
from records.previews.frames import MOST_PAGES, PAGE, THUMBNAIL, Output

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
LONGEST = 3200  # pixels of the longer side of what is looked at
SMALL = (160, 160)
QUALITY = 84
EFFORT = 2  # of 6: twice as fast as the usual 4 for a few bytes more
BIT_16 = 256
AS_THEY_ARE = ("L", "RGB", "RGBA", "LA", "CMYK")


def jpeg(file: BinaryIO, output: Output, pages: Sequence[int]) -> int:
    """See ``picture``."""
    return picture(file, output, "JPEG")


def png(file: BinaryIO, output: Output, pages: Sequence[int]) -> int:
    """See ``picture``."""
    return picture(file, output, "PNG")


def tiff(file: BinaryIO, output: Output, pages: Sequence[int]) -> int:
    """Show ``pages`` (numbers from 1) in this order; returns how many pages can be looked at. Raises what Pillow raises."""
    with Image.open(file, formats=["TIFF"]) as image:
        count = min(getattr(image, "n_frames", 1), MOST_PAGES)
        for number in pages:
            if number <= count:
                image.seek(number - 1)
                show(plain(image.copy()), output, number, is_first=number == 1)
    return count


def heic(file: BinaryIO, output: Output, pages: Sequence[int]) -> int:
    """See ``picture``; the check's own module tells Pillow of this kind."""
    importlib.import_module("records.formats.heic")
    return picture(file, output, "HEIF")


def picture(file: BinaryIO, output: Output, kind: str) -> int:
    """Show a picture of exactly this ``kind`` as one page; returns the number of pages. Raises what Pillow raises."""
    with Image.open(file, formats=[kind]) as image:
        image.draft("RGB", (LONGEST, LONGEST))
        show(plain(image), output, 1, is_first=True)
    return 1


def plain(image: Image.Image) -> Image.Image:
    """``image`` upright, at most ``LONGEST`` pixels long, in 8 bits of grey or colour on white."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode == "I":
        image = image.point(lambda value: value / BIT_16).convert("L")
    elif image.mode == "F":
        low, high = cast(tuple[float, float], image.getextrema())
        factor = 255 / ((high - low) or 1)
        image = image.point(lambda value: value * factor - low * factor).convert("L")
    elif image.mode not in AS_THEY_ARE:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image.thumbnail((LONGEST, LONGEST), reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return in_plain_colours(image, profile)


def in_plain_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    """``image`` in sRGB, which every screen understands without its profile; a profile that makes no sense is left out of account."""
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            turned = None
        image = turned or image
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def show(image: Image.Image, output: Output, number: int, *, is_first: bool) -> None:
    """Hand over a page, and of the first one a small picture before it."""
    if is_first:
        small = image.copy()
        small.thumbnail(SMALL, reducing_gap=2.0)
        output.put(THUMBNAIL, written(small), size=small.size)
    output.put(PAGE, written(image), number, image.size)


def written(image: Image.Image) -> bytes:
    """``image`` as a WebP file of pixels alone."""
    out = io.BytesIO()
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    bare.save(out, "WEBP", quality=QUALITY, method=EFFORT)
    return out.getvalue()
