"""Two windows, two clicks, two workers at one opinion, on real PostgreSQL with a session of their own each."""

from functools import partial

import pytest

from opinions.letter import letter_of
from opinions.models import Opinion
from opinions.services import signing
from opinions.services.versions import draft_of
from opinions.services.writing import Overtaken, Stamp, WrittenText, save
from secondop.accounts import identity
from secondop.accounts.models import WrongPassword
from secondop.cases.lifecycle import Conflict
from secondop.cases.models import Case
from secondop.documents import services as documents
from secondop.documents.models import Document
from secondop.vault.models import StoredFile
from tests.factories import PASSWORD
from tests.opinions.written import in_review, signed, write
from tests.routing.test_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def caught(act, *expected):
    """``act`` with the errors it may raise given back."""

    def inner():
        try:
            return act()
        except expected as error:
            return error

    return inner


def test_of_clicks_at_once_one_signs():
    case, author, _ = in_review()
    draft = write(case, author)
    results = at_once(*[partial(signing.sign, case, by=author, password=PASSWORD, version=draft.edits)] * 4)
    assert sum(isinstance(r, Case) for r in results) == 1
    assert sum(isinstance(r, Conflict) for r in results) == 3
    assert Document.objects.count() == 1 and Opinion.objects.get(case=case).version == 1


def test_wrong_passwords_at_once_are_counted_one_by_one():
    _, author, _ = in_review()
    errors = (identity.WrongPasswordGiven, identity.TooManyTries)
    results = at_once(*[caught(partial(identity.confirm, author, "wrong", act="opinion.sign"), *errors)] * 16)
    assert sum(isinstance(r, identity.WrongPasswordGiven) for r in results) == identity.TRIES
    assert WrongPassword.objects.count() == identity.TRIES


def test_of_two_windows_at_once_one_is_told():
    case, author, draft = in_review()
    acts = [
        caught(partial(save, case, by=author, stamp=Stamp(draft.edits, w), text=WrittenText({"diagnosis": w})), Overtaken)
        for w in ("left", "right")
    ]
    left, right = at_once(*acts)
    assert isinstance(left, Overtaken) != isinstance(right, Overtaken)
    winner = "right" if isinstance(left, Overtaken) else "left"
    assert draft_of(case, author).diagnosis == winner


def test_of_two_workers_at_once_one_makes_the_document():
    _, opinion = signed()
    at_once(*[partial(documents.render, opinion.document.pk, letter_of)] * 2)
    assert Document.objects.get().status == "ready" and Document.objects.get().attempts == 1
    assert StoredFile.objects.filter(status="stored").count() == 1
