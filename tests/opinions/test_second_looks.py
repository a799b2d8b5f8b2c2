"""The second look at a major difference: who is asked, what opens to them, and what release waits for."""

from datetime import timedelta

import pytest
from django.urls import reverse

from opinions.models import SecondLook
from opinions.services import checking, second_looks, signing
from opinions.services.drafts import start
from opinions.services.versions import current
from opinions.services.writing import Stamp, lock_first_read
from routing.models import Offer, SpecialistProfile
from routing.services import offers
from routing.worklist import read_worklist
from secondop.accounts.models import Role, User
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, revoke
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.models import Case, NotInvolved
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now
from tests.factories import PASSWORD, make_user
from tests.opinions.written import confirmed, full_text, ready_document, signed, write
from tests.routing.people import make_specialist, make_specialty, offered

pytestmark = pytest.mark.django_db


def url(name, case, *more):
    """An address of this app."""
    return reverse(f"opinions:{name}", args=[case.uid, *more])


def test_a_major_difference_needs_a_second_specialist():
    case, opinion = signed(major=True)
    ready_document(opinion)
    with pytest.raises(Refused, match="second specialist"):
        checking.release(case, by=case.owner)
    look = confirmed(case, opinion)
    assert case.journal.filter(event="second_confirmed", by=look.specialist).exists()
    assert Notice.objects.filter(kind="second_answered", recipient=case.owner).exists()
    assert checking.release(case, by=case.owner).state == State.DELIVERED


def test_a_second_specialist_who_does_not_confirm_holds_it():
    case, opinion = signed(major=True)
    ready_document(opinion)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    second_looks.accept(case, by=second)
    with pytest.raises(Refused, match="note"):
        second_looks.answer(case, by=second, confirm=False, note=" ")
    second_looks.answer(case, by=second, confirm=False, note="I see it otherwise.")
    with pytest.raises(Refused):
        checking.release(case, by=case.owner)


def test_who_may_be_asked_for_a_second_look():
    case, opinion = signed(major=True)
    good, elsewhere, unwanted = make_specialist(), make_specialist(make_specialty("Skin")), make_specialist(name="Dr. Ada Kern")
    unverified, away, declined = make_specialist(verified_at=None, verified_by=None), make_specialist(), make_specialist()
    near = make_specialist()
    NotInvolved.objects.create(case=case, name="Ada Kern")
    User.objects.filter(pk=away.pk).update(away_until=now() + timedelta(days=3))
    ended = {"case": case, "sent_by": case.owner, "expires_at": now(), "answered_at": now()}
    Offer.objects.create(specialist=declined, status="declined", **ended)
    Offer.objects.create(specialist=near, status="recalled", conflict="declared", **ended)
    found = {c.user for c in second_looks.candidates(case, opinion)}
    assert good in found and not found & {opinion.author, elsewhere, unwanted, unverified, away, declined, near}
    for other in (opinion.author, elsewhere, unwanted, unverified, away, declined, near, make_user(Role.SPECIALIST)):
        with pytest.raises(Refused):
            second_looks.ask(case, by=case.owner, specialist_id=other.pk)
    second_looks.ask(case, by=case.owner, specialist_id=good.pk)
    with pytest.raises(Refused, match="already"):
        second_looks.ask(case, by=case.owner, specialist_id=make_specialist().pk)


def reads(user, case):
    """Whether ``user`` holds the right to the records of ``case``."""
    return Case.objects.visible_to(user, Right.RECORDS).filter(pk=case.pk).exists()


def test_records_open_with_the_declaration_and_close_with_the_answer():
    case, _opinion = signed(major=True)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    assert not reads(second, case)
    second_looks.accept(case, by=second)
    assert reads(second, case)
    second_looks.answer(case, by=second, confirm=True, note="Yes.")
    assert not reads(second, case)
    for verb, more in ((second_looks.accept, {}), (second_looks.answer, {"confirm": False, "note": "No"})):
        with pytest.raises(Conflict):
            verb(case, by=second, **more)
        with pytest.raises(NotAllowed):
            verb(case, by=make_specialist(), **more)


def test_who_became_family_or_the_coordinator_meanwhile_does_not_look():
    case, _opinion = signed(major=True)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    grant(case, second, Right.STATUS, "family")
    with pytest.raises(Refused, match="Please decline"):
        second_looks.accept(case, by=second)
    revoke(case, Right.STATUS, user=second)
    Case.objects.filter(pk=case.pk).update(owner=second)
    with pytest.raises(Refused, match="Please decline"):
        second_looks.accept(case, by=second)
    Case.objects.filter(pk=case.pk).update(owner=case.owner)
    assert second_looks.accept(case, by=second).status == "accepted"


def test_a_return_ends_the_second_look():
    case, _opinion = signed(major=True)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    second_looks.accept(case, by=second)
    checking.return_to_specialist(case, by=case.owner, code="other", text="x")
    assert not reads(second, case) and SecondLook.objects.get().status == "cancelled"
    with pytest.raises(Conflict):
        second_looks.answer(case, by=second, confirm=True, note="late")


