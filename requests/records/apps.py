"""The app of a case's records."""

from django.apps import AppConfig
from django.core.checks import register

from . import checks


class RecordsConfig(AppConfig):
    """Uploads, what they turn out to be, and reading them again."""

    name = "records"

    def ready(self) -> None:
        """Register the start-up checks."""
        register(checks.scanner)
