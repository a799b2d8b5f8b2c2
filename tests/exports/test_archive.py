"""The zip: any name becomes a safe one of its own, and the size of what goes in does not show in memory."""

import io
import os
import tracemalloc
from datetime import UTC, datetime
from uuid import uuid4
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondop.exports.archive import LONGEST_NAME, Archive, key, safe
from secondop.vault.services import put, read, writer

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 28, 4, tzinfo=UTC)
MIB = 1024 * 1024
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(names)
def test_any_name_becomes_one_that_every_system_takes(name):
    found = safe(name)
    assert found
    assert len(found.encode()) <= LONGEST_NAME + 1
    assert not set(found) & set('<>:"/\\|?*\0\n')
    assert found == found.strip(" .")
    assert found.split(".")[0].lower() not in ("con", "nul", "com1", "lpt9")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("MRT vom 5. März.pdf", "MRT vom 5. März.pdf"),
        ("検査結果.pdf", "検査結果.pdf"),
        ("نتيجة الفحص.pdf", "نتيجة الفحص.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("a:b?.jpg", "a_b_.jpg"),
        (" . ", "file"),
    ],
)
def test_names_stay_what_they_were_as_far_as_possible(name, expected):
    assert safe(name) == expected


@given(st.lists(st.sampled_from(["a.pdf", "A.pdf", "a (2).pdf", "a", "ä.pdf", "a\u0308.pdf", ".pdf"]), max_size=12))
def test_no_two_files_have_one_name(chosen):
    archive = Archive.__new__(Archive)
    archive.taken = set()
    paths = [archive.place("records/SO-1", name) for name in chosen]
    assert len({key(path) for path in paths}) == len(chosen)
    assert all(path.startswith("records/SO-1/") and path.count("/") == 2 for path in paths)


def test_a_large_case_is_not_held_in_memory(vault):
    source, target = uuid4(), uuid4()
    with writer(source) as file:
        for _ in range(48):
            file.write(os.urandom(MIB))
        stored = file.finish()
    tracemalloc.start()
    with writer(target) as sealed:
        with Archive(sealed) as archive:
            for number in range(4):
                assert archive.add(archive.place("records/x", f"{number}.dcm"), stored.size, AT, read(stored))
        copy = sealed.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert copy.size > 192 * MIB
    assert peak < 24 * MIB


def test_a_file_beyond_four_gigabytes_gets_the_long_form_of_the_header(vault):
    with writer(uuid4()) as sealed, Archive(sealed) as archive:
        archive.add("records/x/a.dcm", 5 * 1024 * MIB, AT, [b"DICM"])
        assert archive.infolist()[0].extract_version >= 45  # ZIP64


def test_the_file_can_be_opened_by_others_and_is_never_plain_on_the_disk(vault):
    with writer(uuid4()) as sealed:
        with Archive(sealed) as archive:
            archive.add(archive.place("records/x", "検査.pdf"), 12, AT, [b"plain-", b"marker"])
            archive.add_text("README.txt", "plain-marker", AT)
        copy = sealed.finish()
    assert not [path for path in vault.rglob("*") if path.is_file() and b"plain-marker" in path.read_bytes()]
    archive = ZipFile(io.BytesIO(b"".join(read(copy))))
    assert archive.namelist() == ["records/x/検査.pdf", "README.txt"]
    assert archive.read("records/x/検査.pdf") == b"plain-marker"
    assert archive.infolist()[0].date_time == (2026, 11, 28, 4, 0, 0)


def test_what_is_damaged_is_said_and_the_rest_goes_on(vault):
    stored = put(uuid4(), b"x" * 100)
    next(vault.rglob("*.part")).write_bytes(b"y" * 133)
    with writer(uuid4()) as sealed:
        with Archive(sealed) as archive:
            assert not archive.add("a", 100, AT, (piece for piece in read_later(stored)))
            archive.add_text("b", "whole", AT)
        copy = sealed.finish()
    assert ZipFile(io.BytesIO(b"".join(read(copy)))).read("b") == b"whole"


def read_later(stored):
    """The pieces of a file, of which nothing is read before the first is wanted."""
    yield from read(stored)
