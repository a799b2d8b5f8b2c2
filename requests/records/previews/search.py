"""Searching the text of a case's records: what is found, for those who may read the records."""

import re
from typing import Any, NamedTuple

from django import forms
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Func, TextField

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.web.forms import Form

from ..models import Record, Status
from .models import PageText
from .words import CONFIG, excerpt, fold

MOST = 50
_LEXEME = re.compile(r"'((?:[^']|'')+)'")


class SearchForm(Form):
    """The words to look for."""

    words = forms.CharField(label="Find words in the records", max_length=200)


class Hit(NamedTuple):
    """A page on which the words are."""

    record: Record
    number: int
    pieces: list[tuple[str, bool]]


def find(case: Case, user: User, words: str) -> list[Hit]:
    """Pages of ``case`` that ``user`` may read and that hold all of ``words``, the best first; two queries at most.

    Quotes keep words together, and a minus sign leaves a word out, as people know it from elsewhere.
    """
    query = SearchQuery(fold(words), config=CONFIG, search_type="websearch")
    readable = Record.objects.openable_by(user).medical().filter(case=case, status=Status.READY)
    pages = PageText.objects.filter(record__in=readable.values("pk"), search=query)
    lexemes: Any = Func(query, function="", template="(%(expressions)s)::text", output_field=TextField())
    found = pages.annotate(rank=SearchRank(F("search"), query), lexemes=lexemes).select_related("record")
    return [
        Hit(page.record, page.number, excerpt(page.text, wanted(page.lexemes)))
        for page in found.order_by("-rank", "-record__created_at", "record", "number")[:MOST]
    ]


def wanted(query: str) -> list[str]:
    """The words of a query as the database wrote it, without those that must not be there."""
    return [lexeme.replace("''", "'") for lexeme in _LEXEME.findall(re.sub(r"!'(?:[^']|'')+'", "", query))]
