"""./dev lint: every check that reads the code without running the site."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .console import say
from .data import ROOT

BIN = Path(sys.executable).parent
# The slowest first: two run at a time.
CHECKS: dict[str, Sequence[str | Path]] = {
    "types (mypy)": [BIN / "mypy"],
    "import contracts (import-linter)": [BIN / "lint-imports", "--no-logo", "--cache-dir", ROOT / ".import_linter_cache"],
    "migrations complete": [sys.executable, "-W", "ignore", ROOT / "manage.py", "makemigrations", "--check", "--dry-run"],
    "templates (djlint)": [BIN / "djlint", "--lint", "--quiet", "templates"],
    "format (ruff)": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "lint (ruff)": [BIN / "ruff", "check", "--quiet", "."],
}


def lint(options: argparse.Namespace) -> int:
    """Run every check, print how each went and the output of those that failed; return 1 when one did."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(check, CHECKS.values()))
    for name, (status, seconds, output) in zip(CHECKS, results, strict=True):
        say(f"  {'ok    ' if status == 0 else 'FAILED'} {name} ({seconds:.1f} s)")
        if status:
            say(output)
    return int(any(status for status, _, _ in results))


def check(command: Sequence[str | Path]) -> tuple[int, float, str]:
    """Run one check from the project's folder; return its status, how long it took and what it printed."""
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, time.monotonic() - begun, done.stdout


def environment() -> dict[str, str]:
    """Return the environment of the checks: the apps of both sides importable, and settings that need no server."""
    paths = os.pathsep.join(str(ROOT / folder) for folder in (".", "requests", "reviews"))
    return {
        **os.environ,
        "PYTHONPATH": paths,
        "SECONDOP_ENV": "test",
        "DATABASE_URL": "postgresql://nobody@%2Fnonexistent/none",
        "DJANGO_SETTINGS_MODULE": "secondop.settings",
    }
