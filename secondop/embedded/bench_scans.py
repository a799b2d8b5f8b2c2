"""Slices of a scan for ./dev bench: a real CT image of pydicom's own set at the usual size, each with its number, place, name and noise."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

ENLARGED = 4  # from 128 pixels a side to 512
NOISE = 12
SPACING = 0.7  # mm between two slices


def slices(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of ``count`` files of one series."""
    dataset, noise = dcmread(str(get_testdata_file("CT_small.dcm", download=False))), np.random.default_rng(1)
    pixels = np.kron(dataset.pixel_array, np.ones((ENLARGED, ENLARGED), np.int16))
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PixelSpacing = [side / ENLARGED for side in dataset.PixelSpacing]
    left, top, bottom = dataset.ImagePositionPatient
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    for number in range(1, count + 1):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber = number
        dataset.ImagePositionPatient = [left, top, bottom + number * SPACING]
        dataset.PixelData = (pixels + noise.integers(-NOISE, NOISE, pixels.shape, np.int16)).tobytes()
        written = io.BytesIO()
        dataset.save_as(written)
        yield f"IM{number:05}.dcm", written.getvalue()


def packed(files: Iterable[tuple[str, bytes]], path: Path) -> None:
    """Write ``files`` into a ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files:
            archive.writestr(f"DICOM/{name}", data)


def plainly_read(files: Iterable[tuple[str, bytes]]) -> None:
    """What the libraries alone do with the files: header and pixels, once each."""
    for _, data in files:
        dcmread(io.BytesIO(data)).pixel_array.sum()
