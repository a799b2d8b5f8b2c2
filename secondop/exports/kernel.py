"""What a copy holds of the case itself: what was asked and answered, written, agreed to, and what happened."""

from typing import Any

from django.db import models

from secondop.accounts.models import User
from secondop.cases import timeline
from secondop.cases.access import Right
from secondop.cases.answers import answers
from secondop.cases.looked import who_looked
from secondop.cases.messages import thread_of
from secondop.cases.models import Brief, Case
from secondop.cases.states import STATE_LABELS, State
from secondop.documents import services as rendered
from secondop.documents.kinds import OPINION

from .parts import File, Part

# Columns of the brief that are about the filling in, not answers; the signature stands with each consent.
NOT_ANSWERS = {
    *("id", "case", "done", "saved_by_page", "noted"),
    *("decisions", "signed_name", "signed_at", "signed_by", "signed_ip", "signed_agent"),
}


def request(case: Case, reader: User) -> Part:
    """Where the case stands, and every answer: in words as the pages show them, and as it is stored."""
    return Part(
        {
            "reference": case.reference,
            "patient": str(case.patient),
            "you_are": "the patient" if case.patient_id == reader.pk else "somebody who decides with the patient",
            "stands_at": STATE_LABELS[State(case.state)],
            "begun_at": case.created_at,
            "sent_at": case.submitted_at,
            "delivered_at": case.delivered_at,
            "ended_at": case.ended_at,
            "answers_in_words": [
                {"title": section.title, "answers": [{"question": a.label, "answer": a.value} for a in section.answers]}
                for section in answers(case)
            ],
            "answers": {
                **columns(case.brief, NOT_ANSWERS),
                "specialty": str(case.specialty) if case.specialty else None,
                "decision_date": case.decision_date,
                "questions": [question.text for question in case.questions.all()],
                "health": [columns(item, {"id", "case", "position"}) for item in case.health.all()],
                "treating_doctors": [columns(doctor, {"id", "case"}) for doctor in case.treating_doctors.all()],
                "where_records_are": [columns(source, {"id", "case"}) for source in case.sources.all()],
                "not_to_involve": [person.name for person in case.not_involved.all()],
            },
        }
    )


def conversation(case: Case, reader: User) -> Part:
    """The thread in both directions, and what was asked of the patient, with the answers."""
    messages = [
        {"at": m.at, "from": str(m.author), "text": m.text, "files": [record.name for record in m.records.all()]}
        for m in thread_of(case, reader).order_by("at", "pk")
    ]
    asks = [
        {
            "at": ask.opened_at,
            "from": str(ask.opened_by),
            "stands_at": ask.get_status_display(),
            "items": [{"question": item.text, "answer": item.answer, "answered_at": item.answered_at} for item in ask.items.all()],
            "files": [record.name for record in ask.records.openable_by(reader)],
        }
        for ask in case.asks.select_related("opened_by").prefetch_related("items")
    ]
    return Part({"messages": messages, "questions_to_you": asks})


def history(case: Case, reader: User) -> Part:
    """The consents word for word, the steps of the case, and for the patient who looked at it."""
    consents = [
        {
            "title": consent.text.title,
            "version": consent.text.version,
            "place": str(consent.source) if consent.source else None,
            "agreed": consent.given,
            "words": consent.body,
            "sha256_of_words": consent.body_sha256,
            "signed_by": str(consent.by),
            "typed_name": consent.typed_name,
            "at": consent.at,
            "taken_back_at": consent.revoked_at,
            **({"internet_address": consent.ip, "browser": consent.agent} if consent.by_id == reader.pk else {}),
        }
        for consent in case.consents.select_related("text", "source", "by")
    ]
    lines = timeline.lines(case, staff=False)
    steps = [{"at": line.at, "what": line.text, "who": line.person, "note": line.note} for line in lines]
    looks = {"who_looked": [look._asdict() for look in who_looked(case, reader)]} if case.patient_id == reader.pk else {}
    return Part({"consents": consents, "timeline": steps, **looks})


def documents(case: Case, reader: User) -> Part:
    """The PDFs that are there: opinions for those who may read them, signed copies of consents."""
    may_read = Case.objects.visible_to(reader, Right.READ_OPINION).filter(pk=case.pk).exists()
    found = [one for one in rendered.given_to_patient(case) if one.stored and (may_read or one.kind != OPINION)]
    return Part({}, [File(f"{one.kind}s", one.filename, one.stored, one.ready_at or one.created_at) for one in found if one.stored])


def columns(row: Brief | models.Model, without: set[str]) -> dict[str, Any]:
    """What a row stores, by name."""
    return {field.name: field.value_from_object(row) for field in row._meta.concrete_fields if field.name not in without}
