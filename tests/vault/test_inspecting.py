"""Reading every stored file again: what is whole, missing, damaged or left over is said, and who can do something hears of it."""

import json
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from secondop.accounts.files import tell_of_damage
from secondop.accounts.models import Role
from secondop.exports.models import Export
from secondop.notices.models import Notice
from secondop.vault import inspecting
from secondop.vault.keys import new_master_key
from secondop.vault.models import Round, Status, StoredFile
from secondop.vault.services import Writer, collect_abandoned, destroy_key, discard, put
from secondop.web.clock import shifted
from tests.factories import make_user

from .conftest import folder, part

SMALL = 64
pytestmark = pytest.mark.django_db
LATER = timedelta(days=1, hours=1)


def check(*args: str) -> tuple[int, dict]:
    """The exit status of check_vault, and what it says."""
    out = StringIO()
    try:
        call_command("check_vault", "--json", *args, stdout=out)
    except CommandError:
        return 1, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def kinds(said: dict) -> dict[str, str]:
    """The kind of fault of each file."""
    return {fault["file"]: fault["kind"] for fault in said["faults"]}


@pytest.fixture
def files(case_uid) -> list[StoredFile]:
    """Four files of a case, of three small parts each."""

    def one() -> StoredFile:
        with Writer(case_uid, part_size=SMALL) as file:
            file.write(bytes(3 * SMALL))
            return file.finish()

    return [one() for _ in range(4)]


def test_a_whole_vault_is_whole(files):
    assert check() == (0, {"files": 4, "bytes": 12 * SMALL, "faults": []})
    out = StringIO()
    call_command("check_vault", "--sample", "2", "--rate", "50", stdout=out)
    assert out.getvalue() == f"2 files read, {6 * SMALL} bytes; 0 faults\n"


def test_each_fault_has_its_kind_and_the_rest_is_read(files, settings):
    missing, damaged, changed, _ = files
    part(missing, 1).unlink()
    part(damaged, 2).write_bytes(part(damaged, 2).read_bytes()[::-1])
    StoredFile.objects.filter(pk=changed.pk).update(sha256="0" * 64)
    status, said = check()
    assert (status, said["files"]) == (1, 4)
    assert kinds(said) == {str(missing.uid): "missing", str(damaged.uid): "damaged", str(changed.uid): "damaged"}
    assert check("--case", str(uuid4())) == (0, {"files": 0, "bytes": 0, "faults": []})
    settings.VAULT_MASTER_KEY = new_master_key()
    assert set(kinds(check()[1]).values()) == {"locked"}


def test_what_is_let_go_while_it_is_read_is_no_fault(files):
    discarded, erased = files[0], put(uuid4(), b"x")
    discard(discarded)
    destroy_key(erased.case_uid)
    pace = inspecting.Pace(0)
    assert [inspecting.examine(stored, pace) for stored in (discarded, erased)] == [None, None]


def test_left_overs_are_listed_after_a_day_and_are_no_failure(files, case_uid):
    (folder(case_uid) / str(uuid4())).mkdir()
    assert check()[1]["faults"] == []
    with shifted(LATER):
        status, said = check()
        assert (status, sorted(kinds(said).values())) == (0, ["stray"] + 4 * ["unowned"])
        assert collect_abandoned() == 1


def test_a_file_that_a_row_points_to_is_owned(vault):
    copy = Export.objects.create(owner=make_user(), everything=True, stored=put(uuid4(), b"x"))
    with shifted(LATER):
        assert not inspecting.unowned().exists()
        Export.objects.filter(pk=copy.pk).update(stored=None)
        assert inspecting.unowned().get() == copy.stored


def test_a_round_goes_on_where_it_stopped_and_comes_once_a_day(files, monkeypatch):
    monkeypatch.setattr(inspecting, "SLICE_SECONDS", 0)
    seen = [inspecting.go_on() for _ in range(5)]
    assert [one.files for one in seen] == [1, 2, 3, 4, 4] and len({one.pk for one in seen}) == 1
    assert seen[-1].ended_at and inspecting.go_on() is None
    with shifted(LATER):
        assert inspecting.go_on().pk != seen[0].pk


def test_a_slice_under_way_is_not_begun_twice(files):
    Round.objects.create(taken_until=inspecting.now() + timedelta(minutes=1))
    assert inspecting.go_on() is None


def test_what_two_rounds_found_with_no_owner_is_let_go(files):
    inspecting.go_on()
    with shifted(LATER):
        assert len(inspecting.go_on().unowned) == 4
        assert StoredFile.objects.filter(status=Status.STORED).count() == 4
    with shifted(2 * LATER):
        assert inspecting.go_on().unowned == []
    assert StoredFile.objects.filter(status=Status.STORED).count() == 0


def test_administrators_are_told_once_and_see_it(files, client, settings):
    settings.REQUIRE_STAFF_MFA = False
    admin = make_user(Role.ADMINISTRATOR)
    make_user(Role.COORDINATOR)
    part(files[0], 0).unlink()
    inspecting.go_on()
    tell_of_damage()
    tell_of_damage()
    notice = Notice.objects.get(kind="files_damaged")
    assert notice.recipient_id == admin.pk and str(files[0].uid) not in notice.link
    assert "1 faults" in client.get("/readyz").json()["files"] and client.get("/readyz").status_code == 200
    client.force_login(admin)
    page = client.get("/admin/").content.decode()
    assert f"Missing: file {files[0].uid} of case {files[0].case_uid}" in page
    discard(files[0])
    assert check("--sample", "3")[0] == 0
    assert "Missing: file" in client.get("/admin/").content.decode(), "a sample proves nothing about the others"
    assert check()[0] == 0
    assert "All 3 stored files were read again" in client.get("/admin/").content.decode()
    assert inspecting.go_on() is None and not Round.objects.filter(told_at=None).exclude(faults=[]).exists()
