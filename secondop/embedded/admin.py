"""./dev admin and ./dev manage: commands of an installation, whether it is running right now or not."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Failure
from .data import ROOT, Data
from .places import cluster_home, server_account
from .postgres import Cluster
from .prepare import look
from .run import database


def admin(options: argparse.Namespace) -> int:
    """Make the account of ``options.email`` an administrator; what the management command prints is the answer."""
    return run_in(Path(options.data), ["make_admin", options.email])


def manage_site(options: argparse.Namespace) -> int:
    """Run any command of manage.py on an installation, and return its status."""
    return run_in(Path(options.data), options.arguments or ["help"])


def run_in(path: Path, arguments: Sequence[str]) -> int:
    """Run manage.py with the settings of the data folder ``path``; raise Failure when there is no site in it yet."""
    os.umask(0o077)
    data = Data(path)
    need_installation(data)
    with address(data) as url:
        found = look(url)
        if not found.migrations:
            raise Failure(f"the database of {data.path} is empty.", f"Start the site once: ./dev run --empty --data {data.path}")
        environment = data.environment(database=url, port=data.stamps().get("port", 8000), demo=found.demo_accounts, debug=False)
        return subprocess.run([sys.executable, ROOT / "manage.py", *arguments], cwd=ROOT, env=environment, check=False).returncode


def need_installation(data: Data) -> None:
    """Raise Failure when nothing was ever started in a data folder."""
    if not (data.path / "secret.key").exists():
        raise Failure(f"there is no installation in {data.path}.", f"Start it once: ./dev run --empty --data {data.path}")


@contextmanager
def address(data: Data) -> Iterator[str]:
    """Give the address of the database, which is started for as long as the context when nobody else runs it."""
    if url := os.environ.get("DATABASE_URL") or running(data):
        yield url
        return
    data.open()
    try:
        with database(data) as (url, _):
            yield url
    finally:
        data.lock.free()


def running(data: Data) -> str | None:
    """Return the address of the database that ./dev run keeps open for this data folder, if it does."""
    return Cluster(cluster_home(data.path, server_account())).running_url()
