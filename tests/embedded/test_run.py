"""./dev run for real: what it starts, what it refuses, and that nothing outlives it, however it ends."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from secondop.demo import people
from secondop.embedded.data import ROOT, VARIABLES, Data, environment_without_settings
from secondop.embedded.places import server_account
from secondop.embedded.postgres import Cluster
from secondop.embedded.processes import MARK, marked, working_in
from secondop.embedded.run import ACCOUNTS, announce, end_leftovers
from tests.servers import LONG, free_port

OWN = VARIABLES
START_SECONDS = 600  # a machine that does much else takes long


class Site:
    """One ./dev run in a data folder of its own, its output in a file."""

    def __init__(self, base: Path) -> None:
        self.environ: dict[str, str] = {}
        self.base, self.data, self.port = base, base / "var", free_port()
        self.home = base / "home"
        self.output = base / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *options: str) -> subprocess.Popen[bytes]:
        environ = {**environment_without_settings(), "PYTHONPATH": str(ROOT), "HOME": str(self.home), **self.environ}
        args = [sys.executable, "-P", "-m", "secondop.embedded", "run", "--empty", *options]
        with open(self.output, "ab") as output:
            return subprocess.Popen(args, cwd=self.base, env=environ, stdout=output, stderr=output, start_new_session=True)

    def start(self, *options: str) -> None:
        """Start it and wait until it says that it runs."""
        said = self.output.read_text().count("is running") if self.output.exists() else 0
        self.process = self.command("--data", "var", "--port", str(self.port), *options)
        self.until(lambda: self.output.read_text().count("is running") > said or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.output.read_text()

    def until(self, condition, seconds: float) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, self.output.read_text()
            time.sleep(0.05)

    def refused(self, *options: str) -> str:
        """What a start prints that must fail."""
        before = self.output.stat().st_size
        assert self.command(*options).wait(LONG) == 1
        return self.output.read_bytes()[before:].decode()

    def get(self, path: str) -> int:
        return self.open(path)[0]

    def open(self, path: str) -> tuple[int, str]:
        """The status and the text of a page; 0 when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=LONG) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def interrupt(self) -> None:
        """Press Ctrl-C once, and see that everything ends well and nothing is left."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(LONG) == 0
        assert self.left() == []

    def left(self) -> list[int]:
        return [*marked(str(self.data)), *working_in(self.data / "postgres" / "data")]


@pytest.fixture(scope="module")
def folder(module_place):
    """One data folder for the module: what its first start collects, later ones need not."""
    (module_place / "home").mkdir()
    return module_place


@pytest.fixture
def site(folder):
    made = Site(folder)
    yield made
    if made.process and made.process.poll() is None:
        for _ in range(2):  # the second signal does not wait for tasks under way
            made.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
        made.process.wait(LONG)


def modes(path: Path) -> dict[Path, int]:
    return {folder: stat.S_IMODE(folder.stat().st_mode) for folder in path.parents}


def pid_of(site: Site, words: str) -> int:
    """The main process of a service: the one whose parent is the site's own process."""
    for pid in marked(str(site.data)):
        with suppress(FileNotFoundError, ProcessLookupError):  # one that has just ended is not looked for
            parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
            if int(parent) == site.process.pid and words in Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " "):
                return pid
    raise AssertionError(words)


