"""Giving a record's bytes back, under a name that tells what they are."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from secondop.vault import services as vault
from secondop.vault.serving import respond as serve

from .kinds import FORMATS, Kind
from .models import Record
from .names import with_ending


def respond(request: HttpRequest, record: Record, may_go_on: Callable[[], bool]) -> HttpResponseBase:
    """The answer to a request for a record's bytes, or a range of them. Raises what the vault raises; see ``vault.serving``."""
    if record.stored is None:
        raise vault.Damaged("The record has no bytes.")
    return serve(
        request, record.stored, filename=download_name(record), media_type=FORMATS[Kind(record.kind)].media_type, may_go_on=may_go_on
    )


def download_name(record: Record) -> str:
    """The name a record was sent under, with an ending that tells what it is."""
    return with_ending(record.name, FORMATS[Kind(record.kind)].endings)
