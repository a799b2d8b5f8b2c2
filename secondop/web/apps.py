"""The app below all others: what every page and every app may use."""

from django.apps import AppConfig

from . import checks
from .database import wait_ourselves

__all__ = ["WebConfig", "checks"]


class WebConfig(AppConfig):
    """Importing this module registers the system checks."""

    name = "secondop.web"
    verbose_name = "Web"

    def ready(self) -> None:
        """No wait for the database is without an end."""
        wait_ourselves()
