"""Where text messages go: to an HTTP gateway that hands them to the telephone network, or in the demo to the folder of its mails."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
from django.conf import settings
from requests.auth import AuthBase
from urllib3.exceptions import MaxRetryError

from .errors import Refused, ServerAway, TryLater
from .folder import write_mail
from .texts import is_loopback

CONNECT, ANSWER = 5, 10  # seconds, for each step
LONGEST_WAIT = timedelta(hours=1)
# Of the answers that say no, those that are about the gateway, its settings or the moment, and not about the text.
NOT_THE_TEXT = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class Bearer(AuthBase):
    """The token of the gateway; given in this way, no file of passwords on the machine stands in for it."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the token in its head."""
        request.headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
        return request


class HttpGateway:
    """Posts each text as JSON to SMS_URL; see docs/operations.md for what it has to answer."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.auth = Bearer()
        self.session.trust_env = not is_loopback(settings.SMS_URL)  # a proxy of the organisation's is between us and others only

    def send(self, number: str, text: str, uid: str) -> None:
        """Hand over one text, whose ``uid`` is the same at every try. Raises ``Refused``, ``TryLater``, ``ServerAway`` or ``OSError``."""
        try:
            answer = self.session.post(
                settings.SMS_URL,
                json={"to": number, "text": text, "id": uid},
                headers={"Idempotency-Key": uid},
                timeout=(CONNECT, ANSWER),
                allow_redirects=False,
                stream=True,  # what the gateway says beside its status is neither read nor kept
            )
        except requests.ConnectionError as error:
            if error.args and isinstance(error.args[0], MaxRetryError):  # it was not reached
                raise ServerAway from error
            raise
        with answer:
            judge(answer.status_code, answer.headers.get("Retry-After", ""))

    def close(self) -> None:
        """Let go of the connections."""
        self.session.close()


class FolderGateway:
    """Writes each text to the folder of mails, so that the demo's mailbox shows it."""

    def send(self, number: str, text: str, uid: str) -> None:
        """Write one text; twice the same is one file. Raises ``OSError``."""
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = "Text message", settings.DEFAULT_FROM_EMAIL, number
        message.set_content(text)
        write_mail(bytes(message), uid)

    def close(self) -> None:
        """Nothing is open."""


def judge(status: int, retry_after: str) -> None:
    """Return when the gateway has taken the text. Raises ``Refused`` for good, or ``TryLater``."""
    if status in range(200, 300):
        return
    if status in range(400, 500) and status not in NOT_THE_TEXT:
        raise Refused(status)
    raise TryLater(status, wait_of(retry_after))


def wait_of(retry_after: str) -> timedelta:
    """How long the header asks to wait, in seconds or until a date: an hour at most, and nothing where it says nothing we know."""
    try:
        wait = timedelta(seconds=int(retry_after)) if retry_after.isascii() and retry_after.isdigit() else until(retry_after)
    except (ValueError, OverflowError):
        return timedelta(0)
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def until(date: str) -> timedelta:
    """How long it is until a date of HTTP. Raises ``ValueError`` for what is none."""
    moment = parsedate_to_datetime(date)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)
