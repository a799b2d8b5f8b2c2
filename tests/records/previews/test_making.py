"""Making previews: what a child draws, what is believed of it, and what is left when it dies."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from records import checking, removing, services
from records.models import Preview, Record, Rendition
from records.previews import frames, jobs
from records.previews.orders import want
from records.previews.outputs import Outputs
from secondop.cases.erasing import erase
from secondop.vault import services as vault
from secondop.web.clock import now
from tests.records import files
from tests.records.conftest import in_vault

pytestmark = pytest.mark.django_db
WEBP = b"RIFF\x04\x00\x00\x00WEBP"


def ready(case, name: str, data: bytes) -> Record:
    """A record of this content, checked; its preview waits."""
    record = services.add_files(case, [(name, data)], by=case.patient).records[0]
    assert checking.check(record.pk)
    record.refresh_from_db()
    assert record.status == "ready", record.reason
    return record


def made(case, name: str, data: bytes) -> Record:
    """The same after a worker's turn."""
    record = ready(case, name, data)
    assert jobs.make(record.preview.pk)
    return Record.objects.select_related("preview").get(pk=record.pk)


def pixels(rendition: Rendition) -> Image.Image:
    return Image.open(io.BytesIO(b"".join(vault.read(rendition.stored))), formats=["WEBP"])


def there(record: Record) -> list[tuple[str, int]]:
    return list(record.renditions.order_by("kind", "index").values_list("kind", "index"))


def test_a_pdf_is_drawn_read_and_cleaned_once(case):
    record = made(case, "letter.pdf", files.printed_pdf())
    assert (record.preview.status, record.preview.pages, record.preview.has_thumbnail) == ("ready", 3, True)
    assert there(record) == [("page", 1), ("page", 2), ("page", 3), ("safe", 0), ("thumbnail", 0)]
    page = record.renditions.get(kind="page", index=1)
    assert pixels(page).size == (page.width, page.height) == (1241, 1754)
    assert "The knee was examined." in record.texts.get(number=2).text
    assert not jobs.make(record.preview.pk), "sent twice it is made once"


def test_a_picture_is_turned_upright_made_small_and_carries_nothing_along(case):
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "<script>alert(1)</script>"
    Image.new("RGB", (4000, 1000), "teal").save(out, "JPEG", exif=exif, comment=b"a secret place", icc_profile=b"nonsense")
    record = made(case, "photo.jpg", out.getvalue())
    shown = pixels(record.renditions.get(kind="page"))
    assert shown.size == (800, 3200) and shown.mode == "RGB"
    assert not shown.getexif() and "icc_profile" not in shown.info
    assert max(pixels(record.renditions.get(kind="thumbnail")).size) == 160


def test_a_scan_of_pages_of_every_depth_can_be_looked_at(case, monkeypatch):
    monkeypatch.setattr(jobs, "AT_FIRST", 10)
    out, grey = io.BytesIO(), Image.linear_gradient("L")
    pages = [grey.convert(mode) for mode in ("1", "L", "LA", "P", "RGBA", "F")]
    pages += [Image.new("I;16", (256, 256), 5000), grey.convert("RGB").convert("CMYK")]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    record = made(case, "scan.tif", out.getvalue())
    assert (record.preview.pages, record.preview.broken) == (len(pages), [])
    assert {pixels(page).size for page in record.renditions.filter(kind="page")} == {(256, 256)}
    assert record.renditions.filter(kind="page").count() == len(pages)


def test_further_pages_are_drawn_when_somebody_comes_near(case):
    record = made(case, "long.pdf", files.pdf(30))
    preview = record.preview
    assert (preview.pages, record.renditions.filter(kind="page").count()) == (30, jobs.AT_FIRST)
    assert not Preview.objects.due().exists()
    want(preview, 12)
    assert Preview.objects.due().get() == preview
    assert jobs.make(preview.pk)
    assert set(record.renditions.filter(kind="page").values_list("index", flat=True)) == {*range(1, 6), *range(12, 22)}
    assert not Preview.objects.due().exists()


def test_plain_text_is_cut_into_pages(case):
    lines = "".join(f"{number}. Hemoglobin 13.{number % 10} g/dL\r\n" for number in range(400))
    record = made(case, "labs.txt", lines.encode())
    texts = list(record.texts.order_by("number").values_list("text", flat=True))
    assert (record.preview.pages, record.preview.has_thumbnail, there(record)) == (len(texts), False, [])
    assert len(texts) == 3 and texts[1][0].isdigit() and "399. Hemoglobin" in texts[-1]


