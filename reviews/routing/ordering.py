"""In which order the queue stands: what needs its reader first, or by the column that somebody chose."""

from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case as Choice
from django.db.models import F, Q, QuerySet, Value, When

from secondop.accounts.models import User
from secondop.cases.states import STATE_LABELS


class Column(NamedTuple):
    """A column of the queue that sorts: by what, and how its two orders are said."""

    by: F | Choice
    up: str
    down: str


IN_THE_WORKFLOW = Choice(*(When(state=state, then=Value(place)) for place, state in enumerate(STATE_LABELS)))
COLUMNS = {
    "case": Column(F("reference"), "By reference, from A to Z.", "By reference, from Z to A."),
    "state": Column(IN_THE_WORKFLOW, "By stage, the first on top.", "By stage, the last on top."),
    "waits": Column(F("waiting_for"), "By how long they wait, the shortest on top.", "By how long they wait, the longest on top."),
    "time": Column(F("deadline"), "By date, the first on top.", "By date, the last on top."),
    "owner": Column(F("owner__full_name"), "By owner, from A to Z.", "By owner, from Z to A."),
}
BY_SLACK = "What needs you now is on top."
SORTS = {"": BY_SLACK} | {f"{sign}{key}": words for key, (_, up, down) in COLUMNS.items() for sign, words in (("", up), ("-", down))}


def ordered(cases: QuerySet[Any], user: User, sort: str) -> QuerySet[Any]:
    """The cases, with the facts that the queue computes, in the order ``sort`` (a key of ``SORTS``).

    Without one: what needs ``user`` now, then what is theirs or nobody's, by date. This also decides where a column says
    the same of two cases, so that pages never show a case twice.
    """
    mine = Choice(When(Q(owner=user) | Q(owner__isnull=True), then=Value(0)), default=Value(1), output_field=models.IntegerField())
    slack = (F("needs").desc(), mine, F("deadline").asc(nulls_last=True), "entered_at", "pk")
    if not sort:
        return cases.order_by(*slack)
    by = COLUMNS[sort.removeprefix("-")].by
    chosen = models.OrderBy(by, descending=sort.startswith("-"), nulls_last=True)
    return cases.order_by(chosen, *slack)
