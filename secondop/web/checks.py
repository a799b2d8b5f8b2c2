"""What an installation must not do, each with the way to mend it: Django's system checks, and the refusal to start.

``manage.py check --deploy --database default`` prints them; the web server and the task workers of a production installation
refuse to start while one of them is an error (``refuse_to_start``).
"""

import importlib.util
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError

logger = logging.getLogger(__name__)
ENVIRONMENTS = ("production", "local", "test")
SECRET_KEY_CHARACTERS = 50


def error(number: int, message: str, hint: str) -> Error:
    """Return an error with an id of its own, so that SILENCED_SYSTEM_CHECKS can name it."""
    return Error(message, hint=hint, id=f"secondop.E{number:03}")


def secret_key() -> str:
    """Return SECRET_KEY, or an empty text where Django raises because there is none."""
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:
        return ""


@register()
def layout(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[CheckMessage]:
    """The folders requests/ and reviews/ are no packages, the HTTP library keeps its name, and the environment is a known one."""
    for side in ("requests", "reviews"):
        if (settings.ROOT / side / "__init__.py").exists():
            yield error(1, f"{side}/__init__.py exists.", "Remove it: a package of that name hides the library for every dependency.")
    library = importlib.util.find_spec("requests")
    if library is None or library.origin is None or Path(library.origin).is_relative_to(settings.ROOT / "requests"):
        yield error(2, "The HTTP library requests is not installed.", "Install requirements.txt; without it the folder takes its name.")
    if settings.ENVIRONMENT not in ENVIRONMENTS:
        yield error(3, f"SECONDOP_ENV={settings.ENVIRONMENT} is unknown.", f"Set it to one of {', '.join(ENVIRONMENTS)}.")


@register(Tags.security, deploy=True)
def production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What the settings of a production installation must not say; empty outside production. The vault checks its master key itself."""
    if not settings.PRODUCTION:
        return []
    broker = settings.CELERY_BROKER_URL
    rules = [
        (
            len(secret_key()) < SECRET_KEY_CHARACTERS or "local-only" in secret_key(),
            error(10, "SECRET_KEY is missing or too short.", "Set it to 50 random characters, and keep it across restarts."),
        ),
        (settings.DEBUG, error(13, "DEBUG is on.", "Unset DEBUG: its error pages show settings and data.")),
        (settings.DEMO, error(14, "DEMO is on.", "Unset DEMO: its accounts' password is known to everybody.")),
        (
            not settings.HTTPS,
            error(15, f"BASE_URL={settings.BASE_URL} is not https.", "Set it to the https:// address that people type."),
        ),
        (
            settings.MAIL_TRANSPORT.endswith("FolderBackend"),
            error(16, "EMAIL_URL is not set.", "Set it to the mail server: smtp+tls://user:password@host:587"),
        ),
        (
            broker.startswith("filesystem"),
            error(17, "REDIS_URL is not set.", "Set it to redis://host:6379/0: the queue in a folder is for one machine's demo."),
        ),
        (
            not set(settings.ALLOWED_HOSTS) - {"localhost"} or "*" in settings.ALLOWED_HOSTS,
            error(18, "ALLOWED_HOSTS does not name the site.", "Set it to the host of BASE_URL, and to nothing else."),
        ),
        (
            not settings.REQUIRE_STAFF_MFA,
            error(19, "REQUIRE_STAFF_MFA is off.", "Unset it: only the demo's staff sign in with a password alone."),
        ),
        (
            settings.ALLAUTH_TRUSTED_PROXY_COUNT < 1,
            error(
                21,
                "TRUSTED_PROXY_COUNT is 0.",
                "Set it to how many proxies are in front, or all visitors share one address and its limits.",
            ),
        ),
    ]
    return [message for broken, message in rules if broken]


@register(Tags.database, deploy=True)
def demo_accounts(app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any) -> list[CheckMessage]:
    """No demo account exists in the database of a production installation."""
    if not settings.PRODUCTION or "default" not in (databases or ()):
        return []
    try:
        found = get_user_model()._default_manager.filter(is_demo=True).exists()
    except ProgrammingError:  # not migrated yet, so there are no accounts at all
        found = False
    if not found:
        return []
    return [error(20, "The database holds demo accounts.", "Use a database of its own for the real installation; keep the demo apart.")]


def refuse_to_start() -> None:
    """Raise ImproperlyConfigured with all errors of a production installation (elsewhere only of the layout); each server calls it.

    A database that does not answer is no reason to refuse: the process waits for it and says so on /readyz.
    """
    messages = run_checks(include_deployment_checks=True) if settings.PRODUCTION else list(layout(None))
    try:
        messages += demo_accounts(None, ["default"])
    except OperationalError:
        logger.warning("The database does not answer; whether it holds demo accounts was not checked.")
    errors = [message for message in messages if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("SecondOp does not start:\n" + "\n".join(str(message) for message in errors))
