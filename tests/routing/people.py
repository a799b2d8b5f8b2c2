"""The people and cases of routing's tests, made as an administrator and a coordinator would make them."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from routing.models import Licence, Offer, SpecialistProfile
from routing.services import offers
from secondop.accounts.models import Role, User
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.catalog.models import Specialty
from secondop.web.clock import now
from tests.factories import make_case, make_user

NEXT_YEAR = timedelta(days=365)


def make_specialty(name: str = "Heart surgery") -> Specialty:
    """A specialty by name, made once."""
    return Specialty.objects.get_or_create(name=name)[0]


def make_specialist(specialty: Specialty | None = None, *, licences: int = 1, name: str = "", **fields: Any) -> User:
    """A verified specialist of ``specialty`` with a verified licence for Ohio (none with ``licences=0``)."""
    user = make_user(Role.SPECIALIST, **({"full_name": name} if name else {}))
    admin = User.objects.filter(roles=["administrator"]).first() or make_user(Role.ADMINISTRATOR)
    fields = {"institution": f"House {user.pk}", "credentials": "MD", "verified_at": now(), "verified_by": admin, **fields}
    profile = SpecialistProfile.objects.create(user=user, **fields)
    profile.specialties.add(specialty or make_specialty())
    for _ in range(licences):
        give_licence(profile, admin)
    return user


def give_licence(profile: SpecialistProfile, admin: User, **fields: Any) -> Licence:
    """A licence for Ohio that is valid for another year, verified unless ``verified_at=None``."""
    verified = {"verified_at": now(), "verified_by": admin}
    place = {"country": "US", "region": "Ohio", "expires_on": now().date() + NEXT_YEAR}
    return Licence.objects.create(profile=profile, number="L-1", **{**verified, **place, **fields})


def ready_case(**fields: Any) -> Case:
    """A case that looks for a specialist in heart surgery."""
    return make_case(State.READY, specialty=make_specialty(), **fields)


def offered(case: Case, *specialists: User) -> list[Offer]:
    """Offers of ``case`` to each of the specialists."""
    return [offers.send_offer(case, by=case.owner, specialist_id=person.pk) for person in specialists]


def accepted_case(**fields: Any) -> tuple[Case, User]:
    """A case in review, and its specialist, who accepted an offer."""
    case, specialist = ready_case(**fields), make_specialist()
    offered(case, specialist)
    return offers.accept(case, by=specialist), specialist


def signed_in(user):
    """A browser of ``user``."""
    client = Client()
    client.force_login(user)
    return client


def url(name, case, *ids):
    """An address of the desk."""
    return reverse(f"routing:{name}", args=[case.uid, *ids])
