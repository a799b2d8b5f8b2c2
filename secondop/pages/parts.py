"""What every component says of itself: the purpose and the parameters in the first comment of its template."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

FOLDER = Path(settings.ROOT) / "templates" / "components"
COMMENT = re.compile(r"\{% comment %\}\n(?P<text>.+?)\n\{% endcomment %\}\n", re.DOTALL)
PARAMETER = re.compile(r"- (?P<names>\w+(?:, \w+)*)(?: \((?P<kind>optional|from the page)\))?: (?P<words>.+)")


class Parameter(NamedTuple):
    """One parameter: ``kind`` is "optional", "from the page" (a variable of the page it stands in) or empty (always given)."""

    name: str
    kind: str
    words: str


class Component(NamedTuple):
    """One template of templates/components/: what it draws, and what it is given."""

    name: str
    purpose: str
    parameters: list[Parameter]
    body: str

    def wanted(self) -> set[str]:
        """The parameters that no call may leave out."""
        return {parameter.name for parameter in self.parameters if not parameter.kind}

    def declared(self) -> set[str]:
        """The parameters that a call may give."""
        return {parameter.name for parameter in self.parameters if parameter.kind != "from the page"}


def components() -> Iterator[Component]:
    """Every component by name. Raises ValueError for one that does not declare itself in the fixed form."""
    for path in sorted(FOLDER.glob("*.html")):
        yield read(path.stem, path.read_text(encoding="utf-8"))


def read(name: str, source: str) -> Component:
    """The component ``name`` of this source. Raises ValueError when its first comment has not the fixed form."""
    comment = COMMENT.match(source)
    if comment is None:
        raise ValueError(f"{name}.html does not begin with a comment that declares it.")
    purpose, *lines = comment["text"].splitlines()
    matches = [PARAMETER.fullmatch(line) for line in lines]
    if None in matches:
        raise ValueError(f"{name}.html declares a parameter in another form: {lines[matches.index(None)]}")
    parameters = [Parameter(each, match["kind"] or "", match["words"]) for match in matches if match for each in match["names"].split(", ")]
    return Component(name, purpose, parameters, source[comment.end() :])
