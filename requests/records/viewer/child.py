"""The process that decodes a series, one file after the other: ``python -m records.viewer.child SOCKET CPU-SECONDS BYTES``.

A line on stdin names the next file by its size, and by 1 or 0 whether a picture of it is wanted; its bytes come by the socket, as
for ``records.child``. On stdout go blocks, each a letter and a length before its bytes: ``i`` what is known of a frame (JSON), ``p``
its packed pixels, ``v`` its picture, ``e`` the end of the file with the problem, if there was one. Nothing here imports Django.
"""

import importlib
import io
import json
import resource
import socket
import struct
import sys
from typing import BinaryIO

from records.child import OUT_OF_LIMITS, STEP, Remote, confine
from records.viewer.problems import NotShown, Problem

BLOCK = struct.Struct("!cI")


def main(link: str, cpu: str, memory: str) -> int:
    """Answer line by line; returns the exit status."""
    parent = socket.socket(fileno=int(link))
    confine(int(memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu)))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    out = sys.stdout.buffer
    try:
        for number, line in enumerate(sys.stdin):
            size, preview = line.split()
            answer(io.BufferedReader(Remote(parent, number, int(size)), STEP), out, preview == "1")
    except MemoryError:
        return OUT_OF_LIMITS
    return 0


def answer(file: BinaryIO, out: BinaryIO, preview: bool) -> None:
    """Write the blocks of one file."""
    decode = importlib.import_module("records.viewer.decode")  # parsers are imported after the limits are set
    problem: str = ""
    try:
        for frame in decode.frames(file, preview):
            write(out, b"i", json.dumps(frame.info).encode())
            write(out, b"p", frame.packed)
            if frame.preview:
                write(out, b"v", frame.preview)
    except NotShown as reason:
        problem = reason.problem
    except decode.DAMAGE:
        problem = Problem.DAMAGED  # what decoders raise for a damaged file; the next one may be good
    write(out, b"e", problem.encode())
    out.flush()


def write(out: BinaryIO, letter: bytes, data: bytes) -> None:
    """One block."""
    out.write(BLOCK.pack(letter, len(data)))
    out.write(data)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
