"""What is signed: which words, by whom, with every decision made, and kept as they were read."""

import pytest

from secondop.cases.access import Right, grant
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.catalog.models import ConsentText
from tests.factories import make_user

from .filled import WHO, begin, fill, put, signature, signed_in, url

pytestmark = pytest.mark.django_db
CHILD = {"for_whom": "other", "relationship": "parent", "authority": "parental", "birth_date": "2018-05-04", "age_band": "2-11"}


def test_what_is_signed_is_kept_word_for_word():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    client.post(url("submit", case), HTTP_USER_AGENT="Other")
    consents = {consent.text.kind if not consent.source else str(consent.source): consent for consent in case.consents.all()}
    assert {name: consent.given for name, consent in consents.items()} == {
        "remote_review": True,
        "share_with_doctor": True,
        "family": False,
        "follow_up": False,
        "research": False,
        "Example Hospital": True,
    }
    fetch = consents["Example Hospital"]
    assert "Example Hospital, Columbus" in fetch.body and "the MRI of May 2026" in fetch.body and "{" not in fetch.body
    assert fetch.typed_name == "Pat Example" and fetch.by == client.user and fetch.ip == "127.0.0.1"
    assert len({consent.body_sha256 for consent in consents.values()}) == len(consents)


@pytest.mark.parametrize(
    "change", [{"remote_review": "no"}, {"family": ""}, {"typed_name": " "}, {"intent": ""}, {"read_remote_review": "0" * 64}]
)
def test_a_signature_needs_every_decision_on_the_words_that_were_read(change):
    client = signed_in()
    case = begin(client)
    fill(client, case)
    form = signature(client, case, **change)
    Case.objects.get(pk=case.pk).brief.__class__.objects.filter(case=case).update(decisions={}, signed_at=None, done=["who"])
    answer = put(client, case, "consent", {name: value for name, value in form.items() if value})
    assert answer.status_code == 422
    assert {name.removeprefix("read_") for name in change} == set(answer.context["form"].errors)


def test_changing_a_source_or_a_wording_takes_the_signature_off_again():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    ConsentText.objects.create(kind="family", version=2, title="Family", body="New words", since="2026-01-02")
    gaps = client.get(url("check", case)).context["gaps"]
    assert len(gaps) == 1 and "changed since you read them" in gaps[0]["items"][0]["message"]
    client.post(url("submit", case))
    assert Case.objects.get(pk=case.pk).state == State.DRAFT


def test_somebody_else_who_may_decide_has_to_sign_themselves():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    decider = make_user()
    grant(case, decider, Right.DECIDE, "family")
    family = signed_in(decider)
    family.post(url("submit", case))
    assert Case.objects.get(pk=case.pk).state == State.DRAFT
    put(family, case, "consent", signature(family, case, typed_name=decider.full_name))
    family.post(url("submit", case))
    assert Case.objects.get(pk=case.pk).state == State.SCREENING
    assert set(case.consents.values_list("by", flat=True)) == {decider.pk}


@pytest.mark.parametrize("about", [None, "Tim Example"])
def test_family_who_sign_say_by_whose_leave_and_claim_no_authority_of_another(about):
    client = signed_in(make_user(full_name="Pat Example"))
    case = begin(client)
    fill(client, case)
    if about:
        put(client, case, "who", {**WHO, **CHILD, "subject_name": about})
    family = signed_in(make_user(full_name="Ann Lee"))
    grant(case, family.user, Right.DECIDE, "family")
    put(family, case, "consent", signature(family, case, typed_name="Ann Lee"))
    family.post(url("submit", case))
    body = case.consents.get(source__isnull=False).body
    whose = about or "Pat Example"
    assert f"Who signs: Ann Lee, for {whose} (allowed by Pat Example to decide in this case)." in body
    assert "Parental" not in body


def test_the_representatives_authority_stands_in_the_signed_words():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    put(client, case, "who", {**WHO, **CHILD, "subject_name": "Tim Example"})
    put(client, case, "consent", signature(client, case))
    client.post(url("submit", case))
    body = case.consents.get(source__isnull=False).body
    assert f"{client.user.full_name}, for Tim Example (Parental responsibility for a child)" in body
