"""The tracking app."""

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    """A patient follows the case: where it stands, what we need, what they can do."""

    name = "tracking"
    label = "tracking"
