"""Reading the folder into which the demo's mail goes."""

import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,200}\.eml")
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Letter:
    """A mail as the page shows it; text only, for a mail's own HTML is not ours to run."""

    name: str
    subject: str
    sender: str
    to: str
    at: datetime
    text: str


def files(folder: Path) -> list[Path]:
    """The mails in ``folder``, newest first; none when the folder is not there yet."""
    found = [path for path in folder.glob("*.eml") if NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def find(folder: Path, name: str) -> Path | None:
    """The mail called ``name``; None for anything that is not a plain name of a file in ``folder``."""
    path = folder / name
    return path if NAME.fullmatch(name) and path.is_file() and not path.is_symlink() else None


def read(path: Path) -> Letter:
    """Parse a mail; broken headers and unknown character sets give what can be read of them."""
    with path.open("rb") as file:
        message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(file.read(MAX_BYTES))
    return Letter(
        name=path.name,
        subject=str(message.get("Subject", "")) or "(no subject)",
        sender=str(message.get("From", "")),
        to=str(message.get("To", "")),
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        text=_text(message),
    )


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    if body is None:
        return "This mail has no text part."
    payload = body.get_payload(decode=True)
    return payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else ""
