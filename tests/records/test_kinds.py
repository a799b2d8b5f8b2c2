"""The first bytes decide what a file is; its name and the browser's word for it do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.child import READERS
from records.facts import SHAPES
from records.kinds import FORMATS, TAKEN, UNKNOWN, Kind, NotTaken, judge
from routing.templatetags.desk import KINDS

from . import files


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (files.pdf(), Kind.PDF),
        (b"\xef\xbb\xbf  %PDF-1.4 after a mark", Kind.PDF),
        (b"sent by fax\r\n" + files.pdf(), Kind.PDF),
        (files.picture("JPEG"), Kind.JPEG),
        (files.picture("PNG"), Kind.PNG),
        (files.dicom(), Kind.DICOM),
        (files.fax(), Kind.TIFF),
        (files.fax(big_tiff=True), Kind.TIFF),
        (b"MM\x00*" + b"\x00" * 200, Kind.TIFF),
        (files.picture("HEIF"), Kind.HEIC),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", Kind.HEIC),
        (b"Dear doctor,", Kind.TEXT),
        ("Größe: 12 µm\r\n\tmüde".encode(), Kind.TEXT),
        (("é" * 3000).encode()[:4095], Kind.TEXT),  # cut within a letter
        ("сердце".encode("utf-16"), Kind.TEXT),
        ("Größe – “müde”".encode("cp1252"), Kind.TEXT),
        (b"BMI 24.5, MZ 3", Kind.TEXT),
        (files.ZIP + b"password/letter.pdf", Kind.ZIP),
        (b"[1] Blood count {normal}", Kind.TEXT),
        (b"pressure <120 and >80", Kind.TEXT),
        (b"<html>".ljust(128) + b"DICM", Kind.DICOM),
    ],
)
def test_what_we_take_is_known_by_its_bytes(data, kind):
    assert judge(data[:4096], ".html") == kind


@pytest.mark.parametrize(
    ("data", "ending", "words"),
    [
        (files.HTML_PAGE, ".pdf", "This is a web page, not a PDF."),
        (b"\n\n<!-- x --><HTML>%PDF-1.4", ".PDF", "This is a web page, not a PDF."),
        (files.POSTSCRIPT, ".jpg", "This is a PostScript file, not a JPEG picture."),
        (files.ZIP + b"[Content_Types].xml word/document.xml", ".docx", "This is a Word document."),
        (files.ZIP + b"_rels/.rels", ".docx", "This is an Office document."),
        (files.ZIP[:30] + b"mimetypeapplication/vnd.oasis.opendocument.text", ".odt", "This is an OpenDocument file."),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1", ".jpg", "This is an AVIF picture, not a JPEG picture."),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp41", ".jpg", "This is a video, not a JPEG picture."),
        (b"BM\x36\x00\x00\x00", ".png", "This is a BMP picture, not a PNG picture."),
        (b"\xef\xbb\xbf <svg:svg width='1'/>", ".svg", "This is a drawing (SVG)"),
        ("<html>".encode("utf-16"), ".txt", "This is a web page."),
        (b"Dear doctor <script>alert(1)</script>", ".txt", "This is a web page."),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", ".xml", "This is an XML file."),
        (b'  {"a": 1}', ".json", "This is a data file (JSON)."),
        (b"#!/bin/sh\nrm -rf /", ".txt", "This is a program."),
        (b"\x1b[31mred", ".txt", "seems to be none of them"),
        (b"a\x00b", ".txt", "seems to be none of them"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ".png", "This is a drawing (SVG)"),
        (b"MZ\x90\x00", ".pdf", "This is a program, not a PDF."),
        (files.dicom("no_meta.dcm"), ".dcm", "seems to be none of them"),
    ],
)
def test_everything_else_is_named(data, ending, words):
    with pytest.raises(NotTaken) as refused:
        judge(data[:4096], ending)
    assert words in str(refused.value)


def test_what_pages_and_refusals_say_of_what_we_take_is_the_list_of_kinds():
    assert set(FORMATS) == set(Kind)
    assert TAKEN == "PDF, JPEG, PNG, TIFF, HEIC, DICOM, FHIR, C-CDA and plain text files, and ZIP archives of these"
    assert TAKEN in UNKNOWN
    assert {*SHAPES} == {*READERS} == {*KINDS} == {*Kind.values} - {Kind.ZIP}


@given(st.binary(max_size=300))
def test_any_bytes_are_judged_or_refused_with_words(data):
    try:
        words = judge(data).label
    except NotTaken as refused:
        words = str(refused)
    assert words
