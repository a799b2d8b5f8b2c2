"""DICOM: the header read by pydicom, the pixel data only found to be there in full."""

import io
import warnings
from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, MediaStorageDirectoryStorage

from .problems import Problem, Unreadable

LEFT_ON_DISK = 65536  # values longer than this are not read
UNDEFINED = 0xFFFFFFFF
TEXT_LIMIT = 200
NUMBERS = {"rows": "Rows", "columns": "Columns", "frames": "NumberOfFrames"}
TEXTS = {
    "modality": "Modality",
    "study_date": "StudyDate",
    "study_description": "StudyDescription",
    "series_description": "SeriesDescription",
    "study_uid": "StudyInstanceUID",
    "series_uid": "SeriesInstanceUID",
    "sop_uid": "SOPInstanceUID",
    "sop_class": "SOPClassUID",
    "instance_number": "InstanceNumber",
    "series_number": "SeriesNumber",
    "body_part": "BodyPartExamined",
}
PATIENT = {"name": "PatientName", "birth_date": "PatientBirthDate", "sex": "PatientSex"}


def facts(file: BinaryIO) -> dict[str, object]:
    """What the header says of the study and the patient. Raises ``Unreadable``, or what pydicom raises for a damaged file."""
    dataset = header(file)
    found: dict[str, object] = {name: text(dataset, keyword) for name, keyword in TEXTS.items()}
    found |= {name: int(dataset.get(keyword) or 0) for name, keyword in NUMBERS.items()}
    return found | {"patient": {name: text(dataset, keyword) for name, keyword in PATIENT.items()}}


def header(file: BinaryIO) -> FileDataset:
    """The file's elements, long values left where they are. Raises as ``facts``."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="End of (file|input)")  # pydicom goes on with what it has
        try:
            dataset = dcmread(file, defer_size=LEFT_ON_DISK, force=False)
        except UserWarning:
            raise Unreadable(Problem.INCOMPLETE) from None
    if dataset.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise Unreadable(Problem.DIRECTORY)
    if not dataset.get("SOPClassUID") or not dataset.get("SOPInstanceUID"):
        raise Unreadable(Problem.NOT_AN_IMAGE)
    inflated = dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian  # offsets are not the file's
    if not inflated and cut_short(dataset, size):
        raise Unreadable(Problem.INCOMPLETE)
    return dataset


def cut_short(dataset: FileDataset, size: int) -> bool:
    """Whether an element reaches beyond the end of the file, or the pixels that the header announces are missing."""
    raw = [element for element in dataset.values() if isinstance(element, RawDataElement) and element.length != UNDEFINED]
    if any(element.value_tell + element.length > size for element in raw):
        return True
    return "Rows" in dataset and not any(key in dataset for key in ("PixelData", "FloatPixelData", "DoubleFloatPixelData"))


def text(dataset: FileDataset, keyword: str) -> str:
    """The value of an element as text, empty where there is none."""
    value = dataset.get(keyword)
    return "" if value is None else str(value)[:TEXT_LIMIT]
