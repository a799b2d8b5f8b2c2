"""The sample opinion: an invented case, kept as data, in the shape in which the pages of a delivered opinion read theirs.

No row of the database stands behind it, so it is there in an empty installation and while the database is away.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from delivery.reading import compared
from opinions.models import Answer, Evidence, GridRow, Opinion, Option
from opinions.services.canonical import fingerprint
from secondop.cases.models import Brief, Case

DATA = Path(__file__).with_name("sample_opinion.toml")
ROWS = {"answers": Answer, "grid": GridRow, "options": Option, "evidence": Evidence}


class Rows(list[Any]):
    """Rows that answer to ``all()``, as those of the database do."""

    def all(self) -> "Rows":
        """Themselves."""
        return self


class Sample:
    """An opinion with its rows. Everything else is asked of an ``Opinion`` that is never saved."""

    def __init__(self, text: Opinion, rows: dict[str, Rows]) -> None:
        self.text = text
        vars(self).update(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.text, name)


@cache
def sample() -> dict[str, Any]:
    """The context of the opinion's templates: ``opinion``, ``case`` and ``compared``."""
    data = tomllib.loads(DATA.read_text())
    rows = {name: Rows(model(position=at, **row) for at, row in enumerate(data.pop(name))) for name, model in ROWS.items()}
    case = Case(uid=UUID(int=0), reference="SO-SAMPLE")
    case.brief = Brief(case=case, **data.pop("brief"))
    opinion: Any = Sample(Opinion(uid=UUID(int=0), case=case, version=1, code="SAMPLE", **data), rows)
    opinion.text.sha256 = fingerprint(opinion)
    return {"opinion": opinion, "case": case, "compared": compared(opinion)}
