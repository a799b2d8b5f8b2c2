"""Signing: its guard, its lock, its limit of wrong passwords."""

import json

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.links import icd10_codes
from opinions.models import Answer, GridRow, Opinion
from opinions.services import signing
from opinions.services.canonical import canonical, fingerprint
from opinions.services.drafts import TEXT, start
from opinions.services.writing import WrittenText
from routing.models import Licence
from secondop.accounts import identity
from secondop.accounts.models import WrongPassword
from secondop.audit.models import Entry
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.states import State
from secondop.documents.models import Document
from secondop.notices.models import Notice
from secondop.web.clock import shifted
from tests.factories import PASSWORD, make_user
from tests.opinions.written import AGREES, full_text, in_review, released, signed, write
from tests.routing.people import accepted_case

pytestmark = pytest.mark.django_db
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200)


def sign(case, draft, **changes):
    """Sign as the author would."""
    fields = {"by": draft.author, "password": PASSWORD, "version": draft.edits, **changes}
    return signing.sign(case, **fields)


def test_signing_locks_numbers_moves_and_tells():
    case, opinion = signed()
    assert (case.state, opinion.version, opinion.status) == (State.CHECKING, 1, "signed")
    assert opinion.signature["licences"] == ["L-1, Ohio, United States"]
    assert opinion.sha256 == fingerprint(opinion) and len(opinion.code) == 14
    assert opinion.document.status == Document.Status.QUEUED
    assert Notice.objects.filter(kind="signed", recipient=case.owner).count() == 1
    assert Entry.objects.filter(action="case.sign", case_uid=case.uid, actor_id=opinion.author_id).count() == 1


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("u07.1, M17.11 ,", ["U07.1", "M17.11"]),
        ("S72.001A, C7A.020, Z3A.28", ["S72.001A", "C7A.020", "Z3A.28"]),
        ("", []),
        ("M17.11 (right knee)", None),
        ("17.1", None),
    ],
)
def test_codes_of_the_icd_10_are_known_by_their_form(text, codes):
    assert icd10_codes(text) == codes


def test_every_gap_is_named_with_its_field_and_nothing_is_lost():
    case, author, draft = in_review()
    draft = write(
        case,
        author,
        WrittenText({"diagnosis": "Kept", "icd10": "no code"}, {}, {}, [{"name": "Wait"}], [{"text": "", "url": "javascript:x"}]),
    )
    with pytest.raises(signing.Incomplete) as error:
        sign(case, draft)
    fields = {gap.field for gap in error.value.gaps}
    grid = {f"grid-{n}-verdict" for n in range(6)}
    wanted = {"bottom_line", "patient_summary", "answers-0-verdict", "options-0-benefit", "evidence-0-url", "icd10"}
    assert fields == wanted | grid
    draft.refresh_from_db()
    assert (draft.diagnosis, draft.status) == ("Kept", "draft")


@pytest.mark.parametrize(
    ("verdict", "text", "why", "missing"),
    [
        ("answered", "", "", "text"),
        ("partly", "Some", "", "why"),
        ("partly", "", "No scan", "text"),
        ("cannot", "", "", "why"),
        ("cannot", "", "No scan", None),
    ],
)
def test_an_answer_says_what_or_why_not(verdict, text, why, missing):
    case, author, _draft = in_review()
    whole = full_text()
    whole.answers[0] = {"verdict": verdict, "text": text, "why": why}
    write(case, author, whole)
    found = signing.gaps(case, start(case, by=author))
    assert [gap.field for gap in found] == ([f"answers-0-{missing}"] if missing else [])


def test_a_difference_asks_for_its_impact_and_what_would_settle_it():
    case, author, _draft = in_review()
    whole = full_text()
    whole.grid[0] = {"verdict": "differ_minor", "impact": "", "note": ""}
    whole.grid[1] = {"verdict": "refine", "impact": "minor", "note": ""}
    write(case, author, whole)
    assert [gap.field for gap in signing.gaps(case, start(case, by=author))] == ["grid-0-verdict", "settle"]


def test_too_much_text_for_the_renderer_is_refused_before_it_is_signed():
    case, author, _draft = in_review()
    long = dict.fromkeys(("reasoning", "case_summary", "recommendation", "materials_reviewed"), "word " * 1500)
    whole = full_text(**long)
    whole.fields |= dict.fromkeys(
        ("diagnosis", "alternatives", "tests", "to_doctor", "settle", "materials_missing", "limits"), "word " * 700
    )
    whole.options = [{"name": str(n), **dict.fromkeys(("benefit", "harm", "burden", "fit"), "word " * 300)} for n in range(4)]
    write(case, author, whole)
    assert any("Shorten the text" in gap.text for gap in signing.gaps(case, start(case, by=author)))


def test_the_blind_first_read_comes_first():
    case, author = accepted_case()
    start(case, by=author)
    draft = write(case, author)
    with pytest.raises(signing.Incomplete) as error:
        sign(case, draft)
    assert [gap.field for gap in error.value.gaps] == ["first_read"]


