"""Files that attack whoever opens them, made here or from pydicom's own."""

import io
import random
import struct

from PIL import Image

from tests.records import files

SCRIPT = b"<script>alert(document.cookie)</script>"
PIXELS = 40_000


def jpeg_of(side: int) -> bytes:
    """A JPEG whose header says ``side`` squared pixels."""
    whole = bytearray(files.picture("JPEG"))
    at = whole.index(b"\xff\xc0")
    struct.pack_into(">HH", whole, at + 5, side, side)
    return bytes(whole)


def tiff_of(side: int) -> bytes:
    """A TIFF whose header says ``side`` squared pixels."""
    entries = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (278, 4, 1, side)]
    entries += [(279, 4, 1, side * side)]
    body = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return b"II*\x00" + struct.pack("<LH", 8, len(entries)) + body + b"\x00" * 40


def looping_tiff() -> bytes:
    """A TIFF whose second page comes before its first, and so on."""
    whole = bytearray(files.picture("TIFF"))
    first = struct.unpack_from("<L", whole, 4)[0]
    (count,) = struct.unpack_from("<H", whole, first)
    struct.pack_into("<L", whole, first + 2 + 12 * count, first)
    return bytes(whole)


def with_exif() -> bytes:
    """A photo whose EXIF holds scripts."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x8298] = SCRIPT.decode()
    out = io.BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(out, "JPEG", exif=exif, comment=SCRIPT)
    return out.getvalue()


def flipped(data: bytes, seed: int) -> bytes:
    """``data`` with thirty bytes turned over."""
    chance = random.Random(seed)
    broken = bytearray(data)
    for _ in range(30):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)
