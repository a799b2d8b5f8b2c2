"""The project package; importing it makes the apps inside requests/ and reviews/ importable by their own names.

The two folders are inserted at position 0 of sys.path and have no __init__.py of their own: a package named
``requests`` would replace the HTTP library of that name for every dependency (see docs/architecture.md).
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for side in ("reviews", "requests"):
    if str(ROOT / side) not in sys.path:
        sys.path.insert(0, str(ROOT / side))

from .celery import app as celery_app  # noqa: E402

__all__ = ["ROOT", "celery_app"]
