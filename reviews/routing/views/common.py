"""What the pages of the clinic's side before a review share: who may see them, and how a verb's page works."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from routing.forms import CaseForm
from secondop.accounts.models import Role
from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.states import OPEN, State
from secondop.cases.verbs import attempt


def role_needed(role: Role) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page for holders of ``role`` only: others get 403, signed-out people the sign-in page."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_role(role):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


class Verb(LoginRequiredMixin, View):
    """One verb on one case, POST only. Subclasses name the service, the form of its arguments, and what is said afterwards."""

    http_method_names = ["post"]
    right = Right.COORDINATE
    verb: Callable[..., Any]
    form_class: type[CaseForm] = CaseForm
    done = ""
    role: Role | None = None

    def load(self, request: HttpRequest, uid: UUID) -> Case:
        """The case; a verb of one role, its page included, is closed (403, and a refusal in the audit log) to colleagues without it."""
        case = case_or_404(request, uid, self.right)
        if self.role and not (request.user.is_authenticated and request.user.has_role(self.role)):
            record("case.refused", by=request.user, case_uid=uid, outcome="refused", request=request, target=type(self).__name__)
            raise PermissionDenied
        return case

    def post(self, request: HttpRequest, uid: UUID, **ids: Any) -> HttpResponse:
        """Carry the verb out; a body that is not the form's goes back with a message."""
        case = self.load(request, uid)
        form = self.form_class(request.POST, case=case)
        if not form.is_valid():
            messages.error(request, "That did not work. Please try again.")
            return redirect(self.back(case))
        return attempt(request, type(self).verb, case, back=self.back(case), done=self.done, **ids, **form.cleaned_data)

    def back(self, case: Case) -> str:
        """Where the person goes afterwards."""
        return reverse("routing:case", args=[case.uid])


class VerbPage(Verb):
    """A verb that needs words: a small page with one form. A form that is refused shows again, with what was typed."""

    http_method_names = ["get", "head", "post"]
    template = "routing/verb.html"
    states: tuple[State, ...] = OPEN
    title = lead = ""
    submit = "Save"
    kind = "primary"

    def get(self, request: HttpRequest, uid: UUID, **ids: Any) -> HttpResponse:
        """The page, or the case's own page when the case is past this verb."""
        case = self.load(request, uid)
        if case.state not in self.states:
            messages.warning(request, "The case has moved on. Here is how it stands now.")
            return redirect(self.back(case))
        return self.page(case, self.form_class(case=case))

    def post(self, request: HttpRequest, uid: UUID, **ids: Any) -> HttpResponse:
        """Carry the verb out, or show the page again (422)."""
        case = self.load(request, uid)
        form = self.form_class(request.POST, case=case)
        again = partial(self.page, case, form)
        if not form.is_valid():
            return again(status=422)
        arguments = {**ids, **form.cleaned_data}
        return attempt(
            request, type(self).verb, case, back=self.back(case), to=self.after(case), done=self.done, form=form, again=again, **arguments
        )

    def after(self, case: Case) -> str:
        """Where the person goes when it worked, if not back."""
        return ""

    def page(self, case: Case, form: CaseForm, status: int = 200) -> HttpResponse:
        """The small page."""
        words = {"title": self.title, "lead": self.lead, "submit": self.submit, "kind": self.kind}
        context = {"case": case, "form": form, "back": self.back(case), **words, **self.context(case)}
        return render(self.request, self.template, context, status=status)

    def context(self, case: Case) -> dict[str, Any]:
        """What the page shows besides."""
        return {}
