"""What has to be true before the site is served: migrated, its static files collected, its demo data there once and only there.

Each step is skipped when a stamp says it is done; the stamps are compared with the database and the files, so that neither a new
migration nor a database that was put in another's place goes unnoticed.
"""

import hashlib
import shutil
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from .console import Failure, step
from .data import ROOT, Data, manage
from .postgres import Cluster

REAL, DEMO = "real", "demo"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "secondop" / "settings.py")


@dataclass(frozen=True)
class Found:
    """What the database holds: which migrations ran, which accounts and sealed files there are; who is invited counts as an account."""

    migrations: str
    demo_accounts: bool
    other_accounts: bool
    sealed_files: bool


def look(url: str) -> Found:
    """Look into the database without Django, which takes seconds to load; raise Failure when it does not answer."""
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.OperationalError as error:
        raise Failure(f"the database does not answer: {error}", "Check DATABASE_URL and the server it names.") from error
    with closing(connection), connection.cursor() as cursor:

        def exists(table: str, query: str) -> bool:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(f"SELECT EXISTS ({query})")
            return bool(cursor.fetchone()[0])

        rows: list[tuple[str, str]] = []
        if exists("django_migrations", "SELECT FROM django_migrations"):
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            rows = cursor.fetchall()
        return Found(
            migrations=_digest([repr(rows).encode()]) if rows else "",
            demo_accounts=exists("accounts_user", "SELECT FROM accounts_user WHERE is_demo"),
            other_accounts=exists("accounts_user", "SELECT FROM accounts_user WHERE NOT is_demo")
            or exists("accounts_invitation", "SELECT FROM accounts_invitation"),
            sealed_files=exists("vault_casekey", "SELECT FROM vault_casekey"),
        )


def right_kind(data: Data, found: Found, *, empty: bool) -> None:
    """Refuse to mix: demo data never go into a real installation, and a real one never starts with demo accounts in it.

    What a data folder was first started as is noted in it: a real installation may have no account yet, only an invitation.
    """
    kind = data.stamps().get("kind")
    if empty and (found.demo_accounts or kind == DEMO):
        raise Failure(
            f"the data in {data.path} are a demo's: they hold accounts whose password everybody knows.",
            "Start a real installation in a folder of its own: ./dev run --empty --data DIR (with DATABASE_URL: an empty database).",
        )
    if not empty and (kind == REAL or (found.other_accounts and not found.demo_accounts)):
        raise Failure(
            f"the data in {data.path} are a real installation's, which must get no demo accounts.",
            "Start it with --empty, or start a demo in a folder of its own: ./dev run --data DIR.",
        )


def prepare(data: Data, environment: dict[str, str], cluster: Cluster | None, *, empty: bool) -> None:
    """Bring the database and the static files up to this code, and seed the demo once; raise Failure naming the step."""
    clear_half_seeded(data, cluster, environment["DATABASE_URL"])
    found, stamps, log = look(environment["DATABASE_URL"]), data.stamps(), data.log("prepare")
    right_kind(data, found, empty=empty)
    data.stamp(kind=REAL if empty else DEMO)
    data.make_master_key(found.sealed_files)
    wanted = fingerprint([*ROOT.glob("*/*/migrations/*.py"), *REQUIREMENTS])
    if not found.migrations or stamps.get("migrated") != [wanted, found.migrations]:
        with step("Bringing the database up to date"):
            manage(["migrate", "--no-input"], environment, log)
            manage(["createcachetable"], environment, log)
            data.stamp(migrated=[wanted, look(environment["DATABASE_URL"]).migrations])
    collect(data, environment, stamps, log)
    if empty and not (found.migrations and stamps.get("catalog")):
        with step("Loading a first catalog (once)"):
            manage(["load_catalog", "--once"], environment, log)
            data.stamp(catalog=True)
    if not empty and not found.demo_accounts:
        with step("Filling in demo data (once)"):
            data.stamp(seeding=True)
            manage(["seed_demo"], environment, log)
            data.stamp(seeding=False)


def clear_half_seeded(data: Data, cluster: Cluster | None, url: str) -> None:
    """Begin anew when an earlier start ended while it filled in the demo: the site was never served with those data.

    A database that is not our own is left to its owner: raise Failure while it still holds the half demo.
    """
    if not data.stamps().get("seeding"):
        return
    if cluster is None and look(url).demo_accounts:
        raise Failure("an earlier start ended while it filled in the demo data.", "Empty the database of DATABASE_URL and start again.")
    with step("Clearing what an interrupted start left"):
        if cluster is not None:
            cluster.empty()
        shutil.rmtree(data.path / "vault")
        (data.path / "vault").mkdir(mode=0o700)
        data.stamp(seeding=False)


def collect(data: Data, environment: dict[str, str], stamps: dict[str, object], log: Path) -> None:
    """Collect the static files for the web server unless these very ones are collected; with DEBUG Django serves the sources."""
    sources = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    wanted = fingerprint([*sources, ROOT / "secondop" / "web" / "storage.py", *REQUIREMENTS])
    manifest = Path(environment.get("STATIC_ROOT", data.path / "static")) / "staticfiles.json"
    if environment["DEBUG"] == "0" and not (manifest.exists() and stamps.get("static") == wanted):
        with step("Collecting the static files"):
            manage(["collectstatic", "--no-input", "--clear"], environment, log)
            data.stamp(static=wanted)


def fingerprint(paths: Iterable[Path]) -> str:
    """Return one digest of the names and contents of files, the same in any order."""
    return _digest(part for path in sorted(paths) for part in (str(path.relative_to(ROOT)).encode(), path.read_bytes()))


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
