"""The first bytes decide what a file is; its name and the browser's word for it do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.kinds import Kind, NotTaken, judge

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
        (files.ZIP, ".zip", "This is a ZIP archive. We cannot take these yet"),
        (files.ZIP + b"word/document.xml", ".docx", "This is a Word document."),
        (b"II*\x00" + b"\x00" * 200, ".dcm", "This is a TIFF picture, not a DICOM file."),
        (b"\x00\x00\x00\x18ftypheic\x00", ".jpg", "This is an iPhone picture (HEIC), not a JPEG picture."),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ".png", "This is a drawing (SVG)"),
        (b"MZ\x90\x00", ".pdf", "This is a program, not a PDF."),
        (b"Dear doctor", ".txt", "seems to be none of them"),
        (files.dicom("no_meta.dcm"), ".dcm", "seems to be none of them"),
    ],
)
def test_everything_else_is_named(data, ending, words):
    with pytest.raises(NotTaken) as refused:
        judge(data[:4096], ending)
    assert words in str(refused.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_judged_or_refused_with_words(data):
    try:
        words = judge(data).label
    except NotTaken as refused:
        words = str(refused)
    assert words
