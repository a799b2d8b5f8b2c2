"""A hand-written client of tus 1.0, for a browser's session or a program's token."""

from base64 import b64encode

from django.http import HttpResponse
from django.test import Client

from secondop.cases.models import Case

from .conftest import browser, url

BODY = "application/offset+octet-stream"


def named(name: str, **more: str) -> str:
    """What a client says of a file of this name."""
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in {"filename": name, **more}.items())


class Tus:
    """A client of ``user``, or of whoever has ``token``."""

    def __init__(self, user=None, token: str = "", client: Client | None = None) -> None:
        self.client = client or browser(user)
        self.headers = {"Tus-Resumable": "1.0.0", **({"Authorization": f"Bearer {token}"} if token else {})}

    def ask(self, method: str, address: str, body: bytes | None = None, kind: str = BODY, **headers: object) -> HttpResponse:
        """Any request; ``Upload_Offset=5`` is the header Upload-Offset, and ``None`` leaves a header out."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        kept = {name: str(value) for name, value in sent.items() if value is not None}
        return self.client.generic(method, address, body or b"", kind if body is not None else "", headers=kept)

    def begin(self, case: Case, length: int, name: str = "scan.pdf", body: bytes | None = None, to: str = "", **headers: object):
        """The answer to an upload that begins, ``body`` coming along."""
        more = {"Upload_Length": length, "Upload_Metadata": named(name), **headers}
        return self.ask("POST", to or url("upload_begin", case), body, **more)

    def begun(self, case: Case, length: int, name: str = "scan.pdf") -> str:
        """The address of an upload that has begun."""
        answer = self.begin(case, length, name)
        assert answer.status_code == 201, answer.content
        return answer["Location"]

    def offset(self, address: str) -> int:
        """How much of an upload is here."""
        answer = self.ask("HEAD", address)
        assert answer.status_code == 200
        return int(answer["Upload-Offset"])

    def add(self, address: str, data: bytes, offset: int, **headers: object) -> HttpResponse:
        """The answer to more bytes of an upload."""
        return self.ask("PATCH", address, data, Upload_Offset=offset, **headers)
