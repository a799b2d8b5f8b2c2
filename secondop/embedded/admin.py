"""./dev admin EMAIL: the first administrator of an installation, whether it is running right now or not."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from .console import Failure
from .data import ROOT, Data
from .places import cluster_home, server_account
from .postgres import Cluster
from .prepare import look
from .run import database


def admin(options: argparse.Namespace) -> int:
    """Make the account of ``options.email`` an administrator; what the management command prints is the answer."""
    os.umask(0o077)
    data = Data(Path(options.data))
    if not (data.path / "secret.key").exists():
        raise Failure(f"there is no installation in {data.path}.", f"Start it once: ./dev run --empty --data {options.data}")
    if url := os.environ.get("DATABASE_URL") or running(data):
        return make(options.email, data, url)
    data.open()
    with database(data) as (url, _):
        return make(options.email, data, url)


def running(data: Data) -> str | None:
    """Return the address of the database that ./dev run keeps open for this data folder, if it does."""
    return Cluster(cluster_home(data.path, server_account())).running_url()


def make(email: str, data: Data, url: str) -> int:
    """Run manage.py make_admin on the database at ``url`` and return its status; raise Failure when it is not migrated yet."""
    found = look(url)
    if not found.migrations:
        raise Failure(f"the database of {data.path} is empty.", f"Start the site once: ./dev run --empty --data {data.path}")
    environment = data.environment(database=url, port=data.stamps().get("port", 8000), demo=found.demo_accounts, debug=False)
    return subprocess.run([sys.executable, ROOT / "manage.py", "make_admin", email], cwd=ROOT, env=environment, check=False).returncode
