"""Notices in words, for the list."""

from collections.abc import Iterable
from typing import NamedTuple

from secondop.notices.content import values
from secondop.notices.kinds import words
from secondop.notices.models import Notice


class Line(NamedTuple):
    """One notice as the list shows it: the subject of its mail, and the words on the button. The sentences between are for mail."""

    notice: Notice
    title: str
    action: str


def lines_of(notices: Iterable[Notice]) -> list[Line]:
    """The words of ``notices``."""
    said = ((notice, words(notice.kind, values(notice.context))) for notice in notices)
    return [Line(notice, title, action) for notice, (title, _, action) in said]
