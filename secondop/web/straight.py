"""The body of a request straight from the line: on its own way gunicorn copies every byte four times, a tenth of what an upload costs."""

from typing import Any

from gunicorn.http.body import Body, LengthReader


class Straight:
    """Reads a body of known length as gunicorn's ``body`` does, from the same reader, so that each may go on after the other."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.readline = body.readline

    def read(self, size: int) -> bytes:
        """So many bytes, or what there is before the end."""
        body, reader = self._body, self._body.reader
        if body.buf.tell():  # what readline() has read too far
            return body.read(size)
        pieces, left = [], min(size, reader.length)
        try:
            while left and (piece := reader.unreader.read(None, read_ahead=left)):
                if len(piece) > left:  # the next request is here already
                    reader.unreader.unread(piece[left:])
                    piece = piece[:left]
                pieces.append(piece)
                left -= len(piece)
                reader.length -= len(piece)
        except OSError:
            body.failed = True
            raise
        return b"".join(pieces)


def straight(body: Any) -> Any:
    """``body`` by the straight way, if gunicorn has told it how long it is; otherwise as it was."""
    return Straight(body) if isinstance(body, Body) and isinstance(body.reader, LengthReader) else body
