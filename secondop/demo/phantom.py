"""A small study for the demo: slices of a neck that nobody has, drawn by a formula."""

import io
import math
from array import array

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

SIDE = 96
LOST = 13  # a slice that was not copied, as it happens
MRI = {
    "SOPClassUID": MRImageStorage,
    "Modality": "MR",
    "StudyDate": "20261102",
    "StudyDescription": "MRI of the cervical spine",
    "SeriesDescription": "T2 axial",
    "SeriesNumber": "3",
    "BodyPartExamined": "CSPINE",
    "ImageType": ["ORIGINAL", "PRIMARY"],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "PixelSpacing": [1.6, 1.6],
    "SliceThickness": "3",
    "WindowCenter": "400",
    "WindowWidth": "900",
    "Rows": SIDE,
    "Columns": SIDE,
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "PixelRepresentation": 0,
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
}


def study(count: int, patient: str) -> list[tuple[str, bytes]]:
    """Names and bytes of the slices, all of ``count`` but one; the header names ``patient``."""
    given, _, family = patient.rpartition(" ")
    names = {"PatientName": f"{family}^{given}", "StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    return [(f"IM{number:05}", one_slice(number, count, names)) for number in range(1, count + 1) if number != LOST]


def one_slice(number: int, count: int, names: dict[str, str]) -> bytes:
    """The bytes of one slice."""
    image = Dataset()
    place = {"InstanceNumber": str(number), "ImagePositionPatient": [0, 0, 3 * number], "SOPInstanceUID": generate_uid()}
    for keyword, value in {**MRI, **names, **place}.items():
        setattr(image, keyword, value)
    image.PixelData = pixels(number / count).tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = io.BytesIO()
    image.save_as(out, enforce_file_format=True)
    return out.getvalue()


def pixels(depth: float) -> "array[int]":
    """A neck at ``depth`` (0 to 1): skin, muscle, a vertebra with its disc, and the canal behind it."""
    rings = (
        (0.5, 0.5, 0.44, 0.38, 260),
        (0.5, 0.5, 0.41, 0.35, 180),
        (0.5, 0.38, 0.15, 0.11, 420 + int(260 * math.cos(depth * 40))),
        (0.5, 0.53, 0.08, 0.05, 760),
        (0.5, 0.535, 0.05, 0.03, 340),
        (0.33, 0.4, 0.045, 0.04, 90),
        (0.67, 0.4, 0.045, 0.04, 90),
        (0.5, 0.24, 0.06, 0.05, 20),
    )
    found = array("H", bytes(2 * SIDE * SIDE))
    for x, y, width, height, shade in rings:
        for row in range(int((y - height) * SIDE), int((y + height) * SIDE) + 1):
            reach = 1 - ((row / SIDE - y) / height) ** 2
            half = width * math.sqrt(max(0.0, reach))
            for column in range(math.ceil((x - half) * SIDE), int((x + half) * SIDE)):
                found[row * SIDE + column] = shade + (row * 7919 + column * 104729 + int(depth * 997)) % 23
    return found
