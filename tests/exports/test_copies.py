"""The life of a copy: one at a time, made once whatever dies, gone after a week, or with a case that is erased."""

from datetime import timedelta

import pytest
from django.conf import settings as configured

from secondop.accounts import identity
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, revoke
from secondop.cases.erasing import erase
from secondop.cases.lifecycle import Refused
from secondop.cases.states import State
from secondop.exports import making, services
from secondop.exports.models import Export
from secondop.notices.models import Notice
from secondop.vault.errors import KeyDestroyed, StorageDown
from secondop.vault.models import StoredFile
from secondop.vault.services import read, writer
from secondop.web.clock import now, shifted
from tests.exports.copies import asked, data_of, made, opened, with_records
from tests.factories import PASSWORD, make_case, make_user
from tracking.leaving.accounts import forget

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault")]
Status = Export.Status


def fresh(export):
    return Export.objects.get(pk=export.pk)


def on_disk(export):
    folder = configured.VAULT_DIR / str(export.uid)
    return sorted(folder.rglob("*.part")) if folder.exists() else []


def test_identity_is_asked_every_time_and_wrong_passwords_are_counted():
    patient = make_user()
    for _ in range(identity.TRIES):
        with pytest.raises(identity.WrongPasswordGiven):
            services.ask(by=patient, password="wrong")
    with pytest.raises(identity.TooManyTries):
        services.ask(by=patient, password=PASSWORD)
    assert not Export.objects.exists()


def test_one_at_a_time_and_few_a_day():
    patient = make_user()
    first = asked(patient)
    with pytest.raises(Refused, match="already"):
        asked(patient)
    assert making.make(first.pk)
    for _ in range(services.A_DAY - 1):
        made(patient)
    with pytest.raises(Refused, match="tomorrow"):
        asked(patient)
    with shifted(timedelta(days=1, minutes=1)):
        asked(patient)


def test_a_new_copy_takes_the_place_of_the_old_one():
    case = make_case()
    old = made(case.patient)
    new = made(case.patient, case)
    assert fresh(old).status == Status.EXPIRED and services.is_there(new, case.patient)
    with pytest.raises(KeyDestroyed):
        read(old.stored)


def test_made_twice_it_is_made_once_and_told_once():
    patient = make_user()
    export = asked(patient)
    assert making.make(export.pk) and not making.make(export.pk)
    assert Notice.objects.filter(recipient=patient, kind="export_ready").count() == 1
    assert StoredFile.objects.filter(case_uid=export.uid).count() == 1


def test_a_worker_that_dies_leaves_it_to_the_next(django_capture_on_commit_callbacks, monkeypatch):
    case = make_case()
    with_records(case, "a.pdf")
    export = asked(case.patient)
    taken = making.take(export.pk)  # the worker that is killed
    half = writer(export.uid)
    half.write(b"half of a zip" * 1_000_000)
    assert taken.status == Status.MAKING and on_disk(export)
    sent = []
    monkeypatch.setattr(services, "enqueue", lambda task, pk: sent.append((task, pk)))
    services.sweep()
    assert not sent and not making.make(export.pk), "the lease still runs"
    with shifted(making.LEASE + timedelta(seconds=1)):
        services.sweep()
        assert sent == [(services.TASK, export.pk)]
        with django_capture_on_commit_callbacks(execute=True):
            assert making.make(export.pk)
    assert fresh(export).status == Status.READY and data_of(opened(fresh(export)))
    assert len({part.parent for part in on_disk(export)}) == 1, "what the dead worker had written is cleared away"


def test_one_copy_is_made_at_a_time_and_the_first_that_was_asked_for_first(monkeypatch):
    first, second, third = (asked(make_user()) for _ in range(3))
    making.take(first.pk)
    assert not making.make(second.pk) and fresh(second).status == Status.QUEUED
    sent = []
    monkeypatch.setattr(services, "enqueue", lambda task, pk: sent.append(pk))
    services.sweep()
    assert sent == [second.pk, third.pk]
    with shifted(making.LEASE + timedelta(seconds=1)):
        assert making.make(second.pk)


def test_a_worker_that_was_given_up_on_writes_nothing_any_more():
    export = asked(make_user())
    slow = making.Work(making.take(export.pk))
    with shifted(making.LEASE + timedelta(seconds=1)):
        assert making.make(export.pk)
    with pytest.raises(making.LeaseLost):
        slow.say(force=True)
    with writer(export.uid) as late:
        late.write(b"late")
        assert not making.finish(slow, late.finish())
    assert data_of(opened(fresh(export)))["made_for"] == str(export.owner)


def test_a_storage_that_is_away_is_tried_again_and_told_after_the_fifth_time(monkeypatch):
    patient = make_user()
    export = asked(patient)

    def away(uid):
        raise StorageDown("the disk is away")

    later = now()
    with monkeypatch.context() as patched:
        patched.setattr(making.vault, "writer", away)
        for number in range(making.TRIES):
            with shifted(later):
                assert not making.make(export.pk)
                later = max(now(), fresh(export).next_try_at) + timedelta(seconds=1)
            assert fresh(export).status == (Status.FAILED if number == making.TRIES - 1 else Status.QUEUED)
    assert "disk is away" in fresh(export).error
    assert Notice.objects.filter(recipient=patient, kind="export_failed").count() == 1
    services.sweep()
    assert fresh(export).status == Status.FAILED


