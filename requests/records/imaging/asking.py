"""Is this you? People whom headers name, compared with the patient, and what is done about those who seem to be others."""

from datetime import datetime

from secondop.audit.services import record as audit
from secondop.cases.lifecycle import journal, recipients
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.notices.services import tell
from secondop.web.clock import now

from .comparing import Person, compare, patient_of
from .models import Identity, Verdict


def identities(case: Case, wanted: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], Identity]:
    """The rows for people by name, birth date and sex; new ones are compared with the patient. ``case`` is locked."""
    found = {(one.name, one.birth_date, one.sex): one for one in case.identities.all()}
    ours, at = patient_of(case), now()
    new = {who: judged(Identity(case=case, name=who[0], birth_date=who[1], sex=who[2]), ours, at) for who in wanted if who not in found}
    Identity.objects.bulk_create(new.values())
    strangers = [one for one in new.values() if one.verdict == Verdict.DIFFERS]
    if strangers:
        ask(case, strangers)
    return found | new


def judged(identity: Identity, ours: Person, at: datetime) -> Identity:
    """``identity`` with what comparing it with the patient gives; one that differs is set aside. Not saved."""
    theirs = Person(identity.name, identity.birth_date, identity.sex)
    identity.verdict, identity.differs = compare(ours, theirs)
    identity.set_aside = identity.verdict == Verdict.DIFFERS
    if not identity.set_aside:
        identity.opened_at = identity.opened_at or at
    return identity


def ask(case: Case, strangers: list[Identity]) -> None:
    """Ask the patient whether these are theirs, and flag it to the desk once the case is there."""
    journal(case, "identity_asked", None)
    audit("identity.ask", by=None, case_uid=case.uid, patient_id=case.patient_id, detail={"count": len(strangers)})
    told = [(person, "identity_question") for person in recipients(case, Party.PATIENT)]
    if case.state != State.DRAFT:
        told += [(person, "identity_desk") for person in recipients(case, Party.COORDINATOR)]
    for person, kind in told:
        tell(person, kind, case=case, key=f"{kind}:{strangers[0].uid}:{person.pk}")
