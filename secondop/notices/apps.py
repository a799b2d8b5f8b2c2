"""The notices app."""

from importlib import import_module

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The outbox: what people are told, written with the act and sent afterwards."""

    name = "secondop.notices"
    label = "notices"

    def ready(self) -> None:
        """Have the settings of text messages checked."""
        import_module("secondop.notices.checks")
