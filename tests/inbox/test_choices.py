"""What a person chooses: what comes by mail, and when; and the link in a mail that ends it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from lxml import html

from secondop.accounts.models import Role, User
from secondop.cases.states import State
from secondop.notices import stopping
from secondop.notices.choices import choices_of, choose
from secondop.notices.content import mail_of
from secondop.notices.groups import GROUP_OF, GROUPS
from secondop.notices.kinds import KINDS
from secondop.notices.models import Choices, Notice, Status
from secondop.notices.services import deliver, sweep, tell
from secondop.web.clock import shifted
from tests.factories import make_case, make_user
from tests.inbox.ways import link_in, signed_in, status

pytestmark = pytest.mark.django_db
CHOICES = reverse("inbox:choices")
NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}
EVENING, MORNING = datetime(2026, 11, 27, 22, 30, tzinfo=UTC), datetime(2026, 11, 28, 6, 0, tzinfo=UTC)  # in Berlin: 23:30 and 7:00


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def berliner() -> User:
    return make_user(time_zone="Europe/Berlin")


def test_every_kind_is_in_one_group_or_always_comes():
    listed = [kind for group in GROUPS.values() for kind in group.kinds]
    assert len(listed) == len(set(listed)) == len(GROUP_OF)
    assert set(listed) <= set(KINDS)
    assert all(KINDS[kind].staff == bool(group.roles) for group in GROUPS.values() for kind in group.kinds)
    needed = {"account", "submitted", "released", "consent_revoked", "family_invited", "family_ended", "invitation", "declined", "expired"}
    assert {*needed, "draft_ending"} <= set(KINDS) - set(listed)
    assert {*("offer_recalled", "reassigned", "second_cancelled", "withdrawn_desk"), "confirm_wanted"} <= set(KINDS) - set(listed), (
        "the site does not show what one can see no longer, or not yet"
    )


def test_what_is_left_out_is_on_the_site_only_and_the_rest_is_mailed(berliner):
    case = make_case(State.READY, patient=berliner)
    sweep()
    choose(berliner, only_here=["progress"])
    left_out, kept, needed = (tell(berliner, kind, case=case) for kind in ("ready", "ask_opened", "released"))
    assert [deliver(notice.uid) for notice in (left_out, kept, needed)] == [False, True, True]
    assert (status(left_out), left_out.attempts, status(kept)) == (Status.HERE, 0, Status.SENT)
    assert "is complete" in signed_in(berliner).get(reverse("inbox:list")).content.decode()


def test_in_quiet_hours_mail_waits_for_their_end_and_codes_do_not(berliner, settings):
    settings.EMAIL_BACKEND = "secondop.notices.backends.OutboxBackend"
    choose(berliner, only_here=[], **NIGHT)
    with shifted(EVENING):
        case = make_case(State.READY, patient=berliner)
        send_mail("Your code", "123456", None, [berliner.email])
        code = Notice.objects.get(kind="account")
        assert deliver(code.uid), "somebody waits for it"
        waiting = tell(berliner, "ready", case=case)
        assert not deliver(waiting.uid)
        assert (status(waiting), waiting.next_try_at, waiting.attempts, waiting.last_error) == (Status.QUEUED, MORNING, 0, "")
        sweep()
        assert status(waiting) == Status.QUEUED
    with shifted(EVENING + timedelta(hours=5)):
        assert not Notice.objects.stuck().filter(pk=waiting.pk).exists(), "it is not late: its reader wants it so"
        assert not deliver(waiting.uid)
    with shifted(MORNING):
        assert deliver(waiting.uid)


def test_urgent_work_comes_at_night_for_who_wants_that(berliner):
    specialist = make_user(Role.SPECIALIST, time_zone="Europe/Berlin")
    with shifted(EVENING):
        case = make_case(State.READY)
        for urgent, sent in ((False, [False, False]), (True, [True, False])):
            choose(specialist, only_here=[], urgent_any_time=urgent, **NIGHT)
            notices = [tell(specialist, kind, case=case, link="/offers/") for kind in ("offer", "due_answered")]
            assert [deliver(notice.uid) for notice in notices] == sent


def test_the_page_keeps_what_is_chosen(berliner):
    client = signed_in(berliner)
    tree = html.document_fromstring(client.get(CHOICES).content)
    assert tree.xpath("//input[@name='by_mail']/@value") == ["drafts", "questions", "progress", "messages", "family"]
    assert len(tree.xpath("//input[@name='by_mail'][@checked]")) == 5
    assert "Europe/Berlin" in tree.text_content()
    assert not tree.xpath("//*[@name='digest_hour' or @name='urgent_any_time']")
    saved = client.post(CHOICES, {"by_mail": ["questions", "family"], "quiet_from": "21:30", "quiet_until": "07:00", "digest_hour": "8"})
    assert saved.status_code == 302
    kept = choices_of(berliner)
    assert kept.only_here == ["drafts", "messages", "progress"]
    assert (kept.quiet_from, kept.quiet_until, kept.digest_hour) == (time(21, 30), time(7), None)
    tree = html.document_fromstring(client.get(CHOICES).content)
    assert tree.xpath("//input[@name='by_mail'][@checked]/@value") == ["questions", "family"]
    assert tree.xpath("//input[@name='quiet_from']/@value") == ["21:30"]
    assert client.post(CHOICES, {"by_mail": list(GROUPS)}).status_code == 422, "work is nothing for patients"


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [("22:00", "", "Give both times, or none."), ("", "07:00", "Give both times, or none."), ("07:00", "07:00", "these are the same")],
)
def test_half_of_the_quiet_hours_is_asked_for_again(berliner, begins, ends, said):
    answer = signed_in(berliner).post(CHOICES, {"quiet_from": begins, "quiet_until": ends})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Choices.objects.exists()


def test_staff_choose_among_their_work_and_keep_what_is_no_longer_theirs():
    lead = make_user(Role.LEAD)
    choose(lead, only_here=["offers"])
    tree = html.document_fromstring(signed_in(lead).get(CHOICES).content)
    assert tree.xpath("//input[@name='by_mail']/@value")[5:] == ["late", "desk", "talk"]
    assert signed_in(lead).post(CHOICES, {"by_mail": ["desk", "talk"], "digest_hour": "7", "urgent_any_time": "on"}).status_code == 302
    kept = choices_of(lead)
    assert kept.only_here == sorted(["offers", "late", "drafts", "questions", "progress", "messages", "family"])
    assert (kept.digest_hour, kept.urgent_any_time) == (7, True)


def test_the_database_and_the_service_refuse_nonsense(berliner):
    with pytest.raises(ValueError, match="no groups"):
        choose(berliner, only_here=["everything"])
    for wrong in ({"quiet_from": time(1)}, {"quiet_from": time(1), "quiet_until": time(1)}, {"digest_hour": 24}):
        with pytest.raises(IntegrityError), transaction.atomic():
            choose(berliner, only_here=[], **wrong)


def test_the_link_in_a_mail_ends_mails_of_its_sort_signed_out_and_says_nothing_personal(berliner):
    case = make_case(State.READY, patient=berliner)
    notice = tell(berliner, "message_patient", case=case)
    path, somebody = link_in(notice), Client(enforce_csrf_checks=True)
    with shifted(timedelta(days=4000)):
        page = somebody.get(path)
        assert page.status_code == 200
        assert not Choices.objects.exists(), "looking ends nothing: programs look at links too"
        done = somebody.post(path, {"List-Unsubscribe": "One-Click"})
    for answer in (page, done, somebody.post(path)):
        said = answer.content.decode()
        assert answer.status_code == 200
        assert "New messages" in said
        assert not [
            word
            for word in (berliner.email, berliner.full_name, case.reference, str(berliner.pk))
            if f">{word}" in said or f" {word}" in said
        ]
    assert choices_of(berliner).only_here == ["messages"]
    assert not deliver(notice.uid), "also what was on its way"
    assert status(notice) == Status.HERE


def test_mails_that_always_come_and_mails_to_nobody_s_account_have_no_such_link(berliner):
    case = make_case(State.READY, patient=berliner)
    for notice in (tell(berliner, "released", case=case), Notice(kind="ready", email="a@example.org", context={"reference": "SO-1"})):
        mail = mail_of(notice)
        assert "List-Unsubscribe" not in mail.message()
        assert "No more mails" not in mail.body


def test_made_up_and_altered_links_are_answered_like_none(berliner):
    good, client = stopping.token(berliner.pk, "progress"), Client()
    other = stopping.token(berliner.pk + 1, "progress")
    unknown = stopping.token(berliner.pk, "everything")
    for secret in ("x", good[:-1], good.split(":")[0] + ":" + other.split(":")[1], other, unknown):
        for ask in (client.get, client.post):
            assert ask(reverse("inbox:stop", args=[secret])).status_code == 404
    assert not Choices.objects.exists()
