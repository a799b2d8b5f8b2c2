"""People to tell, and servers to tell them by."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from secondop.accounts.models import User
from secondop.notices.choices import choose
from secondop.notices.models import Phone
from secondop.notices.texts import TEXTS
from secondop.web.clock import now

from .gateway import TOKEN, GatewayServer
from .smtp import MailServer

NUMBER = "+12025550143"


@dataclass
class SomeCase:
    """What the outbox knows of a case."""

    uid: UUID
    reference: str = "SO-7F3K-29QD"


@pytest.fixture(autouse=True)
def outbox(settings):
    """Undo what pytest-django does to mail: here it goes the way it goes in production."""
    settings.EMAIL_BACKEND = "secondop.notices.backends.OutboxBackend"


@pytest.fixture
def case() -> SomeCase:
    """A case by its reference."""
    return SomeCase(uuid4())


@pytest.fixture
def ana(db) -> User:
    """Somebody to tell."""
    return User.objects.create_user("ana@example.org", full_name="Ana María Ruiz")


@pytest.fixture
def mail_server(settings):
    """A mail server, and settings that lead to it."""
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 2
        yield server


@pytest.fixture
def gateway(settings):
    """A gateway for text messages, and settings that lead to it."""
    settings.SMS_TRANSPORT, settings.SMS_TOKEN = "secondop.notices.gateways.HttpGateway", TOKEN
    with GatewayServer() as server:
        settings.SMS_URL = server.url
        yield server


@pytest.fixture
def texted(ana) -> User:
    """Ana, who has confirmed a number and wants a text about all that can come as one."""
    Phone.objects.create(user=ana, number=NUMBER, confirmed_at=now())
    choose(ana, only_here=[], by_text=list(TEXTS))
    return ana
