"""Cases that patients share with family, made by the verbs that a patient and an invited person use."""

from django.urls import reverse

from secondop.cases.states import State
from secondop.catalog.models import ConsentText
from tests.factories import make_case, make_user
from tracking.family import services

ANN = "ann@example.org"


def page_of(case, name="family", *more):
    """The address of a page of the case."""
    return reverse(name if ":" in name else f"tracking:{name}", args=[case.uid, *more])


def agreed(case, by=None):
    """The case, once somebody has agreed to share it."""
    by = by or case.patient
    words = services.consents.wording_of(case, by, ConsentText.Kind.FAMILY)
    services.agree(case, by=by, typed_name=str(by), sha256=words.sha256, origin=services.Origin())
    return case


def shared(state=State.SCREENING):
    """A case whose patient has agreed to share it."""
    return agreed(make_case(state))


def invited(case, email=ANN, rights=(), until=None, by=None):
    """The secret of a new invitation's link."""
    link = services.invite(case, by=by or case.patient, email=email, full_name="Ann", rights=rights, until=until)[1]
    return link.rstrip("/").rpartition("/")[2]


def at(secret):
    """The address of an invitation."""
    return reverse("tracking:family_invitation", args=[secret])


def joined(case, *rights, until=None, by=None):
    """Somebody new who has accepted an invitation to ``case``."""
    person = make_user()
    services.accept(invited(case, person.email, rights, until, by), by=person)
    return person
