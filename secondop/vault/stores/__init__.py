"""Where the sealed parts of files are kept: on a disk, or in a bucket of an S3-compatible server when VAULT_S3_URL names one.

Both keep the same names, ``<case>/<file>/<number>.part``, and see sealed bytes only.
"""

from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from .base import Lying, Store
from .disk import Disk

__all__ = ["Lying", "Store", "store"]

# Loaded by name: its library takes 20 MB that an installation without a bucket saves.
BUCKET = "secondop.vault.stores.s3.bucket"


def store() -> Store:
    """The store that the settings name. Raises ``ValueError`` for a VAULT_S3_URL that cannot be read."""
    return import_string(BUCKET)(settings.VAULT_S3_URL) if settings.VAULT_S3_URL else Disk(Path(settings.VAULT_DIR))
