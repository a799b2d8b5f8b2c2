"""A PostgreSQL server of our own, driven through its own programs: started as our child, reached by a Unix socket only.

The launcher that comes with the wheel is not used: started as root it opens every parent folder to all, and it leaves the server
running when we are killed.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
import psycopg2.extensions

from . import places
from .console import Failure, tail
from .processes import Lock, end, end_strangers, spawn, working_in

ROLE = DATABASE = "secondop"
START_SECONDS = 120  # after a crash the server first replays its log
# Health data must not reach the log: neither statements (their values are in the text) nor the DETAIL of a broken constraint.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "timezone": "UTC",
}
# For data that are thrown away: nothing waits for the disk.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
}


def for_program(url: str) -> tuple[str, dict[str, str]]:
    """Return ``url`` as PostgreSQL's programs take it, and the environment with its password: everybody on a machine sees arguments."""
    parts = psycopg2.extensions.parse_dsn(url)
    secret = {"PGPASSWORD": parts.pop("password")} if "password" in parts else {}
    return psycopg2.extensions.make_dsn(**parts), {**os.environ, **secret}


class Cluster:
    """One server and its data. ``home`` belongs to the server's user alone and holds the data, the socket and the lock."""

    def __init__(self, home: Path, *, log: Path | None = None, throwaway: bool = False, elsewhere: Path = places.ELSEWHERE) -> None:
        self.account = places.server_account()
        self.home, self.data = home, home.resolve() / "data"
        self.log = log or home / "log"
        self.throwaway, self.elsewhere = throwaway, elsewhere
        self.lock = Lock(home / "lock")
        self.socket: Path | None = None
        self.server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the database as DATABASE_URL takes it."""
        return f"postgresql://{ROLE}@{quote(str(self.socket), safe='')}/{DATABASE}"

    def start(self) -> None:
        """Make the data if there are none, start the server and wait until it answers; raise Failure with its last words."""
        self.lock.take(Failure(f"another process runs the database in {self.home}.", "Stop that one first."))
        version = self.data / "PG_VERSION"
        programs = places.programs(self.account, version.read_text().strip() if version.exists() else None, self.elsewhere)
        if not version.exists():
            self._make(programs)
        self._clear()
        self._launch(programs)

    def restart(self) -> None:
        """Start the server again after it ended by itself; the socket stays where it was."""
        self._clear()
        self._launch(places.programs(self.account, (self.data / "PG_VERSION").read_text().strip(), self.elsewhere))

    def stop(self) -> None:
        """Stop the server: quickly but with a clean shutdown, or at once when the data are thrown away."""
        if self.server is not None:
            end(self.server, signal.SIGQUIT if self.throwaway else signal.SIGINT, grace=30)
            self.server = None
        if self.socket and self.socket.parent != self.home:
            shutil.rmtree(self.socket, ignore_errors=True)
        self.socket = None
        self.lock.free()

    def running_url(self) -> str | None:
        """Return the address of a server that somebody else runs on these data right now, or None when there is none."""
        lines = self._when_ready()
        if lines is None or int(lines[0]) not in working_in(self.data):
            return None
        return f"postgresql://{ROLE}@{quote(lines[4], safe='')}/{DATABASE}"

    def _make(self, programs: Path) -> None:
        fresh = self.home.resolve() / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command: list[str | Path] = [programs / "initdb", "-D", fresh, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        if self.throwaway:
            command.append("--no-sync")
        with open(self.log, "ab") as log:
            maker = spawn(command, log=log, account=self.account.popen, env={})
            if maker.wait():
                raise Failure(f"initdb could not make a database in {self.home}:\n{tail(str(self.log))}", "See the lines above.")
        fresh.rename(self.data)

    def _clear(self) -> None:
        """End a server that an earlier, killed start left on our data, and remove a process id that is no longer its own.

        We hold the lock, so nobody else has a right to these data; a process counts as theirs only if it works in the folder.
        """
        end_strangers(lambda: working_in(self.data), signal.SIGINT, grace=30)
        lines = self._postmaster()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if lines is not None and len(lines) > 4:
            old = Path(lines[4])
            if old.parent == Path("/tmp") and old.name.startswith("secondop-") and old.is_dir() and old.stat().st_uid == self.account.uid:  # noqa: S108
                shutil.rmtree(old)

    def _launch(self, programs: Path) -> None:
        self.socket = self.socket or places.socket_folder(self.home.resolve(), self.account)
        settings = {**SETTINGS, **(THROWAWAY if self.throwaway else {}), "unix_socket_directories": f'"{self.socket}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self.server = spawn(
                [programs / "postgres", "-D", self.data, *options],
                env={},
                log=log,
                death=signal.SIGINT,
                account=self.account.popen,
            )
        limit = time.monotonic() + START_SECONDS
        while not self._ready():
            if self.server.poll() is not None or time.monotonic() > limit:
                raise Failure(f"PostgreSQL did not start:\n{tail(str(self.log))}", f"Its whole log is {self.log}.")
            time.sleep(0.02)
        self._make_database()

    def _ready(self) -> bool:
        lines = self._when_ready()
        return bool(lines and self.server and int(lines[0]) == self.server.pid)

    def _when_ready(self) -> list[str] | None:
        """What ``_postmaster()`` returns once its server takes connections; while it starts, the file grows line by line."""
        lines = self._postmaster() or []
        return lines if len(lines) > 7 and lines[7].strip() == "ready" else None

    def _postmaster(self) -> list[str] | None:
        """The lines of postmaster.pid: process id, data folder, start, port, socket folder, address, shared memory, status."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines() or None
        except FileNotFoundError:
            return None

    def empty(self) -> None:
        """Throw the database away and make it anew."""
        with self._as_superuser() as cursor:
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        self._make_database()

    @contextmanager
    def _as_superuser(self) -> Iterator[psycopg2.extensions.cursor]:
        connection = psycopg2.connect(host=str(self.socket), user="postgres", dbname="postgres", connect_timeout=10)
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            yield cursor

    def _make_database(self) -> None:
        with self._as_superuser() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {ROLE} LOGIN {'CREATEDB' if self.throwaway else ''}")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
