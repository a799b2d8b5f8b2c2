"""Everything that the four screens ask for is stored, and read by the patient who sent it and by the desk."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.cases.models import Case
from secondop.cases.models.brief import HealthKind
from secondop.catalog.models import Specialty
from tests.factories import make_user

from .filled import DECISION, HEALTH, QUESTION, begin, put, signature, signed_in, url

pytestmark = pytest.mark.django_db
TEXTS = {
    "who": ["region", "subject_name", "consequence", "accessibility"],
    "question": ["diagnosis", "first_opinion", "first_opinion_by", "questions-0-text", "questions-1-text", "values_own"],
    "health": [
        *(f"{kind.value}-0-{column}" for kind in HealthKind for column in ("text", "when")),
        *(f"doctors-0-{column}" for column in ("name", "institution", "contact")),
        *(f"sources-0-{column}" for column in ("name", "place", "what")),
        *("doctors-1-name", "not_involved-0-name"),
    ],
}
CHOSEN: dict[str, dict[str, Any]] = {
    "who": {
        "emergency": "no",
        "country": "CA",
        "for_whom": "other",
        "relationship": "child",
        "authority": "attorney",
        "birth_date": "1940-02-01",
        "age_band": "80+",
        "decision_date": DECISION.isoformat(),
        "language": "Somali",
        "interpreter": "on",
        "channel": "phone",
        "phone": "+1 555 0177",
        "quiet_from": "21:30",
        "quiet_to": "08:15",
    },
    "question": {
        "reason": "not_working",
        "first_opinion_on": "2026-10-05",
        "questions": "lines",
        "values": ["fertility", "cost"],
        "detail": "short",
        "prognosis": "no",
    },
    "health": {
        **{f"{kind.value}_state": "listed" for kind in HealthKind},
        **dict.fromkeys([*HealthKind.values, "doctors", "sources", "not_involved"], "lines"),
        "doctors-0-may_contact": "on",
        "sources-0-how": "upload",
    },
}
SHOWN = {
    "Emergency": "No signs of one",
    "This is": "For someone I care for",
    "Name of the patient": "subject_name",
    "Who asks for them": "I am their son or daughter",
    "By what right": "Health care power of attorney",
    "Date of birth": "Thursday 1 February 1940",
    "Age": "80 or older",
    "Lives in": "region, Canada",
    "Has to decide by": f"{DECISION:%A} {DECISION.day} {DECISION:%B %Y}",
    "What happens then": "consequence",
    "Language": "Somali",
    "Interpreter": "Needed",
    "What helps with reading or talking": "accessibility",
    "Best way to get in touch": "Phone call: +1 555 0177",
    "Quiet hours": "9:30 PM to 8:15 AM",
    "Why a second opinion": "The treatment is not working",
    "Field of medicine": "Neurosurgery",
    "Questions": "1. questions-0-text 2. questions-1-text",
    "What matters most": "Being able to have children What it costs me values_own",
    "How much to read": "The main points",
    "The likely course of the illness": "No, leave it out",
    "Diagnosis, as told to the patient": "diagnosis",
    "What was proposed": "first_opinion",
    "By whom, and when": "first_opinion_by, Monday 5 October 2026",
    **{kind.label: f"{kind.value}-0-text ({kind.value}-0-when)" for kind in HealthKind},
    "Treating doctors": "doctors-0-name, doctors-0-institution, doctors-0-contact · may be contacted doctors-1-name · do not contact",
    "Where the records are": "sources-0-name, sources-0-place, sources-0-what · I will upload them",
    "Not to be involved": "not_involved-0-name",
}


def pairs(client: Client, address: str) -> dict[str, str]:
    """What a page says under which label."""
    html = client.get(address).content.decode()
    found = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", html, re.DOTALL)
    return {name.strip(): " ".join(unescape(re.sub(r"<[^>]+>", " ", value)).split()) for name, value in found}


def sent(client: Client) -> Case:
    """A request in which the name of each field of text is what was typed there."""
    case = begin(client)
    specialty = {"specialty": Specialty.objects.get(name="Neurosurgery").pk}
    for screen, chosen in CHOSEN.items():
        data = {**chosen, **(specialty if screen == "question" else {}), **{name: name for name in TEXTS[screen]}}
        assert put(client, case, screen, data).status_code == 302
        asked = set(client.get(url("screen", case, screen)).context["form"].fields) - {"stamp", "diagnosis_unknown"}
        assert asked <= {name.partition("-")[0] for name in data}, "a new field is filled in here, and looked for below"
    assert put(client, case, "consent", signature(client, case)).status_code == 302
    assert client.post(url("submit", case)).status_code == 302
    return case


def test_whatever_was_answered_is_shown_to_the_patient_and_at_the_desk(settings):
    settings.REQUIRE_STAFF_MFA = False
    coordinator = signed_in(make_user(Role.COORDINATOR))
    client = signed_in()
    case = sent(client)
    mine = pairs(client, reverse("tracking:request", args=[case.uid]))
    desk = pairs(coordinator, reverse("routing:brief", args=[case.uid]))
    for label, value in SHOWN.items():
        assert (mine[label], desk[label]) == (value, value), label
    signed = {consent.text.title: "Agreed" if consent.given else "Not agreed" for consent in case.consents.all()}
    assert set(signed.values()) == {"Agreed", "Not agreed"}
    assert (mine, desk) == (SHOWN, {**SHOWN, **signed}), "and nothing else; the patient's page has the consents word for word"


def test_not_knowing_is_an_answer():
    client = signed_in()
    case = begin(client)
    put(client, case, "question", {**QUESTION, "diagnosis": "", "diagnosis_unknown": "on"})
    put(client, case, "health", {**HEALTH, "family_state": "unknown"})
    shown = pairs(client, url("check", case))
    assert (shown["Diagnosis, as told to the patient"], shown["Illness in the family"]) == ("I don’t know", "I don’t know")
