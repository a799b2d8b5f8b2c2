"""The embedded server, started for real: it answers, survives kills, ends with its parent, and opens no folder to anybody."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from secondop.embedded import places
from secondop.embedded.console import Failure
from secondop.embedded.postgres import Cluster, for_program
from secondop.embedded.processes import working_in
from tests.servers import LONG

PROJECT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")


@pytest.fixture
def cluster(place):
    made = Cluster(places.server_account().own(place / "postgres"))
    made.start()
    yield made
    made.stop()


def modes(path: Path) -> dict[Path, tuple[int, int]]:
    return {folder: (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_uid) for folder in path.parents}


def ask(cluster: Cluster, sql: str) -> list[tuple]:
    with closing(psycopg2.connect(cluster.url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def gone(data: Path, seconds: float = LONG) -> bool:
    limit = time.monotonic() + seconds
    while list(working_in(data)) and time.monotonic() < limit:
        time.sleep(0.02)
    return not list(working_in(data))


def test_data_survive_a_stop_and_a_kill(cluster):
    ask(cluster, "CREATE TABLE held (word text); INSERT INTO held VALUES ('kept')")
    cluster.stop()
    assert gone(cluster.data)
    cluster.start()
    assert ask(cluster, "SELECT word FROM held") == [("kept",)]
    cluster.server.kill()
    cluster.server.wait()
    cluster.restart()
    assert ask(cluster, "SELECT word FROM held") == [("kept",)]


def test_collation_encoding_and_no_network(cluster):
    assert ask(cluster, "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'secondop'") == [("C", "UTF8")]
    assert ask(cluster, "SHOW listen_addresses") == [("",)]
    assert ask(cluster, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
    assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700


def test_log_holds_no_values(cluster):
    ask(cluster, "CREATE TABLE once (word text UNIQUE); INSERT INTO once VALUES ('MARKER-TEXT')")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        ask(cluster, "INSERT INTO once VALUES ('MARKER-TEXT')")
    cluster.stop()
    log = cluster.log.read_text()
    assert "duplicate key" in log
    assert "MARKER-TEXT" not in log


def test_the_other_start_is_refused(cluster):
    with pytest.raises(Failure, match="another process"):
        Cluster(cluster.home).start()
    assert Cluster(cluster.home).running_url() == cluster.url
    noted = cluster.data / "postmaster.pid"
    whole = noted.read_text()
    for lines in range(8):
        noted.write_text("".join(whole.splitlines(keepends=True)[:lines]))
        assert Cluster(cluster.home).running_url() is None, "while a server starts, the file grows line by line"
    noted.write_text(whole)
    cluster.stop()
    assert Cluster(cluster.home).running_url() is None


def test_stale_process_id_of_somebody_else_is_no_obstacle(cluster):
    cluster.server.kill()
    cluster.server.wait()
    assert gone(cluster.data)
    other = subprocess.Popen(["sleep", "3600"], **cluster.account.popen)
    file = cluster.data / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
    try:
        cluster.restart()
        assert ask(cluster, "SELECT 1") == [(1,)]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_server_ends_with_a_killed_parent_and_the_next_start_works(place):
    home = places.server_account().own(place / "postgres")
    code = f"""
import os, pathlib
from secondop.embedded.postgres import Cluster
Cluster(pathlib.Path({str(home)!r}), throwaway=True).start()
os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
    killed = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert gone(home / "data")
    after = Cluster(home, throwaway=True)
    after.start()
    after.stop()


def test_leftover_server_is_ended_before_the_next_start(cluster):
    held, cluster.server = cluster.server, None
    cluster.lock.free()
    after = Cluster(cluster.home)
    after.start()
    assert held.wait(LONG) is not None
    assert ask(after, "SELECT 1") == [(1,)]
    after.stop()


def test_modes_of_all_parents_are_unchanged(place):
    base = place / "open" / "var"
    base.mkdir(parents=True)
    before = modes(base / "x")
    made = Cluster(places.cluster_home(base, places.server_account()), throwaway=True)
    made.start()
    made.stop()
    assert made.home == base / "postgres"
    assert stat.S_IMODE(made.home.stat().st_mode) == 0o700
    assert modes(base / "x") == before


@as_root
def test_closed_parent_sends_the_data_elsewhere(place, capsys):
    closed = place / "closed"
    base = closed / "var"
    base.mkdir(parents=True)
    closed.chmod(0o700)
    before = modes(base / "x")
    account, elsewhere = places.server_account(), place / "elsewhere"
    home = places.cluster_home(base, account, elsewhere)
    assert str(home) in capsys.readouterr().out
    made = Cluster(home, throwaway=True)
    made.start()
    made.stop()
    assert home.parent == elsewhere
    assert list(base.iterdir()) == [base / "postgres-is-at"]
    assert places.cluster_home(base, account, elsewhere) == home
    assert modes(base / "x") == before


@as_root
def test_programs_behind_a_closed_folder_are_copied(place):
    """As with a checkout in /root: a copy of the wheel that the server's user cannot reach is what Python finds first."""
    closed, home = place / "closed", places.server_account().own(place / "postgres")
    package = places.programs(places.server_account()).parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, closed / folder.name)
    closed.chmod(0o700)
    code = f"""
import sys, pathlib
sys.path.insert(0, {str(closed)!r})
from secondop.embedded.postgres import Cluster
cluster = Cluster(pathlib.Path({str(home)!r}), throwaway=True, elsewhere=pathlib.Path({str(place / "elsewhere")!r}))
for _ in range(2):
    cluster.start()
    print(pathlib.Path(f"/proc/{{cluster.server.pid}}/exe").readlink())
    cluster.stop()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, capture_output=True, text=True)
    (copied,) = (place / "elsewhere").iterdir()
    assert {Path(line).parents[3] for line in done.stdout.splitlines()} == {copied}
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_long_path_puts_the_socket_into_a_short_closed_folder(place):
    base = place / ("long-" * 20)
    base.mkdir()
    made = Cluster(places.cluster_home(base, places.server_account()), throwaway=True)
    made.start()
    socket = made.socket
    assert ask(made, "SELECT 1") == [(1,)]
    assert socket.parent == Path("/tmp")
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    made.stop()
    assert not socket.exists()


def test_a_password_is_no_argument_of_a_program():
    database, environment = for_program("postgresql://site:s%40cret@db.example:6432/opinions?sslmode=require")
    parts = {"host": "db.example", "port": "6432", "user": "site", "dbname": "opinions", "sslmode": "require"}
    assert psycopg2.extensions.parse_dsn(database) == parts
    assert environment["PGPASSWORD"] == "s@cret"
    assert "PGPASSWORD" not in for_program("postgresql://secondop@%2Fsocket/secondop")[1]
