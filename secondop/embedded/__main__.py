"""The commands of ./dev, once .venv is there; each is a function that takes its options and returns an exit status."""

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from .admin import admin, manage_site
from .backup import backup
from .console import Failure, complain
from .data import ROOT
from .lint import lint
from .restore import restore
from .run import run
from .testing import test


def main() -> int:
    """Run the command that the arguments name; a Failure is printed with its way out and becomes the exit status."""
    options = parser().parse_args()
    try:
        return int(options.command(options))
    except Failure as failure:
        complain(failure)
        return failure.status
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each stores its function as ``command``."""
    top = argparse.ArgumentParser(prog="./dev", allow_abbrev=False)
    commands = top.add_subparsers(required=True)
    one = commands.add_parser("run", help="start the site")
    one.add_argument("--port", type=port, default=8000)
    one.add_argument("--empty", action="store_true", help="a real installation, without demo data")
    one.add_argument("--data", type=Path, default=ROOT / "var")
    one.add_argument("--debug", action="store_true", help="reload when the code changes")
    one.set_defaults(command=run)
    one = commands.add_parser("admin", help="make an administrator")
    one.add_argument("email")
    one.add_argument("--data", type=Path, default=ROOT / "var")
    one.set_defaults(command=admin)
    one = commands.add_parser("manage", help="run a command of manage.py on an installation")
    one.add_argument("--data", type=Path, default=ROOT / "var")
    one.add_argument("arguments", nargs=argparse.REMAINDER, help="the command and its options")
    one.set_defaults(command=manage_site)
    one = commands.add_parser("backup", help="write database and vault to another place")
    one.add_argument("--data", type=Path, default=ROOT / "var")
    one.add_argument("--to", type=Path, help="the folder of sets; beside the data folder unless said otherwise")
    one.add_argument("--keys-to", type=Path, help="copy the keys there, apart from the sets")
    one.set_defaults(command=backup)
    one = commands.add_parser("restore", help="make a data folder from a backup")
    one.add_argument("set", type=Path, help="a set, or the folder of sets: then its newest")
    one.add_argument("--data", type=Path, default=ROOT / "var", help="an empty or a new folder")
    one.add_argument("--keys", type=Path, help="the folder that --keys-to wrote")
    one.set_defaults(command=restore)
    one = commands.add_parser("test", help="run all checks, or the tests below some paths")
    one.add_argument("paths", nargs=argparse.REMAINDER, help="paths and options for pytest")
    one.set_defaults(command=test)
    one = commands.add_parser("shots", help="screenshots of the main pages")
    one.add_argument("names", nargs="*", help="only pages whose name holds one of these")
    one.set_defaults(command=later("shots"))
    one = commands.add_parser("bench", help="what pages, files and scans cost")
    one.add_argument("--requests", type=times, default=200, help="how often each page is asked for")
    one.add_argument("--mib", type=times, default=64, help="how large a file is sent")
    one.add_argument("--slices", type=int, default=60, help="how many images a scan has; 0: no scan and no viewer")
    one.add_argument("--large", action="store_true", help="send a file of 1 GiB and a scan of 5,000 slices")
    one.add_argument("--like", type=Path, help="the data folder of a demo that is not running: a copy of it is measured, not a fresh one")
    one.set_defaults(command=later("bench"))
    commands.add_parser("lint", help="check the code without running it").set_defaults(command=lint)
    return top


def later(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a command that is imported only when it runs: these two use packages that an installation does not have."""

    def command(options: argparse.Namespace) -> int:
        module = importlib.import_module(f".{name}", __package__)
        return int(getattr(module, name)(options))

    return command


def port(text: str) -> int:
    """Return ``text`` as a port number; argparse turns the error into its message."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port")
    return number


def times(text: str) -> int:
    """Return ``text`` as how often something is done, once at least; argparse turns the error into its message."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} times is no measurement")
    return number


if __name__ == "__main__":
    sys.exit(main())
