"""The files of the demo: made here, or taken from the samples that pydicom ships."""

from html import escape
from pathlib import Path

from pydicom.data import get_testdata_file
from weasyprint import HTML

PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head>
<body><p>Demo document about an invented person</p><h1>{title}</h1><p>{text}</p></body></html>"""


def content(paper: dict[str, str]) -> bytes:
    """The bytes of one file: a DICOM sample by its name (``dicom``), otherwise a PDF with ``title`` and ``text``."""
    if "dicom" in paper:
        path = get_testdata_file(paper["dicom"])
        if path is None:
            raise FileNotFoundError(paper["dicom"])
        return Path(str(path)).read_bytes()
    pdf = HTML(string=PAGE.format(title=escape(paper["title"]), text=escape(paper["text"]))).write_pdf()
    return bytes(pdf or b"")
