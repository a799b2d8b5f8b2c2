"""The notes of the care team: a page, and the part of the case's page that is fetched by itself."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from routing.forms import NoteForm
from routing.services import notes
from secondop.cases.models import Case

from .common import VerbPage

PAGE, NEWEST = 50, 3


class Notes(VerbPage):
    """All notes on a case, and a form for one more."""

    verb = staticmethod(notes.add_note)
    form_class = NoteForm
    template = "routing/notes.html"
    states = tuple(notes.SENT)
    done = "Your note is added."

    def get(self, request: HttpRequest, uid: UUID, **ids: Any) -> HttpResponse:
        """The page; htmx gets the newest notes."""
        if request.headers.get("HX-Request"):
            case = self.load(request, uid)
            return render(request, "routing/notes_part.html", {"case": case, "notes": notes.notes_of(case)[:NEWEST]})
        return super().get(request, uid, **ids)

    def after(self, case: Case) -> str:
        """The notes, with the new one on top."""
        return reverse("routing:notes", args=[case.uid])

    def context(self, case: Case) -> dict[str, Any]:
        """The notes, 50 a page."""
        return {"page": Paginator(notes.notes_of(case), PAGE).get_page(self.request.GET.get("page"))}
