"""The kernel's app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """What both sides read, and the only way to change a case."""

    name = "secondop.cases"
    label = "cases"
