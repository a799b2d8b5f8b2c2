"""The catalog's app."""

from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What administrators keep: specialties, checklists, rules of jurisdictions, consent texts, holidays."""

    name = "secondop.catalog"
    label = "catalog"
    verbose_name = "Rules and texts"

    def ready(self) -> None:
        """Have the catalog's check run with Django's own; its module needs the models, which are loaded by now."""
        import_module(f"{self.name}.checks")
