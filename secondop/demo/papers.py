"""The files of the demo: made here, or taken from the samples that pydicom ships."""

import io
from html import escape
from pathlib import Path

from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from weasyprint import HTML

FILES = Path(__file__).parent / "files"
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head>
<body><p>Demo document about an invented person</p><h1>{title}</h1><p>{text}</p></body></html>"""


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
