"""The site as it runs in production, web server and task worker as processes, every line to its servers one that can be cut."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from html import unescape
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import redis
from celery import Celery
from django.conf import settings
from django.db import connection
from django.test import Client

from secondop.accounts.models import User
from secondop.embedded.processes import spawn
from secondop.embedded.supervise import MAILS, PICTURES, WORK
from tests.notices.smtp import MailServer
from tests.servers import Proxy, RedisServer, free_port

START = 600  # seconds: several sites may begin at the same time
TOKEN = "a" * 32
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=rim"
RIM = b"\r\n--rim\r\nContent-Disposition: form-data; name=%s\r\n\r\n"
WORKER = ("worker", "-c", "2", "-l", "INFO", "--without-gossip", "--without-mingle", "-Q", f"{MAILS},{WORK},{PICTURES}")


class Answer(NamedTuple):
    """What the site answered, and after how many seconds."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def location(self) -> str:
        """Where it sends the browser."""
        return self.headers.get("Location", "")

    @property
    def words(self) -> str:
        """The page's text without its markup, on one line."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.text)).split())


class Site:
    """Web server, task worker with beat, and the proxies in front of their database and broker; mail goes to ``mail``."""

    def __init__(self, folder: Path, broker: RedisServer, mail: MailServer) -> None:
        self.folder, self.redis, self.mail, self.port = folder, broker, mail, free_port()
        found = connection.settings_dict
        host, port = found["HOST"] or "localhost", int(found["PORT"] or 5432)
        self.database = Proxy(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port))
        self.broker = Proxy(("127.0.0.1", broker.port))
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(settings.ROOT),
            "DATABASE_URL": f"postgresql://{found['USER']}:{found['PASSWORD']}@127.0.0.1:{self.database.port}/{found['NAME']}",
            "REDIS_URL": f"redis://127.0.0.1:{self.broker.port}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "BASE_URL": f"http://localhost:{self.port}",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "REQUIRE_STAFF_MFA": "0",
            "VAULT_DIR": str(settings.VAULT_DIR),
        }
        self.web = self.worker = None

    def start_web(self, **environ: str) -> None:
        """Start the web server, with ``environ`` besides, and wait until it answers."""
        self.environ |= environ
        self.web = self._start("web", "gunicorn", "-c", "python:secondop.embedded.serving", "secondop.wsgi:application")
        self.until(self.answers, START)

    def answers(self) -> bool:
        """Whether the web server says that it lives."""
        try:
            return self.browser().get("/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def start_worker(self, *, with_clock: bool = True) -> None:
        """Start the task worker, with its clock or only for what is handed over, and wait until it takes tasks."""
        clock = ("-B", "-s", str(self.folder / "beat")) if with_clock else ()
        self.worker = self._start("worker", "celery", "-A", "secondop", *WORKER, *clock)
        self.until(self.is_taking_tasks, START)

    def is_taking_tasks(self) -> bool:
        """Whether a worker waits at the broker."""
        with redis.Redis.from_url(self.redis.url) as client:
            return any(line["cmd"] == "brpop" for line in client.client_list())

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with open(self.folder / f"{name}.log", "ab") as log:
            return spawn([sys.executable, "-m", *command], env=self.environ, cwd=settings.ROOT, log=log)

    def send(self, task: str, *ids: str | int, queue: str = "notices") -> None:
        """Hand a task to the worker, as beat does."""
        with Celery(broker=self.redis.url, set_as_current=False) as app:
            app.send_task(task, args=ids, queue=queue)

    def kill(self, name: str) -> None:
        """End the web server or the worker with all its processes, as a power cut would."""
        process = getattr(self, name)
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            setattr(self, name, None)

    def stop(self) -> None:
        """End everything."""
        self.kill("web")
        self.kill("worker")
        self.database.close()
        self.broker.close()

    def log(self, name: str) -> str:
        """What a process has said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def until(self, condition: Callable[[], Any], seconds: float) -> float:
        """Wait until ``condition`` holds; how long that took. Fails with the logs' ends when it takes longer than ``seconds``."""
        begun = time.monotonic()
        while not condition():
            assert time.monotonic() < begun + seconds, f"{self.log('web')[-3000:]}\n{self.log('worker')[-3000:]}"
            time.sleep(0.05)
        return time.monotonic() - begun

    def children(self, words: str) -> list[int]:
        """The processes below web server and worker whose command line holds ``words``."""
        found, family = [], [child for process in (self.web, self.worker) if process for child in children_of(process.pid)]
        while family:
            pid = family.pop()
            family += children_of(pid)
            with suppress(OSError):
                if words in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                    found.append(pid)
        return found

    def browser(self, user: User | None = None, address: str = "") -> "Browser":
        """A browser in which ``user`` is signed in, at the network address ``address`` as the proxy in front has it."""
        return Browser(self.port, user, address)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, by what costs no look at all others: those that live for a moment are seen too."""
    found: list[int] = []
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, told.read_text().split())
    return found


class Browser:
    """Speaks HTTP to the site as one person, a connection a request."""

    def __init__(self, port: int, user: User | None, address: str = "") -> None:
        self.port, self.address, self.cookies = port, address, f"{settings.CSRF_COOKIE_NAME}={TOKEN}"
        if user is not None:
            client = Client()
            client.force_login(user)
            self.cookies += f"; {settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self.send("GET", path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> Answer:
        """Send a form of this site."""
        return self.send("POST", path, urlencode({**(data or {}), "csrfmiddlewaretoken": TOKEN}, doseq=True).encode(), FORM)

    def upload(self, path: str, *files: tuple[str, bytes]) -> Answer:
        """Send files with a form of this site."""
        return self.send("POST", path, multipart(*files), MULTIPART)

    def begin_upload(self, path: str, *files: tuple[str, bytes]) -> tuple[http.client.HTTPConnection, bytes]:
        """Send half of an upload; the open connection, and the other half."""
        line, body = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60), multipart(*files)
        line.putrequest("POST", path, skip_host=True)
        for name, value in {**self.headers(MULTIPART), "Content-Length": str(len(body))}.items():
            line.putheader(name, value)
        half = len(body) // 2
        line.endheaders(body[:half])
        return line, body[half:]

    def headers(self, kind: str = "") -> dict[str, str]:
        """What every request of this browser carries."""
        more = {"Content-Type": kind, "X-Forwarded-For": self.address}
        return {"Host": f"localhost:{self.port}", "Cookie": self.cookies, **{name: value for name, value in more.items() if value}}

    def send(self, method: str, path: str, body: bytes | None = None, kind: str = "", cookie: str = "") -> Answer:
        """One request, with one more ``cookie``, and its whole answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        begun = time.monotonic()
        try:
            headers = self.headers(kind)
            line.request(method, path, body, {**headers, "Cookie": "; ".join(filter(None, [headers["Cookie"], cookie]))})
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            line.close()
        return Answer(answer.status, dict(answer.headers), text, time.monotonic() - begun)

    def follow(self, answer: Answer) -> Answer:
        """The page a redirect leads to, with the message that came along."""
        message = answer.headers.get("Set-Cookie", "").partition(";")[0]
        return self.send("GET", urlsplit(answer.location).path, cookie=message if message.startswith("messages=") else "")


def multipart(*files: tuple[str, bytes]) -> bytes:
    """The body of a form with ``files`` and its token."""
    body = RIM % b"csrfmiddlewaretoken" + TOKEN.encode()
    for name, data in files:
        body += RIM % f'files; filename="{name}"'.encode() + data
    return body + b"\r\n--rim--\r\n"


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """What each of the acts answers when they all begin at the same time."""
    gate = Barrier(len(acts))

    def begin(act: Callable[[], Answer]) -> Answer:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))
