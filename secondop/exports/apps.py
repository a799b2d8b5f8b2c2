"""The app that gives people a copy of their data."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """One file with everything of a person, or of one case: made by a worker, sealed in the vault, gone after a week."""

    name = "secondop.exports"
    label = "exports"
