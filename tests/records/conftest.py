"""The cast of these tests: one case, the people around it, and what is in its part of the vault."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from records import checking, services
from records.models import Record
from secondop.accounts.models import Role, User
from secondop.cases.models import Case
from secondop.cases.states import State
from tests.factories import make_case, make_user

from . import files
from .serving import Server, serving


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory) -> Iterator[Server]:
    """A running site on the test's database and vault."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


class Cast(NamedTuple):
    """A case in review and everybody who might ask for it."""

    case: Case
    patient: User
    coordinator: User
    specialist: User
    stranger: User
    other_specialist: User
    administrator: User


@pytest.fixture(autouse=True)
def without_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def cast(db) -> Cast:
    coordinator, specialist = make_user(Role.COORDINATOR), make_user(Role.SPECIALIST)
    case = make_case(State.IN_REVIEW, coordinator=coordinator, specialist=specialist)
    others = make_user(), make_user(Role.SPECIALIST), make_user(Role.ADMINISTRATOR)
    return Cast(case, case.patient, coordinator, specialist, *others)


@pytest.fixture
def case(db) -> Case:
    return make_case(State.SCREENING)


@pytest.fixture
def letter(cast) -> Record:
    record = add(cast.case)[0]
    check_all()
    record.refresh_from_db()
    return record


def add(case, *named, by=None) -> list[Record]:
    return services.add_files(case, named or [("letter.pdf", files.printed_pdf())], by=by or case.patient).records


def browser(user: User | None, **options: object) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client(**options)
    if user:
        client.force_login(user)
    return client


def url(name: str, case: Case, *more: object) -> str:
    return reverse(f"records:{name}", args=[case.uid, *more])


def sent(*files: tuple[str, bytes]) -> dict[str, list[SimpleUploadedFile]]:
    """Form data with these files."""
    return {"files": [SimpleUploadedFile(name, data) for name, data in files]}


def in_vault(case: Case) -> list[str]:
    """The folders of files that the case has on disk."""
    folder = Path(configured.VAULT_DIR) / str(case.uid)
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def refusals(case: Case) -> dict[str, str]:
    """The refused files of a case by name, with their reasons."""
    return dict(case.records.filter(status="refused").values_list("name", "reason"))


def check_all() -> None:
    """What the workers do with everything that waits."""
    for pk in Record.objects.filter(status="received").values_list("pk", flat=True):
        checking.check(pk)
