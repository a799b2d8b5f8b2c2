"""The folder in which mails are put while there is no mail server."""

import os
import uuid
from pathlib import Path

from django.conf import settings


def write_mail(content: bytes, name: str) -> None:
    """Write a message to the file ``name`` of the folder MAIL_DIR, whole or not at all. Raises ``OSError``."""
    folder = Path(settings.MAIL_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f"{uuid.uuid4()}.tmp"
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    unfinished.replace(folder / f"{name}.eml")
