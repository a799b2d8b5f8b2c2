"""The end of requests that nobody sends: never without a warning a week before, and at once where the patient wants it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from intake import drafts
from intake.tasks import watch_drafts
from records import services as records
from records.models import Record
from secondop.audit.models import Entry
from secondop.cases.access import Right
from secondop.cases.drafts import touch
from secondop.cases.lifecycle import Conflict, NotAllowed
from secondop.cases.models import Case
from secondop.notices.models import Notice, Status
from secondop.notices.services import deliver, sweep
from secondop.vault.models import StoredFile
from secondop.web.clock import shifted
from tests.factories import make_case, make_draft
from tests.records import files
from tests.tracking.family import agreed, joined

from .silent import DAY, START, at_the_end, filled, told, watched

pytestmark = pytest.mark.django_db


class TheSilenceIsCounted(TestCase):
    """For any change at any time, and a clock that looks at any time."""

    @settings(max_examples=30)
    @given(st.lists(st.tuples(st.integers(1, 24 * 15), st.sampled_from([False] * 7 + [True])), min_size=4, max_size=24))
    def test_what_is_due_is_told_and_the_end_comes_a_week_after_its_warning_at_the_earliest(self, steps):
        case, at, expected, number, warned = make_draft(touched_at=START), START, [], 0, None
        for hours, is_touched in steps:
            at += timedelta(hours=hours)
            silence = at - case.touched_at
            due = (silence >= 3 * DAY) + (silence >= 10 * DAY)
            if warned and silence >= 60 * DAY and at - warned >= 7.01 * DAY:
                expected = ["draft_deleted"]  # what was told of the case goes with it
            elif not warned and silence >= 53 * DAY:
                expected.append("draft_ending")
                warned = at
            elif not warned and due > number:
                expected.append("draft_reminder")
                number = due
            with shifted(at):
                watch_drafts()
                sweep()
                if is_touched and "draft_deleted" not in expected:
                    touch(case)
                    number, warned = 0, None
            assert [kind for kind, _ in told(case)] == expected
            assert Case.objects.filter(pk=case.pk).exists() == ("draft_deleted" not in expected)
            if "draft_deleted" in expected:
                return
            case.refresh_from_db()


def test_the_end_comes_after_sixty_days_and_is_told():
    case = at_the_end(make_draft(touched_at=START))
    assert watched(case, 59.99)[-1] == "draft_ending"
    records.add_files(case, by=case.patient, files=[("a.pdf", files.pdf())])
    Case.objects.update(touched_at=case.touched_at, ending_told_at=case.ending_told_at)
    assert watched(case, 60.1) == ["draft_deleted"]
    assert not Case.objects.exists()
    assert not Record.objects.exists()
    assert not StoredFile.objects.exists()
    notice = Notice.objects.get(kind="draft_deleted")
    assert (notice.case_uid, notice.context["reference"]) == (None, case.reference)
    assert Entry.objects.filter(action="case.erase", case_uid=case.uid, target="draft", actor=None).exists()


def test_a_warning_that_was_mailed_late_puts_the_end_off():
    case = make_draft(touched_at=START)
    watched(case, 53)
    assert watched(case, 60.1) == ["draft_ending"], "no mail server took it yet"
    case.refresh_from_db()
    assert case.draft_kept_until > START + 67 * DAY
    with shifted(START + 62 * DAY):
        assert deliver(Notice.objects.get().uid)
    assert watched(case, 68) == ["draft_ending"]
    case.refresh_from_db()
    assert timedelta(0) <= case.draft_kept_until - (START + 69 * DAY) < timedelta(minutes=1)
    assert watched(case, 69.1) == ["draft_deleted"]


def test_an_address_that_takes_no_mail_does_not_keep_a_draft_for_ever():
    case = make_draft(touched_at=START)
    watched(case, 53)
    Notice.objects.update(status=Status.FAILED)
    assert watched(case, 60.1) == ["draft_deleted"]


def test_helpers_are_told_by_what_they_had():
    case = agreed(make_draft())
    decides, uploads, watches = joined(case, Right.DECIDE), joined(case, Right.UPLOAD), joined(case)
    Case.objects.update(touched_at=START)
    at_the_end(Case.objects.get())
    watched(Case.objects.get(), 60.1)
    kinds = dict(Notice.objects.filter(case_uid=None, recipient__isnull=False).values_list("recipient", "kind"))
    assert kinds == {**dict.fromkeys((case.patient_id, decides.pk, uploads.pk), "draft_deleted"), watches.pk: "family_ended"}


def test_the_patient_deletes_a_draft_at_once_and_nobody_else_does():
    case = agreed(make_draft())
    decides = joined(case, Right.DECIDE)
    with pytest.raises(NotAllowed):
        drafts.delete(case, by=decides)
    drafts.delete(case, by=case.patient)
    drafts.delete(case, by=case.patient)
    assert not Case.objects.exists()
    assert list(Notice.objects.exclude(recipient=None).values_list("recipient", "kind")) == [(decides.pk, "family_ended")]
    sent = make_case()
    with pytest.raises(Conflict):
        drafts.delete(sent, by=sent.patient)


def test_the_pages_say_the_date_and_the_button_keeps_the_draft(client):
    case = at_the_end(filled(make_draft(touched_at=START)))
    client.force_login(case.patient)
    said = f"{case.draft_kept_until:%A} {case.draft_kept_until.day} {case.draft_kept_until:%B %Y}"
    pages = [f"/request/{case.uid}/", "/request/", "/cases/"]
    for page in pages:
        assert "will be deleted" in client.get(page).content.decode().lower(), page
        assert said in client.get(page).content.decode(), page
    with shifted(START + 54 * DAY):
        answer = client.post(f"/request/{case.uid}/keep/", follow=True)
    assert "Kept. Nothing will be deleted for now." in answer.content.decode()
    for page in pages:
        assert said not in client.get(page).content.decode(), page


def test_deleting_is_asked_for_once_more_and_the_draft_is_gone(client):
    case = filled(make_draft())
    client.force_login(case.patient)
    assert f"/request/{case.uid}/delete/" in client.get("/request/").content.decode()
    assert "You cannot undo this" in client.get(f"/request/{case.uid}/delete/").content.decode()
    assert Case.objects.exists()
    answer = client.post(f"/request/{case.uid}/delete/", follow=True)
    assert "Your request is deleted." in answer.content.decode()
    assert client.get(f"/request/{case.uid}/").status_code == 404
    sent = make_case(patient=case.patient)
    assert client.get(f"/request/{sent.uid}/delete/").status_code == 302
    assert client.post(f"/request/{sent.uid}/delete/", follow=True).status_code == 200
    assert Case.objects.get() == sent
