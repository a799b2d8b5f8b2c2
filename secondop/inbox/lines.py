"""Notices in words, for the list."""

from collections.abc import Iterable
from typing import NamedTuple

from secondop.notices.content import values
from secondop.notices.kinds import words
from secondop.notices.models import Notice


class Line(NamedTuple):
    """One notice as the list shows it."""

    notice: Notice
    title: str
    text: str
    action: str


def lines_of(notices: Iterable[Notice]) -> list[Line]:
    """The words of ``notices``, the same as in the mails."""
    return [Line(notice, *words(notice.kind, values(notice.context))) for notice in notices]
