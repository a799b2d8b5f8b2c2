"""The app of a case's records."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Uploads, what they turn out to be, and reading them again."""

    name = "records"
