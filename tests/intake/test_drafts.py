"""Requests that nobody sends: two reminders, a warning; and everything that begins the silence anew."""

from datetime import time, timedelta

import pytest

from intake import drafts, services
from records import removing
from records import services as records
from secondop.cases.access import Right, grant
from secondop.cases.drafts import touch
from secondop.cases.lifecycle import Conflict, NotAllowed
from secondop.cases.models import Case
from secondop.notices.choices import choose
from secondop.notices.models import Notice, Status
from secondop.notices.services import deliver
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_draft, make_user
from tests.records import files
from tests.tracking.family import agreed, invited, joined
from tracking.family import services as family

from .silent import DAY, START, told, watched

pytestmark = pytest.mark.django_db


def test_reminders_come_on_days_three_and_ten_once():
    case = make_draft(touched_at=START)
    assert [watched(case, days) for days in (2.99, 3, 3, 9.99)] == [[], ["draft_reminder"], ["draft_reminder"], ["draft_reminder"]]
    assert [watched(case, days) for days in (10, 10.1, 52.9)] == [["draft_reminder"] * 2] * 3
    assert watched(case, 53) == watched(case, 59.9) == ["draft_reminder", "draft_reminder", "draft_ending"]


def test_a_clock_that_stood_still_sends_one_reminder_and_never_one_beside_the_warning():
    assert watched(make_draft(touched_at=START), 30) == ["draft_reminder"]
    assert watched(make_draft(touched_at=START), 55) == ["draft_ending"]


def test_the_date_is_known_from_the_warning_on_and_lies_a_week_ahead_at_least():
    case = make_draft(touched_at=START)
    assert case.draft_kept_until is None
    watched(case, 53)
    case.refresh_from_db()
    assert timedelta(0) <= case.draft_kept_until - (START + 60 * DAY) < timedelta(minutes=1)
    late = make_draft(touched_at=START)
    watched(late, 58)
    late.refresh_from_db()
    assert late.draft_kept_until >= START + 65 * DAY
    notice = Notice.objects.get(recipient=late.patient, kind="draft_ending")
    last = START + 65 * DAY
    assert notice.context["day"] == f"{last:%A} {last.day} {last:%B %Y}"
    assert make_case().draft_kept_until is None


def test_a_request_that_was_sent_is_not_reminded_of():
    case = make_case(at={"submit": START})
    assert watched(case, 3) == watched(case, 55) == []


@pytest.mark.parametrize("brief", [{"no_emergency": False}, {"country": "CA", "region": "Quebec"}])
def test_nobody_is_asked_to_go_on_where_the_request_cannot(brief):
    case = make_draft(touched_at=START)
    for name, value in brief.items():
        setattr(case.brief, name, value)
    case.brief.save()
    assert services.stopped(case.brief)
    assert watched(case, 3) == watched(case, 10) == []
    assert watched(case, 53) == ["draft_ending"], "that it goes is told all the same"


def changes(case: Case) -> dict[str, object]:
    """All that counts as a change, by whoever may do it."""
    helper, uploader = joined(case, Right.DECIDE), joined(case, Right.UPLOAD)
    kept = records.add_files(case, by=case.patient, files=[("first.pdf", files.pdf())]).records[0]
    secret = invited(case, (invited_person := make_user()).email)
    taken_back = case.helpers.get(email=invited(case, "tom@example.org") and "tom@example.org")
    return {
        "an answer": lambda: services.save_screen(case, "who", by=case.patient, answers={"age_band": "80+"}),
        "an answer by a helper": lambda: services.save_screen(case, "who", by=helper, answers={"age_band": "65-79"}),
        "a file of a helper": lambda: records.add_files(case, by=uploader, files=[("a.pdf", files.pdf(pages=2))]),
        "a file taken out": lambda: removing.remove(case, by=case.patient, record=kept),
        "an invitation": lambda: invited(case, "eva@example.org"),
        "an invitation taken back": lambda: family.cancel(case, by=case.patient, helper=taken_back),
        "an invitation accepted": lambda: family.accept(secret, by=invited_person),
        "a right that ends": lambda: family.end(case, by=case.patient, person=uploader),
        "keeping it": lambda: drafts.keep(case, by=case.patient),
    }


