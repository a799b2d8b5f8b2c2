"""Sections of a screen: each opens, saves and says where it stands by itself; one bad answer never keeps the rest from being saved."""

from datetime import timedelta

import pytest
from django.urls import reverse
from lxml import html

from intake.screens import SCREENS
from secondop.cases.models import Brief
from secondop.web.clock import today

from .filled import DECISION, HEALTH, QUESTION, WHO, begin, fill, put, signature, signed_in, stamp, url

pytestmark = pytest.mark.django_db


def drawn(page: bytes) -> dict[str, set[str]]:
    """The names of the fields in each section of a screen's page."""
    found = {}
    for part in html.fromstring(page).xpath("//*[@data-part]"):
        names = [field.get("name") for field in part.xpath(".//input | .//select | .//textarea")]
        found[part.get("data-part")] = {name.partition("-")[0] for name in names if not name.startswith("read_")}
    return found


@pytest.mark.parametrize("name", SCREENS)
def test_every_field_is_drawn_in_the_one_section_that_names_it(name):
    client = signed_in()
    case = begin(client)
    put(client, case, "health", HEALTH, act="later")
    page = client.get(url("screen", case, name))
    form = page.context["form"]
    sections = {section.name: set(section.fields) for section in form.sections()}
    assert drawn(page.content) == sections
    every = [field for fields in sections.values() for field in fields]
    assert sorted(every) == sorted(field for field in form.fields if field != "stamp" and not field.startswith("read_"))


def test_a_section_saves_by_itself_and_leaves_the_other_answers_alone():
    client = signed_in()
    case = begin(client)
    put(client, case, "who", {**WHO, "interpreter": "on"}, act="later")
    mark = stamp(client, case, "who")
    save = lambda **data: client.post(url("autosave", case, "who"), {**data, "stamp": mark})  # noqa: E731
    assert (
        save(only=["decision_date", "consequence"], decision_date=(DECISION + timedelta(days=1)).isoformat(), consequence="").status_code
        == 204
    )
    brief = Brief.objects.get(case=case)
    assert (brief.interpreter, brief.phone, brief.consequence) == (True, WHO["phone"], "")
    assert save(only=["interpreter", "language"], language="Spanish").status_code == 204
    brief.refresh_from_db()
    assert (brief.interpreter, brief.language) == (False, "Spanish")


def test_one_bad_answer_is_named_and_the_rest_of_its_section_and_of_the_others_is_saved():
    client = signed_in()
    case = begin(client)
    mark = stamp(client, case, "who")
    data = {"only": ["decision_date", "consequence", "age_band"], "decision_date": "0203-01-01", "consequence": "Soon", "age_band": "80+"}
    answer = client.post(url("autosave", case, "who"), {**data, "stamp": mark})
    assert answer.status_code == 422 and list(answer.json()) == ["decision_date"]
    assert answer.json()["decision_date"].startswith("By when do you need to decide? – Please check the year.")
    brief = Brief.objects.get(case=case)
    assert (brief.consequence, brief.age_band) == ("Soon", "80+")
    page = put(client, case, "who", {**WHO, "decision_date": "0203-01-01"}, act="later")
    assert page.status_code == 422 and "All your other answers are saved." in page.content.decode()


def test_a_section_saves_without_javascript_and_says_when():
    client = signed_in()
    case = begin(client)
    answer = put(client, case, "question", {"reason": "operation"}, act="part:reason")
    assert answer.url == url("screen", case, "question") + "?saved=reason#part-reason"
    page = html.fromstring(client.get(answer.url).content)
    lines = {part.get("data-part"): part.xpath(".//*[@data-autosave-status]")[0].text_content() for part in page.xpath("//*[@data-part]")}
    assert lines.pop("reason").startswith("Saved ") and not any(lines.values())


def test_each_section_says_where_it_stands_and_a_screen_that_is_done_is_closed():
    client = signed_in()
    case = begin(client)
    states = lambda name: {part.name: part.state for part in client.get(url("screen", case, name)).context["form"].parts.values()}  # noqa: E731
    is_open = lambda name: [part.open for part in client.get(url("screen", case, name)).context["form"].parts.values()]  # noqa: E731
    assert states("who") == {"emergency": "todo", "place": "done", "person": "todo", "when": "skip", "contact": "todo"}
    put(client, case, "question", {"diagnosis": "", "first_opinion": "Fusion", "reason": "operation", "values": ["work"]}, act="later")
    assert states("question") == {"reason": "done", "told": "now", "questions": "todo", "matters": "done", "reading": "todo"}
    assert all(is_open("question"))
    fill(client, case)
    for name in SCREENS:
        assert set(states(name).values()) == {"done"} and not any(is_open(name)), name
    wrong = put(client, case, "question", {**QUESTION, "detail": ""})
    assert wrong.status_code == 422 and all(part.open for part in wrong.context["form"].parts.values())


def test_a_consent_that_was_decided_on_is_done_and_the_signature_is_not():
    client = signed_in()
    case = begin(client)
    put(client, case, "consent", signature(client, case, intent=""), act="later")
    parts = client.get(url("screen", case, "consent")).context["form"].parts
    assert {part.state for part in parts.values() if part.name != "signature"} == {"done"}
    assert parts["signature"].state == "now" and parts["signature"].open


def test_what_is_said_of_the_place_and_the_day_comes_anew_when_they_were_saved():
    client = signed_in()
    case = begin(client)
    mark = stamp(client, case, "who")
    fresh = lambda what: client.get(reverse("intake:told", args=[case.uid, what])).content.decode()  # noqa: E731
    assert "where you live" in fresh("place") and not fresh("time").strip()
    client.post(url("autosave", case, "who"), {"only": ["country", "region"], "country": "US", "region": "Oregon", "stamp": mark})
    client.post(
        url("autosave", case, "who"),
        {"only": ["decision_date"], "decision_date": (today() + timedelta(days=1000)).isoformat(), "stamp": mark},
    )
    assert "with a doctor near you" in fresh("place") and "By our targets, yes" in fresh("time")
    page = client.get(url("screen", case, "who")).content.decode()
    assert all(reverse("intake:told", args=[case.uid, what]) in page for what in ("place", "time"))
    assert client.get(reverse("intake:told", args=[case.uid, "nothing"])).status_code == 404
