"""What a backup is on the disk: a folder of sets, and one list of the cases that were erased.

    DIR/erased.txt                  every case whose key is destroyed, with the day; a restore erases them again
    DIR/2026-11-28T083000Z/         one set: complete in itself, and only there once it is complete
        manifest.json               what is in it, and the SHA-256 of the two files below
        database.dump               by pg_dump, of one moment
        vault.sha256                the SHA-256 of every sealed part, as sha256sum writes it
        vault/CASE/FILE/N.part      the sealed parts of all files of that moment

A part of a stored file never changes, so that a set shares it with the set before by a hard link.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .console import Failure
from .data import write_privately

MANIFEST, DUMP, SUMS, LEDGER, VAULT = "manifest.json", "database.dump", "vault.sha256", "erased.txt", "vault"
FORMAT = 1
PIECE = 1024 * 1024
NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
PART = re.compile(r"vault/([0-9a-f-]{36})/([0-9a-f-]{36})/\d+\.part")


def complete(folder: Path) -> list[Path]:
    """Return the complete sets in a backup's folder, the oldest first."""
    return sorted(path for path in folder.glob("*Z") if NAME.fullmatch(path.name) and (path / MANIFEST).is_file())


def read_manifest(found: Path) -> dict[str, Any]:
    """Return what a set says of itself; raise Failure when it is none, or when its two lists are not what was written."""
    try:
        manifest = json.loads((found / MANIFEST).read_text())
    except (FileNotFoundError, NotADirectoryError):
        raise Failure(f"{found} is no complete set of a backup.", "Name the folder that ./dev backup made, or a set in it.") from None
    except ValueError:
        raise Failure(f"{found / MANIFEST} is damaged.", "Take another set.") from None
    if manifest.get("format") != FORMAT:
        raise Failure(f"{found} was written by another release.", "Restore it with the release that made it.")
    for name in (DUMP, SUMS):
        if not (found / name).is_file() or digest(found / name) != manifest["sha256"][name]:
            raise Failure(f"{found / name} is not what was written: it is missing, cut or changed.", "Take another set.")
    return manifest


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_sums(found: Path) -> dict[str, str]:
    """Return the SHA-256 of each part of a set by its path in it; raise Failure for a line that names anything else."""
    sums = {}
    for line in (found / SUMS).read_text().splitlines():
        value, _, name = line.partition("  ")
        if not PART.fullmatch(name):
            raise Failure(f"{found / SUMS} names something that is no part of the vault.", "Take another set.")
        sums[name] = value
    return sums


def write_sums(found: Path, sums: dict[str, str]) -> None:
    """Write them, as ``sha256sum -c`` reads them."""
    (found / SUMS).write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))


def read_ledger(folder: Path) -> dict[str, str]:
    """Return the cases that were erased, by uid, with the day; none where there is no list yet."""
    try:
        lines = (folder / LEDGER).read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split(maxsplit=1) for line in lines if line.strip())


def add_to_ledger(folder: Path, erased: dict[str, str]) -> None:
    """Add cases to the list, and take their files out of every set: their key is gone, and so are they."""
    ledger = {**erased, **read_ledger(folder)}
    write_privately(folder / LEDGER, "\n".join(f"{uid} {day}" for uid, day in sorted(ledger.items())))
    for found in complete(folder):
        for uid in erased:
            shutil.rmtree(found / VAULT / uid, ignore_errors=True)


class Copier:
    """Copies the sealed parts of files from a vault into a set, or links them to the same part in the set before.

    ``sums`` grows with every part. A part that is there already, with the size and the moment of the original, is left.
    """

    def __init__(self, vault: Path, target: Path, before: Path | None) -> None:
        self.vault, self.target, self.before = vault, target, before
        self.sums: dict[str, str] = {}
        self.known = read_sums(before) if before else {}
        self.copied = 0

    def take(self, case: str, file: str) -> None:
        """Copy the parts of one file as they are now; what is removed meanwhile is left out."""
        source = self.vault / case / file
        for part in names(source):
            name = f"{VAULT}/{case}/{file}/{part}"
            if not PART.fullmatch(name):
                continue
            try:
                self.sums[name] = self._one(source / part, name)
            except FileNotFoundError:
                if not (self.target / name).exists():
                    self.sums.pop(name, None)

    def keep_only(self, files: Iterable[tuple[str, str]]) -> None:
        """Remove what belongs to none of these files: it was let go while we copied."""
        wanted = {f"{VAULT}/{case}/{file}" for case, file in files}
        for name in [name for name in self.sums if name.rpartition("/")[0] not in wanted]:
            (self.target / name).unlink()
            del self.sums[name]

    def _one(self, path: Path, name: str) -> str:
        target, original = self.target / name, path.stat()
        if name in self.sums and _same(target, original):
            return self.sums[name]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        if self.before and name in self.known and _same(self.before / name, original) and _linked(self.before / name, target):
            return self.known[name]
        self.copied += original.st_size
        return copy(path, target)


def names(folder: Path) -> list[str]:
    """Return the names in a folder; none when it is gone."""
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def copy(source: Path, target: Path) -> str:
    """Copy a file with the moment of its last change, and return the SHA-256 of what was read."""
    found = hashlib.sha256()
    with source.open("rb") as original, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := original.read(PIECE):
            found.update(piece)
            file.write(piece)
        moment = os.fstat(original.fileno())
    os.utime(target, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    return found.hexdigest()


def _same(path: Path, original: os.stat_result) -> bool:
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return (found.st_size, found.st_mtime_ns) == (original.st_size, original.st_mtime_ns)


def _linked(path: Path, target: Path) -> bool:
    """Whether the file system could link the two; one that cannot gets a copy."""
    try:
        os.link(path, target)
    except OSError:
        return False
    return True