def test_a_look_that_nobody_answers_is_taken_back_and_asked_of_somebody_else(client):
    case, opinion = signed(major=True)
    slow, next_one = make_specialist(), make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=slow.pk)
    second_looks.accept(case, by=slow)
    for person in (case.patient, opinion.author, slow, make_user()):
        with pytest.raises(NotAllowed):
            second_looks.recall(case, by=person)
    client.force_login(case.owner)
    assert b"Take the request back" in client.get(url("check", case)).content
    page = client.post(url("second_recall", case), follow=True)
    assert b"Ask for a second look" in page.content and b"Take the request back" not in page.content
    assert not reads(slow, case) and Notice.objects.filter(kind="second_cancelled", recipient=slow).count() == 1
    with pytest.raises(Conflict):
        second_looks.answer(case, by=slow, confirm=True, note="late")
    with pytest.raises(Refused):
        second_looks.recall(case, by=case.owner)
    second_looks.ask(case, by=case.owner, specialist_id=next_one.pk)
    assert {look.status for look in SecondLook.objects.filter(specialist=slow)} == {"cancelled"}


def test_the_pages_of_check_and_second_look(client):
    case, opinion = signed(major=True)
    ready_document(opinion)
    second = make_specialist()
    client.force_login(case.owner)
    page = client.get(url("check", case))
    assert opinion.bottom_line.encode() in page.content and b"Release to the patient" not in page.content
    assert client.post(url("return", case), {"code": "other", "text": ""}).status_code == 422
    assert client.post(url("return", case), {"code": "nonsense", "text": "x"}).status_code == 422
    client.post(url("second_ask", case), {"specialist": second.pk})
    client.force_login(second)
    before = client.get(url("second", case))
    assert opinion.bottom_line.encode() not in before.content and str(case.patient).encode() not in before.content
    client.post(url("second_accept", case))
    assert opinion.bottom_line.encode() in client.get(url("second", case)).content
    assert client.post(url("second_answer", case), {"verdict": "confirm", "note": ""}).status_code == 422
    done = client.post(url("second_answer", case), {"verdict": "confirm", "note": "Yes."}, follow=True)
    assert opinion.bottom_line.encode() not in done.content
    client.force_login(case.owner)
    assert b"Release to the patient" in client.get(url("check", case)).content
    client.post(url("release", case))
    assert client.post(url("release", case)).status_code == 302
    assert Case.objects.get(pk=case.pk).state == State.DELIVERED
    assert Notice.objects.filter(kind="released", recipient=case.patient).count() == 1


def test_a_declined_second_look_says_so_and_another_can_be_asked(client):
    case, _opinion = signed(major=True)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    client.force_login(second)
    client.post(url("second_decline", case), {"note": "We share an office."})
    assert SecondLook.objects.get().status == "declined" and not reads(second, case)
    client.force_login(case.owner)
    assert b"We share an office." in client.get(url("check", case)).content
    second_looks.ask(case, by=case.owner, specialist_id=make_specialist().pk)


def test_who_declined_to_look_is_not_asked_about_the_next_version_and_who_looked_is():
    case, first = signed(major=True)
    near, looked = make_specialist(), make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=near.pk)
    second_looks.decline(case, by=near, note="We share an office.")
    second_looks.ask(case, by=case.owner, specialist_id=looked.pk)
    second_looks.accept(case, by=looked)
    second_looks.answer(case, by=looked, confirm=False, note="The scan is missing.")
    case = checking.return_to_specialist(case, by=case.owner, code="other", text="x")
    draft = write(case, first.author, full_text(major=True))
    case = signing.sign(case, by=first.author, password=PASSWORD, version=draft.edits)
    assert {c.user for c in second_looks.candidates(case, current(case))} == {looked}


def test_the_second_specialists_page_closes_when_the_case_goes_another_way(client):
    case, opinion = signed(major=True)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    second_looks.accept(case, by=second)
    offers.reassign(case, by=case.owner, reason="conflict")
    client.force_login(second)
    page = client.get(url("second", case))
    assert page.status_code == 200 and opinion.bottom_line.encode() not in page.content
    assert b"nothing more to do" in page.content
    assert client.post(url("second_answer", case), {"verdict": "confirm", "note": "late"}).status_code == 302
    assert SecondLook.objects.get().status == "accepted"
    author = make_specialist()
    offered(case, author)
    case = offers.accept(case, by=author)
    draft = start(case, by=author)
    lock_first_read(case, by=author, stamp=Stamp(draft.edits, "tests"), text="Severe.")
    signing.sign(case, by=author, password=PASSWORD, version=write(case, author).edits)
    assert draft.pk and SecondLook.objects.get().status == "cancelled"
    assert read_worklist(second)["second_looks"] == []


@pytest.mark.parametrize("taken", [{"roles": []}, {"roles": ["coordinator"]}, {}])
def test_an_asked_look_closes_to_somebody_who_is_no_verified_specialist_any_more(client, taken):
    case, opinion = signed(major=True)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    client.force_login(second)
    assert opinion.signature["name"].encode() in client.get(url("second", case)).content
    if taken:
        User.objects.filter(pk=second.pk).update(**taken)
    else:
        SpecialistProfile.objects.filter(user=second).update(verified_at=None, verified_by=None)
    assert client.get(url("second", case)).status_code == 404
    assert client.post(url("second_decline", case)).status_code == 404
    assert Entry.objects.filter(action="case.refused", actor_id=second.pk, target="second.read").count() == 2
