"""Django mail backends: the one that writes to the outbox, and the one that writes mails to a folder."""

import re
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from .folder import write_mail
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
        for mail in email_messages:
            message = mail.message()
            write_mail(message.as_bytes(), re.sub(r"[^\w-]", "", str(message["Message-ID"]).partition("@")[0]))
        return len(email_messages)
