"""What the patient is asked to agree to: the words for this case, and whether they have been signed as they stand now."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings

from secondop.accounts.models import User
from secondop.cases.models import Case, Consent, Source
from secondop.cases.models.brief import ForWhom
from secondop.catalog.models import ConsentText
from secondop.web.clock import now

Kind = ConsentText.Kind
ORDER = (Kind.REVIEW, Kind.SHARE, Kind.FAMILY, Kind.CONTACT, Kind.RESEARCH)
# As Consent.ends_at has it.
EXPIRES = "one year after the day I sign, or earlier on the day my case is closed"
ALL_RECORDS = "the reports, images, and test results that bear on my question"
Decisions = Mapping[str, Mapping[str, object]]


class Wording(NamedTuple):
    """One consent in the words for this case. ``key`` names it in the form and in ``Brief.decisions``."""

    key: str
    text: ConsentText
    source: Source | None
    title: str
    body: str
    sha256: str

    @property
    def lines(self) -> list[str]:
        """The paragraphs of the body."""
        return [line for line in self.body.splitlines() if line.strip()]


def wordings(case: Case, signer: User) -> list[Wording]:
    """Every consent that this case needs a decision on, in the current version; one authorization for each source to fetch from.

    An empty list means that the catalog has no consent texts, and nothing can be sent.
    """
    texts = ConsentText.current()
    if Kind.REVIEW not in texts or Kind.SOURCE not in texts:
        return []
    names = {"patient": patient_name(case), "recipient": settings.ORGANISATION, "signer": signer_line(case, signer)}
    names |= {"purpose": f"a second opinion about the health of {names['patient']}, which I asked for", "expires": EXPIRES}
    found = [Wording(str(kind), texts[kind], None, texts[kind].title, *texts[kind].filled(**names)) for kind in ORDER if kind in texts]
    text = texts[Kind.SOURCE]
    for source in case.sources.all():
        if source.how == Source.How.FETCH:
            place = ", ".join(filter(None, [source.name, source.place]))
            body = text.filled(source=place, records=source.what or ALL_RECORDS, **names)
            found.append(Wording(f"source_{source.pk}", text, source, f"{text.title}: {source.name}", *body))
    return found


def patient_name(case: Case) -> str:
    """The person the case is about."""
    return case.brief.subject or case.patient.full_name


def signer_line(case: Case, signer: User) -> str:
    """Who signs; for somebody else with their own authority, as 45 CFR 164.508(c)(1)(vi) asks."""
    if signer.pk != case.patient_id:
        return f"{signer.full_name}, for {patient_name(case)} (allowed by {case.patient.full_name} to decide in this case)"
    if case.brief.for_whom != ForWhom.OTHER:
        return signer.full_name
    return f"{signer.full_name}, for {patient_name(case)} ({case.brief.get_authority_display()})"


def gaps(found: list[Wording], decisions: Decisions) -> dict[str, str]:
    """What stands against the decisions, by key: none made, made on other words, or a needed consent refused."""
    if not found:
        return {"": "The consent texts are missing on our side. Please tell the care team; nothing of your answers is lost."}
    messages = {}
    for wording in found:
        decision = decisions.get(wording.key)
        if not decision:
            messages[wording.key] = "Say yes or no."
        elif decision.get("sha256") != wording.sha256:
            messages[wording.key] = "These words have changed since you read them. Please read them and answer again."
        elif wording.text.required and not decision.get("given"):
            messages[wording.key] = "We cannot review your case without this. If you do not agree, you can leave your request unsent."
    return messages


def wording_of(case: Case, signer: User, kind: Kind) -> Wording | None:
    """One consent that has no source, in the current version and the words for this case; ``None`` where the catalog lacks it."""
    return next((wording for wording in wordings(case, signer) if wording.key == kind), None)


def give(case: Case, wording: Wording, *, by: User, typed_name: str, ip: str | None, agent: str) -> Consent:
    """Sign one consent by itself, outside the last screen."""
    signature = {"typed_name": typed_name, "by": by, "at": now(), "ip": ip, "agent": agent[:200]}
    consent = row(case, wording, True, signature)
    consent.save()
    return consent


def take_back(consent: Consent, *, by: User) -> None:
    """Note that ``by`` takes back a consent that is in force."""
    consent.revoked_at, consent.revoked_by = now(), by
    consent.save(update_fields=["revoked_at", "revoked_by"])


def row(case: Case, wording: Wording, given: bool, signature: Mapping[str, Any]) -> Consent:
    """A consent, not saved, with the words that were signed."""
    words = {"text": wording.text, "source": wording.source, "body": wording.body, "body_sha256": wording.sha256}
    return Consent(case=case, given=given, **words, **signature)


def sign(case: Case, found: list[Wording], shared: Consent | None, *, by: User) -> list[Consent]:
    """Write the consents ``found`` of a case that is being sent, word for word as they were signed on its last screen.

    ``shared`` is the one to tell the family, if it is in force already.
    The family's may have been signed by itself before: a yes on the screen leaves it as it is, and a no that came later takes it back.
    """
    brief = case.brief
    signed_at = brief.signed_at or now()
    signature = {
        "typed_name": brief.signed_name,
        "by": by,
        "at": signed_at,
        "ip": brief.signed_ip,
        "agent": brief.signed_agent,
    }
    rows = []
    for wording in found:
        given = bool(brief.decisions[wording.key]["given"])
        if shared and wording.key == Kind.FAMILY:
            if given or shared.at > signed_at:
                continue
            take_back(shared, by=by)
        rows.append(row(case, wording, given, signature))
    return Consent.objects.bulk_create(rows)
