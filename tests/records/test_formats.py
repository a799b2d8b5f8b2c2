"""Real and hostile files through the child process that parses them, as a worker runs it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.facts import tidy
from records.formats.problems import Problem
from records.sandbox import SIDE, USUAL, Limits, Upload, Verdict, examine, examine_all
from tests.servers import LONG, seconds_of_children

from . import files

QUICK = Limits(cpu=2)


def bytes_of(data: bytes, start: int, end: int) -> bytes:
    return data[start:end]


def verdict(kind: str, data: bytes, limits: Limits = USUAL) -> Verdict:
    return examine(kind, len(data), lambda start, end: data[start:end], limits)


def verdicts(kind: str, *batch: bytes, limits: Limits = USUAL) -> list[Verdict]:
    """The verdicts on files that share a child, which gives each a process of its own."""
    return list(examine_all(kind, [Upload(len(data), partial(bytes_of, data)) for data in batch], limits))


def test_a_printed_pdf():
    assert verdict("pdf", files.printed_pdf()) == ({"pages": 3, "active": [], "restricted": False}, None)


def test_active_content_of_a_pdf_is_found_also_in_compressed_objects():
    assert verdict("pdf", files.active_pdf()).facts["active"] == ["embedded", "javascript", "launch"]


def test_a_locked_pdf_is_refused_and_one_that_only_forbids_copying_is_not():
    assert verdict("pdf", files.locked_pdf("secret")).problem == Problem.PASSWORD
    assert verdict("pdf", files.locked_pdf("")).facts == {"pages": 1, "active": [], "restricted": True}


def test_pictures():
    assert verdict("jpeg", files.picture("JPEG", (640, 480))).facts == {"width": 640, "height": 480}
    assert verdict("png", files.picture("PNG", (33, 44))).facts == {"width": 33, "height": 44}
    assert verdict("heic", files.picture("HEIF", (130, 90))).facts == {"width": 130, "height": 90}


def test_every_page_of_a_scan():
    scans = [files.fax(3, compression) for compression in (None, "group4", "tiff_lzw", "tiff_adobe_deflate", "packbits")]
    found = verdicts("tiff", *scans, files.picture("TIFF", (640, 400)))
    assert [one.facts for one in found] == [{"width": 640, "height": 400, "pages": pages} for pages in (3, 3, 3, 3, 3, 1)]


TEXTS = {
    b"Dear doctor,\r\nthe knee hurts.\r\n": (31, 2, "utf-8"),
    "\ufeffGrüße".encode(): (5, 1, "utf-8-sig"),
    "сердце\nболит".encode("utf-16"): (12, 2, "utf-16"),
    b"x" * 70_000 + "é".encode("cp1252"): (70_001, 1, "cp1252"),
    b"\n \n": (3, 2, "utf-8"),
}


def test_texts():
    expected = [dict(zip(("characters", "lines", "encoding"), facts, strict=True)) for facts in TEXTS.values()]
    assert verdicts("text", *TEXTS) == [(facts, None) for facts in expected]


DICOM = {
    "CT_small.dcm": ("CT", 128),
    "MR_small_RLE.dcm": ("MR", 64),
    "image_dfl.dcm": ("OT", 512),
    "test-SR.dcm": ("SR", 0),
    "examples_jpeg2k.dcm": ("US", 480),
    "ExplVR_BigEnd.dcm": ("US", 60),
    "liver_1frame.dcm": ("SEG", 512),
}


def test_dicom_files_of_pydicom():
    found = verdicts("dicom", *map(files.dicom, DICOM))
    assert [problem for _, problem in found] == [None] * len(DICOM)
    assert [(facts["modality"], facts["rows"]) for facts, _ in found] == list(DICOM.values())
    assert all(facts["sop_uid"] for facts, _ in found)


def test_what_a_dicom_file_says_of_its_patient():
    data = files.dicom_of(PatientName="Doe^Jane", PatientBirthDate="19700131", PatientSex="F", StudyDate="20240229")
    facts, _ = verdict("dicom", data)
    assert facts["patient"] == {"name": "Doe^Jane", "birth_date": "1970-01-31", "sex": "F"}
    assert facts["study_date"] == "2024-02-29"


REFUSED = {
    "pdf": [
        (files.printed_pdf()[:-2000], Problem.INCOMPLETE),
        (b"%PDF-1.7\n%%EOF\n", Problem.DAMAGED),
        (files.saved(pikepdf.new()), Problem.NO_PAGES),
    ],
    "png": [
        (files.picture("PNG", (400, 400))[:-5000], Problem.DAMAGED),
        (files.picture("JPEG"), Problem.DAMAGED),
        (files.png_bomb(), Problem.TOO_MANY_PIXELS),
    ],
    "jpeg": [
        (files.picture("JPEG", (400, 400))[:-5000], Problem.DAMAGED),
        (b"\xff\xd8\xff" + files.POSTSCRIPT, Problem.DAMAGED),
    ],
    "tiff": [
        (files.fax()[:-900], Problem.DAMAGED),
        (files.picture("TIFF", (400, 400))[:-5000], Problem.DAMAGED),
        (files.picture("PNG"), Problem.DAMAGED),
    ],
    "heic": [
        (files.picture("HEIF", (400, 400))[:-5000], Problem.DAMAGED),
        (files.picture("JPEG"), Problem.DAMAGED),
    ],
    "text": [
        (b"x" * 5000 + b"\x00", Problem.NOT_TEXT),
        (b"x" * 5000 + b"\xff\x81", Problem.NOT_TEXT),
        ("сердце".encode("utf-16")[:-1], Problem.NOT_TEXT),
        (b"x" * 1048570 + b"<script>alert(1)</script>", Problem.WEB_PAGE),
        (b"x" * 5000 + b"<SVG onload='x'>", Problem.WEB_PAGE),
    ],
    "dicom": [
        (files.dicom("MR_truncated.dcm"), Problem.INCOMPLETE),
        (files.dicom("rtplan_truncated.dcm"), Problem.INCOMPLETE),
        (files.dicom("examples_jpeg2k.dcm")[:-4000], Problem.INCOMPLETE),
        (files.dicom("image_dfl.dcm")[:-400], Problem.DAMAGED),
        (files.dicom("nested_priv_SQ.dcm"), Problem.NOT_AN_IMAGE),
        (b"\x00" * 128 + b"DICM", Problem.NOT_AN_IMAGE),
    ],
}


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_are_refused_with_their_reason(kind):
    batch, problems = zip(*REFUSED[kind], strict=True)
    assert verdicts(kind, *batch) == [({}, problem) for problem in problems]


def test_a_dicom_bomb_ends_at_the_limits():
    bomb = files.deflated_bomb()
    assert len(bomb) < 500_000
    before = seconds_of_children()
    assert verdict("dicom", bomb, QUICK).problem == Problem.LIMITS
    assert seconds_of_children() - before < QUICK.cpu + 5


def test_one_bad_file_of_a_batch_spoils_no_other():
    """Each has a process of its own: one that hangs, one that dies and one that is cut short get their verdicts, in order."""
    batch = [files.dicom(), files.deflated_bomb(), files.dicom("MR_small.dcm"), files.dicom("MR_truncated.dcm"), b"junk", files.dicom()]
    found = verdicts("dicom", *batch, limits=QUICK)
    assert [one.problem for one in found] == [None, Problem.LIMITS, None, Problem.INCOMPLETE, Problem.DAMAGED, None]
    assert [found[number].facts["modality"] for number in (0, 2, 5)] == ["CT", "MR", "CT"]


def test_memory_time_and_the_clock_are_limited():
    assert verdict("png", files.blank_png(9000), Limits(memory=256 * 1024**2)).problem == Problem.LIMITS
    assert verdict("pdf", files.printed_pdf(), Limits(wall=0.0005)).problem == Problem.LIMITS


def test_bytes_turned_over_at_random_never_get_past_the_child():
    """Whatever a parser makes of a broken file, the parent gets a verdict with facts of the known shape or a problem."""
    chance = random.Random(7)
    for kind, whole in (
        ("pdf", files.active_pdf()),
        ("dicom", files.dicom()),
        ("png", files.picture("PNG")),
        ("jpeg", files.picture("JPEG")),
        ("tiff", files.fax()),
        ("heic", files.picture("HEIF")),
        ("text", b"Dear doctor" * 20),
    ):
        batch = []
        for _ in range(4):
            broken = bytearray(whole)
            for _ in range(20):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            batch.append(bytes(broken))
        found = verdicts(kind, *batch, limits=QUICK)
        assert [bool(facts) != bool(problem) for facts, problem in found] == [True] * 4


def test_the_files_own_trouble_is_not_the_stores():
    """An error while reading the stored bytes goes on to the caller, and no child is left behind."""

    def read(start: int, end: int) -> bytes:
        raise TimeoutError("the disk is gone")

    with pytest.raises(TimeoutError):
        examine("pdf", 1000, read)


def test_the_child_imports_no_django_and_confines_itself(tmp_path):
    program = (
        "import sys, json, resource, socket; from records import child; child.confine(2**30)\n"
        "import records.formats.pdf, records.formats.image, records.formats.dicom; child.confine_to_one_file(5, 60)\n"
        "def tried(what, *a):\n"
        "    try: return what(*a) and 'done'\n"
        "    except OSError as error: return type(error).__name__\n"
        "print(json.dumps([[m for m in sys.modules if m.split('.')[0] in ('django', 'secondop')],\n"
        "    resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0],\n"
        "    tried(open(sys.argv[1], 'wb', 0).write, b'x'),\n"
        "    tried(socket.create_connection, ('127.0.0.1', 9)), tried(socket.gethostbyname, 'example.org')]))"
    )
    command = [sys.executable, "-c", program, tmp_path / "written"]
    run = subprocess.run(command, env={"PYTHONPATH": str(SIDE)}, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == [[], 2**30, 5, "OSError", "PermissionError", "PermissionError"]


def test_a_parser_that_is_not_written_in_python_has_no_network_where_the_system_can_take_it_away():
    can = "import ctypes; from records.child import CLONE_NEWNET, CLONE_NEWUSER as user; ctypes.CDLL(None).unshare(user | CLONE_NEWNET)"
    does = "from records import child; child.confine(2**30)"
    networks = []
    for code in (can, does):
        program = f"import os; {code}; print(os.readlink('/proc/self/ns/net'))"
        run = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(SIDE)}, capture_output=True, text=True, check=True)
        networks.append(run.stdout.strip() != os.readlink("/proc/self/ns/net"))
    assert networks[1] == networks[0]


def test_a_child_does_not_outlive_its_parent():
    """kill -9 of a worker takes the parser with it."""
    program = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'from records import child; import time; child.confine(2**30);"
        " print(1, flush=True); time.sleep(60)'], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    run = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(SIDE)}, capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGKILL
    limit = time.monotonic() + LONG
    while is_running(int(run.stdout)):
        assert time.monotonic() < limit
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


NUMBERS = st.integers() | st.floats() | st.booleans() | st.none()
JSON = st.recursive(NUMBERS | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(st.fixed_dictionaries({"width": JSON, "height": JSON}) | JSON)
def test_only_facts_of_the_known_shape_pass(found):
    """The child may have been taken over by the file it read."""
    try:
        facts = tidy("png", found)
    except (ValueError, KeyError, TypeError):
        return
    assert set(facts) == {"width", "height"}
    assert all(type(value) is int and 0 <= value <= 10_000_000 for value in facts.values())


def test_text_of_a_file_is_cleaned_before_it_is_stored():
    found = dict.fromkeys(("modality", "study_description", "series_description", "study_uid", "series_uid"), "a\x00\ud800\u202eb" * 200)
    found |= dict.fromkeys(("sop_uid", "sop_class", "instance_number", "series_number", "body_part"), "1") | dict.fromkeys(
        ("rows", "columns", "frames"), 1
    )
    found |= {"burned_in": "maybe", "private": ["A\x00 B"], "listed": []}
    facts = tidy("dicom", {**found, "study_date": "20240230", "patient": {"name": "x", "birth_date": "nonsense", "sex": ""}, "more": 1})
    assert facts["modality"] == ("ab" * 200)[:200]
    assert (facts["study_date"], facts["patient"]["birth_date"]) == ("", "")
    assert "more" not in facts


def test_a_large_file_is_never_held_in_memory():
    """2 GiB of pixels behind the socket: only what the parser asks for is read, 64 KiB at most at a time."""
    small = files.dicom()
    length = small.index(b"\xe0\x7f\x10\x00OW\x00\x00") + 8
    pixels = 2 * 1024**3 - 2
    head = small[:length] + pixels.to_bytes(4, "little")
    asked: list[int] = []

    def read(start: int, end: int) -> bytes:
        asked.append(end - start)
        return head[start:end].ljust(end - start, b"\x00")

    facts, problem = examine("dicom", len(head) + pixels, read, Limits(memory=256 * 1024**2))
    assert problem is None and facts["rows"] == 128
    assert max(asked) <= 65536 and sum(asked) < 1024**2
    assert examine("dicom", len(head) + pixels - 1, read).problem == Problem.INCOMPLETE
