"""The default file storage: none. Files live in the vault, which has no addresses."""

from typing import Any, NoReturn

from django.core.files.storage import Storage


class NoPublicFiles(Storage):
    """Refuses every use, so that no file field can put anything where a URL reaches it."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError("Files are kept by secondop.vault.services and leave by a view that checks who asks.")

    open = save = url = path = delete = exists = listdir = size = _refuse
