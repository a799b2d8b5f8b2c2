"""Searching the text of a case's records and what its health documents say: what is found, for those who may read the records."""

import re
from typing import Any, NamedTuple

from django import forms
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Func, QuerySet, TextField

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.web.forms import Form

from ..clinical.models import ClinicalEntry
from ..models import Record, Status
from .models import PageText
from .words import CONFIG, excerpt, fold

MOST = 50
_LEXEME = re.compile(r"'((?:[^']|'')+)'")


class SearchForm(Form):
    """The words to look for."""

    words = forms.CharField(label="Find words in the records", max_length=200)


class Hit(NamedTuple):
    """A place where the words are: a page of a record, or an ``entry`` of a health document."""

    record: Record
    number: int
    pieces: list[tuple[str, bool]]
    entry: ClinicalEntry | None = None


def find(case: Case, user: User, words: str) -> list[Hit]:
    """Pages and entries of ``case`` that ``user`` may read and that hold all of ``words``, the best first; three queries at most.

    Quotes keep words together, and a minus sign leaves a word out, as people know it from elsewhere.
    """
    query = SearchQuery(fold(words), config=CONFIG, search_type="websearch")
    readable = Record.objects.openable_by(user).medical().filter(case=case, status=Status.READY).values("pk")
    pages = best(PageText.objects.filter(record__in=readable), query).order_by("-rank", "-record__created_at", "record", "number")
    entries = best(ClinicalEntry.objects.filter(record__in=readable), query).order_by("-rank", "-record__created_at", "record", "position")
    hits = [(page.rank, Hit(page.record, page.number, excerpt(page.text, wanted(page.lexemes)))) for page in pages[:MOST]]
    hits += [(one.rank, Hit(one.record, 0, excerpt(one.words, wanted(one.lexemes)), one)) for one in entries[:MOST]]
    return [hit for _, hit in sorted(hits, key=lambda found: -found[0])[:MOST]]


def best(rows: QuerySet[Any], query: SearchQuery) -> Any:
    """Those of ``rows`` in which ``query`` finds something, each with its ``rank`` and the ``lexemes`` that were looked for."""
    lexemes: Any = Func(query, function="", template="(%(expressions)s)::text", output_field=TextField())
    return rows.filter(search=query).annotate(rank=SearchRank(F("search"), query), lexemes=lexemes).select_related("record")


def wanted(query: str) -> list[str]:
    """The words of a query as the database wrote it, without those that must not be there."""
    return [lexeme.replace("''", "'") for lexeme in _LEXEME.findall(re.sub(r"!'(?:[^']|'')+'", "", query))]
