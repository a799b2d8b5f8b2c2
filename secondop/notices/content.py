"""What a notice looks like as a mail."""

import json
import re
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.urls import reverse

from secondop.web.text import one_line

from .kinds import ACCOUNT, KINDS, PAGES, words
from .letters import NO_DETAILS, NOT_EXPECTED, Letter
from .models import Notice
from .stopping import token_for

# Anything that a mail program might turn into a link, or that is no part of a name.
NO_NAME = re.compile(r"[^\w .,'’-]|\w\.\w", re.UNICODE)


def mail_of(notice: Notice) -> EmailMessage:
    """The finished mail of a notice: to one address, with the same Message-ID at every try. Raises ``KeyError`` for bad rows."""
    mail = _stored(notice.raw) if notice.kind == ACCOUNT else _written(notice)
    mail.to = [notice.email]
    mail.extra_headers["Message-ID"] = f"<{notice.uid}@{urlsplit(settings.BASE_URL).hostname}>"
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    return mail


def store(mail: EmailMessage) -> str:
    """An ``EmailMessage`` as text for a notice's ``raw``.

    Raises ``BadHeaderError`` for a header of several lines and ``ValueError`` for attachments, which belong in the vault.
    """
    if mail.attachments:
        raise ValueError("mail with attachments does not go through the outbox")
    mail.message()
    alternatives = [[part.content, part.mimetype] for part in getattr(mail, "alternatives", [])]
    headers = {**mail.extra_headers, **({"Reply-To": ", ".join(mail.reply_to)} if mail.reply_to else {})}
    return json.dumps(
        {
            "subject": mail.subject,
            "body": mail.body,
            "from_email": mail.from_email,
            "subtype": mail.content_subtype,
            "alternatives": alternatives,
            "headers": headers,
        }
    )


def path_of(notice: Notice) -> str:
    """Where the notice leads to: its own link, else its kind's page of the case, else the reader's start page."""
    return destination(notice.kind, notice.link, notice.case_uid)


def destination(kind: str, link: str, case_uid: UUID | None) -> str:
    """``path_of()`` a notice with these columns."""
    page = PAGES.get(KINDS[kind].page)
    if link:
        return link
    return reverse(page, args=[case_uid]) if page and case_uid else reverse(settings.LOGIN_REDIRECT_URL)


def leads_to(path: str, kind: str, link: str, case_uid: UUID | None) -> bool:
    """Whether a notice with these columns leads to the page ``path``; cheap for the many that plainly lead elsewhere."""
    if link:
        return link.startswith(path) and urlsplit(link).path == path
    is_elsewhere = case_uid and KINDS[kind].page and str(case_uid) not in path
    return not is_elsewhere and destination(kind, link, case_uid) == path


def values(context: dict[str, str]) -> dict[str, str]:
    """What the sentences of KINDS may name."""
    return {**context, "organisation": settings.ORGANISATION}


def greeting_name(name: str) -> str:
    """``name`` on one line, or nothing when it could carry an address or a message of somebody else's."""
    name = one_line(name)
    return "" if len(name) > 60 or NO_NAME.search(name) else name


def naming(person: AbstractBaseUser, otherwise: str) -> dict[str, str]:
    """What a notice to somebody else holds of ``person``: the name, or ``otherwise``, and the account, so that the name can go with it."""
    return {"person": greeting_name(str(person)) or otherwise, "person_id": str(person.pk)}


def _stored(raw: str) -> EmailMultiAlternatives:
    kept = json.loads(raw)
    mail = EmailMultiAlternatives(kept["subject"], kept["body"], kept["from_email"], headers=kept["headers"])
    mail.content_subtype = kept["subtype"]
    for content, mimetype in kept["alternatives"]:
        mail.attach_alternative(content, mimetype)
    return mail


def _written(notice: Notice) -> EmailMultiAlternatives:
    subject, text, action = words(notice.kind, values(notice.context))
    name = notice.recipient.full_name if notice.recipient else notice.context.get("name", "")
    secret = token_for(notice)
    letter = Letter(
        subject,
        (text,),
        name=greeting_name(name),
        action=action,
        url=settings.BASE_URL + path_of(notice),
        why=NO_DETAILS if notice.recipient else NOT_EXPECTED,
        stop_url=settings.BASE_URL + reverse("inbox:stop", args=[secret]) if secret else "",
    )
    mail = letter.mail()
    if letter.stop_url:
        # RFC 8058: mail programs show a button that posts to this address.
        mail.extra_headers |= {"List-Unsubscribe": f"<{letter.stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return mail
