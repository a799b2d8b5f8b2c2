"""What we do not take, by its beginning: what it is, and what to do about it."""

import re
from typing import NamedTuple

from .formats.text import DRAWING, PAGE


class Other(NamedTuple):
    """A sort of file that we do not take, in words."""

    what: str
    advice: str


class Start(NamedTuple):
    """How files of a sort begin."""

    offset: int
    bytes: bytes
    other: Other


PRINT_TO_PDF = "Open it and print it to a PDF file, then send that."
UNPACK = "Please unpack it and send the files in it."
AS_A_PICTURE = "Please send a JPEG or PNG picture."
DOCUMENT_OR_PICTURE = "Please send a document or a picture."
VIDEO = Other("a video", DOCUMENT_OR_PICTURE)
SOUND = Other("a sound file", DOCUMENT_OR_PICTURE)
PROGRAM = Other("a program", "Please send only your medical records.")
ZIP = b"PK\x03\x04"
# Texts that are more than that.
WORDED = (
    Start(0, b"%!PS", Other("a PostScript file", PRINT_TO_PDF)),
    Start(0, b"{\\rtf", Other("a text document (RTF)", PRINT_TO_PDF)),
    Start(0, b"#!", PROGRAM),
)
# The more telling first.
BINARY = (
    Start(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Other("an older Office document", PRINT_TO_PDF)),
    Start(0, b"PK\x05\x06", Other("an empty ZIP archive", "Please send the files themselves.")),
    Start(0, b"7z\xbc\xaf\x27\x1c", Other("a 7-Zip archive", UNPACK)),
    Start(0, b"Rar!\x1a\x07", Other("a RAR archive", UNPACK)),
    Start(0, b"\x1f\x8b", Other("a gzip archive", UNPACK)),
    Start(257, b"ustar", Other("a TAR archive", UNPACK)),
    Start(0, b"GIF8", Other("a GIF picture", AS_A_PICTURE)),
    Start(0, b"BM", Other("a BMP picture", AS_A_PICTURE)),
    Start(8, b"WEBP", Other("a WebP picture", AS_A_PICTURE)),
    Start(4, b"ftypavif", Other("an AVIF picture", AS_A_PICTURE)),
    Start(4, b"ftyp", VIDEO),
    Start(0, b"\x1aE\xdf\xa3", VIDEO),
    Start(8, b"AVI ", VIDEO),
    Start(0, b"ID3", SOUND),
    Start(8, b"WAVE", SOUND),
    Start(0, b"MZ", PROGRAM),
    Start(0, b"\x7fELF", PROGRAM),
)
# What Office puts into its archives, and which of its documents has this folder.
OFFICE = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/")
PACKED = {
    b"word/": Other("a Word document", PRINT_TO_PDF),
    b"xl/": Other("an Excel workbook", PRINT_TO_PDF),
    b"ppt/": Other("a PowerPoint presentation", PRINT_TO_PDF),
}
OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"
WEB_PAGE = Other("a web page", "Open it in your browser and print it to a PDF file, then send that.")
SVG = Other("a drawing (SVG)", PRINT_TO_PDF)
XML = Other("an XML file", "We cannot take these yet: please send a PDF.")
JSON = Other("a data file (JSON)", "We cannot take these yet: please send a PDF.")
JSON_BEGINS = re.compile(r'\A\ufeff?\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
XML_BEGINS = re.compile(r"\A\ufeff?\s*<\?xml\b", re.IGNORECASE)
EXPECTED = {".pdf": "a PDF", ".jpg": "a JPEG picture", ".jpeg": "a JPEG picture", ".png": "a PNG picture", ".dcm": "a DICOM file"}


def packed(head: bytes) -> Other | None:
    """Which document an archive that begins with ``head`` is, where it is one."""
    if not head.startswith(ZIP):
        return None
    if OPEN_DOCUMENT in head[:128]:
        return Other("an OpenDocument file", PRINT_TO_PDF)
    if not any(sign in head for sign in OFFICE):
        return None
    return next((other for inside, other in PACKED.items() if inside in head), Other("an Office document", PRINT_TO_PDF))


def page_or_data(words: str) -> Other | None:
    """What a text that begins with ``words`` is, where it is not for people to read as it stands."""
    if PAGE.search(words):
        return WEB_PAGE
    if DRAWING.search(words):
        return SVG
    if XML_BEGINS.search(words):
        return XML
    return JSON if JSON_BEGINS.search(words) else None


def expected(ending: str) -> str:
    """What a name with this ``ending`` promised, as the end of "this is a program"."""
    promised = EXPECTED.get(ending.lower())
    return f", not {promised}" if promised else ""
