"""The app that makes PDFs."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Letters and signed copies: made by a child process, sealed in the vault, given out to those who may have them."""

    name = "secondop.documents"
    label = "documents"
