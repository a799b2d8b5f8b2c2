"""./dev backup: a set of the database and the vault, beside the running site or without it; the keys only where somebody asks.

The order makes the set whole. The vault is copied first, which takes long; then the database is dumped, in one moment; then what
was written to the vault in between is copied too. So every file that the dump knows has its bytes, and a file that was let go
meanwhile still has them, if the dump knows it.
"""

import argparse
import json
import os
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2
import psycopg2.extensions

from . import places, sets
from .admin import address, need_installation
from .console import Failure, say, step
from .data import Data, write_privately
from .postgres import for_program
from .prepare import look
from .processes import Lock

KEPT_FOR = timedelta(days=35)  # what the pages promise
MIB = 1024**2
KEYS = ("master.key", "secret.key")
FILES = "SELECT case_uid::text, uid::text, parts, status FROM vault_storedfile WHERE status <> 'discarded'"
ERASED = "SELECT case_uid::text, to_char(destroyed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM vault_casekey WHERE destroyed_at IS NOT NULL"
MASTERS = (
    "SELECT master_id FROM vault_casekey WHERE destroyed_at IS NULL"
    " UNION SELECT split_part(coalesce(data->>'secret', data->>'seed'), ':', 1) FROM mfa_authenticator WHERE data ?| '{secret,seed}'"
    " ORDER BY 1"
)
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


class Moment(NamedTuple):
    """What the database held at the moment of the dump."""

    files: list[tuple[str, str, int, str]]
    erased: dict[str, str]
    masters: list[str]
    rows: dict[str, int]


def backup(options: argparse.Namespace) -> int:
    """Make a set in ``options.to``; return 1 when files of the vault are missing, after saying which."""
    os.umask(0o077)
    data = Data(Path(options.data))
    folder = Path(options.to).resolve() if options.to else data.path.with_name(f"{data.path.name}-backups")
    check_places(data, folder, options.keys_to)
    places.make_folder(folder)
    folder.chmod(0o700)
    lock = Lock(folder / "lock")
    lock.take(Failure(f"another backup is being written to {folder}.", "Wait for it."))
    try:
        with address(data) as url:
            missing = make(data, folder, url)
    except OSError as error:
        raise Failure(f"the backup could not be written: {error}", "Make room, or name another folder with --to.") from error
    finally:
        for left in folder.glob(".*.unfinished"):
            shutil.rmtree(left)
        lock.free()
    keep_keys(data, Path(options.keys_to).resolve() if options.keys_to else None)
    return int(bool(missing))


def check_places(data: Data, folder: Path, keys_to: str | None) -> None:
    """Raise Failure where something cannot be backed up, or would lie where it must not."""
    need_installation(data)
    if os.environ.get("VAULT_S3_URL"):
        raise Failure("the files are in the bucket of VAULT_S3_URL, which this command does not copy.", "See docs/operations.md, Backup.")
    if any(folder.is_relative_to(place) for place in (data.path, vault_of(data).resolve())):
        raise Failure(f"{folder} lies in what is backed up: one accident would take both.", "Name another folder with --to.")
    keys = Path(keys_to).resolve() if keys_to else None
    if keys and (keys.is_relative_to(folder) or folder.is_relative_to(keys) or keys.is_relative_to(data.path)):
        raise Failure("the keys would lie beside what they open.", "Name a place apart with --keys-to, at best on something you take out.")


def make(data: Data, folder: Path, url: str) -> list[str]:
    """Write one set and return the files of the vault that have lost parts."""
    found = look(url)
    if not found.migrations:
        raise Failure(f"the database of {data.path} is empty.", f"Start the site once: ./dev run --empty --data {data.path}")
    begun = datetime.now(UTC)
    fresh = folder / f".{begun:%Y-%m-%dT%H%M%SZ}.unfinished"
    (fresh / sets.VAULT).mkdir(parents=True)
    copier = sets.Copier(vault_of(data), fresh, newest_whole(folder))
    with step("Copying the vault"):
        for case in sets.names(copier.vault):
            for file in sets.names(copier.vault / case):
                copier.take(case, file)
    with step("Dumping the database"):
        moment = dump(url, fresh / sets.DUMP)
    with step("Copying what came meanwhile"):
        missing, let_go = complete_files(copier, moment, url)
    sets.write_sums(fresh, copier.sums)
    manifest = {
        "format": sets.FORMAT,
        "made_at": begun.isoformat(timespec="seconds"),
        "kind": data.stamps().get("kind") or ("demo" if found.demo_accounts else "real"),
        "migrations": found.migrations,
        "master_keys": moment.masters,
        "rows": moment.rows,
        "missing": missing,
        "let_go": let_go,
        "sha256": {name: sets.digest(fresh / name) for name in (sets.DUMP, sets.SUMS)},
    }
    finish(folder, fresh, manifest, moment)
    say(f"  {folder / name_of(fresh)}: {len(copier.sums)} parts of files, {copier.copied / MIB:.1f} MiB of them new")
    return missing


