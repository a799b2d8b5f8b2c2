"""One sealed file a series: the packed frames, then a table of them, an index in JSON, and a picture.

A row of the table is where a frame's bytes begin, how many they are, and the primary key of the record they come from, in the order
in which people scroll. So a request for a few frames opens the one part that holds these rows and the one or two that hold the
frames, and knows whose right to ask for.
"""

import json
import math
import struct
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from secondop.vault.services import StoredFile, Writer

from ..checking import reader
from .shapes import Info

PART_SIZE = 2 * 1024**2
FORMAT = 1  # of table, index and packed frames: one more whenever a change makes files that are there unreadable for the viewer
ROW = struct.Struct("!QIQ")
NEARLY = 0.01
TABLES = 16 * 1024**2  # characters of different tables that an index may hold; images beyond go without theirs
PLAIN: list[Any] = ["", "exact", 127.5, 255, ""]  # levels as they are: color
GROUPED = ("format", "rows", "columns", "shrunk", "invert", "exact", "spacing", "at_detector", "aspect", "orientation", "regions", "tempo")


class Entry(NamedTuple):
    """A frame that is written: where, how many bytes, of which record, and what is known of it."""

    start: int
    length: int
    record: int
    info: Info


class Row(NamedTuple):
    """A frame as the table has it."""

    start: int
    length: int
    record: int


class Sealing:
    """Writes the file; ``add()`` every frame in any order, then ``finish()``."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.at = writer, 0
        self.entries: list[Entry] = []
        self.picture: tuple[int, bytes] | None = None
        self.tables: dict[str, str] = {}
        self.room = TABLES

    def add(self, record: int, info: Info, packed: bytes, picture: bytes) -> None:
        """One frame of the record with the primary key ``record``. Raises what the vault raises."""
        info["views"] = [view for view in info["views"] if self._has_room(view)]
        self.entries.append(Entry(self.at, len(packed), record, info))
        self._write(packed)
        if picture:
            self.picture = (record, picture)

    def finish(self) -> tuple[StoredFile, dict[str, Any]]:
        """The stored file, and where its parts are. Raises what the vault raises."""
        entries = in_order(self.entries)
        layout: dict[str, Any] = {"format": FORMAT, "images": len(entries)}
        layout["table"] = self._write(b"".join(ROW.pack(one.start, one.length, one.record) for one in entries))
        layout["index"] = self._write(zlib.compress(json.dumps(index_of(entries)).encode()))
        if self.picture:
            record, data = self.picture
            layout["picture"] = [*self._write(data), record]
        return self.writer.finish(), layout

    def _has_room(self, view: list[Any]) -> bool:
        """Whether the table of a view, if it has one, may be kept: each once, as often as it is used."""
        if view[-1] not in self.tables:
            if len(view[-1]) > self.room:
                return False
            self.room -= len(view[-1])
        view[-1] = self.tables.setdefault(view[-1], view[-1])
        return True

    def _write(self, data: bytes) -> list[int]:
        self.writer.write(data)
        self.at += len(data)
        return [self.at - len(data), self.at]


class Opened:
    """Reads the file; parts already opened are held as long as this object lives. Every method raises what the vault raises."""

    def __init__(self, stored: StoredFile, layout: dict[str, Any]) -> None:
        self.layout = layout
        self.read: Callable[[int, int], bytes] = partial(reader(), stored)

    def rows(self, first: int = 0, count: int | None = None) -> list[Row]:
        """``count`` rows of the table from the image ``first`` on, fewer at the end."""
        begin, end = self.layout["table"]
        last = self.layout["images"] if count is None else min(self.layout["images"], first + count)
        if first >= last:
            return []
        table = self.read(begin + first * ROW.size, min(end, begin + last * ROW.size))
        return [Row(*row) for row in ROW.iter_unpack(table)]

    def index(self) -> bytes:
        """The index in JSON, as ``index_of()`` made it."""
        return zlib.decompress(self.read(*self.layout["index"]))

    def picture(self) -> bytes:
        """The picture (PNG) of an image in the middle."""
        begin, end, _ = self.layout["picture"]
        return self.read(begin, end)


def in_order(entries: list[Entry]) -> list[Entry]:
    """By where they lie, along the normal of their common plane, in the direction of their numbers; otherwise by their numbers."""
    by_number = sorted(entries, key=lambda one: (one.info["instance"], one.start))
    places = [one.info["position"] for one in by_number]
    if not _is_stack(by_number) or None in places or len(set(places)) < len(places):
        return by_number
    falls = (places[0] or 0) > (places[-1] or 0)
    return sorted(by_number, key=lambda one: one.info["position"] or 0, reverse=falls)


def _is_stack(entries: list[Entry]) -> bool:
    first = entries[0].info["orientation"] if entries else None
    return first is not None and all(_parallel(one.info["orientation"], first) for one in entries)


def _parallel(one: list[float] | None, other: list[float]) -> bool:
    return one is not None and all(math.isclose(a, b, abs_tol=NEARLY) for a, b in zip(one, other, strict=True))


def index_of(entries: list[Entry]) -> dict[str, Any]:
    """What the viewer has to know of every image; what many have in common is said once.

    An image is a list: its place in ``groups``, its place in ``looks`` (slope, intercept, places in ``views``), its number, its
    position. A view is a name, function, center, width, and the levels of a table.
    """
    groups: dict[str, int] = {}
    looks: dict[str, int] = {}
    views: dict[str, int] = {}
    images = []
    for one in entries:
        group = json.dumps({name: one.info[name] for name in GROUPED})  # type: ignore[literal-required]
        places = [views.setdefault(json.dumps(view), len(views)) for view in one.info["views"] or [PLAIN]]
        look = json.dumps([*one.info["scale"], places])
        place = [groups.setdefault(group, len(groups)), looks.setdefault(look, len(looks))]
        images.append([*place, one.info["instance"], one.info["position"]])
    shared = {name: [json.loads(one) for one in found] for name, found in (("groups", groups), ("looks", looks), ("views", views))}
    return {"tags": next((one.info["tags"] for one in entries if one.info["tags"]), []), **shared, "images": images}
