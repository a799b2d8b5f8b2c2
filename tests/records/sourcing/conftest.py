"""A case whose patient authorized the care team to ask a hospital."""

import pytest

from records.sourcing import services
from secondop.accounts.models import Role
from secondop.cases.models import Case
from secondop.catalog.models import ConsentText
from tests.factories import make_case, make_user


@pytest.fixture(autouse=True)
def without_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def coordinator(db):
    return make_user(Role.COORDINATOR)


@pytest.fixture
def case(coordinator) -> Case:
    return make_case(coordinator=coordinator)


def authorize(case: Case, name: str = "Mercy Hospital"):
    """A source to fetch from, with a signed authorization; gives both."""
    text, _ = ConsentText.objects.get_or_create(
        kind="authorisation", version=1, defaults={"title": "Authorization", "body": "I authorize it."}
    )
    source = case.sources.create(name=name, place="Dayton, Ohio", what="The MRI of May", how="fetch")
    words = {"body": "I authorize it.", "body_sha256": "0" * 64, "typed_name": "P", "by": case.patient}
    return source, case.consents.create(text=text, source=source, given=True, **words)


@pytest.fixture
def asked(case, coordinator):
    """A request that the care team has made and may send."""
    return services.ask(case, by=coordinator, by_patient=False, source=authorize(case)[0])
