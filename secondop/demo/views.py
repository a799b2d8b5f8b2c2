"""The mailbox of the demo: what the site has sent, readable without a mail server. Answers 404 anywhere but in the demo."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import mailbox

PER_PAGE = 25


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """All mail sent, newest first."""
    _only_in_the_demo()
    page = Paginator(mailbox.files(settings.MAIL_DIR), PER_PAGE).get_page(request.GET.get("page"))
    letters = [mailbox.read(path) for path in page]
    return render(request, "demo/mail.html", {"page": page, "letters": letters})


@require_safe
def read_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail, as its recipient reads it."""
    _only_in_the_demo()
    path = mailbox.find(settings.MAIL_DIR, name)
    if path is None:
        raise Http404
    return render(request, "demo/read_mail.html", {"letter": mailbox.read(path)})
