"""The intake's app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """A patient asks for a second opinion: four screens, a check page, a receipt."""

    name = "intake"
    label = "intake"
