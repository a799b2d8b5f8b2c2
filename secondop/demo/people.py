"""The people of the demo: all invented, all with the same password, all marked as demo accounts."""

from datetime import timedelta
from typing import NamedTuple

from allauth.account.models import EmailAddress

from routing.models import Licence, SpecialistProfile
from secondop.accounts.models import Role, User
from secondop.catalog.models import Specialty
from secondop.web.clock import now

PASSWORD = "second-opinion-demo"  # noqa: S105 (the demo prints it)
STATES = ("Ohio", "Texas", "New York")


class Doctor(NamedTuple):
    """A specialist of the demo."""

    account: str
    name: str
    credentials: str
    institution: str
    specialties: tuple[str, ...]
    languages: tuple[str, ...] = ("English",)


STAFF = (
    ("coordinator", "Claire Dubois", (Role.COORDINATOR,)),
    ("lead", "Thomas Adler", (Role.COORDINATOR, Role.LEAD)),
    ("admin", "Sam Okonkwo", (Role.ADMINISTRATOR,)),
)
DOCTORS = (
    Doctor("specialist", "Dr. Noor Rahman", "MD, FAAOS", "St. Brigid University Hospital", ("Orthopedic surgery", "Neurosurgery")),
    Doctor("specialist2", "Dr. Erik Solberg", "MD, PhD", "Harbor Cancer Center", ("Medical oncology",), ("English", "Norwegian")),
    Doctor("specialist3", "Dr. Mei Tanaka", "MD, FACS", "Harbor Cancer Center", ("Urology",), ("English", "Japanese")),
    Doctor("specialist4", "Dr. Paul Iversen", "MD", "Westfield Medical School", ("Gastroenterology", "Endocrinology")),
    Doctor("specialist5", "Dr. Ruth Calloway", "MD, FACS", "Westfield Medical School", ("Urology",)),
    Doctor("specialist6", "Dr. Amit Banerjee", "MD, FACC", "St. Brigid University Hospital", ("Cardiology",), ("English", "Bengali")),
    Doctor(
        "specialist7", "Dr. Lucia Moretti", "MD", "Westfield Medical School", ("Neurology", "Orthopedic surgery"), ("English", "Italian")
    ),
)


def address(account: str) -> str:
    """The address of a demo account."""
    return f"{account}@demo.example"


def add(account: str, name: str, roles: tuple[Role, ...] = ()) -> User:
    """A demo account with a verified address."""
    user = User.objects.create_user(address(account), PASSWORD, full_name=name, roles=[str(r) for r in roles], is_demo=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def add_everybody() -> dict[str, User]:
    """The accounts of the demo by the part of their address before the at sign."""
    people = {account: add(account, name, roles) for account, name, roles in STAFF}
    people["patient"] = add("patient", "Elena Marsh")
    people["family"] = add("family", "Jonas Marsh")
    for doctor in DOCTORS:
        people[doctor.account] = add(doctor.account, doctor.name, (Role.SPECIALIST,))
        add_profile(people[doctor.account], doctor, verified_by=people["admin"])
    return people


def add_profile(user: User, doctor: Doctor, verified_by: User) -> None:
    """The specialist's verified profile, with a licence in every state of the demo."""
    verified = {"verified_at": now(), "verified_by": verified_by}
    profile = SpecialistProfile.objects.create(
        user=user, credentials=doctor.credentials, institution=doctor.institution, languages=list(doctor.languages), **verified
    )
    profile.specialties.set(Specialty.objects.filter(name__in=doctor.specialties))
    expires = (now() + timedelta(days=600)).date()
    Licence.objects.bulk_create(
        Licence(
            profile=profile, number=f"{state[:2].upper()}-{10000 + user.pk}", country="US", region=state, expires_on=expires, **verified
        )
        for state in STATES
    )
