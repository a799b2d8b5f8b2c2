"""Questions that others asked: by the reason and by the field of medicine, from rows that administrators keep."""

import pytest

from secondop.catalog.models import QuestionPrompt, Specialty
from secondop.catalog.reasons import Reason
from secondop.catalog.samples import load
from tests.words import grade

from .filled import begin, put, signed_in, url

pytestmark = pytest.mark.django_db


def shown(client, case) -> list[str]:
    """The titles that a page shows without any script."""
    return [group.title for group in client.get(url("screen", case, "question")).context["form"].prompts() if group.shown]


def test_those_are_shown_that_fit_the_reason_and_the_field_of_medicine():
    client = signed_in()
    case = begin(client)
    every = shown(client, case)
    knee = Specialty.objects.get(name="Orthopedic surgery")
    assert {*(reason.label for reason in Reason), "Orthopedic surgery", "Orthopedic surgery: An operation was advised"} <= set(every)
    put(client, case, "question", {"reason": "operation"}, act="stay")
    assert shown(client, case) == ["An operation was advised"]
    put(client, case, "question", {"reason": "operation", "specialty": knee.pk}, act="stay")
    assert shown(client, case) == ["Orthopedic surgery: An operation was advised", "An operation was advised", "Orthopedic surgery"]
    put(client, case, "question", {"reason": "confirm", "specialty": knee.pk}, act="stay")
    assert shown(client, case) == ["Confirm a diagnosis", "Orthopedic surgery"]
    page = client.get(url("screen", case, "question")).content.decode()
    said = "Written for this site after “Questions To Ask Your Doctor”, Agency for Healthcare Research and Quality"
    assert f"{said}; no clinician here has read them yet." in page
    QuestionPrompt.objects.update(sample=False)
    assert f"{said}." in client.get(url("screen", case, "question")).content.decode()


def test_administrators_change_them_and_a_second_load_leaves_their_work_alone():
    QuestionPrompt.objects.filter(reason="confirm").update(active=False)
    QuestionPrompt.objects.filter(reason="disagree").delete()
    mine = QuestionPrompt.objects.create(reason="disagree", text="Whose advice rests on more?")
    load()
    client = signed_in()
    case = begin(client)
    put(client, case, "question", {"reason": "disagree"}, act="stay")
    groups = [group for group in client.get(url("screen", case, "question")).context["form"].prompts() if group.shown]
    assert [group.texts for group in groups] == [[mine.text]] and groups[0].source == ""
    assert not QuestionPrompt.objects.filter(reason="confirm", active=True).exists()


def test_every_reason_has_some_each_says_where_it_comes_from_and_all_are_plain():
    prompts = QuestionPrompt.objects.filter(specialty=None)
    assert set(prompts.values_list("reason", flat=True)) == set(Reason.values)
    assert all(prompt.sample and prompt.source for prompt in QuestionPrompt.objects.all())
    assert grade(" ".join(QuestionPrompt.objects.values_list("text", flat=True))) <= 8


def test_the_page_asks_the_same_number_of_queries_for_any_number_of_questions(django_assert_num_queries, django_assert_max_num_queries):
    client = signed_in()
    case = begin(client)
    page = url("screen", case, "question")
    client.get(page)
    with django_assert_max_num_queries(14) as first:
        client.get(page)
    once = len(first)
    QuestionPrompt.objects.bulk_create(QuestionPrompt(reason="other", text=f"Why {number}?") for number in range(50))
    with django_assert_num_queries(once):
        client.get(page)
