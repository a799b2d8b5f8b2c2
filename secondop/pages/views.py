"""The public pages, and the way home after sign-in."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from intake.screens import MINUTES, SCREENS
from tracking.models import AccountClosure

from . import errors, facts, samples
from .public import PAGES, SIGNED_IN
from .sample import sample

# The first role somebody has in this order decides where sign-in leads.
HOMES = [
    ("coordinator", "routing:queue"),
    ("lead", "routing:queue"),
    ("specialist", "routing:worklist"),
    ("administrator", "admin:index"),
]


def show(request: HttpRequest, name: str, **context: object) -> HttpResponse:
    """A public page with its title, its description, and what else it shows."""
    return render(request, f"pages/{name}.html", {"public": PAGES[name], **context})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, for everybody; it asks the database nothing while this process knows the answers, and stands without them."""
    return show(request, "home", facts=facts.known(), **sample())


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """Every step, who does it, and how long it should take."""
    steps = {"screens": SCREENS.values(), "minutes": MINUTES, "targets": settings.STAGE_TARGET_DAYS}
    return show(request, "how_it_works", facts=facts.known(), room=settings.UPLOAD_CASE_BYTES, **steps)


@require_safe
def specialties(request: HttpRequest) -> HttpResponse:
    """The fields of medicine, each with its checklist, and where people may live; this page is nothing without the database."""
    known = facts.known()
    return show(request, "specialties", facts=known) if known else errors.unavailable(request)


@require_safe
def sample_opinion(request: HttpRequest) -> HttpResponse:
    """A whole opinion about an invented case."""
    return show(request, "sample_opinion", **sample())


@require_safe
def for_specialists(request: HttpRequest) -> HttpResponse:
    """What reviewing here is like."""
    return show(request, "for_specialists")


@require_safe
def for_doctors(request: HttpRequest) -> HttpResponse:
    """What a second opinion means for the doctors who treat the patient."""
    return show(request, "for_doctors")


@require_safe
def your_data(request: HttpRequest) -> HttpResponse:
    """What is stored, who sees it, how long it stays."""
    return show(request, "your_data")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return show(request, "accessibility")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may visit."""
    return render(request, "pages/robots.txt", {"closed": SIGNED_IN}, content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The public pages, for crawlers."""
    return render(request, "pages/sitemap.xml", {"pages": PAGES}, content_type="application/xml; charset=utf-8")


@require_safe
@login_required
def home_for_me(request: HttpRequest) -> HttpResponse:
    """Send a signed-in person to the page where their work or their cases are, or where they can still keep their account."""
    if AccountClosure.objects.filter(user=request.user.pk).exists():
        return redirect("tracking:close_account")
    roles = request.user.roles if request.user.is_authenticated else []
    names = [name for role, name in HOMES if role in roles]
    return redirect((names or ["tracking:list"])[0])


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in its states; only there with DEBUG."""
    return render(request, "pages/styleguide.html", samples.styleguide(request.GET))
