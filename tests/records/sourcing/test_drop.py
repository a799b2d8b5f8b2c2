"""The link of an office: files in, nothing out, and over at once when it is over."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from records.kinds import TAKEN
from records.models import DropLink, Record
from records.sourcing import drop, links, services
from secondop.cases.erasing import erase
from secondop.demo.papers import content
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from secondop.web.link_secrets import hash_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def paper(name="scan.pdf", text="One"):
    return SimpleUploadedFile(name, content({"title": "MRI", "text": text}))


def address(request):
    return reverse("records:drop", args=[links.secret_of(links.live(request))])


def send(there, *files, **headers):
    return Client().post(there, {"files": list(files)}, headers=headers)


def test_an_office_sends_files_and_reads_nothing(asked, coordinator, settings):
    there = address(asked)
    page = Client().get(there)
    assert page.status_code == 200 and TAKEN in page.content.decode()
    assert f"single files we take {settings.UPLOAD_FILES_PER_REQUEST} at once" in page.content.decode()
    for secret in (asked.case.reference, str(asked.case.patient), asked.office, asked.what, str(asked.case.uid)):
        assert secret not in page.content.decode()
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "noindex" in page.headers["X-Robots-Tag"] and "no-store" in page.headers["Cache-Control"]
    assert set(page.cookies) == {"csrftoken"}
    answer = send(there, paper(), paper("two.pdf", "Two"), SimpleUploadedFile("x.exe", b"MZ\x90\x00\x03" + b"\x00" * 200))
    text = answer.content.decode()
    assert "2 files arrived" in text and "x.exe" in text
    assert "sessionid" not in answer.cookies
    found = Record.objects.filter(request=asked)
    assert {record.uploaded_by for record in found} == {None} and found.count() == 3
    asked.refresh_from_db()
    assert asked.arrived_at
    assert Notice.objects.filter(kind="records_arrived").count() == 1
    again = send(there, paper())
    assert "1 file arrived" in again.content.decode() and "already" not in again.content.decode()
    assert found.count() == 3 and Notice.objects.filter(kind="records_arrived").count() == 1


def test_the_secret_is_stored_nowhere(asked):
    link = links.live(asked)
    secret = links.secret_of(link)
    assert link.secret_hash == hash_of(secret, "drop") and secret not in str(DropLink.objects.values())
    assert len(secret) == 26
    assert Client().get(reverse("records:drop", args=[links.address_of(link).split("/")[-2].upper()])).status_code == 200


def ended(asked, coordinator):
    """Every way in which a link ends, one after the other undone by a new link."""
    yield lambda: services.close_link(asked.case, by=coordinator, asked=asked)
    yield lambda: services.make_letters(asked.case, by=coordinator, asked=asked)
    yield lambda: asked.case.consents.update(revoked_at=now(), revoked_by=asked.case.patient)


def test_links_that_are_over_and_unknown_ones_are_answered_alike(asked, coordinator):
    unknown = Client().get(reverse("records:drop", args=["a" * 26]))
    assert unknown.status_code == 404 and "ask the care team that wrote to you for a new link" in unknown.content.decode()
    for end in ended(asked, coordinator):
        there = address(asked)
        assert Client().get(there).status_code == 200
        end()
        answers = Client().get(there), send(there, paper())
        assert [answer.status_code for answer in answers] == [404, 404]
        same = answers[0].content.replace(there.encode(), b""), unknown.content.replace(b"/records/drop/" + b"a" * 26 + b"/", b"")
        assert same[0] == same[1]
        if asked.case.consents.filter(revoked_at=None).exists():
            links.renew(asked)
    assert not Record.objects.exists()


def test_a_link_ends_with_its_time_its_request_and_its_case(asked, coordinator):
    there = address(asked)
    with shifted(timedelta(days=61)):
        assert Client().get(there).status_code == 404
    services.receive(asked.case, by=coordinator, asked=asked)
    assert Client().get(there).status_code == 404


@pytest.mark.parametrize("place", [(links, "receive"), (drop, "room_left")])
@pytest.mark.parametrize("end", [links.close, lambda asked: erase(asked.case, by=None)])
def test_a_link_that_ends_while_files_come_keeps_none(asked, monkeypatch, place, end):
    there, go_on = address(asked), getattr(*place)

    def late(*given):
        end(asked)
        return go_on(*given)

    monkeypatch.setattr(*place, late)
    assert send(there, paper()).status_code == 404
    assert not Record.objects.exists()


def test_a_link_is_used_so_often_and_no_more(asked, monkeypatch, settings):
    monkeypatch.setattr(links, "FILES_AN_HOUR", 2 * settings.UPLOAD_FILES_PER_REQUEST)
    there = address(asked)
    assert [send(there, paper("a.pdf", str(number))).status_code for number in range(4)] == [200, 200, 429, 429]
    with shifted(timedelta(hours=1, minutes=1)):
        assert send(there, paper("a.pdf", "later")).status_code == 200


def test_forms_of_other_sites_and_bodies_too_large_are_turned_away(asked, settings):
    there = address(asked)
    assert send(there, paper(), **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert send(there, paper(), Origin="https://evil.example").status_code == 403
    assert Client(enforce_csrf_checks=True).post(there, {"files": [paper()]}).status_code == 403
    assert Client().post(there, {}).status_code == 422
    assert Client().post(there, b"x", content_type="application/pdf").status_code == 415
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    assert "so none was kept." in send(there, *(paper(text=str(number)) for number in range(3))).content.decode()
    settings.UPLOAD_CASE_BYTES = 10
    big = SimpleUploadedFile("big.pdf", b"%PDF-1.7" + b"0" * (2 * settings.MIB))
    answer = send(there, big)
    assert answer.status_code == 413 and drop.TOO_MUCH in answer.content.decode() and "left" not in answer.content.decode()
    assert Client().put(there).status_code == 405
    assert not Record.objects.exists()


def test_who_tries_many_links_is_answered_no_more_for_a_while(asked, time_machine):
    there, from_elsewhere = address(asked), {"REMOTE_ADDR": "192.0.2.7"}
    wrong = [reverse("records:drop", args=[f"{number:026}"]) for number in range(23)]
    assert [Client().get(one).status_code for one in wrong] == [404] * 21 + [429] * 2
    assert [Client().get(there).status_code, send(there, paper()).status_code] == [429, 429]
    assert Client().get(there, **from_elsewhere).status_code == 200
    time_machine.move_to(now() + timedelta(minutes=11))
    assert Client().get(there).status_code == 200


def test_a_browser_with_the_form_s_token_sends_without_an_account(asked):
    client, there = Client(enforce_csrf_checks=True), address(asked)
    client.get(there)
    token = client.cookies["csrftoken"].value
    assert client.post(there, {"files": [paper()], "csrfmiddlewaretoken": token}).status_code == 200


def test_whoever_is_signed_in_is_nobody_there(asked):
    client = Client()
    client.force_login(make_user())
    client.post(address(asked), {"files": [paper()]})
    assert Record.objects.get().uploaded_by is None
