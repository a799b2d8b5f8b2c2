"""The notices app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The outbox: what people are told, written with the act and sent afterwards."""

    name = "secondop.notices"
    label = "notices"
