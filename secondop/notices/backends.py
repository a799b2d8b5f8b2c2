"""Django mail backends: the one that writes to the outbox, and the one that writes mails to a folder."""

import os
import re
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from .services import queue_mail


class OutboxBackend(BaseEmailBackend):
    """Puts every mail that Django or allauth sends into the outbox, so that no mail server can fail a request."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the mails; returns how many."""
        return sum(1 for mail in email_messages if queue_mail(mail))


class FolderBackend(BaseEmailBackend):
    """Writes each mail to a file of the folder MAIL_DIR, named by its Message-ID: twice the same mail is one file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails, each whole or not at all; returns how many. Raises ``OSError``."""
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for mail in email_messages:
            message = mail.message()
            name = re.sub(r"[^\w-]", "", str(message["Message-ID"]).partition("@")[0])
            unfinished = folder / f"{uuid.uuid4()}.tmp"
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message.as_bytes())
            unfinished.replace(folder / f"{name}.eml")
        return len(email_messages)
