"""Which records of a case an opinion names: all that its draft began with, and what came or went since, once its author says so."""

import re
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Max
from django.db.models.functions import Coalesce, Greatest

from secondop.accounts.models import User
from secondop.cases.answers import day
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.web.clock import today

from ..models import Opinion
from .fitting import fitting, length_of
from .writing import held_draft

MORE_RECORDS = "More records came than fit here."
NO_ROOM = "There is no room for these in the list. Please shorten it first."
SAID = {"aside": "Could not be used after all, as it may be about somebody else: ", "waiting": "Not reviewed: ", "here": "Not reviewed: "}
# A scan's line without the number of its files, which grows as they come.
COUNT = re.compile(r" \(\d+ files?\)\Z")
WAITED = re.compile(r"Not reviewed: \d+ files? still being checked \([^()]+\)")


class Material(NamedTuple):
    """A record, all images of a scan, or all files that are being checked: how a text names it, and since when it stands so.

    ``kind`` is ``here`` (it can be read), ``waiting`` (it is being checked) or ``aside`` (it could be read, and cannot any more).
    """

    key: str
    line: str
    at: datetime | None = None
    kind: str = "here"


def here(case: Case, by: User) -> list[Material]:
    """What ``by`` can open: each record by its name, and all images of a scan together."""
    ready = case.records.readable_by(by).filter(status="ready")
    came = Greatest(Max(Coalesce("records__ready_at", "records__created_at")), "identity__opened_at")
    scans = case.series.filter(records__in=ready).annotate(files=Count("records"), came=came)
    return [Material(str(uid), name, at) for uid, name, at in ready.without_images().arrivals()] + [
        Material(str(scan.uid), scan.in_words(scan.files), scan.came) for scan in scans
    ]


def arrived(case: Case, by: User) -> str:
    """The list that a draft begins with."""
    return fitting([material.line for material in here(case, by)], "materials_reviewed", MORE_RECORDS)


def unnamed(draft: Opinion) -> list[Material]:
    """What the author can open and neither list of ``draft`` names; a name within a longer one does not count."""
    left, found = f"{draft.materials_reviewed}\n{draft.materials_missing}", []
    materials = here(draft.case, draft.author)
    for material in sorted(materials, key=lambda one: -len(one.line)):
        if at := place_of(material.line, left):
            left = f"{left[: at.start()]}\0{left[at.end() :]}"
        else:
            found.append(material.key)
    return [material for material in materials if material.key in found]


def place_of(line: str, text: str) -> re.Match[str] | None:
    """Where ``text`` says ``line``, not as a part of a longer word."""
    return re.search(rf"(?<!\w){re.escape(line)}(?!\w)", text) if line in text else None


def news(draft: Opinion) -> list[Material]:
    """What came, is on its way, or was set aside since ``draft`` began, and its lists do not say so yet."""
    came = [material for material in unnamed(draft) if material.at and material.at > draft.created_at]
    return came + waiting(draft) + set_aside(draft)


def waiting(draft: Opinion) -> list[Material]:
    """The files that are being checked, as one, unless the lists say of as many that they are."""
    count = draft.case.records.on_the_way().count()
    line = f"{count} file{'' if count == 1 else 's'} still being checked"
    is_said = not count or f"{SAID['waiting']}{line}" in draft.materials_missing
    return [] if is_said else [Material("waiting", line, kind="waiting")]


def set_aside(draft: Opinion) -> list[Material]:
    """What the list of what was reviewed names although its author can open it no longer, unless the other list says so."""
    taken = draft.case.records.taken_from_review()
    lines = list(taken.without_images().values_list("uid", "name"))
    lines += [
        (scan.uid, scan.in_words(scan.files)) for scan in draft.case.series.filter(records__in=taken).annotate(files=Count("records"))
    ]
    found = [Material(str(uid), line, kind="aside") for uid, line in lines]
    reviewed, missing = draft.materials_reviewed, draft.materials_missing
    return [one for one in found if place_of(bare(one.line), reviewed) and SAID["aside"] + one.line not in missing]


@transaction.atomic
def take_in(case: Case, *, by: User, keys: Collection[str], reviewed: bool) -> Opinion:
    """Name in the draft of ``by`` what of its ``news()`` has one of ``keys``: as reviewed or not; nothing that is written there changes,
    but for what this wrote of a scan that has grown, or of files that were being checked.

    Files that are being checked, or were set aside, are never reviewed. Raises ``Refused`` when nothing was chosen or the list is
    full, and as ``writing.save()``.
    """
    locked, draft = held_draft(case, by)
    chosen = [material for material in news(draft) if material.key in keys]
    if not chosen:
        raise Refused("Please tick at least one of them.")
    read = [material.line for material in chosen if reviewed and material.kind == "here"]
    others = [unread(material) for material in chosen if not (reviewed and material.kind == "here")]
    before = without_smaller(draft.materials_reviewed, read, here(locked, by))
    draft.materials_reviewed = joined("materials_reviewed", before, read)
    draft.materials_missing = joined("materials_missing", without_waiting(draft, chosen), others)
    # No page from before knows the lists, not even the window that saved last.
    draft.edits, draft.writer = draft.edits + 1, ""
    draft.save(update_fields=["materials_reviewed", "materials_missing", "edits", "writer"])
    return draft


def unread(material: Material) -> str:
    """How the list of what was missing names it."""
    return f"{SAID[material.kind]}{material.line}{'' if material.kind == 'here' else f' ({day(today())})'}"


def without_waiting(draft: Opinion, chosen: list[Material]) -> str:
    """The list of what was missing without the files that were being checked, once they are here or ``chosen`` has how many are now."""
    text = draft.materials_missing
    is_over = any(material.kind == "waiting" for material in chosen) or not draft.case.records.on_the_way().exists()
    return "\n".join(line for line in text.split("\n") if not WAITED.fullmatch(line)) if is_over else text


def bare(line: str) -> str:
    """``line`` without the number of files of a scan."""
    return COUNT.sub("", line)


def without_smaller(text: str, read: list[str], materials: list[Material]) -> str:
    """``text`` without the lines that only name a scan of ``read`` as it was with fewer files; of several scans called alike, none."""
    called = Counter(bare(material.line) for material in materials)
    grown = {bare(line) for line in read if COUNT.search(line) and called[bare(line)] == 1}
    return "\n".join(line for line in text.split("\n") if not (COUNT.search(line) and bare(line) in grown))


def joined(name: str, text: str, more: list[str]) -> str:
    """``text`` of the column ``name`` with ``more`` lines below it. Raises ``Refused`` where they do not fit."""
    whole = "\n".join(filter(None, [text.rstrip("\n"), *more])) if more else text
    if len(whole) > length_of(name):
        raise Refused(NO_ROOM)
    return whole