def fail_at_drawing(case, monkeypatch, name: str, data: bytes) -> Record:
    """A record for whose drawing there is not memory enough, however often it is tried."""
    record = ready(case, name, data)
    monkeypatch.setattr(jobs, "LIMITS", jobs.LIMITS._replace(memory=64 * 1024**2))
    assert jobs.make(record.preview.pk)
    record.preview.refresh_from_db()
    assert (record.preview.status, record.preview.broken) == ("queued", []), "a busy machine may be to blame: it is tried again"
    assert jobs.make(record.preview.pk) and not jobs.make(record.preview.pk)
    return Record.objects.select_related("preview").get(pk=record.pk)


def test_a_record_that_cannot_be_drawn_stays_ready(case, monkeypatch):
    record = fail_at_drawing(case, monkeypatch, "photo.png", files.picture("PNG", (3000, 2000)))
    assert (record.status, record.stored.status, record.preview.status, there(record)) == ("ready", "stored", "failed", [])


def test_a_document_that_cannot_be_drawn_still_has_its_safe_copy(case, monkeypatch):
    record = fail_at_drawing(case, monkeypatch, "a.pdf", files.pdf())
    assert (record.preview.status, record.preview.has_thumbnail, there(record)) == ("ready", False, [("safe", 0)])


def test_a_lease_keeps_others_away_and_a_lost_one_writes_nothing(case, time_machine, django_capture_on_commit_callbacks):
    record = ready(case, "a.pdf", files.pdf())
    slow = jobs.claim(record.preview.pk)
    assert jobs.claim(record.preview.pk) is None and not Preview.objects.due().exists()
    time_machine.move_to(now() + jobs.LEASE + timedelta(seconds=1))
    assert jobs.make(record.preview.pk)
    with django_capture_on_commit_callbacks(execute=True), Outputs(case.uid, {1}) as late, Outputs(case.uid, set()) as none:
        late.take(frame(frames.PAGE, WEBP, 1))
        assert not jobs.settle(slow, jobs.Made(late, none, none))
    assert record.renditions.filter(kind="page").count() == 1
    assert len(in_vault(case)) == 4, "the original, a page, a small picture and a safe copy"


def test_a_record_taken_out_takes_its_previews_along(case, django_capture_on_commit_callbacks):
    record = made(case, "a.pdf", files.printed_pdf())
    turn = jobs.Turn(record.preview, [1], False)
    with django_capture_on_commit_callbacks(execute=True):
        removing.remove(case, by=case.patient, record=record)
    assert in_vault(case) == []
    with Outputs(case.uid, set()) as none:
        assert not jobs.settle(turn, jobs.Made(none, none, none))


def test_erasing_a_case_leaves_no_picture_and_no_word(case, django_capture_on_commit_callbacks, settings):
    record = made(case, "a.pdf", files.printed_pdf())
    with django_capture_on_commit_callbacks(execute=True):
        erase(case, by=case.patient)
    assert not Rendition.objects.filter(record_id=record.pk).exists()
    assert not (Path(settings.VAULT_DIR) / str(case.uid)).exists()


def test_the_sweep_sends_what_waits_and_not_every_time(case, django_capture_on_commit_callbacks, django_assert_num_queries):
    for number in range(3):
        ready(case, f"{number}.pdf", files.pdf(1, str(number)))
    with django_capture_on_commit_callbacks() as sent, django_assert_num_queries(7):
        assert (jobs.sweep(), jobs.sweep()) == (3, 0)
    assert len(sent) == 3


def frame(what: bytes, data: bytes, page: int = 0, size: tuple[int, int] = (10, 10), length: int | None = None) -> bytes:
    return frames.HEAD.pack(what, page, *size, len(data) if length is None else length) + data


@pytest.mark.parametrize(
    "sent",
    [
        frame(frames.PAGE, b"<html>", 1),
        frame(frames.PAGE, WEBP + b"<script>", 1),
        frame(frames.PAGE, WEBP, 2),
        frame(frames.PAGE, WEBP, 1, (100_000, 1)),
        frame(frames.PAGE, WEBP, 1) + frame(frames.PAGE, WEBP, 1),
        frame(frames.THUMBNAIL, b"", length=2**31),
        frame(frames.SAFE, b"GIF89a"),
        frame(frames.TEXT, b"x", 0),
        frame(frames.TEXT, b"x", frames.MOST_PAGES + 1),
        frame(frames.END, b"", 1) + frame(frames.TEXT, b"x", 1),
        frame(b"?", b""),
    ],
    ids=range(11),
)
def test_nothing_is_believed_that_no_child_of_ours_sends(case, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), Outputs(case.uid, {1}) as outputs:
        assert not outputs.take(sent)
        assert not outputs.done
    assert in_vault(case) == []


def test_texts_hold_nothing_that_the_database_cannot(case):
    with Outputs(case.uid, set()) as outputs:
        assert outputs.take(frame(frames.TEXT, b"kn\x00ee\xff \xed\xa0\x80\xe2\x80\xaepain", 1))
    assert outputs.texts == {1: "knee pain"}
