"""Files of every transfer syntax and of hostile headers, decoded in the child: the file's own pixels, or a word why not."""

import io
import json
import math

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.pixels import pixel_array

from records.sandbox import Upload
from records.viewer.decoder import Dead, Decoded, Decoder, Limits, _info
from records.viewer.problems import Problem
from tests.records.files import dicom
from tests.records.viewer.series import unpacked, written

EXACT = (
    *("MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm"),
    *("MR_small_jpeg_ls_lossless.dcm", "693_J2KI.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_rle.dcm"),
    *("JPEGLSNearLossless_16.dcm", "liver_1frame.dcm", "SC_ybr_full_422_uncompressed.dcm", "J2K_pixelrep_mismatch.dcm"),
)
CHANGES = {
    "more rows than pixels": ({"Rows": 2000}, Problem.DAMAGED),
    "four thousand million pixels": ({"Rows": 65535, "Columns": 65535}, Problem.TOO_LARGE),
    "a million frames": ({"NumberOfFrames": 1_000_000}, Problem.TOO_MANY),
    "no rows": ({"Rows": 0}, Problem.NO_PIXELS),
}


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as running:
        yield running


def decoded(decoder: Decoder, data: bytes, **options: bool) -> list[Decoded]:
    return list(decoder.decode(Upload(len(data), lambda start, end: data[start:end]), **options))


def pixels(frame: Decoded) -> np.ndarray:
    return unpacked(frame.packed, frame.info["rows"], frame.info["columns"], frame.info["format"])


def slice_with(**elements: object) -> bytes:
    dataset = dcmread(io.BytesIO(dicom()))
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return written(dataset)


def of_type(values: np.ndarray, **elements: object) -> bytes:
    """A slice whose pixels are ``values``."""
    size, signed = values.dtype.itemsize * 8, int(values.dtype.kind == "i")
    stored = {"BitsAllocated": size, "BitsStored": size, "HighBit": size - 1, "PixelRepresentation": signed}
    rows, columns = values.shape
    return slice_with(PixelData=values.tobytes(), Rows=rows, Columns=columns, **stored, **elements)


@pytest.mark.parametrize("name", EXACT)
def test_the_pixels_are_the_files_own(decoder, name):
    (frame,) = decoded(decoder, dicom(name))
    assert frame.info["exact"]
    assert np.array_equal(pixels(frame), pixel_array(get_testdata_file(name)))


@pytest.mark.filterwarnings("ignore:Expected explicit VR")
def test_a_file_whose_elements_are_not_written_as_its_head_says_is_an_image(decoder):
    (frame,) = decoded(decoder, dicom("SC_rgb_jpeg.dcm"))
    assert np.array_equal(pixels(frame), dcmread(get_testdata_file("SC_rgb_jpeg.dcm")).pixel_array)


def test_every_frame_of_a_film_is_there_and_one_has_a_picture(decoder):
    frames = decoded(decoder, dicom("examples_ybr_color.dcm"), preview=True)
    assert len(frames) == 30
    assert [bool(frame.preview) for frame in frames].count(True) == 1
    assert np.array_equal(pixels(frames[29]), pixel_array(get_testdata_file("examples_ybr_color.dcm"), index=29))


def test_a_palette_becomes_colors_and_large_numbers_are_rounded_and_say_so(decoder):
    (painted,) = decoded(decoder, dicom("examples_palette.dcm"))
    assert painted.info["format"] == "rgb"
    doses = decoded(decoder, dicom("rtdose.dcm"))
    stored = pixel_array(get_testdata_file("rtdose.dcm"), index=3)
    slope, intercept = doses[3].info["scale"]
    assert not doses[3].info["exact"]
    assert np.allclose(pixels(doses[3]) * slope + intercept, stored, atol=slope)


@pytest.mark.parametrize("kind", ["<u1", "<i2", "<u2", "<i4"])
def test_values_of_any_size_and_sign_keep_their_meaning(decoder, kind):
    values = (np.arange(64 * 48).reshape(64, 48) % 200).astype(kind)
    if values.dtype.kind == "i":
        values -= 100
    (frame,) = decoded(decoder, of_type(values))
    assert np.array_equal(pixels(frame).astype(int), values.astype(int))


