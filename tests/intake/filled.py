"""A filled-in request, as a browser sends it."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from secondop.cases.models import Case
from secondop.cases.models.brief import HealthKind
from secondop.web.clock import today
from tests.factories import PASSWORD, make_user

DECISION = today() + timedelta(days=90)
WHO = {
    "emergency": "no",
    "country": "US",
    "region": "oh",
    "for_whom": "self",
    "age_band": "40-64",
    "decision_date": DECISION.isoformat(),
    "consequence": "The operation is planned for that week.",
    "language": "English",
    "channel": "phone",
    "phone": "+1 555 0100",
    "quiet_from": "21:00",
    "quiet_to": "08:00",
    "accessibility": "Large print helps.",
}
QUESTION = {
    "reason": "operation",
    "specialty": "",
    "diagnosis": "A slipped disc at L4/L5",
    "first_opinion": "Fusion of two vertebrae",
    "first_opinion_by": "Dr Adler",
    "first_opinion_on": "2026-10-05",
    "questions": "lines",
    "questions-0-text": "Is the operation needed?",
    "questions-1-text": "",
    "questions-2-text": "What if I wait?",
    "values": ["quality", "no_surgery"],
    "values_own": "Lifting my grandson",
    "detail": "full",
    "prognosis": "ask",
}
HEALTH: dict[str, Any] = {
    **{f"{kind.value}_state": "none" for kind in HealthKind},
    **{kind.value: "lines" for kind in HealthKind},
    "event_state": "listed",
    "event-0-when": "May 2026",
    "event-0-text": "The pain began",
    "family_state": "unknown",
    "medicine_state": "",
    "medicine-0-text": "Ibuprofen 400 mg",
    "doctors": "lines",
    "doctors-0-name": "Dr Adler",
    "doctors-0-may_contact": "on",
    "sources": "lines",
    "sources-0-name": "Example Hospital",
    "sources-0-place": "Columbus",
    "sources-0-what": "the MRI of May 2026",
    "sources-0-how": "fetch",
    "sources-1-name": "At home",
    "sources-1-how": "upload",
    "not_involved": "lines",
    "not_involved-0-name": "Clinic Nord",
}
SCREENS = {"who": WHO, "question": QUESTION, "health": HEALTH}
DECISIONS = {"remote_review": "yes", "share_with_doctor": "yes", "family": "no", "follow_up": "no", "research": "no"}


def signed_in(user=None) -> Client:
    """A browser in which ``user`` (a new patient when not given) is signed in."""
    client = Client()
    user = user or make_user()
    assert client.login(request=None, email=user.email, password=PASSWORD)
    client.user = user
    return client


def begin(client: Client) -> Case:
    """A draft, started from the start page."""
    answer = client.post(reverse("intake:start"), {"country": "US", "region": "Ohio"})
    return Case.objects.get(uid=answer.url.rstrip("/").rpartition("/")[2])


def url(name: str, case: Case, *more: str) -> str:
    """The address of one page of the intake."""
    return reverse(f"intake:{name}", args=[case.uid, *more])


def stamp(client: Client, case: Case, name: str) -> str:
    """The stamp of a page that was just opened."""
    return client.get(url("screen", case, name)).context["form"]["stamp"].value()


def put(client: Client, case: Case, name: str, data: dict[str, Any], act: str = "continue"):
    """Open a screen and save it."""
    return client.post(url("screen", case, name), {**data, "stamp": stamp(client, case, name), "act": act})


def signature(client: Client, case: Case, **changes: str) -> dict[str, Any]:
    """The decisions and the signature of the last screen, for the words that it shows."""
    form = client.get(url("screen", case, "consent")).context["form"]
    data = {f"read_{wording.key}": wording.sha256 for wording in form.wordings}
    data |= {wording.key: DECISIONS.get(wording.key, "yes") for wording in form.wordings}
    return {**data, "typed_name": "Pat Example", "intent": "on", **changes}


def fill(client: Client, case: Case) -> None:
    """All four screens."""
    for name, data in SCREENS.items():
        assert put(client, case, name, data).status_code == 302
    assert put(client, case, "consent", signature(client, case)).status_code == 302
