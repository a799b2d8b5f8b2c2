"""Files that were made to do harm: each is refused with words or kept as what it is, within limits, and its neighbours arrive."""

import io
from zipfile import ZipFile

import pytest

from records import services
from records.archives import unpacking
from records.formats.problems import Problem
from records.reasons import EMPTY, FOUND
from tests.records import files
from tests.records.archives import made as archives
from tests.records.archives.quine import quine
from tests.records.archives.test_unpacking import unpack_all
from tests.records.conftest import browser, check_all, url

from . import made

pytestmark = pytest.mark.django_db
REFUSED = "refused"  # for one reason or another
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">]><ClinicalDocument>&a;</ClinicalDocument>'
PDF, DICOM = files.printed_pdf(), files.dicom()
PICTURES = {
    "gif and script.gif": (b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)", "This is a GIF picture."),
    "photo and page.jpg": (files.picture("JPEG") + made.SCRIPT, "jpeg"),
    "page in front.jpg": (b"<html>" + made.SCRIPT + files.picture("JPEG"), "We can take PDF, JPEG"),
    "script in exif.jpg": (made.with_exif(), "jpeg"),
    "postscript.png": (files.POSTSCRIPT, "This is a PostScript file, not a PNG picture."),
    "40000.png": (files.png_bomb(made.PIXELS), FOUND[Problem.TOO_MANY_PIXELS]),
    "40000.jpg": (made.jpeg_of(made.PIXELS), FOUND[Problem.TOO_MANY_PIXELS]),
    "40000.tif": (made.tiff_of(made.PIXELS), FOUND[Problem.TOO_MANY_PIXELS]),
    "round.tif": (made.looping_tiff(), "tiff"),
    "cut.tif": (files.fax()[:-900], FOUND[Problem.DAMAGED]),
    "cut.heic": (files.picture("HEIF", (200, 200))[:-900], FOUND[Problem.DAMAGED]),
    "cut.png": (files.picture("PNG")[:-900], FOUND[Problem.DAMAGED]),
    "drawing.jpg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This is a drawing (SVG), not a JPEG picture."),
}
DOCUMENTS = {
    "pdf and zip.pdf": (PDF + archives.zipped(("a.exe", b"MZ")), "pdf"),
    "zip and pdf.zip": (archives.zipped(("a.txt", b"Dear doctor")) + PDF, REFUSED),
    "active.pdf": (files.active_pdf(), "pdf"),
    "cut.pdf": (PDF[:-2000], FOUND[Problem.INCOMPLETE]),
    "laughs.xml": (LAUGHS, "This is an XML file."),
    "clinical laughs.xml": (LAUGHS.replace(b"lolz", b"ClinicalDocument"), FOUND[Problem.ENTITIES]),
    "page.txt": (b"Dear doctor" + made.SCRIPT, "This is a web page."),
    "nothing.txt": (b"", EMPTY),
    "run.txt": (b"#!/bin/sh\nrm -rf /", "This is a program."),
}
IMAGES = {
    "program in front.dcm": (b"MZ\x90".ljust(128, b"\x00") + DICOM[128:], "dicom"),
    "page in front.dcm": (b"<html>".ljust(128) + files.dicom("MR_small.dcm")[128:], "dicom"),
    "cut.dcm": (DICOM[:-4000], FOUND[Problem.INCOMPLETE]),
    "MR_truncated.dcm": (files.dicom("MR_truncated.dcm"), FOUND[Problem.INCOMPLETE]),
}
FLIPPED = {
    f"flipped.{name}": (made.flipped(whole, 1), None)
    for name, whole in {"pdf": PDF, "dcm": DICOM, "tif": files.fax(), "heic": files.picture("HEIF")}.items()
}
NAMES = {
    "harmless\u202efdp.exe.pdf": (b"a", "text"),
    "\u062a\u0642\u0631\u064a\u0631 \u05d3\u05d5\u05d7 报告 🩻.pdf": (b"b", "text"),
    "x" * 300 + ".pdf": (b"c", "text"),
    "nul\x00.pdf": (b"d", "text"),
    "../../etc/passwd": (b"e", "text"),
    "CON": (b"f", "text"),
    "<img src=x onerror=alert(1)>.pdf": (b"g", "text"),
}
GROUPS = {"pictures": PICTURES, "documents": DOCUMENTS, "images": IMAGES, "flipped": FLIPPED, "names": NAMES}


def outcomes(case, sent: dict[str, bytes]) -> dict[str, str]:
    """What became of each file, by its number in ``sent``: its kind where it is ready, otherwise the reason."""
    came = []
    for number, (name, data) in enumerate(sent.items()):
        added = services.add_files(case, [(name, data)], by=case.patient)
        came += [(number, record.pk) for record in [*added.records, *added.turned_back]]
    unpack_all()
    check_all()
    rows = dict(case.records.values_list("pk", "status"))
    assert set(rows.values()) <= {"ready", "refused"}
    told = {one.pk: one.kind if one.status == "ready" else one.reason for one in case.records.all()}
    return {list(sent)[number]: told.get(pk, "") for number, pk in came}


