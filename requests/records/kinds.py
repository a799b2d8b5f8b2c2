"""What a file is, judged by its first bytes. Nothing is decided by its name or by what the browser says."""

from typing import NamedTuple

from django.db import models

HEAD = 4096  # bytes needed to judge


class Kind(models.TextChoices):
    """What we take."""

    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    DICOM = "dicom", "DICOM"


class Format(NamedTuple):
    """How a kind is served: its media type, and the endings a file of it may have (the first is added where none fits)."""

    media_type: str
    endings: tuple[str, ...]


FORMATS = {
    Kind.PDF: Format("application/pdf", (".pdf",)),
    Kind.JPEG: Format("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif")),
    Kind.PNG: Format("image/png", (".png",)),
    Kind.DICOM: Format("application/dicom", (".dcm", ".dicom", ".ima")),
}
PRINT_TO_PDF = "Open it and print it to a PDF file, then send that."
# Beginnings of what we do not take, the more telling first: (offset, bytes, what it is, what to do).
OTHERS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%!PS", "a PostScript file", PRINT_TO_PDF),
    (0, b"{\\rtf", "a text document (RTF)", PRINT_TO_PDF),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office document", PRINT_TO_PDF),
    (0, b"PK\x03\x04", "a ZIP archive", "We cannot take these yet: please unpack it and send the files in it."),
    (0, b"PK\x05\x06", "an empty ZIP archive", "Please send the files themselves."),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Please unpack it and send the files in it."),
    (0, b"Rar!\x1a\x07", "a RAR archive", "Please unpack it and send the files in it."),
    (0, b"\x1f\x8b", "a gzip archive", "Please unpack it and send the files in it."),
    (257, b"ustar", "a TAR archive", "Please unpack it and send the files in it."),
    (0, b"GIF8", "a GIF picture", "Please send a JPEG or PNG picture."),
    (0, b"BM", "a BMP picture", "Please send a JPEG or PNG picture."),
    (0, b"II*\x00", "a TIFF picture", "We cannot take these yet: please send a PDF, JPEG or PNG."),
    (0, b"MM\x00*", "a TIFF picture", "We cannot take these yet: please send a PDF, JPEG or PNG."),
    (8, b"WEBP", "a WebP picture", "Please send a JPEG or PNG picture."),
    (4, b"ftyphei", "an iPhone picture (HEIC)", "We cannot take these yet: please send a JPEG copy."),
    (4, b"ftypmif1", "an iPhone picture (HEIC)", "We cannot take these yet: please send a JPEG copy."),
    (4, b"ftyphevc", "an iPhone picture (HEIC)", "We cannot take these yet: please send a JPEG copy."),
    (4, b"ftyp", "a video", "Please send a document or a picture."),
    (0, b"\x1aE\xdf\xa3", "a video", "Please send a document or a picture."),
    (8, b"AVI ", "a video", "Please send a document or a picture."),
    (0, b"ID3", "a sound file", "Please send a document or a picture."),
    (8, b"WAVE", "a sound file", "Please send a document or a picture."),
    (0, b"MZ", "a program", "Please send only your medical records."),
    (0, b"\x7fELF", "a program", "Please send only your medical records."),
    (0, b"#!", "a program", "Please send only your medical records."),
)
WEB_PAGE = ("a web page", "Open it in your browser and print it to a PDF file, then send that.")
OFFICE = {
    b"word/": ("a Word document", PRINT_TO_PDF),
    b"xl/": ("an Excel workbook", PRINT_TO_PDF),
    b"ppt/": ("a PowerPoint presentation", PRINT_TO_PDF),
    b"mimetypeapplication/vnd.oasis.opendocument": ("an OpenDocument file", PRINT_TO_PDF),
}
EXPECTED = {".pdf": "a PDF", ".jpg": "a JPEG picture", ".jpeg": "a JPEG picture", ".png": "a PNG picture", ".dcm": "a DICOM file"}
UNKNOWN = "We can take PDF, JPEG, PNG and DICOM files, and this seems to be none of them. Please send a PDF or a picture of it."


class NotTaken(Exception):
    """The file is none of the kinds we take; the message says to a person what it is and what to do."""


def judge(head: bytes, ending: str = "") -> Kind:
    """The kind of a file that begins with ``head`` (its first 4 KiB, or all of a shorter one).

    ``ending`` is the name's, used only to say what the file is not. Raises ``NotTaken``.
    """
    if head[128:132] == b"DICM":
        return Kind.DICOM
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    other = _other(head)
    if other is None and b"%PDF-" in head[:1024]:  # readers look for the header this far in
        return Kind.PDF
    if other is None:
        raise NotTaken(UNKNOWN)
    what, advice = other
    contrast = f", not {EXPECTED[ending.lower()]}" if ending.lower() in EXPECTED else ""
    raise NotTaken(f"This is {what}{contrast}. {advice}")


def _other(head: bytes) -> tuple[str, str] | None:
    for offset, start, what, advice in OTHERS:
        if head.startswith(start, offset):
            packed = next((found for inside, found in OFFICE.items() if inside in head), None) if start == b"PK\x03\x04" else None
            return packed or (what, advice)
    return _text(head)


def _text(head: bytes) -> tuple[str, str] | None:
    if b"\x00" in head or b"%PDF-" in head[:16]:
        return None
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begin.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--")) or b"<html" in begin:
        return WEB_PAGE
    if begin.startswith(b"<svg") or b"<svg" in begin[:1024]:
        return "a drawing (SVG)", PRINT_TO_PDF
    if begin.startswith(b"<?xml"):
        return "an XML file", "We cannot take these yet: please send a PDF."
    if begin.startswith((b"{", b"[")):
        return "a data file (JSON)", "We cannot take these yet: please send a PDF."
    return None
