"""The data folder: its keys, what kind of installation lives in it, and the environment its processes run in."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .console import Failure, tail
from .places import make_folder
from .processes import MARK, Lock, end, spawn

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("log", "mail", "broker", "broker/queue", "broker/control", "vault", "static")
DEMO_ORGANISATION = "Lakeside Demo Hospital"
DEMO_CONTACT = "second.opinions@lakeside.example"
LOG_BYTES = 10 * 1024 * 1024
# All that the settings read. What is started to be thrown away (a demo for pictures, a measurement, a test) takes none of it from
# its caller: with the caller's DATABASE_URL it would write into that database.
VARIABLES = (
    *("SECONDOP_ENV", "SECONDOP_DATA", "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "TRUSTED_PROXY_COUNT", "DEBUG", "DEMO", "LOG_LEVEL"),
    *("DATABASE_URL", "DATABASE_SECONDS", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "ORGANISATION", "CONTACT_EMAIL"),
    *("SMS_URL", "SMS_TOKEN", "TIME_ZONE", "STATIC_ROOT"),
    *("SESSION_IDLE_SECONDS", "SESSION_IDLE_SECONDS_STAFF", "SESSION_LONGEST_SECONDS", "SESSION_WARNING_SECONDS"),
    *(
        "VAULT_DIR",
        "VAULT_S3_URL",
        "VAULT_MASTER_KEY",
        "VAULT_MASTER_KEY_FILE",
        "CLAMD_URL",
        "REQUIRE_STAFF_MFA",
        "WEB_BIND",
        "WEB_WORKERS",
        "WEB_THREADS",
    ),
    *("TARGET_DAYS_SCREENING", "TARGET_DAYS_READY", "TARGET_DAYS_IN_REVIEW", "TARGET_DAYS_CHECKING"),
)
NEW_MASTER_KEY = "from secondop.vault.keys import new_master_key; print(new_master_key())"


def environment_without_settings() -> dict[str, str]:
    """Return this process's environment without the variables that the settings read."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


class Data:
    """One data folder (var/ unless told otherwise), made on first use and locked while a command works with it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.lock = Lock(self.path / "lock")

    def open(self) -> None:
        """Make the folder and what belongs into it, and lock it; raise Failure when another process has it."""
        make_folder(self.path)
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise Failure(f"{self.path} belongs to another user.", "Start as that user, or choose another folder with --data.")
        self.lock.take(Failure(f"{self.path} is in use by another ./dev.", "Stop that one, or choose another folder with --data."))
        for name in FOLDERS:
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        secret = self.path / "secret.key"
        if not secret.exists():
            write_privately(secret, secrets.token_urlsafe(64))

    def make_master_key(self, files_exist: bool) -> None:
        """Make master.key, which every file's key is wrapped with, unless there is one; never a second one beside sealed files."""
        path = self.path / "master.key"
        if path.exists() or os.environ.get("VAULT_MASTER_KEY") or os.environ.get("VAULT_MASTER_KEY_FILE"):
            return
        if files_exist:
            raise Failure(f"{path} is missing, and without it no stored file can be read.", "Put it back from your backup.")
        environ = {**os.environ, "SECONDOP_ENV": "local", "DJANGO_SETTINGS_MODULE": "secondop.settings"}
        made = subprocess.run([sys.executable, "-c", NEW_MASTER_KEY], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        if made.returncode:
            raise Failure(f"the master key could not be made:\n{made.stderr}", "Remove .venv and start again.")
        write_privately(path, made.stdout.strip())

    def environment(self, *, database: str, port: int, demo: bool, debug: bool) -> dict[str, str]:
        """Return the environment of the site's processes; what the caller's own environment says of addresses and keys wins."""
        ours = {
            "SECONDOP_ENV": "local",
            "SECRET_KEY": (self.path / "secret.key").read_text().strip(),
            "VAULT_MASTER_KEY_FILE": str(self.path / "master.key"),
            "BASE_URL": f"http://localhost:{port}",
            "ALLOWED_HOSTS": "localhost",
        }
        fixed = {
            "DJANGO_SETTINGS_MODULE": "secondop.settings",
            "SECONDOP_DATA": str(self.path),
            "DATABASE_URL": database,
            "DEMO": str(int(demo)),
            "DEBUG": str(int(debug)),
            MARK: str(self.path),
            "WEB_BIND": f"127.0.0.1:{port}",
            "PYTHONUNBUFFERED": "1",
        }
        if demo:
            ours |= {"ORGANISATION": DEMO_ORGANISATION, "CONTACT_EMAIL": DEMO_CONTACT}
        return {**ours, **os.environ, **fixed}

    def log(self, name: str) -> Path:
        """Return the path of a log file, its predecessor put aside when it has grown large."""
        path = self.path / "log" / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path

    def stamps(self) -> dict[str, Any]:
        """Return what earlier starts noted as done."""
        try:
            return json.loads((self.path / "stamps.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def stamp(self, **done: Any) -> None:
        """Note what is done, in one rename, so that a kill in between leaves the old note."""
        fresh = self.path / "stamps.json.new"
        fresh.write_text(json.dumps({**self.stamps(), **done}))
        fresh.replace(self.path / "stamps.json")


def write_privately(path: Path, text: str) -> None:
    """Write ``text`` to a file that only we may read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def manage(args: Sequence[str], environment: dict[str, str], log: Path) -> None:
    """Run a management command to its end, its output into ``log``; raise Failure with its last lines when it fails."""
    with open(log, "ab") as output:
        command = spawn([sys.executable, ROOT / "manage.py", *args], env=environment, cwd=ROOT, log=output)
        try:
            command.wait()
        finally:
            end(command)
    if command.returncode:
        raise Failure(f"manage.py {args[0]} ended with status {command.returncode}:\n{tail(str(log))}", f"The whole output is in {log}.")