@pytest.mark.parametrize("group", GROUPS)
def test_hostile_files_are_refused_or_kept_as_what_they_are(case, group):
    sent = {name: data for name, (data, _) in GROUPS[group].items()}
    found = outcomes(case, {"first.txt": b"a neighbour", **sent, "last.txt": b"another one"})
    assert (found.pop("first.txt"), found.pop("last.txt")) == ("text", "text")
    for name, (_, expected) in GROUPS[group].items():
        told = found[name]
        if expected == REFUSED:
            assert told == "" or " " in told, (name, told)
        else:
            assert told and (expected is None or told.startswith(expected)), (name, told)
    page = browser(case.patient).get(url("list", case))
    assert page.status_code == 200
    assert b"<img src=x" not in page.content and b"<script>alert" not in page.content and "\u202e" not in page.content.decode()


CLIMBING = (("../../../etc/cron.d/a.txt", b"1"), ("/etc/b.txt", b"2"), ("C:\\x\\..\\c.txt", b"3"))
MOST, UNDOUBTED = 500, 2 * 1024**2  # less than they are, to make what goes beyond them quickly
NEIGHBOUR = ("neighbour.txt", b"Dear doctor")
TOO_MANY = archives.zipped(*((f"{number}.txt", b"") for number in range(MOST + 1)))
ARCHIVES = {
    "bomb": (archives.bomb(3 * 1024**2, NEIGHBOUR), {FOUND[Problem.TOO_DENSE]}, {"neighbour.txt"}),
    "deep": (archives.nested(4, *NEIGHBOUR), {FOUND[Problem.TOO_DEEP]}, set()),
    "quine": (quine(), {FOUND[Problem.ALL_HERE]}, set()),
    "quine in another": (archives.zipped(("quine.zip", quine()), NEIGHBOUR), {FOUND[Problem.ALL_HERE]}, {"neighbour.txt"}),
    "not too deep": (archives.nested(3, *NEIGHBOUR), set(), {"neighbour.txt"}),
    "overlapping": (archives.overlapping("a.txt", b"x" * 5000, 50), {FOUND[Problem.DAMAGED]}, set()),
    "locked": (archives.locked(*NEIGHBOUR), {FOUND[Problem.PASSWORD]}, set()),
    "linked": (archives.linked("a.txt", "/etc/passwd"), {FOUND[Problem.LINK]}, set()),
    "lying": (archives.lying("a.txt", b"x" * 5000), {FOUND[Problem.DAMAGED]}, set()),
    "counting wrong": (archives.counting_wrong(*NEIGHBOUR), {FOUND[Problem.DAMAGED], FOUND[Problem.INCOMPLETE]}, set()),
    "broken": (archives.broken("a.txt", b"x" * 5000, NEIGHBOUR), {FOUND[Problem.DAMAGED]}, {"neighbour.txt"}),
    "cut": (archives.zipped(NEIGHBOUR)[:-30], {FOUND[Problem.INCOMPLETE]}, set()),
    "packed otherwise": (archives.packed_otherwise(*NEIGHBOUR), {FOUND[Problem.PACKED_OTHERWISE]}, set()),
    "empty": (archives.zipped(("folder/", b"")), {FOUND[Problem.NO_FILES]}, set()),
    "too many": (TOO_MANY, {FOUND[Problem.TOO_MANY_FILES]}, set()),
    "climbing": (archives.zipped(*CLIMBING), set(), {"a.txt", "b.txt", "c.txt"}),
    "twice": (archives.zipped(("a/same.txt", b"1"), ("b/same.txt", b"2"), ("c/other.txt", b"1")), set(), {"same.txt"}),
    "nul": (archives.named(b"a\x00.exe.txt", b"1"), {FOUND[Problem.DAMAGED]}, {"a", "a.exe.txt"}),
    "another encoding": (archives.named("診断書.txt".encode("shift_jis"), b"1"), {FOUND[Problem.DAMAGED]}, None),
    "utf-8 without saying so": (archives.named("診断書.txt".encode(), b"1"), set(), {"診断書.txt"}),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_hostile_archives_give_what_is_safe_in_them(case, name, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST", MOST)
    monkeypatch.setattr(unpacking, "UNDOUBTED", UNDOUBTED)
    data, reasons, names = ARCHIVES[name]
    found = outcomes(case, {f"{name}.zip": data, "beside.txt": b"a neighbour"})
    assert found["beside.txt"] == "text"
    inner = case.records.exclude(name="beside.txt")
    assert set(inner.filter(status="refused").values_list("reason", flat=True)) <= reasons
    ready = set(inner.filter(status="ready").values_list("name", flat=True))
    assert names is None or ready <= names
    assert ready or inner.exists()
    assert not reasons or ready or inner.filter(status="refused").exists()
    assert not any(".." in folder or folder.startswith("/") for folder in inner.values_list("folder", flat=True))


def test_the_quine_is_one():
    with ZipFile(io.BytesIO(quine())) as archive:
        (inner,) = archive.infolist()
        assert archive.read(inner) == quine()
