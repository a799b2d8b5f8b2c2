"""The page of a thread, the same for everybody who takes part; each side has its own address for it."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from secondop.accounts.models import User
from secondop.accounts.signed_in import SignedIn

from .access import Right
from .forms import MessageForm
from .messages import is_writable, mark_read, offered, thread_of, writable_until, write
from .models import Case, Message
from .states import Party
from .verbs import attempt

PAGE = 50
ROLES = {
    Party.PATIENT: "Patient",
    Party.PROXY: "Family",
    Party.COORDINATOR: "Care coordinator",
    Party.SPECIALIST: "Specialist",
}


class Line(NamedTuple):
    """A message as a page shows it: ``author`` is empty where the reader knows the person by their part only."""

    message: Any
    author: str
    role: str


def thread_page(request: SignedIn, case: Case, part: Party, *, here: str, back: str, back_label: str, lead: str) -> HttpResponse:
    """Show the thread of ``case`` to somebody who takes part in it as ``part``, and add what they post.

    The caller has seen that they do; ``here`` is the page's own address.
    """
    posted = request.POST if request.method == "POST" else None
    form = MessageForm(posted, records=offered(case, request.user))

    def page(status: int = 200) -> HttpResponse:
        shown = Paginator(thread_of(case, request.user, part), PAGE).get_page(request.GET.get("page"))
        context = {"case": case, "page": shown, "lines": lines_of(list(shown), request.user, part), "form": form, "here": here}
        if shown.number == 1 and shown.object_list:
            mark_read(case, request.user, shown[0])
        words = {"back": back, "back_label": back_label, "lead": lead, "until": writable_until(case), "is_writable": is_writable(case)}
        return render(request, "cases/thread.html", {**context, **words}, status=status)

    if posted is None:
        return page()
    if not form.is_valid():
        return page(422)
    return attempt(request, write, case, back=here, done="Your message is sent.", form=form, again=page, **form.cleaned_data)


def thread_part(case: Case, user: User, part: Party, number: int = 3, held: Collection[Right] | None = None) -> dict[str, Any]:
    """The newest ``number`` messages, for the page of the case itself; opening that page leaves them new. As ``thread_page()``.

    ``held`` as ``attachable()`` takes it.
    """
    newest = list(thread_of(case, user, part, held)[:number])
    return {"lines": lines_of(newest, user, part), "is_writable": is_writable(case)}


def lines_of(messages: Sequence[Message], user: User, part: Party) -> list[Line]:
    """``messages`` with their authors as ``user`` may know them: a specialist reads no name of the patient or the family."""
    unnamed = (Party.PATIENT, Party.PROXY) if part == Party.SPECIALIST else ()
    return [line_of(message, user, message.party in unnamed) for message in messages]


def line_of(message: Message, user: User, is_unnamed: bool) -> Line:
    """One message with its author's name and part."""
    if message.author_id == user.pk:
        return Line(message, "You", "")
    return Line(message, "" if is_unnamed else str(message.author), ROLES[Party(message.party)])
