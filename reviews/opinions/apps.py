"""The app of the opinion: writing it, signing it, checking it, and its PDF."""

from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    """Specialists write and sign here; a coordinator checks and releases."""

    name = "opinions"
    verbose_name = "Opinions"
