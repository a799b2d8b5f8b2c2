"""A number for text messages: given, confirmed by its code, changed, taken away; and nowhere a word of it where the site sends none."""

import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from lxml import html

from secondop.accounts.models import Role, User
from secondop.audit.models import Entry
from secondop.exports.account import account_of
from secondop.notices.choices import choices_of, choose
from secondop.notices.models import Channel, Notice, Phone
from secondop.notices.phones import TRIES, CodeOver, WrongCode, confirm, forget_unconfirmed, phone_of, send_code
from secondop.notices.services import sweep
from secondop.web.clock import now, shifted
from tests.factories import make_user
from tests.inbox.ways import signed_in

pytestmark = pytest.mark.django_db
CHOICES, NUMBER, CODE, REMOVE = (reverse(f"inbox:{name}") for name in ("choices", "number", "number_code", "number_remove"))
DONE = [("confirm", "refused"), ("confirm", "allowed"), ("confirm", "allowed"), ("remove", "allowed")]
MINE, OTHER = "+12025550143", "+447911123456"


@pytest.fixture(autouse=True)
def texts(settings, tmp_path):
    """A site that sends texts, to a folder."""
    settings.SMS_TRANSPORT, settings.MAIL_DIR = "secondop.notices.gateways.FolderGateway", tmp_path / "mail"
    settings.REQUIRE_STAFF_MFA = False


def code_to(user: User) -> str:
    """The code that waits to be texted to ``user``."""
    [text] = Notice.objects.filter(recipient=user, channel=Channel.TEXT, status="queued", raw__gt="").values_list("raw", flat=True)
    return json.loads(text)["text"].partition("code is ")[2][:6]


def confirmed(user: User, number: str = MINE) -> User:
    """``user``, who has confirmed ``number``."""
    send_code(user, number)
    confirm(user, code_to(user))
    Notice.objects.filter(recipient=user).delete()
    return user


def test_a_number_is_given_confirmed_chosen_for_changed_and_removed():
    ana = make_user()
    client = signed_in(ana)
    page = html.document_fromstring(client.get(CHOICES).content)
    assert NUMBER in page.xpath("//a/@href")
    assert not page.xpath("//input[@name='by_text']")
    asked = client.post(NUMBER, {"number": " 001 (202) 555-0143 "})
    assert (asked.status_code, asked.url) == (302, CODE)
    code = code_to(ana)
    assert code not in Phone.objects.get().code_hash
    assert "+1 202-555-0143" in client.get(CODE).content.decode()
    assert phone_of(ana).number == ""
    assert client.post(CODE, {"code": "x"}).status_code == 422
    done = client.post(CODE, {"code": f" {code[:3]} {code[3:]} "})
    assert (done.status_code, done.url, phone_of(ana).number, phone_of(ana).wanted) == (302, CHOICES, MINE, "")
    assert choices_of(ana).by_text == [], "off until it is chosen"
    assert client.get(CODE).url == NUMBER
    page = html.document_fromstring(client.get(CHOICES).content)
    assert page.xpath("//input[@name='by_text']/@value") == ["opinion", "questions"]
    assert client.post(CHOICES, {"by_text": ["opinion"]}).status_code == 302
    assert client.post(CHOICES, {"by_text": ["late"]}).status_code == 422, "work is nothing for patients"
    client.post(NUMBER, {"number": OTHER})
    assert (phone_of(ana).number, phone_of(ana).wanted) == (MINE, OTHER), "the one before stays until then"
    client.post(CODE, {"code": code_to(ana)})
    assert (phone_of(ana).number, choices_of(ana).by_text) == (OTHER, ["opinion"])
    assert account_of(ana)["mobile_number"] == OTHER
    assert account_of(ana)["notice_choices"]["by_text_too"] == ["Your second opinion"]
    assert client.post(REMOVE).url == CHOICES
    assert not Phone.objects.exists()
    assert choices_of(ana).by_text == []
    acts = list(Entry.objects.filter(actor_id=ana.pk, action__startswith="account.number").order_by("seq").values_list("action", "outcome"))
    assert acts == [(f"account.number_{act}", said) for act, said in DONE]
    assert not [entry for entry in Entry.objects.values() if "2025550143" in str(entry) or "7911123456" in str(entry)]


def test_staff_choose_among_what_waits_for_them_and_keep_the_rest():
    lead = confirmed(make_user(Role.LEAD))
    choose(lead, only_here=[], by_text=["offers", "late"])
    client = signed_in(lead)
    assert html.document_fromstring(client.get(CHOICES).content).xpath("//input[@name='by_text']/@value") == [
        "opinion",
        "questions",
        "late",
    ]
    client.post(CHOICES, {"by_text": ["opinion"], "digest_hour": "7"})
    assert choices_of(lead).by_text == ["offers", "opinion"]
    with pytest.raises(ValueError, match="no groups"):
        choose(lead, only_here=[], by_text=["everything"])


@pytest.mark.parametrize(
    "typed",
    ["", "555 0143", "+1 202 555", "+4930123456", "+1 900 555 0143", "+1 202 555 0143 ext. 5", "+999999", "tel", "+", "479 555 0123"],
)
def test_what_is_no_mobile_number_is_asked_for_again(typed):
    answer = signed_in(make_user()).post(NUMBER, {"number": typed})
    assert answer.status_code == 422
    assert not Notice.objects.exists()


