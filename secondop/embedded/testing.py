"""./dev test: all checks, then all tests; or, with paths, only the tests below them."""

import argparse
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree  # noqa: TID251  (reads only what pytest just wrote)
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .console import say
from .data import ROOT
from .lint import lint

PARTS = {
    # By itself xdist begins with the modules of many tests, which are not those that take long: tests/conftest.py says which do.
    "tests without a browser": ["tests", "--ignore=tests/journeys", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"],
    "browser journeys": ["tests/journeys"],
}
NOTHING_COLLECTED = 5


def test(options: argparse.Namespace) -> int:
    """Run everything (or the given paths), say how long each part took, and end with one summary line in pytest's words."""
    if options.paths:
        return pytest(options.paths)
    begun, failed, counts = time.monotonic(), False, Counter[str]()
    say("Checks of the code")
    failed |= bool(lint(options))
    say(f"  {time.monotonic() - begun:.0f} s")
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, args) in enumerate(PARTS.items()):
            say(f"\n{name.capitalize()}")
            report = Path(folder) / f"{number}.xml"
            failed |= pytest([*args, "--durations=5", f"--junitxml={report}"]) not in (0, NOTHING_COLLECTED)
            counts += count(report)
    say(summary(counts, time.monotonic() - begun))
    return int(failed)


def pytest(args: Sequence[str]) -> int:
    """Run pytest with ``args`` from the project's folder and return its status."""
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *args], cwd=ROOT, check=False).returncode


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
