"""What a file is, judged by its first bytes. Nothing is decided by its name or by what the browser says."""

import re
from typing import NamedTuple

from django.db import models
from django.utils.text import get_text_list

from .formats import text
from .others import BINARY, WORDED, ZIP, Other, expected, packed, page_or_data

HEAD = 4096  # bytes needed to judge
HEADER_WITHIN = 1024  # readers look for a PDF's header this far in


class Kind(models.TextChoices):
    """What we take."""

    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    TIFF = "tiff", "TIFF"
    HEIC = "heic", "HEIC"
    DICOM = "dicom", "DICOM"
    FHIR = "fhir", "FHIR"
    CCDA = "ccda", "C-CDA"
    TEXT = "text", "Plain text"
    ZIP = "zip", "ZIP"


TOGETHER = {Kind.DICOM: 200}  # files that come by the thousands are checked together: so many share a child
DOCUMENTS = (Kind.FHIR, Kind.CCDA)
NAMING = (Kind.DICOM, *DOCUMENTS)  # that say in a place of their own whom they are about


class Format(NamedTuple):
    """How a kind is called in a sentence, and served: media type, and endings (the first is added where a name has none of them)."""

    word: str
    media_type: str
    endings: tuple[str, ...]


FORMATS = {
    Kind.PDF: Format("PDF", "application/pdf", (".pdf",)),
    Kind.JPEG: Format("JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif")),
    Kind.PNG: Format("PNG", "image/png", (".png",)),
    Kind.TIFF: Format("TIFF", "image/tiff", (".tif", ".tiff")),
    Kind.HEIC: Format("HEIC", "image/heic", (".heic", ".heif", ".hif")),
    Kind.DICOM: Format("DICOM", "application/dicom", (".dcm", ".dicom", ".ima")),
    Kind.FHIR: Format("FHIR", "application/fhir+json", (".json",)),
    Kind.CCDA: Format("C-CDA", "application/xml", (".xml", ".cda", ".ccda")),
    Kind.TEXT: Format("plain text", "text/plain", (".txt", ".text", ".log", ".md")),
    Kind.ZIP: Format("ZIP", "application/zip", (".zip",)),  # on its way in: what is kept is what is in it
}
# As pages and refusals say it.
TAKEN = f"{get_text_list([FORMATS[kind].word for kind in Kind if kind != Kind.ZIP], 'and')} files, and ZIP archives of these"
UNKNOWN = f"We can take {TAKEN}. This seems to be none of them. Please send a PDF or a picture of it."
TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")  # the last two with offsets of 8 bytes
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
# The first element of a C-CDA behind declarations and comments, or the document type that names it (a child refuses that).
CLINICAL_DOCUMENT = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<(?:!DOCTYPE\s+)?(?:\w+:)?ClinicalDocument[\s>\[]", re.DOTALL)


class NotTaken(Exception):
    """The file is none of the kinds we take; the message says to a person what it is and what to do."""


def judge(head: bytes, ending: str = "") -> Kind:
    """The kind of a file that begins with ``head`` (its first 4 KiB, or all of a shorter one).

    ``ending`` is the name's, used only to say what the file is not. Raises ``NotTaken``.
    """
    kind = _marked(head) or _clinical(head)
    if kind:
        return kind
    words = text.decoded(head)
    other = _other(head, words)
    if other is None and b"%PDF-" in head[:HEADER_WITHIN]:
        return Kind.PDF
    if other is None and words is not None:
        return Kind.TEXT
    if other is None:
        raise NotTaken(UNKNOWN)
    raise NotTaken(f"This is {other.what}{expected(ending)}. {other.advice}")


def _marked(head: bytes) -> Kind | None:
    """The kind of a file whose beginning is that of no other."""
    if head[128:132] == b"DICM":
        return Kind.DICOM
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(TIFF_STARTS):
        return Kind.TIFF
    if head.startswith(ZIP) and not packed(head):
        return Kind.ZIP
    return Kind.HEIC if HEIC_BRANDS.intersection(_brands(head)) else None


def _clinical(head: bytes) -> Kind | None:
    """Health data as JSON or XML; a child then finds out whether it is."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    words = head.decode("utf-16" if wide else "utf-8", errors="replace").removeprefix("\ufeff").lstrip()
    if words.startswith("{") and '"resourceType"' in words:
        return Kind.FHIR
    return Kind.CCDA if CLINICAL_DOCUMENT.match(words) else None


def _brands(head: bytes) -> list[bytes]:
    """What an ISO media file says it may be read as (ISO/IEC 14496-12, the box ``ftyp``)."""
    if head[4:8] != b"ftyp":
        return []
    box = head[: int.from_bytes(head[:4], "big")]
    return [box[8:12], *(box[at : at + 4] for at in range(16, len(box) - 3, 4))]


def _other(head: bytes, words: str | None) -> Other | None:
    """What the file is, where it is nothing we take. A text that begins with "BM" is no picture."""
    for start in WORDED if words is not None else WORDED + BINARY:
        if head.startswith(start.bytes, start.offset):
            return start.other
    if document := packed(head):
        return document
    if words is None and b"\x00" not in head:
        words = head.decode("latin-1")
    return page_or_data(words) if words is not None and b"%PDF-" not in head[:16] else None