def test_life_of_a_site(site):
    before, bystander = modes(site.data), subprocess.Popen(["sleep", "3600"])
    site.start()
    assert (site.get("/healthz"), site.get("/readyz"), site.get("/styleguide/")) == (200, 200, 404)
    assert stat.S_IMODE((site.data / "master.key").stat().st_mode) == 0o600
    assert (site.data / "master.key").read_text().startswith("local:")
    assert modes(site.data) == before

    assert "is in use by another ./dev" in site.refused("--data", "var", "--port", str(free_port()))
    assert f"port {site.port} is in use" in site.refused("--data", "other", "--port", str(site.port))
    assert site.get("/healthz") == 200

    keys = {name: (site.data / name).read_bytes() for name in ("master.key", "secret.key")}
    site.process.kill()
    site.process.wait()
    site.until(lambda: not site.left(), LONG)

    before_restart = len(site.output.read_text())
    site.start()
    again = site.output.read_text()[before_restart:]
    steps = ["Starting PostgreSQL", "Starting the web server and the workers"]
    assert re.findall(r"^  (.+) … ", again, re.MULTILINE) == steps, "what takes long is skipped"
    assert {name: (site.data / name).read_bytes() for name in keys} == keys
    os.kill(pid_of(site, "gunicorn"), signal.SIGKILL)
    site.until(lambda: "The web server ended" in site.output.read_text() and site.get("/healthz") == 200, LONG)

    site.process.send_signal(signal.SIGINT)
    site.until(lambda: "Stopping" in site.output.read_text(), LONG)
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(LONG) == 0
    assert site.left() == []
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    assert list(site.home.iterdir()) == []
    assert modes(site.data) == before


def test_servers_named_by_the_environment_are_used(site, redis_server):
    cluster = Cluster(server_account().own(site.base / "theirs"), throwaway=True)
    cluster.start()
    site.environ = {"DATABASE_URL": cluster.url, "REDIS_URL": redis_server.url}
    try:
        site.start()
        assert site.get("/readyz") == 200
        assert not list(working_in(site.data / "postgres" / "data"))
        redis_server.stop()
        assert site.get("/readyz") == 503
        assert "Redis does not answer" in site.refused("--data", "other", "--port", str(free_port()))
        redis_server.start()
        site.until(lambda: site.get("/readyz") == 200, LONG)
        site.interrupt()
    finally:
        site.process.kill()
        site.process.wait()
        cluster.stop()


def test_debug_shows_the_code_of_errors_and_waits_for_changes(site):
    site.start("--debug")
    status, page = site.open("/nowhere/")
    assert (status, "Using the URLconf defined in" in page) == (404, True)
    status, page = site.open("/styleguide/")
    assert (status, "Styleguide" in page) == (200, True)
    assert "Watching for file changes" in site.output.read_text()
    site.interrupt()


def test_a_free_port_is_nobody_elses_before_its_server_starts():
    with ExitStack() as stack:
        ours = [free_port() for _ in range(200)]
        theirs = [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(200)]
        assert len({*ours, *theirs}) == 400
        assert stack.enter_context(socket.create_server(("127.0.0.1", ours[0])))


def test_demo_says_its_address_its_accounts_and_where_its_mail_is(tmp_path, capsys):
    announce(Data(tmp_path), {"BASE_URL": "http://localhost:8123"}, empty=False)
    said = capsys.readouterr().out
    assert "SecondOp is running: http://localhost:8123\n" in said
    assert f"all with the password {people.PASSWORD}:" in said
    assert re.findall(r"(\w+)@demo\.example", said) == list(ACCOUNTS)
    assert "Outgoing mail: http://localhost:8123/demo/mail/" in said


def test_leftovers_of_a_killed_start_are_ended_and_nobody_else(tmp_path, capsys):
    """Processes that outlived their parent (the kernel's signal lost, say) carry the mark of the data folder."""
    mine = subprocess.Popen(["sleep", "3600"], env={**os.environ, MARK: str(tmp_path / "var")})
    other = subprocess.Popen(["sleep", "3600"], env={**os.environ, MARK: str(tmp_path / "other")})
    waiting = threading.Thread(target=mine.wait)  # as init does for orphans: an ended process has to be reaped
    waiting.start()
    end_leftovers(Data(tmp_path / "var"))
    waiting.join(LONG)
    assert mine.returncode == -signal.SIGTERM
    assert other.poll() is None
    assert "Ended 1 process " in capsys.readouterr().out
    other.kill()
    other.wait()
