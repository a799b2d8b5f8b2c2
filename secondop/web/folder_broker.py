"""The broker of an installation without Redis: kombu's, in a folder, but with messages that are there only once they are whole.

Kombu writes a message under its final name. A worker that looks at that moment reads half of it and ends, and the message is gone.
"""

from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

PART = ".part"  # no queue's messages end so


class Channel(filesystem.Channel):
    """Puts messages into the folder whole."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu names it in two ways
        final = Path(self.data_folder_out, f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg")
        part = final.with_name(final.name + PART)
        try:
            part.write_text(dumps(message))
            part.rename(final)
        except OSError as error:
            raise ChannelError(f"Cannot add {final.name} to the queue") from error


class Transport(filesystem.Transport):
    """Kombu's transport with such channels."""

    Channel = Channel


def use() -> None:
    """Let addresses that begin with ``filesystem:`` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