def test_an_expired_licence_stops_the_signature():
    case, author, draft = in_review()
    draft = write(case, author)
    Licence.objects.update(expires_on="2020-01-31")
    with pytest.raises(signing.Incomplete) as error:
        sign(case, draft)
    assert [gap.field for gap in error.value.gaps] == ["jurisdiction"]


def test_only_the_author_signs_and_only_what_they_saw():
    case, author, draft = in_review()
    draft = write(case, author)
    with pytest.raises(NotAllowed):
        sign(case, draft, by=case.owner)
    with pytest.raises(Refused, match="changed since"):
        sign(case, draft, version=draft.edits - 1)
    sign(case, draft)
    with pytest.raises(Conflict):
        sign(case, draft)
    assert Opinion.objects.filter(case=case).count() == Document.objects.count() == 1


def test_ten_wrong_passwords_rest_the_signature_for_a_while_and_nothing_else(client):
    case, author, draft = in_review()
    draft = write(case, author)
    for _ in range(identity.TRIES):
        with pytest.raises(identity.WrongPasswordGiven):
            sign(case, draft, password="wrong")
    with pytest.raises(identity.TooManyTries):
        sign(case, draft)
    assert client.login(email=author.email, password=PASSWORD)
    with shifted(identity.WINDOW):
        sign(case, draft)
    assert not WrongPassword.objects.exists()


def test_an_account_without_a_password_cannot_sign():
    case, author, draft = in_review()
    draft = write(case, author)
    author.set_unusable_password()
    author.save()
    with pytest.raises(identity.NoPassword):
        sign(case, draft, by=author, password="")


def frozen(change):
    """Whether the database refuses ``change``."""
    try:
        with transaction.atomic():
            change()
    except DatabaseError:
        return True
    return False


def test_the_database_lets_nothing_of_a_signed_version_change():
    _case, opinion = signed()
    rows = Opinion.objects.filter(pk=opinion.pk)
    for name in [*TEXT, "signature", "sha256", "code", "version", "signed_at", "author_id", "case_id"]:
        other = {"certainty": 1, "difficult_news": True, "version": 9, "first_read_locked_at": None, "signature": {}}
        value = make_user().pk if name == "author_id" else None if name == "case_id" else other.get(name, "changed")
        value = opinion.created_at if name == "signed_at" else value
        assert frozen(lambda name=name, value=value: rows.update(**{name: value})), name
    for child in (opinion.answers, opinion.grid, opinion.options, opinion.evidence):
        row = child.first()
        assert frozen(lambda row=row: type(row).objects.filter(pk=row.pk).update(position=9))
        assert frozen(row.delete)
    assert frozen(lambda: Answer.objects.create(opinion=opinion, position=7, question="New?"))
    assert frozen(lambda: rows.update(status="draft"))
    assert frozen(opinion.delete)
    assert fingerprint(Opinion.objects.get(pk=opinion.pk)) == opinion.sha256


def test_a_row_cannot_be_smuggled_into_a_signed_version():
    _, opinion = signed()
    _case, _author, draft = in_review()
    row = draft.grid.first()
    assert frozen(lambda: GridRow.objects.filter(pk=row.pk).update(opinion=opinion, aspect="stage"))


def test_a_locked_first_impression_stays():
    _case, _author, draft = in_review()
    assert frozen(lambda: Opinion.objects.filter(pk=draft.pk).update(first_read="I knew it"))
    assert frozen(lambda: Opinion.objects.filter(pk=draft.pk).update(first_read_locked_at=None))


def test_the_fingerprint_is_of_what_the_database_holds():
    case, author, _ = in_review()

    @settings(max_examples=25)
    @given(TEXTS, TEXTS, TEXTS)
    def holds(text, answer, option):
        with transaction.atomic():
            whole = full_text(reasoning=text)
            whole.answers[0] = {"verdict": "answered", "text": f"Yes {answer}", "why": ""}
            whole.options[0]["fit"] = option
            draft = write(case, author, whole)
            sign(case, draft)
            stored = Opinion.objects.get(pk=draft.pk)
            before = canonical(stored)
            assert fingerprint(stored) == stored.sha256
            assert json.loads(before)["reasoning"] == text
            Opinion.objects.filter(pk=draft.pk).update(status="superseded")
            assert canonical(Opinion.objects.whole().get(pk=draft.pk)) == before
            transaction.set_rollback(True)

    holds()


def test_the_fingerprint_outlives_release_and_replacement():
    _case, opinion = released()
    assert fingerprint(opinion) == opinion.sha256
    assert json.loads(canonical(opinion))["grid"][0]["verdict"] == AGREES["verdict"]
    Opinion.objects.filter(pk=opinion.pk).update(status="superseded")
    assert fingerprint(Opinion.objects.get(pk=opinion.pk)) == opinion.sha256
