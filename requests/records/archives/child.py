"""The process that unpacks one ZIP: ``python -m records.archives.child FIRST SOCKET SIZE CPU-SECONDS SECONDS BYTES LARGEST MOST``.

It limits itself as ``records.child`` does, reads the archive's bytes from its parent, and writes the files in it from number FIRST
on as frames. Nothing is written to a disk, and no path in the archive is ever used as one. Files larger than LARGEST are named only;
an archive of more than MOST is refused. The parent counts for itself what arrives: this process may be turned by what it reads.
"""

import io
import socket
import stat
import sys
import zlib
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from records.archives.frames import LONGEST, Frame, packed
from records.child import OUT_OF_LIMITS, STEP, Remote, confine, confine_to_one_file
from records.formats.problems import Problem, Unreadable

METHODS = (ZIP_STORED, ZIP_DEFLATED)  # what the machines of hospitals and patients write; others inflate without bounds
ENCRYPTED, NAMED_IN_UTF8 = 0x1, 0x800
LOCAL_HEADER = 30  # bytes before the name
LONGEST_PATH = 2000
# What computers leave beside the files of people.
LEFT_BEHIND = {".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Desktop.ini"}


class Limits(NamedTuple):
    """Bytes of the largest file that is unpacked, and how many files an archive may have."""

    largest: int
    most: int


def unpack(file: BinaryIO, first: int, limits: Limits) -> Iterator[bytes]:
    """The frames of an archive from its file number ``first`` on."""
    try:
        archive = ZipFile(file)
        if len(archive.filelist) > limits.most:
            raise Unreadable(Problem.TOO_MANY_FILES)
    except BadZipFile as error:
        cut = "not a zip file" in str(error)  # without the list at its end
        yield packed(Frame.PROBLEM, (Problem.INCOMPLETE if cut else Problem.DAMAGED).encode())
        return
    except Unreadable as unreadable:
        yield packed(Frame.PROBLEM, unreadable.problem.encode())
        return
    entangled = overlapping(archive)
    entries = [entry for entry in archive.filelist if is_file(entry)]
    yield packed(Frame.COUNT, str(len(entries)).encode())
    for entry in entries[first:]:
        yield packed(Frame.BEGIN, path_of(entry)[:LONGEST_PATH].encode())
        problem = Problem.DAMAGED if entry.header_offset in entangled else obstacle(entry, limits)
        if problem is None:
            problem = yield from contents(archive, entry)
        yield packed(Frame.END, problem.encode() if problem else b"")


def contents(archive: ZipFile, entry: ZipInfo) -> Generator[bytes, None, Problem | None]:
    """The bytes of one file as frames; returns the problem that ended them, if one did."""
    try:
        with archive.open(entry) as data:
            while piece := data.read(LONGEST):
                yield packed(Frame.DATA, piece)
    except MemoryError:
        return Problem.LIMITS
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, zlib.error):
        return Problem.DAMAGED
    return None


def overlapping(archive: ZipFile) -> set[int]:
    """Where those entries begin that share bytes with another one, or with the list at the end, so that these are inflated many times."""
    found: set[int] = set()
    reach, holder = 0, 0
    for entry in sorted(archive.filelist, key=lambda entry: entry.header_offset):
        begin = entry.header_offset
        end = begin + LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size
        if begin < reach:
            found |= {begin, holder}
        if begin < 0 or end > archive.start_dir:
            found.add(begin)
        if end > reach:
            reach, holder = end, begin
    return found


def is_file(entry: ZipInfo) -> bool:
    """Whether the entry is a file that somebody may have meant to send."""
    folder, _, name = entry.filename.replace("\\", "/").rpartition("/")
    left_behind = name in LEFT_BEHIND or (name.startswith("._") and "__MACOSX" in folder.split("/"))
    return bool(name) and not left_behind


def obstacle(entry: ZipInfo, limits: Limits) -> Problem | None:
    """Why the file is not unpacked, by what the list at the end of the archive says."""
    form = stat.S_IFMT(entry.external_attr >> 16)
    if form not in (0, stat.S_IFREG):
        return Problem.LINK
    if entry.flag_bits & ENCRYPTED:
        return Problem.PASSWORD
    if entry.compress_type not in METHODS:
        return Problem.PACKED_OTHERWISE
    return Problem.TOO_LARGE if entry.file_size > limits.largest else None


def path_of(entry: ZipInfo) -> str:
    """The path as it was meant: many programs write UTF-8 without saying so."""
    if entry.flag_bits & NAMED_IN_UTF8:
        return entry.filename
    try:
        return entry.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return entry.filename


def main(first: str, link: str, size: str, cpu: str, seconds: str, memory: str, largest: str, most: str) -> int:
    """Unpack; returns the exit status."""
    parent = socket.socket(fileno=int(link))
    confine(int(memory))
    confine_to_one_file(int(cpu), float(seconds))
    file = io.BufferedReader(Remote(parent, 0, int(size)), STEP)
    try:
        for frame in unpack(file, int(first), Limits(int(largest), int(most))):
            sys.stdout.buffer.write(frame)
            sys.stdout.buffer.flush()
    except MemoryError:
        return OUT_OF_LIMITS
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