def test_a_copy_that_failed_is_made_when_its_owner_tries_again():
    patient = make_user()
    export = asked(patient)
    Export.objects.filter(pk=export.pk).update(status=Status.FAILED, attempts=making.TRIES)
    services.retry(export, by=patient)
    with pytest.raises(Refused):
        services.retry(export, by=patient)
    assert making.make(export.pk) and services.is_there(fresh(export), patient)


def test_workers_that_are_killed_again_and_again_end_as_a_failure():
    export = asked(make_user())
    Export.objects.filter(pk=export.pk).update(status=Status.MAKING, attempts=making.TRIES, taken_until=now() - timedelta(seconds=1))
    assert not making.make(export.pk)
    assert fresh(export).status == Status.FAILED


def test_its_bytes_go_when_the_week_is_over(django_capture_on_commit_callbacks):
    case = make_case()
    export = made(case.patient)
    assert on_disk(export) and services.is_there(export, case.patient)
    with shifted(services.KEPT_FOR + timedelta(seconds=1)):
        assert not services.is_there(export, case.patient)
        with django_capture_on_commit_callbacks(execute=True):
            services.sweep()
    assert fresh(export).status == Status.EXPIRED and not on_disk(export)
    with pytest.raises(KeyDestroyed):
        read(export.stored)


def test_a_case_that_is_erased_takes_its_copies_along_at_once(django_capture_on_commit_callbacks):
    case = make_case(State.WITHDRAWN)
    other = make_case(State.WITHDRAWN, patient=case.patient)
    both = made(case.patient)
    with django_capture_on_commit_callbacks(execute=True):
        erase(case, by=case.patient)
    assert not on_disk(both) and not services.is_there(both, case.patient)
    with pytest.raises(KeyDestroyed):
        read(both.stored)
    services.sweep()
    assert fresh(both).status == Status.EXPIRED
    assert services.is_there(made(other.patient, other), other.patient)


def test_a_case_that_is_erased_while_its_copy_is_made_is_not_in_any_copy():
    case = make_case()
    with_records(case, "a.pdf")
    export = asked(case.patient)
    erase(case, by=case.patient)
    assert not making.make(export.pk)
    assert fresh(export).status == Status.EXPIRED and not on_disk(export)


def test_who_may_no_longer_decide_can_no_longer_take_the_copy():
    case = make_case()
    proxy = make_user()
    grant(case, proxy, Right.DECIDE, "family")
    export = made(proxy, case)
    assert services.is_there(export, proxy)
    told = Notice.objects.get(recipient=case.patient, kind="export_by_other")
    assert told.context["person"] == str(proxy)
    revoke(case, Right.DECIDE, user=proxy)
    assert not services.is_there(export, proxy)


def test_who_may_no_longer_read_the_opinion_can_no_longer_take_a_copy_that_holds_it():
    case, proxy = make_case(State.DELIVERED), make_user()
    for right in (Right.DECIDE, Right.READ_OPINION):
        grant(case, proxy, right, "family")
    export = made(proxy, case)
    services.sweep()
    assert services.is_there(export, proxy)
    revoke(case, Right.DECIDE, Right.READ_OPINION, user=proxy)
    grant(case, proxy, Right.DECIDE, "family")
    assert not services.is_there(export, proxy)
    services.sweep()
    assert fresh(export).status == Status.EXPIRED
    with pytest.raises(KeyDestroyed):
        read(export.stored)
    later = made(proxy, case)
    grant(case, proxy, Right.READ_OPINION, "family")
    assert services.is_there(later, proxy)


@pytest.mark.parametrize("right", [Right.STATUS, Right.UPLOAD, Right.READ_OPINION])
def test_who_may_only_follow_help_or_read_gets_no_copy(right):
    case, helper = make_case(State.DELIVERED), make_user()
    grant(case, helper, right, "family")
    with pytest.raises(Refused):
        asked(helper, case)


def test_staff_get_no_copy_of_a_case_they_work_on():
    case = make_case(State.IN_REVIEW)
    for person in (case.owner, case.specialist):
        with pytest.raises(Refused):
            asked(person, case)


def test_everybody_sees_in_the_log_that_a_copy_was_asked_for():
    case = make_case()
    made(case.patient)
    assert list(Entry.objects.filter(case_uid=case.uid, action__startswith="export").order_by("seq").values_list("action", "actor")) == [
        ("export.ask", case.patient_id),
        ("export.ready", None),
    ]


def test_all_copies_of_a_person_go_when_the_account_is_closed(django_capture_on_commit_callbacks):
    patient = make_user()
    export = made(patient)
    with django_capture_on_commit_callbacks(execute=True):
        forget(patient)
    assert not on_disk(export) and not Export.objects.exists()
    with pytest.raises(KeyDestroyed):
        read(export.stored)
