"""The plainest Django that does the same kind of work, on the same database: what ./dev bench compares our pages with.

A page with session and user, a list, and a form that writes two rows.
"""

from functools import lru_cache

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, authenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from secondop.cases.models import Case

PAGE = "<!doctype html><title>Page</title><h1>Hello {{ user.full_name }}</h1>"
LIST = (
    "<!doctype html><title>List</title><table>{% for case in cases %}"
    "<tr><td>{{ case.reference }}<td>{{ case.state }}<td>{{ case.created_at|date:'j F Y' }}{% endfor %}</table>"
)
FORM = "<!doctype html><title>Form</title><form method=post>{% csrf_token %}<input name=text><button>Save</button></form>"
ROWS = 50


@lru_cache
def parsed(source: str) -> Template:
    """Return a template given as text, parsed once."""
    return Template(source)


def show(request: HttpRequest, source: str, **context: object) -> HttpResponse:
    """Answer with a template given as text."""
    return HttpResponse(parsed(source).render(RequestContext(request, {"user": request.user, **context})))


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """A page that greets whoever is signed in."""
    return show(request, PAGE)


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Fifty rows, the newest first."""
    return show(request, LIST, cases=Case.objects.order_by("-created_at")[:ROWS])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def write(request: HttpRequest) -> HttpResponse:
    """A form that inserts two rows."""
    if request.method == "POST":
        for number in range(2):
            LogEntry.objects.create(
                user_id=str(request.user.pk), action_flag=ADDITION, object_repr=request.POST["text"], object_id=str(number)
            )
        return HttpResponse(status=204)
    return show(request, FORM)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Begin a session; not by ``login()``, which tells those of us who expect our own kind of session."""
    user = authenticate(request, username=request.POST.get("login"), password=request.POST.get("password"))
    if user:
        known = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: user.backend, HASH_SESSION_KEY: user.get_session_auth_hash()}
        request.session.update(known)
    return show(request, FORM)


urlpatterns = [path("accounts/login/", sign_in), path("page/", page), path("list/", listing), path("write/", write)]
