"""./dev run: the whole site on one machine, until Ctrl-C."""

import argparse
import errno
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from .console import Failure, say, step
from .data import Data
from .places import cluster_home, server_account
from .postgres import Cluster
from .prepare import prepare
from .processes import end_strangers, marked
from .supervise import Stopping, services, stop, wait_for_web, watch

ACCOUNTS = ("patient", "family", "specialist", "specialist2", "coordinator", "lead", "admin")
PASSWORD = "second-opinion-demo"  # noqa: S105  (of demo accounts; production refuses to start while they exist)
_HELD: list[socket.socket] = []  # what keeps the ports of free_port()


def run(options: argparse.Namespace) -> int:
    """Start everything, print where it is, and look after it until a signal says to stop; return the exit status."""
    os.umask(0o077)
    data = Data(Path(options.data))
    running = []
    with Stopping() as stopping:
        try:
            data.open()
            end_leftovers(data)
            need_port(options.port)
            with database(data) as (url, cluster):
                environment = data.environment(database=url, port=options.port, demo=not options.empty, debug=options.debug)
                need_broker()
                prepare(data, environment, cluster, empty=options.empty)
                data.stamp(port=options.port)
                try:
                    with step("Starting the web server and the workers"):
                        running = services(data, environment, debug=options.debug)
                        for service in running:
                            service.start()
                        wait_for_web(running[0], options.port)
                    announce(data, environment, empty=options.empty)
                    watch(running, cluster)
                finally:
                    stopping.asked = True
                    stop(running, stopping)
        except KeyboardInterrupt:
            say("Stopped")
    return 0


@contextmanager
def database(data: Data) -> Iterator[tuple[str, Cluster | None]]:
    """Give the address of the database: the one of DATABASE_URL, or the embedded server's, which runs as long as the context."""
    if url := os.environ.get("DATABASE_URL"):
        say("  Using the database of DATABASE_URL")
        yield url, None
        return
    cluster = Cluster(cluster_home(data.path, server_account()), log=data.log("postgres"))
    try:
        with step("Starting PostgreSQL"):
            cluster.start()
        yield cluster.url, cluster
    finally:
        cluster.stop()


def end_leftovers(data: Data) -> None:
    """End what an earlier start of this data folder, killed without a chance to do so itself, left running."""
    if count := end_strangers(lambda: marked(str(data.path)), signal.SIGTERM, grace=10):
        say(f"  Ended {count} process{'es' if count > 1 else ''} that an earlier start had left running")


def need_port(port: int) -> None:
    """Raise Failure when something listens on the port of localhost already, by either of its two addresses."""
    taken = Failure(f"port {port} is in use by another program.", f"Stop that one, or choose another port: ./dev run --port {port + 1}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Failure(f"port {port} is reserved for root.", "Choose one above 1023: ./dev run --port 8000") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise taken from None
    with socket.socket(socket.AF_INET6) as probe:
        probe.settimeout(1)
        if probe.connect_ex(("::1", port)) == 0:
            raise taken


def free_port() -> int:
    """Return a port that nothing listens on, and that no other call of this gives as long as this process lives.

    What is started for it may bind it all the same, as servers do (SO_REUSEADDR); whoever asks the system for any port does not get it.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _HELD.append(probe)
    return int(probe.getsockname()[1])


def need_broker() -> None:
    """Raise Failure when REDIS_URL is set and nothing answers there."""
    url = os.environ.get("REDIS_URL", "")
    if url and not url.startswith("filesystem"):
        say("  Using the queue of REDIS_URL")
        client = redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
        try:
            client.ping()
        except redis.RedisError as error:
            raise Failure(f"Redis does not answer: {error}", "Check REDIS_URL and the server it names.") from error
        finally:
            client.close()


def announce(data: Data, environment: dict[str, str], *, empty: bool) -> None:
    """Print the address, who can sign in, where mail goes and where the logs are."""
    address = environment["BASE_URL"]
    say(f"\nSecondOp is running: {address}\n")
    if empty:
        say(f"  Make the first administrator: ./dev admin you@example.org --data {data.path}")
        mail = "is sent by EMAIL_URL" if environment.get("EMAIL_URL") else f"is kept in {data.path / 'mail'} (set EMAIL_URL to send it)"
        say(f"  Outgoing mail {mail}")
    else:
        say(f"  Demo accounts, all with the password {PASSWORD}:")
        for account in ACCOUNTS:
            say(f"    {account}@demo.example")
        say(f"  Outgoing mail: {address}/demo/mail/")
    say(f"  Logs: {data.path / 'log'}\n  Ctrl-C stops everything\n")
