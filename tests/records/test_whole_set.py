"""Every file that comes with pydicom, checked and decoded: what is refused is named here, with the reason; everything else is shown."""

from pathlib import Path

import pydicom.data

from records.formats.problems import Problem
from records.sandbox import Upload, examine_all
from records.viewer.decoder import Decoder
from records.viewer.problems import Problem as Unshown

FOLDER = Path(pydicom.data.__file__).parent
REFUSED = {
    # the pixels that their headers announce are missing, or end too soon
    **dict.fromkeys(("chrJapMulti.dcm", "chrJapMultiExplicitIR6.dcm", "chrKoreanMulti.dcm"), Problem.INCOMPLETE),
    **dict.fromkeys(("MR_truncated.dcm", "rtplan_truncated.dcm"), Problem.INCOMPLETE),
    # they do not say what they are, nor which file they are
    **dict.fromkeys(("chrSQEncoding.dcm", "chrSQEncoding1.dcm", "UN_sequence.dcm", "empty_charset_LEI.dcm"), Problem.NOT_AN_IMAGE),
    **dict.fromkeys(("meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm", "priv_SQ.dcm", "no_meta_group_length.dcm"), Problem.NOT_AN_IMAGE),
}
UNSHOWN = {
    **dict.fromkeys(("JPEG-lossy.dcm", "JPGExtended.dcm"), Unshown.TWELVE_BITS),
    # pydicom cannot read these either: a picture with a marker of the file in its midst, and "1A" frames
    **dict.fromkeys(("JPEG2000-embedded-sequence-delimiter.dcm", "badVR.dcm"), Unshown.DAMAGED),
}


def is_dicom(path: Path) -> bool:
    """Whether ``path`` begins as DICOM files do, by which they are known."""
    with path.open("rb") as file:
        return file.read(132).endswith(b"DICM")


def test_everything_of_the_set_is_taken_and_shown_or_said_why_not():
    paths = [path for path in sorted(FOLDER.rglob("*")) if path.is_file() and is_dicom(path)]
    data = {path: path.read_bytes() for path in paths}
    uploads = [Upload(len(one), lambda start, end, one=one: one[start:end]) for one in data.values()]
    verdicts = dict(zip(paths, examine_all("dicom", uploads), strict=True))
    assert len(paths) > 150
    assert {path.name: verdict.problem for path, verdict in verdicts.items() if verdict.problem} == REFUSED
    unshown = {}
    with Decoder() as decoder:
        for path, upload in zip(paths, uploads, strict=True):
            frames = sum(1 for _ in decoder.decode(upload))
            if decoder.problem not in (None, Unshown.NO_PIXELS) and path.name not in REFUSED:
                unshown[path.name] = decoder.problem
            assert bool(frames) == (decoder.problem is None)
    assert unshown == UNSHOWN
