"""What is in a copy: all that its owner may read, and nothing they may not."""

import json
from datetime import time, timedelta

import pytest
from django.db import models

from opinions.models import PrivateNote
from opinions.services.writing import Stamp, WrittenText, save
from records.models import Record, Status
from secondop.accounts.models import Role
from secondop.audit.services import record
from secondop.cases import asks, messages
from secondop.cases.access import Right, grant
from secondop.cases.models import Brief, Consent
from secondop.cases.models.brief import HealthKind
from secondop.cases.states import State
from secondop.catalog.models import ConsentText
from secondop.catalog.samples import load
from secondop.documents.kinds import CONSENT
from secondop.documents.models import Document
from secondop.documents.services import keep
from secondop.exports.kernel import NOT_ANSWERS
from secondop.exports.parts import PARTS, parts_of
from secondop.notices.choices import choose
from secondop.web.clock import shifted
from tests.exports.copies import data_of, made, opened, with_records
from tests.factories import make_case, make_user
from tests.opinions.written import in_review, released, write
from tests.tracking.family import agreed, invited, joined
from tracking.family import services as family

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault")]


def planted(case):
    """Fill every text of the case's brief and its rows with words of their own; the words."""
    words = {}
    for field in Brief._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField) and field.name not in NOT_ANSWERS and not field.choices:
            words[field.name] = "ZZ" if field.max_length == 2 else f"planted {field.name}"
    Brief.objects.filter(case=case).update(**words, for_whom="other", values=["quality"], quiet_from=time(21), quiet_to=time(8))
    for kind in HealthKind:
        case.health.create(kind=kind, text=f"planted health {kind}", when=f"planted when {kind}")
    case.treating_doctors.create(name="planted doctor", institution="planted house", contact="planted contact")
    case.sources.create(name="planted source", place="planted place", what="planted what", how="fetch")
    case.not_involved.create(name="planted enemy")
    case.questions.create(position=1, text="planted question")
    case.refresh_from_db()
    rows = ["doctor", "house", "contact", "source", "place", "what", "enemy", "question", *HealthKind]
    return [word for word in words.values() if word != "ZZ"] + [f"planted {row}" for row in rows if row not in HealthKind]


def test_every_answer_and_every_word_that_was_written_is_in_it():
    case = make_case(State.SCREENING)
    case.owner = make_user(Role.COORDINATOR)
    case.save()
    words = planted(case)
    messages.write(case, by=case.patient, text="planted message of the patient")
    messages.write(case, by=case.owner, text="planted message of the desk")
    ask = asks.open_ask(case, by=case.owner, items=["planted ask"])
    asks.answer_ask(ask, by=case.patient, answers={ask.items.get().pk: "planted reply"})
    text = ConsentText.objects.create(kind="research", version=9, title="planted title", body="planted body")
    signed = {"given": True, "body": "planted body", "body_sha256": "f" * 64, "typed_name": "planted name", "ip": "192.0.2.7"}
    Consent.objects.create(case=case, text=text, by=case.patient, **signed)
    choose(case.patient, only_here=["progress"])
    told = json.dumps(data_of(opened(made(case.patient))), ensure_ascii=False)
    more = ["message of the patient", "message of the desk", "ask", "reply", "title", "body", "name"]
    missing = [word for word in [*words, *(f"planted {one}" for one in more)] if word not in told]
    assert len(words) >= 18 and not missing
    assert "192.0.2.7" in told and "f" * 64 in told and case.patient.email in told and "How your case moves on" in told
    assert [f"planted health {kind}" in told and f"planted when {kind}" in told for kind in HealthKind] == [True] * len(HealthKind)


def test_the_form_of_data_json_is_said_and_stays():
    data = data_of(opened(made(make_case().patient)))
    assert (data["schema"], data["version"], data["everything"]) == ("secondop.export", 1, True)
    assert set(data) == {"schema", "version", "made_at", "made_for", "everything", "account", "cases"}
    assert set(data["cases"][0]) == {
        *("reference", "patient", "you_are", "stands_at", "begun_at", "sent_at", "delivered_at", "ended_at", "answers_in_words", "answers"),
        *("messages", "questions_to_you", "consents", "timeline", "who_looked", "records", "people", "family_and_helpers"),
        *("uploads_not_finished", "programs_that_may_send", "record_requests", "images", "files_asked_about"),
        *("opinions", "files"),
    }


def test_records_lie_under_safe_names_and_what_was_not_taken_is_listed():
    case = make_case()
    kept = with_records(case, "検査結果.pdf", "Report.pdf", "report.pdf")
    Record.objects.create(case=case, name="film.exe", status=Status.REFUSED, reason="planted refusal", uploaded_by=case.patient)
    archive = opened(made(case.patient, case))
    folder = f"records/{case.reference}/"
    named = sorted(name for name in archive.namelist() if name.startswith(folder))
    assert len(named) == len({name.lower() for name in named}) == len(kept) == 3
    assert folder + "検査結果.pdf" in named
    readme = archive.read("README.txt").decode()
    assert "film.exe: planted refusal" in readme and case.reference in readme
    data = data_of(archive)
    assert "account" not in data and [file["is_whole"] for file in data["cases"][0]["files"]] == [True] * 3


