"""The public pages, and the way home after sign-in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from . import samples

# The first role somebody has in this order decides where sign-in leads.
HOMES = [
    ("coordinator", "routing:queue"),
    ("lead", "routing:queue"),
    ("specialist", "routing:worklist"),
    ("administrator", "admin:index"),
]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, for everybody; reads nothing from the database."""
    return render(request, "pages/home.html")


@require_safe
@login_required
def home_for_me(request: HttpRequest) -> HttpResponse:
    """Send a signed-in person to the page where their work or their cases are."""
    roles = request.user.roles if request.user.is_authenticated else []
    names = [name for role, name in HOMES if role in roles]
    return redirect((names or ["tracking:list"])[0])


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in its states; only there with DEBUG."""
    return render(request, "pages/styleguide.html", samples.styleguide(request.GET))
