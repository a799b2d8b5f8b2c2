"""The routing app."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Specialists and their credentials, offers, and the coordinator's desk."""

    name = "routing"
    verbose_name = "Specialists"
