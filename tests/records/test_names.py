"""Names of files are text to show: whatever is sent, one short clean line comes out."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from records.names import MAX_LENGTH, clean_name, with_ending

ANY = st.text(st.characters(), max_size=400)
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\scan.jpg", "scan.jpg"),
        ("two\r\nlines\x00.pdf", "two lines.pdf"),
        ("knee 🩻🙂.png", "knee 🩻🙂.png"),
        ("family 👩‍👧.png", "family 👩‍👧.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("Befund für Zoe\u0308.pdf", "Befund für Zoë.pdf"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("." + "y" * 300, "y" * 200),
    ],
)
def test_names_people_send(sent, shown):
    assert clean_name(sent) == shown


@given(ANY)
@example("a" * 196 + "\u0301.b." + "c" * 9)
@example("\u1100" * 199 + "\u1161.pdf")
def test_every_name_becomes_one_clean_line(sent):
    name = clean_name(sent)
    assert 0 < len(name) <= MAX_LENGTH
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI or char in "/\\" for char in name)
    assert name == unicodedata.normalize("NFC", name) == name.strip()
    name.encode()
    assert clean_name(name) == name


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=400), st.sampled_from([".pdf", ".dcm", ".JPEG"]))
def test_the_ending_survives_the_cut(stem, ending):
    assert clean_name(stem + ending).endswith(ending)


def test_what_is_downloaded_has_an_ending_that_tells_what_it_is():
    assert with_ending("Scan.JPEG", (".jpg", ".jpeg")) == "Scan.JPEG"
    assert with_ending("page.html", (".pdf",)) == "page.html.pdf"
    assert with_ending("IM0001", (".dcm",)) == "IM0001.dcm"
