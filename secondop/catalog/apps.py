"""The catalog's app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What administrators keep: specialties, checklists, rules of jurisdictions, consent texts, holidays."""

    name = "secondop.catalog"
    label = "catalog"
    verbose_name = "Rules and texts"
