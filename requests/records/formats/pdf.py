"""PDF: opened by qpdf and by pdfium, its pages counted, its active content found."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf
import pypdfium2

from .problems import Problem, Unreadable

TAIL = 65536
OBJECTS_LOOKED_AT = 200_000
DEEPEST = 8
ACTIONS = {"/JavaScript": "javascript", "/Launch": "launch", "/ImportData": "import", "/SubmitForm": "submit"}
KEYS = {"/JS": "javascript", "/EF": "embedded", "/RichMediaContent": "media"}


def facts(file: BinaryIO) -> dict[str, object]:
    """Pages, whether printing or copying is restricted, and which active content there is. Raises ``Unreadable``.

    What the libraries raise beyond that means a damaged file; the caller takes it so from the exit status.
    """
    if not ends_as_it_should(file):
        raise Unreadable(Problem.INCOMPLETE)
    try:
        with pikepdf.open(file, access_mode=pikepdf.AccessMode.stream, suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            if any(not page.obj.get("/Type") for page in pdf.pages):
                raise Unreadable(Problem.DAMAGED)
            found = sorted(set(active_content(pdf)))
            restricted = pdf.is_encrypted
    except pikepdf.PasswordError:
        raise Unreadable(Problem.PASSWORD) from None
    if not pages:
        raise Unreadable(Problem.NO_PAGES)
    file.seek(0)
    with pypdfium2.PdfDocument(file) as shown:
        if len(shown) != pages:
            raise Unreadable(Problem.DAMAGED)
        shown[0].get_size()
    return {"pages": pages, "active": found, "restricted": restricted}


def ends_as_it_should(file: BinaryIO) -> bool:
    """Whether the end mark is there; qpdf mends a file cut short by leaving out what is lost, and nobody would know."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - TAIL))
    ended = b"%%EOF" in file.read()
    file.seek(0)
    return ended


def active_content(pdf: pikepdf.Pdf) -> Iterator[str]:
    """The kinds of active content in the first 200,000 objects."""
    for number, item in enumerate(pdf.objects):
        if number >= OBJECTS_LOOKED_AT:
            return
        yield from in_object(item)


def in_object(item: pikepdf.Object, depth: int = 0) -> Iterator[str]:
    """The kinds of active content in one object and in what is written directly inside of it."""
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        yield from (KEYS[key] for key in KEYS if key in item)
        action = ACTIONS.get(str(item.get("/S")))
        if action:
            yield action
    for value in values_of(item):
        if depth < DEEPEST and isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from in_object(value, depth + 1)


def values_of(item: pikepdf.Object) -> list[object]:
    """What a dictionary, a stream or an array holds."""
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        return [item[key] for key in item.keys()]  # noqa: SIM118 - an Object iterates in another way
    return list(item) if isinstance(item, pikepdf.Array) else []
