"""The app that brings the opinion to the patient."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Reading the opinion, its download, and closing the case."""

    name = "delivery"
    verbose_name = "Delivery"
