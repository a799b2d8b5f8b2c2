"""A PDF without what can act: its pages alone in a new file, with nothing that runs, starts, sends, opens or carries anything else."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, cast

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from records.formats.pdf import in_object
from records.previews.frames import CHUNK, SAFE, Output

# Notes and marks that are only looked at. Every other kind (files, films, sounds, 3D, forms, printer's marks …) stays behind.
MARKS = {
    *("/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline"),
    *("/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Link"),
}
MARK_KEYS = {
    *("/Type", "/Subtype", "/Rect", "/Contents", "/AP", "/AS", "/M", "/F", "/Border", "/BS", "/BE", "/C", "/CA", "/IC", "/QuadPoints"),
    *("/InkList", "/L", "/LE", "/Vertices", "/DA", "/H", "/Name", "/T", "/Subj", "/RD", "/CL", "/IT", "/Q", "/Dest", "/A"),
}
# Keys that name an action, a script, a file, or another document, wherever they stand.
ACTING = ("/AA", "/JS", "/EF", "/AF", "/RichMediaContent", "/RichMediaSettings", "/OpenAction", "/XFA", "/Ref", "/OPI", "/FFilter")
OUTER = ("/F", "/FDecodeParms")  # of a stream: its bytes are in another file
ON_PAGES = ("/B", "/PieceInfo", "/Metadata", "/PresSteps", "/Trans", "/Dur", "/StructParents", "/Tabs")
MOST_OBJECTS = 500_000


class Unclean(Exception):
    """Something that can act is left: the copy is not given out."""


def clean(file: BinaryIO, output: Output, pages: Sequence[int]) -> int:
    """Hand over a copy of the whole PDF in which only pages are left; returns their number. Raises ``Unclean`` and as pikepdf does."""
    with pikepdf.open(file, access_mode=pikepdf.AccessMode.stream, suppress_warnings=True) as source:
        for page in source.pages:
            keep_marks(page.obj)
        source.flatten_annotations("screen")  # what was filled into a form becomes part of its page
        copy = pikepdf.new()
        copy.pages.extend(source.pages)
        if "/OCProperties" in source.Root:  # which layers are hidden
            copy.Root.OCProperties = copy.copy_foreign(source.make_indirect(source.Root.OCProperties))
        for item in reachable(copy):
            disarm(item)
        if any(found for item in reachable(copy) for found in in_object(item)):
            raise Unclean
        with _Chunks(output) as chunks:
            copy.save(cast(BinaryIO, chunks), object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return len(copy.pages)


def keep_marks(page: Object) -> None:
    """Leave only what is looked at among a page's annotations, fields that are filled in included."""
    shown = [
        note for note in _items(page.get("/Annots")) if isinstance(note, Dictionary) and str(note.get("/Subtype")) in MARKS | {"/Widget"}
    ]
    page.Annots = Array(shown)


def reachable(pdf: pikepdf.Pdf) -> Iterator[Object]:
    """Every dictionary and stream that can be reached from the pages. Raises ``Unclean`` where there are too many."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Object] = [pdf.trailer]
    count = 0
    while waiting:
        item = waiting.pop()
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        count += 1
        if count > MOST_OBJECTS:
            raise Unclean
        if isinstance(item, Dictionary | Stream):
            yield item
        waiting += [value for value in _items(item) if isinstance(value, Dictionary | Stream | Array)]


def disarm(item: Object) -> None:
    """Take out of one dictionary or stream what could act."""
    _drop(item, ACTING)
    if isinstance(item, Stream):
        _drop(item, OUTER)
    if str(item.get("/Type")) == "/Page":
        _drop(item, ON_PAGES)
        item.Annots = Array([marked(note) for note in _items(item.get("/Annots")) if str(note.get("/Subtype")) in MARKS])
    _drop(item, [key for key in ("/A", "/PA", "/Next") if key in item and not is_jump(item[key])])
    if "/S" in item:
        _drop(item, ["/Next"])


def marked(note: Object) -> Object:
    """A note or mark with nothing but what it looks like and where it leads."""
    _drop(note, [key for key in note.keys() if key not in MARK_KEYS])  # noqa: SIM118 - an Object iterates in another way
    return note


def is_jump(value: Object) -> bool:
    """Whether this is not an action at all, or one that only goes to a page of the same document."""
    if not isinstance(value, Dictionary) or "/S" not in value:
        return not isinstance(value, Dictionary | Array)
    return str(value.S) == "/GoTo" and isinstance(value.get("/D"), Array)


def _drop(item: Object, keys: Iterable[str]) -> None:
    for key in keys:
        if key in item:
            del item[key]


def _items(item: Object | None) -> list[Object]:
    if isinstance(item, Dictionary | Stream):
        return [item[key] for key in item.keys()]  # noqa: SIM118 - an Object iterates in another way
    return list(item) if isinstance(item, Array) else []


class _Chunks(io.RawIOBase):
    """A file that is written from front to back into frames."""

    def __init__(self, output: Output) -> None:
        self.output, self.held = output, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.held += data
        while len(self.held) >= CHUNK:
            self.output.put(SAFE, bytes(self.held[:CHUNK]))
            del self.held[:CHUNK]
        return len(data)

    def flush(self) -> None:
        if self.held:
            self.output.put(SAFE, bytes(self.held))
            self.held.clear()
