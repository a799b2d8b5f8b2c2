"""ZIP archives to send, real and hostile, made here."""

import io
import stat
import struct
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

CENTRAL, END = b"PK\x01\x02", b"PK\x05\x06"
FLAGS_IN_CENTRAL, FLAGS_IN_LOCAL = 8, 6


def zipped(*files: tuple[str | ZipInfo, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data, compress_type=method)
    return out.getvalue()


def nested(depth: int, name: str, data: bytes) -> bytes:
    """A file in so many archives, one in the other."""
    for _ in range(depth):
        data, name = zipped((name, data)), "inner.zip"
    return data


def locked(name: str, data: bytes) -> bytes:
    """An archive whose one file says that it is encrypted."""
    made = bytearray(zipped((name, data)))
    made[FLAGS_IN_LOCAL] |= 1
    made[made.index(CENTRAL) + FLAGS_IN_CENTRAL] |= 1
    return bytes(made)


def linked(name: str, target: str) -> bytes:
    """An archive with a symbolic link."""
    link = ZipInfo(name)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((link, target.encode()))


def overlapping(name: str, data: bytes, times: int) -> bytes:
    """The list at the end names one stretch of bytes so many times, as the densest bombs do."""
    whole = zipped((name, data))
    begin, end = whole.index(CENTRAL), whole.rindex(END)
    entry = whole[begin:end]
    tail = struct.pack("<4s4H2LH", END, 0, 0, times, times, len(entry) * times, begin, 0)
    return whole[:begin] + entry * times + tail


def lying(name: str, data: bytes) -> bytes:
    """The list at the end says that the file is ten bytes long."""
    made = bytearray(zipped((name, data)))
    struct.pack_into("<L", made, made.index(CENTRAL) + 24, 10)
    return bytes(made)


def counting_wrong(name: str, data: bytes) -> bytes:
    """The end names a list far beyond itself, as with the fields of ZIP64 that are not there."""
    made = bytearray(zipped((name, data)))
    struct.pack_into("<2H2L", made, made.rindex(END) + 8, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    return bytes(made)


def broken(name: str, data: bytes, *neighbours: tuple[str, bytes]) -> bytes:
    """A byte of the first file was turned over on the way."""
    made = bytearray(zipped((name, data), *neighbours, method=ZIP_STORED))
    made[30 + len(name) + len(data) // 2] ^= 0xFF
    return bytes(made)


def packed_otherwise(name: str, data: bytes) -> bytes:
    """An archive packed by a method of few."""
    return zipped((name, data), method=ZIP_LZMA)


def bomb(size: int, *neighbours: tuple[str, bytes]) -> bytes:
    """An archive whose last file is ``size`` bytes of the same letter."""
    return zipped(*neighbours, ("bomb.txt", b"x" * size))


def named(raw: bytes, data: bytes) -> bytes:
    """An archive with a file whose name is these very bytes, in no encoding that it tells."""
    stand_in = "n" * len(raw)
    return zipped((stand_in, data)).replace(stand_in.encode(), raw)
