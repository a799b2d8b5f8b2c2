"""What can go wrong in the vault, for those who have to act on it."""


class VaultError(Exception):
    """Anything below."""


class MasterKeyMissing(VaultError):
    """No master key is configured, it cannot be read, or none of the configured ones made this case's key."""


class KeyDestroyed(VaultError):
    """The case was erased: its files cannot be read or written any more, by anybody."""


class Damaged(VaultError):
    """The stored bytes are not what was written: changed, cut, swapped or gone."""


class StorageDown(VaultError):
    """The storage does not take or give bytes at the moment; nothing of a file that was being written was kept."""


class StorageFull(StorageDown):
    """No room is left for the file; nothing of it was kept."""
