"""A parent who asks for a child."""

from datetime import date
from typing import Any

from secondop.accounts.models import User
from secondop.cases.majority import set_end
from secondop.cases.models import Brief, Case
from secondop.cases.states import State
from secondop.web.clock import today
from tests.factories import make_case

BORN = date(today().year - 16, 3, 14)  # of age in the year after next, more than 400 days from any day of this one
CHILD = {"for_whom": "other", "subject_name": "Tim Example", "relationship": "parent", "authority": "parental"}


def make_childs_case(state: State = State.SCREENING, *, born: date = BORN, about: dict[str, Any] | None = None, **people: User) -> Case:
    """The case of a child in Ohio, asked for by a parent; ``about`` changes the brief."""
    case = make_case(state, **people)
    Brief.objects.filter(case=case).update(**{**CHILD, "age_band": "12-17", "birth_date": born, **(about or {})})
    case = Case.objects.get(pk=case.pk)
    set_end(case)
    return case
