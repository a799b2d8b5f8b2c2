"""HTML in, PDF out, through a child process that cannot hang, grow or reach out."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 40
WALL_SECONDS = 60
PDF_MAX_BYTES = 20 * 1024 * 1024
CHILD = Path(__file__).resolve().with_name("child.py")


class RenderFailed(Exception):
    """The child gave no PDF; the message says how it ended, without a word of the text."""


def render_pdf(html: str, *, memory: int = MEMORY_BYTES, cpu: int = CPU_SECONDS, wall: float = WALL_SECONDS) -> bytes:
    """The PDF of a page. Raises ``RenderFailed`` when the child is killed, runs out of its limits, or gives something else.

    The child starts with an environment of its own: no key, address or setting of this process reaches it.
    """
    command = [sys.executable, "-P", str(CHILD), str(settings.ROOT / "static"), str(memory), str(cpu)]
    with tempfile.TemporaryDirectory(prefix="document-") as scratch:
        try:
            child = subprocess.run(
                command, input=html.encode(), capture_output=True, timeout=wall, cwd=scratch, env=environment(scratch), check=False
            )
        except subprocess.TimeoutExpired as error:
            raise RenderFailed(f"It took longer than {wall:.0f} seconds and was stopped.") from error
    return checked(child)


def environment(scratch: str) -> dict[str, str]:
    """What the child knows: where programs are, a language, and a folder of its own for fonts it unpacks."""
    known = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "FONTCONFIG_PATH") if name in os.environ}
    return {**known, "LANG": "C.UTF-8", "HOME": scratch, "TMPDIR": scratch, "XDG_CACHE_HOME": scratch, "PYTHONDONTWRITEBYTECODE": "1"}


def checked(child: subprocess.CompletedProcess[bytes]) -> bytes:
    """The child's PDF, if it ended well and said how many bytes it wrote. Raises ``RenderFailed`` otherwise."""
    if child.returncode < 0:
        raise RenderFailed(f"The renderer was stopped by signal {-child.returncode}.")
    if child.returncode:
        lines = child.stderr.decode(errors="replace").strip().splitlines() or ["unknown"]
        raise RenderFailed(f"The renderer failed: {lines[-1].split(':')[0][:80]}.")
    told = child.stderr.rpartition(b"\n")[2]
    if not child.stdout.startswith(b"%PDF-") or told != str(len(child.stdout)).encode():
        raise RenderFailed("The renderer did not give a whole PDF.")
    if len(child.stdout) > PDF_MAX_BYTES:
        raise RenderFailed("The PDF is larger than we store.")
    return child.stdout
