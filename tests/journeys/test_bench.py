"""./dev bench on a demo: everything it measures is there and answers as it should."""

import os
import re
import subprocess
import sys

from secondop.embedded.bench import AUTOSAVES, SENDING, SUBJECTS
from secondop.embedded.data import ROOT

FILES = [*["upload of"] * 3, "first byte of a range"]


def test_every_subject_is_measured_against_bare_django(seeded):
    command = [sys.executable, "-P", "-m", "secondop.embedded", "bench", "--requests", "4", "--mib", "2", "--slices", "0", "--like", seeded]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bare = dict(re.findall(r"^  bare (\w+) +([\d.]+) ms$", done.stdout, re.MULTILINE))
    ratios = dict(re.findall(r"^  (\S.*?) +[\d.]+ ms +([\d.]+) x bare", done.stdout, re.MULTILINE))
    assert bare.keys() == {"page", "list", "write"}
    assert ratios.keys() == {subject.name for subject in (*SUBJECTS, *AUTOSAVES, SENDING)}
    assert all(float(figure) > 0 for figure in (*bare.values(), *ratios.values()))
    records = re.findall(r"^  (\w[^\d\n]*?)(?: \d+ [a-z]+)? +([\d.]+) .*\(goal", done.stdout, re.MULTILINE | re.IGNORECASE)
    assert [name for name, _ in records if name not in ratios] == FILES