def newest_whole(folder: Path) -> Path | None:
    """Return the newest set to share parts with; one that is damaged is named, and must not keep a new one from being made."""
    for found in reversed(sets.complete(folder)):
        try:
            sets.read_manifest(found)
        except Failure as failure:
            say(f"  Nothing is shared with {found.name}: {failure}")
        else:
            return found
    return None


def name_of(fresh: Path) -> str:
    """Return the name that a set takes when it is complete."""
    return fresh.name[1:].removesuffix(".unfinished")


def finish(folder: Path, fresh: Path, manifest: dict[str, Any], moment: Moment) -> None:
    """Let the set take its name once all of it is on the disk, then let go of what is too old and what was erased."""
    write_privately(fresh / sets.MANIFEST, json.dumps(manifest, indent=1))
    os.sync()
    fresh.rename(folder / name_of(fresh))
    sets.add_to_ledger(folder, moment.erased)
    oldest = f"{datetime.now(UTC) - KEPT_FOR:%Y-%m-%dT%H%M%SZ}"
    for old in [found for found in sets.complete(folder) if found.name < oldest]:
        shutil.rmtree(old)
        say(f"  Removed {old.name}: the pages promise that copies of erased cases last {KEPT_FOR.days} days at most")


def vault_of(data: Data) -> Path:
    """Return the folder of the vault."""
    return Path(os.environ.get("VAULT_DIR") or data.path / "vault")


def dump(url: str, target: Path) -> Moment:
    """Dump the database into a file, and return what it held at that very moment."""
    with closing(psycopg2.connect(url, connect_timeout=10)) as connection:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            program = places.programs(places.server_account()) / "pg_dump"
            database, environment = for_program(url)
            command: list[str | Path] = [
                program,
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot}",
                f"--file={target}",
                f"--dbname={database}",
            ]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Failure(f"the database could not be dumped:\n{done.stderr}", "See the lines above.")
            return held(cursor)


def held(cursor: psycopg2.extensions.cursor) -> Moment:
    """Return what the database holds, as this cursor's transaction sees it."""

    def rows(query: str) -> list[Any]:
        cursor.execute(query)
        return cursor.fetchall()

    counts = {table: rows(f"SELECT count(*) FROM {table}")[0][0] for (table,) in rows(TABLES)}  # noqa: S608 -- quoted by quote_ident
    return Moment(rows(FILES), dict(rows(ERASED)), [master for (master,) in rows(MASTERS)], counts)


def complete_files(copier: sets.Copier, moment: Moment, url: str) -> tuple[list[str], list[str]]:
    """Copy what the first pass could not see; return the files that the dump knows and that have lost parts.

    First those that the vault should still have, then those that were let go since the dump.
    """
    lost = []
    for case, file, parts, status in moment.files:
        copier.take(case, file)
        wanted = {f"{sets.VAULT}/{case}/{file}/{number}.part" for number in range(parts)}
        if status == "stored" and not wanted <= copier.sums.keys():
            lost.append(file)
    copier.keep_only((case, file) for case, file, _, _ in moment.files)
    if not lost:
        return [], []
    with closing(psycopg2.connect(url, connect_timeout=10)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT uid::text FROM vault_storedfile WHERE status = 'stored' AND uid::text = ANY(%s)", [lost])
        missing = sorted(file for (file,) in cursor.fetchall())
    for file in missing:
        say(f"\n  Missing in the vault, and so in the backup: file {file}")
    return missing, sorted(set(lost) - set(missing))


def keep_keys(data: Data, folder: Path | None) -> None:
    """Copy the keys to a place of their own, or say that the set is worth nothing without them."""
    if folder is None:
        say("  The keys are not in it, and without the master key no file can be read: --keys-to DIR copies them to a place apart.")
        return
    places.make_folder(folder)
    for name in KEYS:
        if (data.path / name).exists():
            write_privately(folder / name, (data.path / name).read_text().strip())
    if not (data.path / KEYS[0]).exists():
        raise Failure(f"there is no {KEYS[0]} in {data.path}: the master key comes from the environment.", "Keep a copy of it.")
    say(f"  The keys are in {folder}: keep them apart from the sets")
