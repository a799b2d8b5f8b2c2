"""Drafts: saved half done, by themselves, by two tabs, by machines that send nonsense; nothing typed is lost."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from intake import services
from intake.forms import FORMS
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, revoke
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.models import Brief, Case
from secondop.catalog.samples import load
from secondop.web.clock import shifted
from tests.factories import make_case, make_user

from .filled import HEALTH, QUESTION, SCREENS, WHO, begin, fill, put, signature, signed_in, stamp, url

pytestmark = pytest.mark.django_db


def test_a_half_done_screen_is_kept_and_shown_again():
    client = signed_in()
    case = begin(client)
    answer = put(client, case, "question", {"diagnosis": "Half a sent", "questions": "lines", "questions-0-text": "Why"}, act="later")
    assert answer.url == url("hub", case)
    assert client.get(url("hub", case)).context["steps"][1]["state"] == "now"
    page = client.get(url("screen", case, "question")).content.decode()
    assert "Half a sent" in page and ">\nWhy</textarea>" in page


def test_a_wrong_answer_does_not_keep_the_others_from_being_saved():
    client = signed_in()
    case = begin(client)
    data = {**QUESTION, "first_opinion": "x" * 100_000, "first_opinion_on": "0203-01-01"}
    answer = put(client, case, "question", data, act="later")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"first_opinion", "first_opinion_on"}
    assert "Please shorten this to 4000 characters. It has 100000 now." in answer.content.decode()
    assert answer.context["form"]["first_opinion"].value() == "x" * 100_000
    assert Brief.objects.get(case=case).diagnosis == QUESTION["diagnosis"]


def test_autosave_stores_what_is_valid_and_says_how_it_went():
    client = signed_in()
    case = begin(client)
    mark = stamp(client, case, "who")
    save = lambda data: client.post(url("autosave", case, "who"), {**data, "stamp": mark})  # noqa: E731
    assert save({"age_band": "80+"}).status_code == 204
    assert save({"age_band": "12-17", "decision_date": "0203-01-01", "phone": "5"}).status_code == 422
    brief = Brief.objects.get(case=case)
    assert (brief.age_band, brief.phone, brief.done) == ("12-17", "5", [])
    assert save({"emergency": "yes"}).status_code == 204
    assert Brief.objects.get(case=case).age_band == "12-17"


def test_the_same_page_saves_again_and_again_but_an_older_tab_never_overwrites():
    client = signed_in()
    case = begin(client)
    old, new = stamp(client, case, "question"), stamp(client, case, "question")
    save = lambda mark, text: client.post(url("autosave", case, "question"), {"diagnosis": text, "stamp": mark})  # noqa: E731
    assert [save(new, text).status_code for text in ("one", "two", "three")] == [204] * 3
    assert save(old, "from the old tab").status_code == 409
    answer = client.post(url("screen", case, "question"), {**QUESTION, "diagnosis": "from the old tab", "stamp": old, "act": "later"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "three" in page and "from the old tab" in page and "What if I wait?" in page
    assert Brief.objects.get(case=case).diagnosis == "three"
    again = {**QUESTION, "diagnosis": "from the old tab", "stamp": answer.context["form"]["stamp"].value(), "act": "later"}
    assert client.post(url("screen", case, "question"), again).status_code == 302
    assert Brief.objects.get(case=case).diagnosis == "from the old tab"
    assert save(new, "four").status_code == 409


def test_two_tabs_on_different_screens_do_not_disturb_each_other():
    client = signed_in()
    case = begin(client)
    who, question = stamp(client, case, "who"), stamp(client, case, "question")
    for name, mark in (("who", who), ("question", question), ("who", who)):
        assert client.post(url("autosave", case, name), {**SCREENS[name], "stamp": mark}).status_code == 204


def test_lines_are_added_removed_and_kept_in_order_without_javascript():
    client = signed_in()
    case = begin(client)
    answer = put(client, case, "health", HEALTH, act="add:medicine")
    assert answer.url == url("screen", case, "health") + "#id_medicine_0"
    lines = client.get(answer.url).context["form"]["medicine"].field.widget.lines("medicine", [{"text": "Iron"}])
    assert [bool(line.initial) for line in lines] == [True, False]
    data = {**HEALTH, "medicine-1-text": "Aspirin", "medicine-2-text": "Iron"}
    put(client, case, "health", data, act="later")
    first = case.health.filter(kind="medicine").values_list("pk", flat=True)[0]
    put(client, case, "health", data, act="remove:medicine:1")
    assert [item.text for item in case.health.filter(kind="medicine")] == ["Ibuprofen 400 mg", "Iron"]
    assert case.health.filter(kind="medicine")[0].pk == first
    put(client, case, "health", {name: value for name, value in data.items() if not name.startswith("medicine-")}, act="later")
    assert not case.health.filter(kind="medicine").exists()


def test_none_together_with_a_line_is_a_question_not_a_guess():
    client = signed_in()
    case = begin(client)
    answer = put(client, case, "health", {**HEALTH, "allergy_state": "none", "allergy-0-text": "Penicillin"})
    assert answer.status_code == 422 and "allergy_state" in answer.context["form"].errors
    assert "Penicillin" in answer.content.decode()
    assert put(client, case, "health", {**HEALTH, "allergy_state": "", "allergy-0-text": "Penicillin"}).status_code == 302
    assert Brief.objects.get(case=case).lists["allergy"] == "listed"


def test_a_line_that_cannot_stand_is_named():
    client = signed_in()
    case = begin(client)
    answer = put(client, case, "health", {**HEALTH, "sources-3-place": "Columbus", "sources-3-how": "upload", "event-1-text": "x" * 600})
    assert answer.status_code == 422
    assert answer.context["form"].errors["sources"] == ["Line 3: write “Hospital or practice (or: at home)”, or clear the line."]
    assert "Line 2, What happened: Please shorten this to 500 characters. It has 600 now." in answer.context["form"].errors["event"]


def test_a_sent_request_cannot_be_written_any_more():
    client = signed_in()
    case = begin(client)
    mark = stamp(client, case, "who")
    fill(client, case)
    client.post(url("submit", case))
    answer = client.post(url("screen", case, "who"), {**WHO, "phone": "666", "stamp": mark})
    assert answer.url == reverse("tracking:case", args=[case.uid])
    with pytest.raises(Conflict):
        services.save_screen(case, "who", by=client.user, answers={"phone": "666"})
    assert Brief.objects.get(case=case).phone == WHO["phone"]


def test_services_refuse_strangers_and_what_is_not_complete():
    load()
    patient = make_user()
    case = services.start(by=patient)
    with pytest.raises(NotAllowed):
        services.save_screen(case, "who", by=make_user(), answers={"age_band": "80+"})
    with pytest.raises(Refused):
        services.save_screen(case, "who", by=patient, answers={"age_band": "80+"}, complete=True)
    assert Brief.objects.get(case=case).age_band == ""
    with pytest.raises(NotAllowed):
        services.submit(case, by=make_user())
    sent = make_case()
    with pytest.raises(Conflict):
        services.submit(sent, by=sent.patient)


def test_changing_a_decision_takes_the_signature_off():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    data = signature(client, case, family="yes")
    put(client, case, "consent", data, act="later")
    brief = Brief.objects.get(case=case)
    assert brief.decisions["family"]["given"] is True and brief.signed_at is None
    assert [gap["title"] for gap in client.get(url("check", case)).context["gaps"]] == ["Consent and send"]


def test_saving_asks_the_same_number_of_queries_however_many_lines_there_are(django_assert_max_num_queries):
    client = signed_in()
    case = begin(client)
    many = {**HEALTH, **{f"event-{n}-text": f"Event {n}" for n in range(25)}}
    put(client, case, "health", many, act="later")
    mark = stamp(client, case, "health")
    with django_assert_max_num_queries(34):
        assert client.post(url("autosave", case, "health"), {**many, "event-3-text": "new", "stamp": mark}).status_code == 204
    for name in ("who", "question", "health", "consent"):
        with django_assert_max_num_queries(14):
            client.get(url("screen", case, name))


def test_saves_by_itself_leave_one_row_a_person_section_and_quarter_of_an_hour_in_the_log():
    client = signed_in()
    case = begin(client)
    mark = stamp(client, case, "who")
    rows = lambda: list(Entry.objects.filter(case_uid=case.uid, action="case.write").values_list("actor", "target"))  # noqa: E731
    save = lambda **data: client.post(url("autosave", case, "who"), {**data, "only": list(data), "stamp": mark}).status_code  # noqa: E731
    assert [save(consequence=text) for text in ("a", "ab", "abc")] == [204] * 3
    assert rows() == [(client.user.pk, "request:who:when")]
    assert save(age_band="80+", decision_date="0203-01-01") == 422
    assert rows()[1:] == [(client.user.pk, "request:who:person")]
    with shifted(timedelta(minutes=14)):
        assert save(consequence="abcd") == 204 and len(rows()) == 2
    with shifted(timedelta(minutes=16)):
        assert save(consequence="abcde") == 204
        assert rows()[2:] == [(client.user.pk, "request:who:when")]
    son = make_user()
    grant(case, son, Right.DECIDE, "family")
    other = signed_in(son)
    mark = stamp(other, case, "who")
    other.post(url("autosave", case, "who"), {"consequence": "from the son", "only": "consequence", "stamp": mark})
    entry = Entry.objects.filter(case_uid=case.uid, action="case.write").last()
    assert (entry.actor_id, entry.target, entry.ip, entry.patient_id) == (son.pk, "request:who:when", "127.0.0.1", client.user.pk)
    before = Entry.objects.filter(case_uid=case.uid).count()
    put(client, case, "who", WHO, act="later")
    assert Entry.objects.filter(case_uid=case.uid).count() >= before + 2, "the page and the button leave a row each"
    assert signed_in().post(url("autosave", case, "who"), {"consequence": "x"}).status_code == 404
    assert Entry.objects.filter(case_uid=case.uid).last().outcome == "refused"


@pytest.mark.parametrize("way", ["autosave", "screen"])
def test_a_save_whose_right_ends_on_its_way_is_refused_and_gives_back_what_was_typed(way):
    patient, helper = signed_in(), signed_in()
    case = begin(patient)
    grant(case, helper.user, Right.DECIDE, "family")
    data = {"diagnosis": "A stone", "stamp": stamp(helper, case, "question"), "act": "later"}

    def end_it(execute, sql, *more):
        if "FOR UPDATE" in sql:
            revoke(case, Right.DECIDE)
        return execute(sql, *more)

    with connection.execute_wrapper(end_it):
        answer = helper.post(url(way, case, "question"), urlencode(data), "application/x-www-form-urlencoded")
    assert (answer.status_code, "A stone" in answer.content.decode()) == (403, True)
    assert Brief.objects.get(case=case).diagnosis == ""
    assert Entry.objects.filter(case_uid=case.uid, outcome="refused", actor=helper.user).exists()


def test_a_save_by_itself_takes_few_queries(django_assert_max_num_queries):
    client = signed_in()
    case = begin(client)
    for name, field in (("who", "consequence"), ("question", "diagnosis")):
        mark = stamp(client, case, name)
        save = lambda text: client.post(url("autosave", case, name), {field: text, "only": field, "stamp": mark})  # noqa: B023, E731
        save("a")
        with django_assert_max_num_queries(9):
            assert save("ab").status_code == 204


TEXT = st.text(max_size=30) | st.sampled_from(["", "0203-01-01", "25:99", "x" * 5000, "yes", "-1", "9" * 40, "listed", "on"])


class Nonsense(TestCase):
    """Whatever a machine sends to the autosave, the answer is one of the four, and the request stays readable."""

    @classmethod
    def setUpTestData(cls):
        load()
        cls.browser = signed_in()
        cls.case = begin(cls.browser)

    @settings(max_examples=25)
    @given(data=st.data(), name=st.sampled_from(list(FORMS)))
    def test_no_data_breaks_the_autosave(self, data, name):
        case = Case.objects.select_related("brief").get(pk=self.case.pk)
        fields = list(FORMS[name](case=case, user=self.browser.user).fields)
        rows = [f"{field}-{number}-{column}" for field in fields for number in (0, 7) for column in ("text", "name", "how", "when")]
        sent = data.draw(st.dictionaries(st.sampled_from(fields + rows), TEXT | st.lists(TEXT, max_size=5), max_size=12))
        if data.draw(st.booleans()):
            sent["stamp"] = stamp(self.browser, case, name)
        answer = self.browser.post(url("autosave", case, name), sent)
        assert answer.status_code in (204, 400, 409, 422)
        for target in (url("screen", case, name), url("check", case)):
            assert self.browser.get(target).status_code in (200, 302)
