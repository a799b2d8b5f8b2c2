"""The addresses of tus: one a case where uploads begin, one for each of them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from secondop.web.text import one_line

from ..admission import TurnedAway
from ..models import Purpose
from ..names import clean_name
from . import receiving, services
from .models import Status, Upload
from .protocol import body_length, check_body, metadata, number, tus
from .senders import Sender, sender_of, upload_of

LONGEST_FINGERPRINT = 64


@tus("POST")
def creation(request: HttpRequest, uid: UUID, purpose: Purpose = Purpose.MEDICAL) -> HttpResponse:
    """Begin an upload; what comes along of it is taken at once, and a whole file makes its record."""
    check_body(request)
    return begun(request, sender_of(request, uid, purpose, is_logged_by_verb=body_length(request) > 0))


def begun(request: HttpRequest, sender: Sender) -> HttpResponse:
    """What ``creation()`` answers to ``sender``. Of what an office says of a file only the name is kept."""
    length, told = number(request, "Upload-Length"), metadata(request)
    services.check_room(sender.case, length)
    kept: dict[str, Any] = {
        "name": clean_name(told.get("filename") or told.get("name") or ""),
        "length": length,
        "metadata": "" if sender.link else request.headers.get("Upload-Metadata", ""),
        "fingerprint": one_line(told.get("fingerprint", ""), LONGEST_FINGERPRINT),
    }
    if body_length(request) > length:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is more than the file is said to have.", sender.case)
    if body_length(request) == length:
        upload = services.arrived(sender, receiving.whole(request, sender, kept["name"]), **kept)
        return at(upload, HTTPStatus.CREATED, length)
    upload = services.begin(sender, **kept)
    return at(upload, HTTPStatus.CREATED, receiving.part(request, upload, 0) if body_length(request) else None)


@tus("HEAD", "PATCH", "DELETE")
def one(request: HttpRequest, uid: UUID, upload_uid: UUID) -> HttpResponse:
    """Say how far an upload is, add to it, or give it up."""
    if request.method == "PATCH":
        check_body(request)
    return answered(request, upload_of(request, uid, upload_uid)[1])


def answered(request: HttpRequest, upload: Upload) -> HttpResponse:
    """What ``one()`` answers about ``upload``, which is its sender's to see."""
    if request.method == "DELETE":
        services.discard(upload, by=upload.sender)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if upload.status == Status.REFUSED:
        raise TurnedAway(HTTPStatus.GONE, upload.record.reason if upload.record else "This file was not taken.", upload.case)
    if request.method == "HEAD":
        return at(upload, HTTPStatus.OK, upload.offset)
    return added(request, upload)


def added(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Add the body to an upload, where its sender says it belongs."""
    offset = number(request, "Upload-Offset")
    if upload.status == Status.DONE:
        if offset != upload.length or body_length(request):
            raise TurnedAway(HTTPStatus.CONFLICT, "All of this file is here.", upload.case)
        return at(upload, HTTPStatus.NO_CONTENT, offset)
    services.check_open(upload)
    return at(upload, HTTPStatus.NO_CONTENT, receiving.part(request, upload, offset))


def at(upload: Upload, status: HTTPStatus, offset: int | None) -> HttpResponse:
    """The answer that says how much of an upload is here, and until when it can go on."""
    answer = HttpResponse(status=status, content_type="text/plain")
    answer.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    if offset is not None:
        answer.headers["Upload-Offset"] = str(offset)
    if status == HTTPStatus.CREATED:
        answer.headers["Location"] = services.address_of(upload)
    if status == HTTPStatus.OK:
        answer.headers["Upload-Length"] = str(upload.length)
        if upload.metadata:
            answer.headers["Upload-Metadata"] = upload.metadata
    return answer
