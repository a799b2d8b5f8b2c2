"""The pages on which somebody gives the number for text messages, and confirms it; not there where the site sends none."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

import phonenumbers
from allauth.core.internal.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from secondop.accounts.signed_in import SignedIn
from secondop.notices import phones
from secondop.notices.phones import CodeOver, WrongCode, can_text, phone_of
from secondop.web.link_secrets import hash_of

from .forms import CodeForm, NumberForm

# Each code costs money and disturbs whoever has the number: counted by person, number and network address.
LIMITS = {"code": "5/h/user,10/d/user,5/d/key,30/h/ip"}
TOO_OFTEN = "Too many codes were asked for. Please try again later."
WRONG = "This is not the code we sent last. Please look again."
OVER = "There is no code that still works. Please ask for a new one."


def only_with_texts(view: Callable[[SignedIn], HttpResponse]) -> Callable[[SignedIn], HttpResponse]:
    """``view``, answering 404 where the site sends no text messages."""

    @wraps(view)
    def answer(request: SignedIn) -> HttpResponse:
        if not can_text():
            raise Http404
        return view(request)

    return answer


@login_required
@only_with_texts
@require_http_methods(["GET", "HEAD", "POST"])
def number(request: SignedIn) -> HttpResponse:
    """Take a number and text a code to it; every number is answered alike."""
    form = NumberForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        if may_send(request, form.cleaned_data["number"]):
            phones.send_code(request.user, form.cleaned_data["number"])
            return redirect("inbox:number_code")
        form.add_error(None, TOO_OFTEN)
        status = HTTPStatus.TOO_MANY_REQUESTS
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "inbox/number.html", {"form": form, "number": spelled(phone_of(request.user).number)}, status=status)


@login_required
@only_with_texts
@require_http_methods(["GET", "HEAD", "POST"])
def number_code(request: SignedIn) -> HttpResponse:
    """Take the code, which makes the number theirs."""
    phone = phone_of(request.user)
    if not phone.wanted:
        return redirect("inbox:number")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            phones.confirm(request.user, form.cleaned_data["code"])
        except WrongCode:
            form.add_error("code", WRONG)
        except CodeOver:
            found = phone_of(request.user)
            if (found.number, found.wanted) == (phone.wanted, ""):  # a second click: the first one was taken
                return redirect("inbox:choices")
            form.add_error("code", OVER)
        else:
            messages.success(request, "Your number is confirmed. Now choose what we text you about.")
            return redirect("inbox:choices")
    context = {"form": form, "wanted": phone.wanted, "spelled": spelled(phone.wanted)}
    return render(request, "inbox/number_code.html", context, status=422 if form.errors else 200)


@login_required
@only_with_texts
@require_POST
def number_remove(request: SignedIn) -> HttpResponse:
    """Forget the number; no texts come any more."""
    phones.remove(request.user)
    messages.success(request, "Your number is removed. We send you no more texts.")
    return redirect("inbox:choices")


def may_send(request: SignedIn, to: str) -> bool:
    """Whether one more code may go to the number ``to``; counts it."""
    return bool(consume(request, app="notices", action="code", config=LIMITS, key=hash_of(to, "phone-limit")))


def spelled(to: str) -> str:
    """A number of E.164 as people write it; nothing for none."""
    return phonenumbers.format_number(phonenumbers.parse(to), phonenumbers.PhoneNumberFormat.INTERNATIONAL) if to else ""
