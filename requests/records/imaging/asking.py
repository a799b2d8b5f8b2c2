"""Is this you? People whom files name, compared with the patient, and what is done about those who seem to be others."""

from datetime import datetime

from django.urls import reverse

from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.checklists import refresh
from secondop.cases.lifecycle import journal, recipients
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.notices.services import tell
from secondop.web.clock import now

from .comparing import SEXES, Person, compare, patient_of
from .models import Decision, Identity, Verdict


def identities(case: Case, wanted: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], Identity]:
    """The rows for people by name, birth date and sex; new ones are compared with the patient. ``case`` is locked."""
    found = {(one.name, one.birth_date, one.sex): one for one in case.identities.all()}
    ours, at = known(patient_of(case), list(found.values())), now()
    new: dict[tuple[str, str, str], Identity] = {}
    for name, birth_date, sex in sorted(wanted - found.keys()):
        one = judged(Identity(case=case, name=name, birth_date=birth_date, sex=sex), ours, at)
        new[name, birth_date, sex] = one
        ours = known(ours, [one])
    Identity.objects.bulk_create(new.values())
    strangers = [one for one in new.values() if one.verdict == Verdict.DIFFERS]
    if strangers:
        ask(case, strangers)
    return found | new


def known(ours: Person, identities: list[Identity]) -> Person:
    """``ours`` with the birth date and the sex, where the case does not say them, of files that are the patient's."""
    for one in identities:
        if one.decision == Decision.ACCEPTED or (one.verdict == Verdict.MATCHES and not one.decision):
            ours = ours._replace(birth_date=ours.birth_date or one.birth_date, sex=ours.sex or (one.sex if one.sex in SEXES else ""))
    return ours


def judged(identity: Identity, ours: Person, at: datetime) -> Identity:
    """``identity`` with what comparing it with the patient gives; one that differs is set aside. Not saved."""
    theirs, was_aside = Person(identity.name, identity.birth_date, identity.sex), identity.set_aside
    identity.verdict, identity.differs = compare(ours, theirs)
    identity.set_aside = identity.verdict == Verdict.DIFFERS
    if was_aside and not identity.set_aside:
        identity.opened_at = at
    return identity


def ask(case: Case, strangers: list[Identity]) -> None:
    """Ask the patient whether these are theirs, and flag it to the desk once the case is there.

    While one of them has no answer nobody is told of the next: the pages ask about all of them at once.
    """
    journal(case, "identity_asked", None)
    audit("identity.ask", by=None, case_uid=case.uid, patient_id=case.patient_id, detail={"count": len(strangers)})
    first = case.identities.unanswered().first() or strangers[0]
    told = [(person, "identity_question") for person in recipients(case, Party.PATIENT)]
    if case.state != State.DRAFT:
        told += [(person, "identity_desk") for person in recipients(case, Party.COORDINATOR)]
    link = reverse("records:identity", args=[case.uid, first.uid])
    for person, kind in told:
        tell(person, kind, case=case, key=f"{kind}:{first.uid}:{person.pk}", link=link)


def compare_again(case: Case) -> None:
    """Compare everybody whom nobody has answered for with the patient as the case names them now. ``case`` is locked."""
    if identities := list(case.identities.all()):
        compare_each(case, identities)


def compare_each(case: Case, identities: list[Identity]) -> None:
    """``compare_again()`` for a case with these, of all its files."""
    at = now()
    open_ones = [one for one in identities if not one.answer and not one.decision]
    ours = known(patient_of(case), [one for one in identities if one.decision])
    before = {identity.pk for identity in open_ones if identity.set_aside}
    strangers = [identity for identity in open_ones if judged(identity, ours, at).set_aside and identity.pk not in before]
    Identity.objects.bulk_update(open_ones, ["verdict", "differs", "set_aside", "opened_at"])
    if before != {identity.pk for identity in open_ones if identity.set_aside}:
        refresh(case)
    if strangers:
        ask(case, strangers)


def tell_desk(case: Case, identity: Identity, by: User) -> None:
    """Tell the case's coordinator that the patient's side has answered."""
    if case.state == State.DRAFT:
        return
    link = reverse("routing:case", args=[case.uid])
    for person in recipients(case, Party.COORDINATOR):
        if person != by:
            tell(person, "identity_answered", case=case, key=f"identity_answered:{identity.uid}:{person.pk}", link=link)
