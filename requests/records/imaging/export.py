"""What a copy of a case holds of its images: the series, and what was said about whose they are."""

from django.db.models import Count

from secondop.accounts.models import User
from secondop.cases.access import Right, rights_of
from secondop.cases.models import Case
from secondop.exports.parts import Part

from . import words
from .models import Verdict


def images(case: Case, reader: User) -> Part:
    """Every series that ``reader`` may read; to those who are asked also whom files name who differs from the patient."""
    series = case.series.readable_by(reader).annotate(files=Count("records"))
    told = [
        {
            "study": one.study_description,
            "study_date": one.study_date,
            "series": one.description,
            "taken_by": words.modality(one.modality),
            "body_part": one.body_part,
            "files": one.files,
        }
        for one in series
    ]
    asks = Right.DECIDE in rights_of(reader, case)
    asked = case.identities.filter(verdict=Verdict.DIFFERS).select_related("answered_by") if asks else []
    answers = [
        {
            "they_name": words.person(one.name, one.birth_date, one.sex),
            "answer": one.get_answer_display(),
            "reason": one.reason,
            "answered_by": str(one.answered_by or ""),
            "answered_at": one.answered_at,
        }
        for one in asked
    ]
    return Part({"images": told, "files_asked_about": answers})
