"""The views a file brings: windows by their functions, tables, areas of an ultrasound picture with sizes of their own, a film's tempo."""

import io
import json
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing
from pydicom.sequence import Sequence

from records.viewer.decoder import Dead, Decoder, _info
from records.viewer.sealed import Entry, Sealing, index_of
from records.viewer.voi import View, levels_of
from tests.records.files import dicom
from tests.records.viewer.series import written
from tests.records.viewer.test_decoding import decoded, slice_with


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as running:
        yield running


def table(descriptor: list[int], data: bytes | list[int], kind: str, name: str = "") -> Dataset:
    """An item of a VOI LUT Sequence."""
    item = Dataset()
    item.add_new(0x00283002, "SS" if descriptor[1] < 0 else "US", descriptor)
    item.LUTExplanation = name
    item.add_new(0x00283006, kind, data)
    return item


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("window", [(40, 80), (-600.5, 1500), (10, 1)])
def test_a_window_is_applied_as_pydicom_does_by_the_standard(function, window):
    values = np.arange(-1500, 1500).astype(np.int16)
    dataset = Dataset()
    dataset.WindowCenter, dataset.WindowWidth = window
    dataset.VOILUTFunction, dataset.PhotometricInterpretation = function, "MONOCHROME2"
    dataset.BitsStored, dataset.PixelRepresentation = 8, 0
    view = View("", {"LINEAR": "linear", "LINEAR_EXACT": "exact", "SIGMOID": "sigmoid"}[function], *window)
    with np.errstate(over="ignore"):
        assert np.allclose(levels_of(values, view), apply_windowing(values, dataset), atol=1e-6)


@pytest.mark.parametrize(("function", "found"), [(None, "linear"), ("LINEAR_EXACT", "exact"), ("SIGMOID", "sigmoid"), ("ODD", "linear")])
def test_every_window_of_a_file_is_a_view_by_its_function_and_name(decoder, function, found):
    more = {"VOILUTFunction": function} if function else {}
    data = slice_with(WindowCenter=[40, -600, 5], WindowWidth=[400, 1500, 0], WindowCenterWidthExplanation=["Organs", "Air", "x"], **more)
    (frame,) = decoded(decoder, data)
    assert frame.info["views"] == [["Organs", found, 40, 400, ""], ["Air", found, -600, 1500, ""]]


def test_a_linear_window_narrower_than_the_standard_has_it_is_taken_exactly(decoder):
    (frame,) = decoded(decoder, slice_with(WindowCenter=0.5, WindowWidth=0.2))
    assert frame.info["views"] == [["", "exact", 0.5, 0.2, ""]]


TABLES = {
    "words": (table([4, -100, 12], np.array([0, 1000, 2000, 4095], "<u2").tobytes(), "OW", "Bones"), -98, [0, 62, 125, 255]),
    "numbers": (table([3, 7, 8], [255, 128, 0], "US"), 8.5, [255, 128, 0]),
    "bytes in words": (table([300, 0, 8], bytes(range(250)) + bytes([250] * 50), "OW"), 150, [*range(250), *[250] * 50]),
    "larger than said": (table([2, 0, 8], [0, 1023], "US"), 1, [0, 255]),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_first_view_and_a_window_the_next(decoder, name):
    item, center, levels = TABLES[name]
    (frame,) = decoded(decoder, slice_with(VOILUTSequence=Sequence([item]), WindowCenter=40, WindowWidth=400))
    first, second = frame.info["views"]
    assert first[1:4] == ["table", center, len(levels)]
    assert list(b64decode(first[4])) == levels
    assert second[:2] == ["", "linear"]


@pytest.mark.parametrize(
    "item",
    [table([40, 0, 16], [1, 2], "US"), table([4, 0, 99], [1, 2, 3, 4], "US"), table([0, 0, 8], b"", "OW")],
    ids=["too short", "of 99 bits", "empty"],
)
def test_a_table_that_is_none_is_left_out(decoder, item):
    (frame,) = decoded(decoder, slice_with(VOILUTSequence=Sequence([item]), WindowCenter=40, WindowWidth=400))
    assert [view[1] for view in frame.info["views"]] == ["linear"]


def test_the_picture_is_made_by_the_table(decoder):
    dark = table([2, 0, 8], [9, 9], "US")
    (frame,) = decoded(decoder, slice_with(VOILUTSequence=Sequence([dark])), preview=True)
    assert Image.open(io.BytesIO(frame.preview)).getextrema() == (9, 9)


def test_what_is_no_view_and_no_area_does_not_pass(decoder):
    (frame,) = decoded(decoder, dicom())
    nonsense = [["", "odd", 1, 1, ""], ["", "exact", 1, 0, ""], ["", "table", 1, 2, "AA=="], ["", "exact", 1, 1, "AA=="], ["", "exact", 1]]
    for change in [
        *({"views": [view]} for view in nonsense),
        {"views": [["", "exact", 1, 1, ""]] * 9},
        {"regions": [[1, 2]]},
        {"tempo": "x"},
    ]:
        with pytest.raises(Dead):
            _info(json.dumps({**frame.info, **change}).encode())


def test_an_index_says_a_table_once_and_leaves_out_what_is_too_much(decoder):
    large, small = (["", "table", 1, 3, text] for text in ("AAAA", "AAAB"))
    (frame,) = decoded(decoder, dicom())
    sealing = Sealing(io.BytesIO())
    sealing.room = 4
    for view in (large, large, small):
        sealing.add(1, {**frame.info, "views": [list(view), ["", "linear", 1, 1, ""]]}, b"x", b"")
    known = index_of(sealing.entries)
    assert known["views"] == [large, ["", "linear", 1, 1, ""]]
    assert [known["looks"][image[1]][2] for image in known["images"]] == [[0, 1], [0, 1], [1]]
    color = index_of([Entry(0, 1, 1, {**frame.info, "views": []})])
    assert color["views"] == [["", "exact", 127.5, 255, ""]]


def test_areas_of_an_ultrasound_picture_have_sizes_where_they_are_lengths(decoder):
    (frame,) = decoded(decoder, dicom("examples_palette.dcm"))
    picture, curve = frame.info["regions"]
    assert picture == [120, 60, 801, 519, pytest.approx(0.2623, abs=1e-4), pytest.approx(0.2623, abs=1e-4)]
    assert curve == [176, 522, 744, 577, None, None]
    assert frame.info["spacing"] is None
    dataset = dcmread(io.BytesIO(dicom("examples_palette.dcm")))
    dataset.SequenceOfUltrasoundRegions[1].RegionFlags = 2
    (frame,) = decoded(decoder, written(dataset))
    assert [area[0] for area in frame.info["regions"]] == [176, 120], "what hides the other counts first"


@pytest.mark.parametrize(
    ("elements", "tempo"),
    [
        ({}, None),
        ({"FrameTime": 33.333}, 33.3),
        ({"CineRate": 25, "FrameTime": 33}, 40),
        ({"RecommendedDisplayFrameRate": 10, "CineRate": 25}, 100),
        ({"FrameTimeVector": [0, 40, 60]}, 50),
        ({"CineRate": 100000}, None),
    ],
    ids=["nothing", "time", "rate", "recommended", "times", "nonsense"],
)
def test_a_film_has_its_tempo(decoder, elements, tempo):
    (frame,) = decoded(decoder, slice_with(**elements))
    assert frame.info["tempo"] == tempo
