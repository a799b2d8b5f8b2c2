"""What somebody typed into a form that comes too late is shown back to them, and to nobody else."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import path, reverse

from routing.services import offers
from secondop import urls
from secondop.accounts.models import User
from secondop.cases.asks import cancel_ask, open_ask
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import now
from secondop.web.typed import typed
from tests.factories import PASSWORD, make_case, make_user
from tests.opinions.written import in_review, signed

FORM = "application/x-www-form-urlencoded"
WORDS = "Every word of this took time <to write>."
SHOWN = "Every word of this took time &lt;to write&gt;."
SECRETS = {"password": "four secret common words", "code": "123 456", "oldpassword": "an older sentence"}


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def broken(request):
    raise OperationalError("away")


urlpatterns = [path("broken/", broken), *urls.urlpatterns]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500


def post(client, address, field="text", **headers):
    """Send a form as a browser does: some words, secrets, and what the page itself has put in."""
    body = {field: WORDS, "initial-text": "what was there", "choice": "partly", **SECRETS}
    return client.post(address, urlencode(body), content_type=FORM, headers=headers)


def given_back(answer, status):
    """Whether ``answer`` has ``status`` and shows the words, but no secret."""
    page = answer.content.decode()
    assert not any(secret in page for secret in SECRETS.values())
    return answer.status_code == status and SHOWN in page and "What you had typed" in page


def test_only_words_that_a_person_typed_into_our_own_form_count():
    fields = {"answers-0-text": "Not  this year.", "verdict": "partly", "empty": " ", "initial-note": "was there", **SECRETS}
    ask = RequestFactory()
    request = ask.post("/", urlencode(fields), content_type=FORM)
    assert typed(request) == [{"label": "Answers 1 text", "value": "Not  this year."}]
    assert typed(ask.post("/", urlencode(fields), content_type=FORM, headers={"Sec-Fetch-Site": "cross-site"})) == []
    assert typed(ask.post("/", {"text": "sent with files"})) == typed(ask.get("/", {"text": "in the address"})) == []


def test_no_name_of_a_field_breaks_the_page_that_shows_it():
    for name in ("9" * 5000, f"a-{'9' * 5000}-b"):
        answer = post(Client(), "/no-such-page/", name)
        assert given_back(answer, 404)


@pytest.mark.django_db
def test_a_write_up_that_was_signed_in_another_tab(client):
    case, _ = signed()
    client.force_login(case.specialist)
    address = reverse("opinions:write", args=[case.uid])
    answer = post(client, address, "bottom_line")
    assert given_back(answer, 409) and f'href="{address}"' in answer.content.decode()
    assert client.post(address, "then=sign", content_type=FORM).url == address


@pytest.mark.django_db
@pytest.mark.parametrize("verb", [offers.hand_back, offers.reassign])
def test_a_write_up_that_was_handed_back_or_reassigned(client, verb):
    case, author, _ = in_review()
    client.force_login(author)
    verb(case, by=author if verb is offers.hand_back else case.owner, reason="Absent.")
    answer = post(client, reverse("opinions:write", args=[case.uid]), "bottom_line")
    assert given_back(answer, 404) and "Nothing of yours is lost" not in answer.content.decode()


@pytest.mark.django_db
def test_an_answer_to_a_question_that_was_closed(client):
    case = make_case(State.SCREENING)
    ask = open_ask(case, by=case.owner, items=["Report"])
    cancel_ask(ask, by=case.owner)
    client.force_login(case.patient)
    answer = post(client, reverse("tracking:answer", args=[case.uid, ask.pk]), f"item_{ask.items.get().pk}")
    assert given_back(answer, 409) and "there is nothing more to do" in answer.content.decode()


@pytest.mark.django_db
def test_an_answer_in_a_request_that_was_sent_in_another_tab(client):
    case = make_case(State.SCREENING)
    client.force_login(case.patient)
    screen = reverse("intake:screen", args=[case.uid, "question"])
    answer = post(client, screen, "diagnosis")
    assert given_back(answer, 409) and "Your request was sent already" in answer.content.decode()
    assert client.get(screen).url == client.post(screen).url == reverse("tracking:case", args=[case.uid])


@pytest.mark.django_db
def test_a_verb_of_the_desk_on_a_case_that_moved_on(client):
    case = make_case(State.WITHDRAWN)
    client.force_login(Case.objects.get(pk=case.pk).owner)
    assert given_back(post(client, reverse("routing:send_back", args=[case.uid]), "reason"), 409)


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_error_pages_and_the_page_of_those_who_were_signed_out():
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    person = make_case(State.SCREENING).patient
    messages = "/cases/00000000-0000-0000-0000-000000000000/messages/"
    assert given_back(post(client, messages), 403)
    assert SHOWN not in post(client, messages, **{"Sec-Fetch-Site": "cross-site"}).content.decode()
    client.handler.enforce_csrf_checks = False
    answer = post(client, messages, Referer="http://testserver/cases/")
    assert given_back(answer, 401) and f'href="{reverse("account_login")}?next=/cases/"' in answer.content.decode()
    assert given_back(post(client, "/broken/"), 503)
    client.login(request=None, email=person.email, password=PASSWORD)
    assert given_back(post(client, messages), 404)


@pytest.mark.django_db
def test_a_form_of_staff_who_lack_their_second_factor_is_given_back(client, settings):
    settings.REQUIRE_STAFF_MFA = True
    case = make_case(State.SCREENING)
    client.force_login(Case.objects.get(pk=case.pk).owner)
    answer = post(client, reverse("routing:send_back", args=[case.uid]), "reason")
    assert given_back(answer, 403) and f'href="{reverse("mfa_index")}" target="_blank"' in answer.content.decode()
    assert client.post(reverse("routing:claim", args=[case.uid])).url == reverse("mfa_index")


@pytest.mark.django_db
def test_a_form_that_comes_after_the_session_ended_is_given_back_to_its_author_after_signing_in(time_machine):
    client = Client()
    author, other = make_case(State.SCREENING).patient, make_user()
    client.force_login(author)
    time_machine.move_to(now() + timedelta(minutes=31))
    messages = "/cases/00000000-0000-0000-0000-000000000000/messages/"
    answer = post(client, messages, Referer="http://testserver/cases/")
    again = f"{reverse('account_login')}?next={reverse('accounts:kept')}"
    assert given_back(answer, 401) and f'href="{again}"' in answer.content.decode()
    assert not Session.objects.filter(session_data__contains=WORDS).exists()
    assert WORDS not in str(dict(client.session)), "it lies there sealed"
    answer = client.post(again, {"login": author.email, "password": PASSWORD}, follow=True)
    assert given_back(answer, 200) and 'href="/cases/"' in answer.content.decode()
    assert given_back(client.get(reverse("accounts:kept")), 200), "it stays until its author throws it away"
    client.post(reverse("accounts:kept"))
    assert SHOWN not in client.get(reverse("accounts:kept"), follow=True).content.decode()
    client.force_login(author)
    time_machine.move_to(now() + timedelta(minutes=31))
    post(client, messages, Referer="http://testserver/cases/")
    answer = client.post(again, {"login": other.email, "password": PASSWORD}, follow=True)
    assert SHOWN not in answer.content.decode() and "typed_too_late" not in client.session


@pytest.mark.django_db
def test_of_one_session_one_form_is_kept_however_often_it_is_sent(time_machine):
    author = make_user()
    ended = Client()
    ended.force_login(author)
    cookie = ended.cookies[configured.SESSION_COOKIE_NAME].value
    time_machine.move_to(now() + timedelta(minutes=31))
    kept = []
    for _ in range(3):
        client = Client()
        client.cookies[configured.SESSION_COOKIE_NAME] = cookie
        answer = post(client, "/cases/00000000-0000-0000-0000-000000000000/messages/")
        assert given_back(answer, 401)
        kept.append("we show you again" in answer.content.decode())
    assert kept == [True, False, False]
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_the_way_back_stays_on_this_site(client, time_machine):
    client.force_login(make_user())
    time_machine.move_to(now() + timedelta(minutes=31))
    elsewhere = {"Referer": "http://testserver//evil.example/page/"}
    answer = post(client, "/cases/00000000-0000-0000-0000-000000000000/messages/", **elsewhere)
    assert given_back(answer, 401)
    client.force_login(User.objects.get())
    assert 'href="/me/"' in client.get(reverse("accounts:kept")).content.decode()
    assert "evil" not in client.get("/cases/none/", headers=elsewhere).content.decode()


@pytest.mark.django_db
def test_nothing_is_kept_for_a_browser_that_was_never_signed_in_nor_without_a_master_key(client, time_machine, settings):
    messages = "/cases/00000000-0000-0000-0000-000000000000/messages/"
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert "Copy it, sign in" in post(client, messages).content.decode()
    client.force_login(make_user())
    time_machine.move_to(now() + timedelta(minutes=31))
    settings.VAULT_MASTER_KEY, settings.VAULT_MASTER_KEY_FILE = "", ""
    answer = post(client, messages)
    assert given_back(answer, 401) and "Copy it, sign in" in answer.content.decode()
