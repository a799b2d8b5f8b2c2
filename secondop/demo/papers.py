"""The files of the demo: made here, or taken from the samples that pydicom ships."""

import io
import zipfile
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from weasyprint import HTML

from .phantom import study

FILES = Path(__file__).parent / "files"
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head>
<body><p>Demo document about an invented person</p><h1>{title}</h1><p>{text}</p></body></html>"""


def files_of(paper: dict[str, Any], patient: str) -> list[tuple[str, bytes]]:
    """Names and bytes of what a line of a story stands for: one file, or the slices of a study.

    ``slices`` says how many these are, and ``named`` whom they name where that is not the patient.
    """
    return study(paper["slices"], paper.get("named", patient)) if "slices" in paper else [(paper["name"], content(paper, patient))]


def content(paper: dict[str, Any], patient: str = "") -> bytes:
    """The bytes of one file, about ``patient``.

    A DICOM sample by its name (``dicom``), a FHIR bundle of the folder ``files`` (``health``), the photo of a sheet with lines
    (``photo``), words as they are (``plain``), a ZIP archive of papers (``holds``), otherwise a PDF with ``title`` and ``text``.
    """
    given, _, family = patient.rpartition(" ")
    if "holds" in paper:
        return packed([(inner["name"], content(inner, patient)) for inner in paper["holds"]])
    if "photo" in paper:
        return photo(paper["photo"])
    if "plain" in paper:
        return paper["plain"].encode()
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


def packed(files: list[tuple[str, bytes]]) -> bytes:
    """A ZIP archive of files given by their names, folders before them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def photo(lines: list[str]) -> bytes:
    """A JPEG of a sheet of paper with ``lines`` on it, as a phone takes one."""
    picture = Image.new("RGB", (900, 1200), "#cfc6b4")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(30)
    draw.polygon([(60, 50), (850, 70), (830, 1150), (40, 1130)], fill="#fbfaf5")
    for place, line in enumerate(lines):
        draw.text((120, 130 + 62 * place), line, fill="#2a2f35", font=font)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