def test_every_change_counts_and_looking_does_not(client):
    case = agreed(make_draft())
    for number, (name, change) in enumerate(changes(case).items(), 1):
        with shifted(number * DAY):
            before = now()
            change()
            case.refresh_from_db()
            assert case.touched_at >= before, name
    client.force_login(case.patient)
    stood = case.touched_at
    with shifted(20 * DAY):
        client.get(f"/request/{case.uid}/")
        client.get(f"/request/{case.uid}/screen/who/")
    case.refresh_from_db()
    assert case.touched_at == stood


def test_agreeing_to_share_counts():
    case = make_draft()
    with shifted(DAY):
        before = now()
        agreed(case)
    case.refresh_from_db()
    assert case.touched_at >= before


def test_a_change_calls_off_what_waits_to_be_sent_and_begins_anew():
    case = make_draft(touched_at=START)
    watched(case, 10)
    waiting = Notice.objects.get(kind="draft_reminder")
    with shifted(START + 10.1 * DAY):
        services.save_screen(Case.objects.get(pk=case.pk), "who", by=case.patient, answers={"age_band": "80+"})
        assert not deliver(waiting.uid)
    assert told(case) == []
    case.refresh_from_db()
    assert (case.reminded, case.ending_told_at) == (0, None)
    assert watched(case, 3) == ["draft_reminder"]
    with shifted(case.touched_at + 3.1 * DAY):
        assert deliver(Notice.objects.get().uid)
        drafts.keep(case, by=case.patient)
    sent = Notice.objects.get()
    assert (sent.status, bool(sent.read_at)) == (Status.SENT, True), "what was mailed stays, and is not new any more"


def test_sending_the_request_calls_the_reminder_off():
    case = make_draft(touched_at=START)
    watched(case, 3)
    touch(Case.objects.get(pk=case.pk))  # as submit() does first, under its lock
    assert told(case) == []


def test_those_who_can_send_it_are_reminded_and_all_who_work_on_it_are_warned():
    case = agreed(make_draft())
    decides, uploads, watches = joined(case, Right.DECIDE), joined(case, Right.UPLOAD), joined(case)
    case.refresh_from_db()
    watched(case, 10)
    assert set(Notice.objects.filter(kind="draft_reminder").values_list("recipient", flat=True)) == {case.patient_id, decides.pk}
    watched(case, 53)
    links = dict(Notice.objects.filter(kind="draft_ending").values_list("recipient", "link"))
    assert links == {person.pk: f"/request/{case.uid}/" for person in (case.patient, decides)} | {uploads.pk: f"/records/{case.uid}/"}
    assert watches.pk not in links


def test_reminders_end_with_one_click_and_the_warning_always_comes():
    case = make_draft(touched_at=START)
    choose(case.patient, only_here=["drafts"])
    watched(case, 3)
    watched(case, 53)
    with shifted(START + 53.1 * DAY):
        assert {kind: deliver(uid) for kind, uid in Notice.objects.values_list("kind", "uid")} == {
            "draft_reminder": False,
            "draft_ending": True,
        }


def test_quiet_hours_are_kept():
    case = make_draft(make_user(time_zone="Europe/Berlin"), touched_at=START.replace(hour=22))
    choose(case.patient, only_here=[], quiet_from=time(22), quiet_until=time(7))
    watched(case, 3)
    with shifted(START.replace(hour=22) + 3.01 * DAY):
        assert not deliver(Notice.objects.get().uid)
    with shifted(START.replace(hour=6) + 4.01 * DAY):
        assert deliver(Notice.objects.get().uid)


def test_only_those_who_write_in_it_keep_a_draft_and_only_a_draft_is_kept():
    case = make_draft()
    uploader = make_user()
    grant(case, uploader, Right.UPLOAD, "family")
    for person in (uploader, make_user()):
        with pytest.raises(NotAllowed):
            drafts.keep(case, by=person)
    sent = make_case()
    with pytest.raises(Conflict):
        drafts.keep(sent, by=sent.patient)
