"""./dev test: all checks, then all tests; or, with paths, only the tests below them."""

import argparse
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree  # noqa: TID251  (reads only what pytest just wrote)
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from .console import say
from .data import ROOT, environment_without_settings
from .lint import lint

OTHERS, JOURNEYS = "tests without a browser", "browser journeys"
PARTS = {
    # By itself xdist begins with the modules of many tests, which are not those that take long: tests/conftest.py says which do.
    OTHERS: ["tests", "--ignore=tests/journeys", "-n", "2", "--no-loadscope-reorder"],
    JOURNEYS: ["tests/journeys", "-n", "2", "--no-loadscope-reorder"],
}
NOTHING_COLLECTED = 5


class Part:
    """A run of pytest on some of the tests, with its report in ``folder``; what it says goes there too when it is ``quiet``."""

    def __init__(self, args: Sequence[str], folder: Path, *, quiet: bool) -> None:
        self.report, self.said = folder / "report.xml", folder / "said"
        folder.mkdir()
        with open(self.said, "wb") as said:
            command = pytest([*args, "--durations=5", f"--junitxml={self.report}"])
            out = said if quiet else None
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=out, stderr=out)

    def has_failed(self) -> bool:
        """Wait for the end, and tell what was kept."""
        status = self.process.wait()
        say(self.said.read_text())
        return status not in (0, NOTHING_COLLECTED)


def test(options: argparse.Namespace) -> int:
    """Run everything (or the given paths) and end with one summary line in pytest's words.

    The parts run at the same time: each alone leaves a processor idle while a browser waits for the site, or the site for a browser.
    The journeys begin beside the checks of the code, the last of which take one processor, as does filling in the demo.
    """
    if options.paths:
        return subprocess.run(pytest(options.paths), cwd=ROOT, env=environment(), check=False).returncode
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:

        def start(name: str, *, quiet: bool) -> Part:
            part = Part(PARTS[name], Path(folder) / name, quiet=quiet)
            stack.enter_context(part.process)
            return part

        journeys = start(JOURNEYS, quiet=True)
        say("Checks of the code")
        failed = bool(lint(options))
        say(f"  {time.monotonic() - begun:.0f} s")
        parts = {OTHERS: start(OTHERS, quiet=False), JOURNEYS: journeys}
        for name, part in parts.items():
            say(f"\n{name.capitalize()}")
            failed |= part.has_failed()
        counts = sum((count(part.report) for part in parts.values()), Counter[str]())
    say(summary(counts, time.monotonic() - begun))
    return int(failed)


def pytest(args: Sequence[str]) -> list[str]:
    """Return the command that runs pytest with ``args``."""
    return [sys.executable, "-m", "pytest", "-q", *args]


def environment() -> dict[str, str]:
    """Return the environment of the tests, who name their settings themselves: with a name in it pytest would read them too early."""
    return {name: value for name, value in environment_without_settings().items() if name != "DJANGO_SETTINGS_MODULE"}


def count(report: Path) -> Counter[str]:
    """Return how many tests of a JUnit report ended how; one error when pytest did not come so far as to write one."""
    if not report.exists():
        return Counter(errors=1)
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314
    if suite is None:
        return Counter(errors=1)
    numbers = Counter({name: int(suite.get(name, 0)) for name in ("failures", "skipped", "errors")})
    return numbers + Counter(passed=int(suite.get("tests", 0)) - sum(numbers.values()))


def summary(counts: Counter[str], seconds: float) -> str:
    """Return the closing line of pytest for the sum of all parts."""
    words = {"failures": "failed", "passed": "passed", "skipped": "skipped", "errors": "errors"}
    numbers = [f"{counts[name]} {word}" for name, word in words.items() if counts[name]]
    return f"===== {', '.join(numbers) or 'no tests ran'} in {seconds:.2f}s ====="