def test_an_opinion_goes_along_with_its_letter_and_no_private_note():
    case, opinion = released()
    PrivateNote.objects.update_or_create(case=case, author=opinion.author, defaults={"text": "PRIVATE-marker"})
    case.journal.create(event="make_ready", party="coordinator", reason="INTERNAL-marker", note="planted note")
    archive = opened(made(case.patient))
    letter = f"opinions/{case.reference}/second-opinion-{case.reference}-v1.pdf"
    assert archive.read(letter).startswith(b"%PDF-")
    told = archive.read("data.json").decode()
    assert opinion.bottom_line in told and opinion.sha256 in told and "planted note" in told
    assert not any(marker in archive.read(name) for name in archive.namelist() for marker in (b"PRIVATE-marker", b"INTERNAL-marker"))


def test_signed_copies_of_consents_go_along():
    case = make_case()
    document = Document.objects.create(case=case, kind=CONSENT, subject="consent:1", filename="consent.pdf")
    keep(document, b"%PDF-1.7 of a consent")
    archive = opened(made(case.patient, case))
    assert archive.read(f"consents/{case.reference}/consent.pdf") == b"%PDF-1.7 of a consent"


def test_what_is_not_given_to_the_patient_yet_is_not_in_it():
    case, author, draft = in_review()
    save(case, by=author, stamp=Stamp(draft.edits, "tests"), text=WrittenText(note="PRIVATE-marker"))
    write(case, author)
    told = opened(made(case.patient)).read("data.json").decode()
    assert '"opinions": []' in told and "PRIVATE-marker" not in told and "The operation can wait." not in told


def test_who_looked_is_told_without_names_that_the_patient_does_not_know():
    case = make_case(State.SCREENING)
    offered, stranger, colleague = make_user(Role.SPECIALIST), make_user(), make_user(Role.COORDINATOR)
    for person, action, outcome in (
        (offered, "offer.read", "allowed"),
        (stranger, "case.refused", "refused"),
        (colleague, "case.read", "allowed"),
        (case.patient, "case.read", "allowed"),
        (colleague, "case.decline_propose", "allowed"),
    ):
        record(action, by=person, case_uid=case.uid, patient_id=case.patient_id, outcome=outcome)
    data = data_of(opened(made(case.patient)))
    seen = [(line["who"], line["what"]) for line in data["cases"][0]["who_looked"]][:4]
    assert seen == [
        ("A specialist", "Read the summary, without your name"),
        ("Somebody without access", "Was refused"),
        ("The care team", "Opened the case"),
        ("You", "Opened the case"),
    ]
    told = json.dumps(data)
    assert str(offered) not in told and str(stranger) not in told and "decline" not in told


def test_who_decides_with_the_patient_gets_what_their_rights_let_them_read():
    case, opinion = released()
    proxy = make_user()
    grant(case, proxy, Right.DECIDE, "family")
    archive = opened(made(proxy, case))
    told = data_of(archive)["cases"][0]
    assert told["you_are"] == "somebody who decides with the patient" and told["opinions"] == []
    assert opinion.bottom_line not in archive.read("data.json").decode()
    assert not [name for name in archive.namelist() if name.startswith("opinions/")]
    grant(case, proxy, Right.READ_OPINION, "family")
    assert data_of(opened(made(proxy, case)))["cases"][0]["opinions"]


def test_who_once_was_invited_and_who_looked_are_for_the_patient_alone():
    load()
    case = agreed(make_case(State.SCREENING))
    proxy, former = joined(case, Right.DECIDE), joined(case, Right.STATUS)
    family.end(case, by=case.patient, person=former)
    invited(case, "said-nothing@example.org")
    with shifted(timedelta(days=31)):
        invited(case, "new@example.org")
        refuses = make_user()
        family.decline(invited(case, refuses.email), by=refuses)
        copy, whole = (data_of(opened(made(person, case)))["cases"][0] for person in (proxy, case.patient))
    assert [(one["name"], one.get("email")) for one in copy["family_and_helpers"]] == [
        (str(proxy), None),
        ("Ann", "new@example.org"),
        ("Ann", ""),
    ]
    assert "who_looked" not in copy and former.email not in json.dumps(copy)
    addresses = [proxy.email, former.email, "said-nothing@example.org", "new@example.org", refuses.email]
    assert [one["email"] for one in whole["family_and_helpers"]] == addresses and whole["who_looked"]


def test_everything_is_the_account_and_own_cases_not_those_of_others():
    mine, theirs = make_case(), make_case()
    grant(theirs, mine.patient, Right.DECIDE, "family")
    withdrawn = make_case(State.WITHDRAWN, patient=mine.patient)
    data = data_of(opened(made(mine.patient)))
    assert {case["reference"] for case in data["cases"]} == {mine.reference, withdrawn.reference}
    assert data["account"]["email"] == mine.patient.email and "password" not in json.dumps(data["account"])


@pytest.mark.parametrize("name", PARTS)
def test_each_part_can_be_written_as_json(name, monkeypatch):
    case, _ = released()
    monkeypatch.setattr("secondop.exports.parts.PARTS", (name,))
    assert parts_of(case, case.patient).data is not None
