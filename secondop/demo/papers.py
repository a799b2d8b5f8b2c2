"""The files of the demo: made here, or taken from the samples that pydicom ships."""

import io
from html import escape
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from weasyprint import HTML

from .phantom import study

FILES = Path(__file__).parent / "files"
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head>
<body><p>Demo document about an invented person</p><h1>{title}</h1><p>{text}</p></body></html>"""


def files_of(paper: dict[str, Any], patient: str) -> list[tuple[str, bytes]]:
    """Names and bytes of what a line of a story stands for: one file, or the slices of a study (``slices``: how many)."""
    return study(paper["slices"], patient) if "slices" in paper else [(paper["name"], content(paper, patient))]


def content(paper: dict[str, str], patient: str = "") -> bytes:
    """The bytes of one file, about ``patient``.

    A DICOM sample by its name (``dicom``), a FHIR bundle of the folder ``files`` (``health``), otherwise a PDF with ``title`` and
    ``text``.
    """
    given, _, family = patient.rpartition(" ")
    if "health" in paper:
        told = (FILES / paper["health"]).read_text()
        return told.replace("{given}", given).replace("{family}", family).encode()
    if "dicom" in paper:
        path = get_testdata_file(paper["dicom"])
        if path is None:
            raise FileNotFoundError(paper["dicom"])
        return about(dcmread(str(path)), patient)
    pdf = HTML(string=PAGE.format(title=escape(paper["title"]), text=escape(paper["text"]))).write_pdf()
    return bytes(pdf or b"")


def about(image: Dataset, patient: str) -> bytes:
    """The bytes of an image whose header names ``patient``."""
    given, _, family = patient.rpartition(" ")
    image.PatientName = f"{family}^{given}"
    out = io.BytesIO()
    image.save_as(out)
    return out.getvalue()
