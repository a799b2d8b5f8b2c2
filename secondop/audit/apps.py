"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did or read what, when: append-only, sealed into a hash chain."""

    name = "secondop.audit"
    label = "audit"
