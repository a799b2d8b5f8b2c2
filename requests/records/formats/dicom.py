"""DICOM: the header read by pydicom, the pixel data only found to be there in full."""

import io
import warnings
from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, MediaStorageDirectoryStorage

from .elements import count, value
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
# Pictures of a screen, a device with a screen of its own, a camera: names are often part of them. PS3.3, C.7.6.1.1.2 and C.8.6.1.
DRAWN_ON = {"US", "IVUS", "SC", "XC", "GM", "ES", "OT", "OP", "DOC", "ECG"}
CAPTURED = "1.2.840.10008.5.1.4.1.1.7"
DIGITIZED = {"DV", "DI", "DF", "WSD", "SD", "SI", "DRW"}
CREATORS = 12
MOST_LISTED, LARGEST_DIRECTORY = 8000, 64 * 1024 * 1024
PATIENT = {"name": "PatientName", "birth_date": "PatientBirthDate", "sex": "PatientSex"}


def facts(file: BinaryIO) -> dict[str, object]:
    """What the header says of the study and the patient. Raises ``Unreadable``, or what pydicom raises for a damaged file."""
    dataset = header(file)
    is_directory = dataset.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage
    found: dict[str, object] = {name: text(dataset, keyword) for name, keyword in TEXTS.items()}
    found |= {name: count(dataset, keyword) for name, keyword in NUMBERS.items()}
    found["listed"] = directory(file) if is_directory else []
    found |= {"burned_in": burned_in(dataset), "private": creators(dataset)}
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
        return dataset
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


def text(dataset: Dataset, keyword: str) -> str:
    """The value of an element as text, empty where there is none."""
    found = value(dataset, keyword)
    return "" if found is None else str(found)[:TEXT_LIMIT]


def burned_in(dataset: FileDataset) -> str:
    """Whether a name may be part of the picture itself: as the header says, or ``maybe`` where pictures of this sort often have one."""
    if "Rows" not in dataset:
        return "no"
    told = text(dataset, "BurnedInAnnotation").strip().upper()
    if told in ("YES", "NO"):
        return told.lower()
    is_screen = text(dataset, "SOPClassUID").startswith(CAPTURED) or text(dataset, "ConversionType").strip() in DIGITIZED
    return "maybe" if is_screen or text(dataset, "Modality").strip() in DRAWN_ON else "no"


def creators(dataset: FileDataset) -> list[str]:
    """Who added private elements to the header: some of them hold names."""
    blocks = [tag for tag in dataset.keys() if tag.is_private_creator]  # noqa: SIM118 - a Dataset iterates over its values
    return sorted({str(dataset[tag].value)[:64] for tag in blocks[: 2 * CREATORS]})[:CREATORS]


def directory(file: BinaryIO) -> list[list[str]]:
    """What the table of contents of a disc lists: for each image its own name and the name of its file. No file is opened by it."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > LARGEST_DIRECTORY:
        raise Unreadable(Problem.LIMITS)
    found = []
    for item in dcmread(file).get("DirectoryRecordSequence") or []:
        named, place = text(item, "ReferencedSOPInstanceUIDInFile"), item.get("ReferencedFileID") or ""
        if named:
            found.append([named, (place if isinstance(place, str) else "/".join(place))[:TEXT_LIMIT]])
    return found[:MOST_LISTED]