def test_a_code_is_over_after_ten_minutes_and_after_a_few_tries_and_once_another_is_sent():
    ana = make_user()
    send_code(ana, MINE)
    first = code_to(ana)
    with shifted(timedelta(minutes=10, seconds=1)), pytest.raises(CodeOver):
        confirm(ana, first)
    send_code(ana, MINE)
    second = code_to(ana)
    wrong = f"{(int(second) + 1) % 10**6:06}"
    if first != second:
        with pytest.raises(WrongCode):
            confirm(ana, first)
    send_code(ana, OTHER)
    right = code_to(ana)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(TRIES):
        with pytest.raises(WrongCode):
            confirm(ana, wrong)
    answer = signed_in(ana).post(CODE, {"code": right})
    assert (answer.status_code, "no code that still works" in answer.content.decode()) == (422, True)
    assert phone_of(ana).number == ""


def test_a_code_is_good_for_its_person_and_its_number_only():
    ana, ben = make_user(), make_user()
    send_code(ana, MINE)
    send_code(ben, MINE)
    codes = code_to(ana), code_to(ben)
    if codes[0] != codes[1]:
        with pytest.raises(WrongCode):
            confirm(ben, codes[0])
    confirm(ana, codes[0])
    confirm(ben, codes[1])
    assert set(Phone.objects.values_list("number", flat=True)) == {MINE}, "two people may have one number, each having confirmed it"
    with pytest.raises(CodeOver):
        confirm(ana, codes[0])


def test_codes_are_counted_by_person_and_by_number_and_every_number_is_answered_alike():
    confirmed(make_user())
    ana = make_user()
    client = signed_in(ana)
    known, unknown = client.post(NUMBER, {"number": MINE}), client.post(NUMBER, {"number": OTHER})
    assert (known.status_code, known.url, known.content) == (unknown.status_code, unknown.url, unknown.content)
    for _ in range(3):
        assert client.post(NUMBER, {"number": MINE}).status_code == 302
    refused = client.post(NUMBER, {"number": "+447911123457"})
    assert (refused.status_code, "Too many codes" in refused.content.decode()) == (429, True)
    assert signed_in(make_user()).post(NUMBER, {"number": MINE}).status_code == 302
    assert signed_in(make_user()).post(NUMBER, {"number": MINE}).status_code == 429, "five a day, whoever asks"
    assert Notice.objects.filter(recipient=ana).count() == 1, "an older code that waits is not sent any more"


def test_a_code_that_a_second_click_sends_again_is_no_wrong_one():
    ana = make_user()
    send_code(ana, MINE)
    code, clicks = code_to(ana), []

    def first_click(execute, sql, *more):
        if "FOR UPDATE" in sql and not clicks:
            clicks.append(sql)
            confirm(ana, code)
        return execute(sql, *more)

    client = signed_in(ana)
    with connection.execute_wrapper(first_click):
        answer = client.post(CODE, {"code": code})
    assert (len(clicks), answer.status_code, phone_of(ana).number) == (1, 302, MINE)


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_no_more_than_a_few_are_looked_at():
    ana = make_user()
    send_code(ana, MINE)
    wrong, barrier, said = f"{(int(code_to(ana)) + 1) % 10**6:06}", Barrier(8), []

    def guess() -> None:
        barrier.wait()
        try:
            confirm(ana, wrong)
        except (WrongCode, CodeOver) as error:
            said.append(type(error))
        connection.close()

    threads = [Thread(target=guess) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (said.count(WrongCode), said.count(CodeOver)) == (TRIES, 8 - TRIES)


def test_where_the_site_sends_no_texts_there_is_no_page_and_no_word_of_them(settings):
    ana = confirmed(make_user())
    settings.SMS_TRANSPORT = ""
    client = signed_in(ana)
    assert [client.get(page).status_code for page in (NUMBER, CODE)] == [404, 404]
    assert [client.post(page).status_code for page in (NUMBER, CODE, REMOVE)] == [404] * 3
    for page in (CHOICES, reverse("your_data"), reverse("inbox:list")):
        said = html.document_fromstring(client.get(page).content).text_content().lower()
        assert "text message" not in said
        assert "mobile" not in said
        assert "by text" not in said
    choose(ana, only_here=[], by_text=["opinion"])
    client.post(CHOICES, {"by_mail": ["questions"]})
    assert choices_of(ana).by_text == ["opinion"], "kept until there is a gateway again"


def test_numbers_that_nobody_confirmed_are_forgotten_and_confirmed_ones_stay():
    ana, ben = confirmed(make_user()), make_user()
    send_code(ana, OTHER)
    send_code(ben, OTHER)
    assert forget_unconfirmed() == 0
    with shifted(timedelta(hours=2)):
        assert forget_unconfirmed() == 2
        assert forget_unconfirmed() == 0
    assert list(Phone.objects.values_list("user", "number", "wanted", "code_hash")) == [(ana.pk, MINE, "", "")]
    for wrong in ({"number": ""}, {"confirmed_at": None}, {"code_hash": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Phone.objects.update(**wrong)
    assert Phone not in admin.site._registry


def test_texts_are_in_the_demo_s_mailbox_and_not_in_the_list_of_notices(settings):
    settings.DEMO = True
    ana = make_user()
    client = signed_in(ana)
    client.post(NUMBER, {"number": MINE})
    code = code_to(ana)
    assert reverse("demo:mail") in client.get(CODE).content.decode()
    assert sweep(Channel.TEXT) == 1
    [name] = [path.name for path in settings.MAIL_DIR.iterdir()]
    assert "Text message" in client.get(reverse("demo:mail")).content.decode()
    assert f"Your code is {code}." in client.get(reverse("demo:read_mail", args=[name])).content.decode()
    Notice.objects.create(kind="released", channel=Channel.TEXT, recipient=ana, email=ana.email, created_at=now())
    assert "No notices yet" in client.get(reverse("inbox:list")).content.decode()
