"""Template tag for the patient's answers."""

from django import template

from ..answers import Section, answers
from ..models import Case

register = template.Library()


@register.simple_tag
def answers_of(case: Case, without: str = "") -> list[Section]:
    """The sections of a case's answers, those named in ``without`` (words with spaces between) left out."""
    return answers(case, without.split())
