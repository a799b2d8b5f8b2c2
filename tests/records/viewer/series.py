"""Series of scans to prepare, and frames as a browser unpacks them."""

import io
import json
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import FileDataset

from records.models import Record
from records.services import add_files
from records.viewer import stacks
from records.viewer.models import Stack
from secondop.cases.models import Case
from tests.records.conftest import check_all
from tests.records.files import dicom

TYPES = {"u8": np.uint8, "i16": np.int16, "u16": np.uint16, "rgb": np.uint8}


def slice_of(number: int, *, series: str = "1.2.3.4", name: str = "CT_small.dcm", **elements: object) -> bytes:
    """A CT slice with a number and a place of its own in a series."""
    dataset = dcmread(io.BytesIO(dicom(name)))
    dataset.SeriesInstanceUID, dataset.InstanceNumber = series, number
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"{series}.{number}"
    dataset.ImagePositionPatient = [-158.1, -179.0, -75.7 - 2 * number]
    return of_nobody(dataset, **elements)


def of_nobody(dataset: FileDataset, **elements: object) -> bytes:
    """The bytes of a file with other header values, and without those of a person, who would not be the patient."""
    for keyword, value in {"PatientName": "Anonymous", "PatientBirthDate": "", "PatientSex": "", **elements}.items():
        setattr(dataset, keyword, value)
    return written(dataset)


def written(dataset: FileDataset) -> bytes:
    """The bytes of a file."""
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def sent(case: Case, files: Iterable[bytes]) -> list[Record]:
    """The records of these files, checked."""
    add_files(case, [(f"slice {number}.dcm", data) for number, data in enumerate(files)], by=case.patient)
    check_all()
    return list(case.records.order_by("pk"))


def prepared(case: Case, *files: bytes) -> Stack:
    """The one stack of these files, prepared."""
    sent(case, files)
    stack = case.stacks.get()
    assert stacks.prepare(stack.pk)
    stack.refresh_from_db()
    return stack


def unpacked(packed: bytes, rows: int, columns: int, kind: str) -> NDArray:
    """The pixels of a packed frame, read in the plain way."""
    data = np.frombuffer(zlib.decompress(packed), np.uint8)
    size, wide = rows * columns, kind.endswith("16")
    if wide:
        planes = [data[:size].astype(np.uint16) | (data[size:].astype(np.uint16) << 8)]
    else:
        planes = [data[start : start + size] for start in range(0, len(data), size)]
    made = [_unfolded(plane.reshape(rows, columns)) for plane in planes]
    return np.stack(made, axis=-1) if kind == "rgb" else made[0].view(TYPES[kind])


def _unfolded(folded: NDArray) -> NDArray:
    steps = (folded >> 1) ^ (0 - (folded & 1)).astype(folded.dtype)
    steps[:, 0] = np.cumsum(steps[:, 0], dtype=folded.dtype)
    return np.cumsum(steps, axis=1, dtype=folded.dtype)


def split(body: bytes) -> list[bytes]:
    """The packed frames of an answer."""
    found = []
    while body:
        (length,) = struct.unpack("!I", body[:4])
        found.append(body[4 : 4 + length])
        body = body[4 + length :]
    return found


def shown(body: bytes, index: bytes, first: int = 0) -> list[NDArray]:
    """The pixels of an answer's frames, with what the index says of them."""
    known = json.loads(index)
    groups = [known["groups"][image[0]] for image in known["images"]][first:]
    return [unpacked(packed, group["rows"], group["columns"], group["format"]) for packed, group in zip(split(body), groups, strict=False)]