def test_white_bones_and_black_ones_are_told_apart(decoder):
    (frame,) = decoded(decoder, slice_with(PhotometricInterpretation="MONOCHROME1"))
    assert frame.info["invert"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_header_that_lies_is_no_image_and_the_next_file_is_one(decoder, change):
    elements, problem = CHANGES[change]
    assert decoded(decoder, slice_with(**elements)) == []
    assert decoder.problem == problem
    assert len(decoded(decoder, dicom())) == 1


def test_sizes_that_are_none_and_windows_that_are_none_count_as_missing(decoder):
    for spacing in ([-1.0, 1.0], [0, 0], ["nan", "nan"]):
        dataset: FileDataset = dcmread(io.BytesIO(dicom()))
        dataset.PixelSpacing = ["1", "1"]
        data = written(dataset).replace(b"DS\x04\x001\\1 ", b"DS\x08\x00" + "\\".join(map(str, spacing)).ljust(8)[:8].encode(), 1)
        (frame,) = decoded(decoder, data)
        assert frame.info["spacing"] is None
    (frame,) = decoded(decoder, slice_with(WindowCenter=40, WindowWidth=-5))
    (_, _, center, width, _), *more = frame.info["views"]
    assert math.isfinite(center) and width > 0 and not more


def test_sizes_at_the_detector_are_said_to_be_there(decoder):
    dataset = dcmread(io.BytesIO(dicom()))
    del dataset.PixelSpacing
    dataset.ImagerPixelSpacing = [0.2, 0.2]
    (frame,) = decoded(decoder, written(dataset))
    assert (frame.info["spacing"], frame.info["at_detector"]) == ([0.2, 0.2], True)


@pytest.mark.parametrize(
    ("elements", "at_detector"),
    [
        ({"Modality": "CT"}, False),
        ({"Modality": "CR"}, True),
        ({"Modality": "DX", "ImagerPixelSpacing": [0.2, 0.2]}, True),
        ({"Modality": "DX", "ImagerPixelSpacing": [0.25, 0.25]}, False),
        ({"Modality": "DX", "ImagerPixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "FIDUCIAL"}, False),
    ],
    ids=["slice", "shadow", "shadow of the same size", "corrected shadow", "measured shadow"],
)
def test_a_shadow_on_a_detector_is_not_measured_as_the_body(decoder, elements, at_detector):
    (frame,) = decoded(decoder, slice_with(PixelSpacing=[0.2, 0.2], **elements))
    assert (frame.info["spacing"], frame.info["at_detector"]) == ([0.2, 0.2], at_detector)


def test_pixels_that_are_not_square_are_not_drawn_square(decoder):
    (sized,) = decoded(decoder, slice_with(PixelSpacing=[1.0, 0.5], PixelAspectRatio=[1, 1]))
    dataset = dcmread(io.BytesIO(slice_with(PixelAspectRatio=[4, 3])))
    del dataset.PixelSpacing
    (shaped,) = decoded(decoder, written(dataset))
    dataset.PixelAspectRatio = [0, 3]
    (neither,) = decoded(decoder, written(dataset))
    assert [frame.info["aspect"] for frame in (sized, shaped, neither)] == [2, 4 / 3, 1]
    assert shaped.info["spacing"] is None


@pytest.mark.parametrize("name", ["JPEG-lossy.dcm", "JPGExtended.dcm"])
def test_a_12_bit_jpeg_is_not_called_damaged(decoder, name):
    assert (decoded(decoder, dicom(name)), decoder.problem) == ([], Problem.TWELVE_BITS)


def test_a_number_that_no_computer_holds_is_nonsense(decoder):
    (frame,) = decoded(decoder, dicom())
    for scale in ([10**400, 0], [True, 0], ["1", 0], [1]):
        with pytest.raises(Dead):
            _info(json.dumps({**frame.info, "scale": scale}).encode())


def test_a_file_that_kills_its_process_is_left_out_and_the_next_one_is_there():
    with Decoder(Limits(memory=400 * 1024**2)) as tight:
        big = of_type(np.zeros((6000, 6000), "<u2"))
        assert decoded(tight, big) == []
        assert tight.problem == Problem.LIMITS
        assert len(decoded(tight, dicom())) == 1
