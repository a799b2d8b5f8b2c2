"""tus by the link of an office: files go on where they broke off, and nothing is read, whatever its sender knows."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from records.models import Record, Upload
from records.services import room_left
from records.sittings import SITTING
from records.sourcing import links, services
from records.sourcing.drop import TOO_MUCH
from records.tus import services as tus
from secondop.audit.models import Entry
from secondop.cases.erasing import erase
from secondop.demo.papers import content
from secondop.notices.models import Notice
from secondop.vault.models import StoredFile
from secondop.web.clock import now, shifted
from tests.factories import make_user
from tests.records.tus import Tus, named

pytestmark = pytest.mark.django_db
PAPER = content({"title": "MRI", "text": "One"})
HALF = len(PAPER) // 2


def of(kind, request, *more):
    return reverse(f"records:drop_{kind}", args=[links.secret_of(links.live(request)), *more])


@pytest.fixture
def office() -> Tus:
    """A client without an account."""
    return Tus(client=Client())


@pytest.fixture
def there(office, asked) -> str:
    """The address of an upload of which one half has come."""
    answer = office.begin(asked.case, len(PAPER), to=of("begin", asked), Upload_Metadata=named("scan.pdf", fingerprint="f1"))
    assert answer.status_code == 201 and str(asked.case.uid) not in answer["Location"]
    assert office.add(answer["Location"], PAPER[:HALF], 0).status_code == 204
    return answer["Location"]


def test_an_office_goes_on_where_the_line_broke(office, asked, there):
    full = room_left(asked.case)
    upload = Upload.objects.get()
    assert (upload.sender, upload.metadata, upload.link) == (None, "", links.live(asked))
    assert Client().post(of("known", asked), {"fingerprint": ["f1", "f2"]}).json() == {"f1": there}
    head = office.ask("HEAD", there)
    assert (head["Upload-Offset"], head.get("Upload-Metadata")) == (str(HALF), None)
    assert office.add(there, PAPER[HALF:], HALF).status_code == 204
    record = Record.objects.get()
    assert (record.request, record.uploaded_by, record.name, record.size) == (asked, None, "scan.pdf", len(PAPER))
    assert Client().post(of("known", asked), {"fingerprint": "f1"}).json() == {"f1": ""}
    assert room_left(asked.case) == full, "its room was held since it began"
    assert Entry.objects.filter(action="record.add", target=f"request:{asked.pk}").count() == 1
    asked.refresh_from_db()
    assert asked.arrived_at and Notice.objects.filter(kind="records_arrived").count() == 1


def test_the_page_of_an_office_sends_by_tus_and_tells_no_room(asked):
    page = Client().get(of("begin", asked).replace("/uploads/", "/"))
    form = page.content.decode()
    assert 'src="/static/js/upload.js"' in re.sub(r"upload[.][0-9a-f]+[.]js", "upload.js", form)
    assert f'data-tus="{of("begin", asked)}"' in form and f'data-known="{of("known", asked)}"' in form
    assert "data-room-bytes" not in form and str(asked.case.uid) not in form


def test_small_files_come_whole_and_leave_one_line_in_a_sitting(office, asked):
    for number in range(3):
        paper = content({"title": "MRI", "text": str(number)})
        assert office.begin(asked.case, len(paper), body=paper, to=of("begin", asked)).status_code == 201
    again = office.begin(asked.case, len(paper), body=paper, to=of("begin", asked))
    assert again.status_code == 201, "an office is not told what is here already"
    assert Record.objects.filter(request=asked).count() == 3
    for name in ("one.exe", "two.exe"):
        assert office.begin(asked.case, 250, name, body=b"MZ\x90\x00\x03" * 50, to=of("begin", asked)).status_code == 422
    assert Entry.objects.filter(action="record.add").count() == 2, "one for what was taken, one for what was not"
    assert asked.case.journal.filter(event="records_added").count() == 1
    with shifted(2 * SITTING):
        for _ in range(2):
            office.begin(asked.case, len(paper), body=paper, to=of("begin", asked))
    assert Entry.objects.filter(action="record.add").count() == 2, "what was here before leaves no line of its own"


def test_what_is_known_comes_in_parts_as_well_and_is_not_told(office, asked, there):
    office.begin(asked.case, len(PAPER), body=PAPER, to=of("begin", asked))
    assert office.add(there, PAPER[HALF:], HALF).status_code == 204
    assert Record.objects.count() == 1 and StoredFile.objects.filter(status="discarded").count() == 1


def test_what_is_not_taken_is_told_to_both_sides(office, asked):
    program = b"MZ\x90\x00\x03" + b"\x00" * 200
    answer = office.begin(asked.case, len(program), "x.exe", body=program, to=of("begin", asked))
    assert answer.status_code == 422 and answer.content
    record = Record.objects.get()
    assert (record.status, record.request, record.reason) == ("refused", asked, answer.content.decode())


def withdraw(asked, coordinator):
    asked.case.consents.update(revoked_at=now(), revoked_by=asked.case.patient)


ENDS = {
    "closed": lambda asked, coordinator: services.close_link(asked.case, by=coordinator, asked=asked),
    "renewed": lambda asked, coordinator: services.make_letters(asked.case, by=coordinator, asked=asked),
    "received": lambda asked, coordinator: services.receive(asked.case, by=coordinator, asked=asked),
    "withdrawn": withdraw,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_link_that_is_over_takes_not_one_more_part(office, asked, coordinator, there, end):
    begin, known = of("begin", asked), of("known", asked)
    ENDS[end](asked, coordinator)
    assert office.add(there, PAPER[HALF:], HALF).status_code == 404
    assert office.ask("HEAD", there).status_code == 404 and office.ask("DELETE", there).status_code == 404
    assert office.begin(asked.case, 9, to=begin).status_code == 404
    assert Client().post(known, {"fingerprint": "f1"}).status_code == 404
    assert not Record.objects.exists()
    if end != "withdrawn":
        assert not asked.case.uploads.open().exists(), "what came in part holds no room"
        tus.sweep()
        assert not Upload.objects.exists()


def test_a_link_that_ends_while_the_last_part_comes_keeps_nothing(office, asked, there, monkeypatch):
    receive = links.receive

    def late(*given, **more):
        links.close(asked)
        return receive(*given, **more)

    monkeypatch.setattr(links, "receive", late)
    assert office.add(there, PAPER[HALF:], HALF).status_code == 404
    assert not Record.objects.exists() and not Upload.objects.exists()


def test_a_link_that_ends_while_an_upload_begins_holds_no_room(office, asked, monkeypatch):
    begin = of("begin", asked)
    monkeypatch.setattr(links, "count_use", lambda link, files: links.close(link.request))
    assert office.begin(asked.case, len(PAPER), to=begin).status_code == 404
    assert not Upload.objects.exists() and not StoredFile.objects.exists()


def test_a_link_sees_its_own_uploads_only(office, asked, there):
    uid = there.rstrip("/").rpartition("/")[2]
    links.renew(asked)
    for found in (of("part", asked, uid), there, reverse("records:upload_part", args=[asked.case.uid, uid])):
        assert office.ask("HEAD", found).status_code in (401, 404)
    patient = Tus(asked.case.patient)
    assert patient.ask("HEAD", reverse("records:upload_part", args=[asked.case.uid, uid])).status_code == 404
    theirs = patient.begun(asked.case, 99).rstrip("/").rpartition("/")[2]
    assert office.ask("HEAD", of("part", asked, theirs)).status_code == 404
    assert Entry.objects.filter(action="record.refused", target=theirs).exists()


def test_a_link_takes_so_many_files_in_an_hour_and_tells_no_room(office, asked, monkeypatch, settings):
    monkeypatch.setattr(links, "FILES_AN_HOUR", 3)
    settings.UPLOAD_CASE_BYTES = 100
    answers = [office.begin(asked.case, length, to=of("begin", asked)) for length in (50, 99, 10, 1)]
    assert [answer.status_code for answer in answers] == [201, 413, 201, 429]
    assert answers[1].content.decode() == TOO_MUCH
    assert office.begin(asked.case, 9, to=of("begin", asked), Sec_Fetch_Site="cross-site").status_code == 403
    unknown = reverse("records:drop_begin", args=["a" * 26])
    assert [office.begin(asked.case, 9, to=unknown).status_code for _ in range(23)] == [404] * 21 + [429] * 2
    assert office.begin(asked.case, 9, to=of("begin", asked)).status_code == 429


def test_an_upload_ends_with_its_link_and_is_given_up_and_erased(office, asked, there):
    link = links.live(asked)
    with shifted(link.expires_at - now() - timedelta(days=1)):
        office.begin(asked.case, 99, to=of("begin", asked))
    assert Upload.objects.latest("pk").expires_at == link.expires_at
    assert office.ask("DELETE", there).status_code == 204
    assert Upload.objects.count() == 1
    erase(asked.case, by=None)
    assert not Upload.objects.exists()


def test_an_upload_has_one_sender(asked, there):
    for sent_by in ({"sender": make_user()}, {"link": None}):
        with transaction.atomic(), pytest.raises(IntegrityError):
            Upload.objects.update(**sent_by)


def test_whoever_is_signed_in_is_nobody_there(asked):
    client = Tus(asked.case.patient)
    assert client.begin(asked.case, len(PAPER), body=PAPER, to=of("begin", asked)).status_code == 201
    assert Record.objects.get().uploaded_by is None
