"""The process that makes previews: ``python -m records.previews.child TASK SOCKET SIZE CPU-SECONDS SECONDS BYTES [PAGES]``.

As ``records.child`` it limits itself first and reads the record from its parent; what it makes goes out as frames. The last one
says that nothing is missing: whoever reads the frames knows from it, and from the exit status, whether the child came to its end.
"""

import importlib
import io
import socket
import sys

from records.child import OUT_OF_LIMITS, STEP, Remote, confine, confine_to_one_file
from records.previews.frames import Output

MAKERS = {
    "pdf": ("records.previews.documents", "pdf"),
    "text": ("records.previews.documents", "text"),
    "clean": ("records.previews.cleaning", "clean"),
    "jpeg": ("records.previews.pictures", "jpeg"),
    "png": ("records.previews.pictures", "png"),
    "tiff": ("records.previews.pictures", "tiff"),
    "heic": ("records.previews.pictures", "heic"),
    "words": ("records.previews.documents", "words"),
}


def main(task: str, link: str, size: str, cpu: str, seconds: str, memory: str, pages: str = "1") -> int:
    """Make what ``task`` says, of ``pages`` (numbers with commas) where it draws some; returns the exit status."""
    parent = socket.socket(fileno=int(link))
    confine(int(memory))
    confine_to_one_file(int(cpu), float(seconds))
    module, name = MAKERS[task]
    output = Output(sys.stdout.buffer)
    try:
        make = getattr(importlib.import_module(module), name)
        file = io.BufferedReader(Remote(parent, 0, int(size)), STEP)
        output.end(make(file, output, [int(number) for number in pages.split(",")]))
    except MemoryError:
        return OUT_OF_LIMITS
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
