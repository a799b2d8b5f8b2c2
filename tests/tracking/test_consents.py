"""What a patient agreed to: read word for word, taken back with effect on the next read, and given again where it makes sense."""

from datetime import timedelta

import pytest
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.cases.access import FAMILY_RIGHTS, Right, grant
from secondop.cases.consents import in_force
from secondop.cases.lifecycle import NotAllowed, Refused, move
from secondop.cases.models import Case, Source
from secondop.cases.services import reopen
from secondop.cases.states import State
from secondop.catalog.models import PERMISSIONS, ConsentText
from secondop.catalog.samples import load
from secondop.notices.models import Notice
from secondop.web.clock import shifted
from tests.factories import make_case, make_user
from tests.intake.filled import begin, fill, put, signature, signed_in, url
from tests.words import grade, sentences
from tracking import services
from tracking.consents import ENDINGS

pytestmark = pytest.mark.django_db
Kind = ConsentText.Kind


def page_of(case, name="case", *more):
    """The address of a page of the case."""
    return reverse(f"tracking:{name}", args=[case.uid, *more])


@pytest.fixture
def sent():
    """A browser and the request it has sent, all agreed to."""
    load()
    client = signed_in()
    case = begin(client)
    fill(client, case)
    put(client, case, "consent", signature(client, case, **dict.fromkeys(("family", "follow_up", "research"), "yes")))
    client.post(url("submit", case))
    return client, Case.objects.get(pk=case.pk)


def agree(client, case, key, **changes):
    """Read a consent and sign it."""
    target = page_of(case, "consent_give", key)
    form = client.get(target).context["form"]
    return client.post(target, {"read": form["read"].value(), "typed_name": "Pat Example", "intent": "on", **changes})


def test_the_page_shows_each_answer_with_its_signature_version_and_words(sent):
    client, case = sent
    page = client.get(page_of(case, "consents")).content.decode()
    for consent in case.consents.all():
        assert consent.text.title in page and page_of(case, "revoke", consent.pk) in page
    assert page.count("Signed “Pat Example” by ") == case.consents.count()
    assert "version 1 of 1 January 2026" in page and "What may be released: these health records" in page


@pytest.mark.parametrize("kind", Kind)
def test_a_consent_ends_with_the_very_next_read(sent, kind):
    client, case = sent
    source = Source.objects.get(case=case, how="fetch") if kind == Kind.SOURCE else None
    consent = case.consents.get(text__kind=kind)
    assert in_force(case, kind, source) == consent
    target = page_of(case, "revoke", consent.pk)
    asked = client.get(target).content.decode()
    assert all(line in asked for line in (*ENDINGS[kind].stops, ENDINGS[kind].stays, ENDINGS[kind].later))
    found = sentences(asked)
    assert grade(" ".join(found)) <= 8, found
    assert in_force(case, kind, source) == consent, "looking at the page takes nothing back"
    assert client.post(target).url == page_of(case, "consents")
    assert in_force(case, kind, source) is None
    assert "Taken back" in client.get(page_of(case, "consents")).content.decode()
    assert client.get(target).url == page_of(case, "consents"), "and it is not offered twice"


def test_an_authorization_ends_by_its_own_words_after_a_year_and_can_be_signed_again(sent):
    client, case = sent
    old = case.consents.get(text__kind=Kind.SOURCE)
    assert "Agreed" in client.get(page_of(case, "consents")).content.decode()
    with shifted(timedelta(days=366)):
        client.force_login(client.user)
        assert in_force(case, Kind.SOURCE, old.source) is None and in_force(case, Kind.SHARE)
        page = client.get(page_of(case, "consents")).content.decode()
        assert "Ended" in page and page_of(case, "revoke", old.pk) not in page
        assert client.post(page_of(case, "revoke", old.pk)).url == page_of(case, "consents")
        agree(client, case, f"source_{old.source_id}")
        assert in_force(case, Kind.SOURCE, old.source)
    old.refresh_from_db()
    assert old.revoked_at is None


def test_an_authorization_ends_with_the_case_and_does_not_come_back_with_it(sent):
    client, case = sent
    source = case.consents.get(text__kind=Kind.SOURCE).source
    ended = move(case, "expire", by=None)
    assert in_force(ended, Kind.SOURCE, source) is None
    assert "Ended" in client.get(page_of(case, "consents")).content.decode()
    assert in_force(reopen(ended, by=client.user, note="Here it is."), Kind.SOURCE, source) is None
    agree(client, case, f"source_{source.pk}")
    assert in_force(Case.objects.get(pk=case.pk), Kind.SOURCE, source)


def test_without_the_consent_to_review_the_specialist_reads_nothing_more(sent, settings):
    settings.REQUIRE_STAFF_MFA = False
    client, _ = sent
    case = make_case(State.IN_REVIEW, patient=client.user)
    text = ConsentText.current()[Kind.REVIEW]
    body, sha256 = text.filled()
    consent = case.consents.create(text=text, given=True, body=body, body_sha256=sha256, typed_name="Pat", by=client.user)
    doctor = signed_in(case.specialist)
    records = reverse("records:list", args=[case.uid])
    assert doctor.get(records).status_code == 200
    client.post(page_of(case, "revoke", consent.pk))
    assert doctor.get(records).status_code == 404


def test_what_only_people_act_on_is_said_so_and_the_desk_reads_what_holds_now(sent, settings):
    settings.REQUIRE_STAFF_MFA = False
    client, case = sent
    said = "Nothing of this happens by itself."
    assert begin(client) and client.get(url("screen", begin(client), "consent")).content.decode().count(said) == len(PERMISSIONS)
    desk = signed_in(case.owner or make_user(Role.COORDINATOR))

    def read():
        return " ".join(desk.get(reverse("routing:case", args=[case.uid])).content.decode().split())

    assert "Research and teaching: yes" in read() and "Asking me later how it went: yes" in read()
    services.revoke_consent(case, by=case.patient, consent=case.consents.get(text__kind=Kind.RESEARCH))
    assert "Research and teaching: <strong>no</strong>" in read(), "the very next read"
    page = client.get(page_of(case, "consent_give", Kind.RESEARCH)).content.decode()
    assert said in page and grade(" ".join(sentences(page))) <= 8
    agree(client, case, Kind.RESEARCH)
    assert "Research and teaching: yes" in read()


@pytest.mark.parametrize("kind", [Kind.SHARE, Kind.FAMILY, Kind.CONTACT, Kind.RESEARCH, Kind.SOURCE])
def test_what_was_taken_back_can_be_given_again_in_the_words_of_now(sent, kind):
    client, case = sent
    old = case.consents.get(text__kind=kind)
    key = f"source_{old.source_id}" if old.source_id else str(kind)
    assert client.get(page_of(case, "consent_give", key)).url == page_of(case, "consents"), "it is in force"
    client.post(page_of(case, "revoke", old.pk))
    assert page_of(case, "consent_give", key) in client.get(page_of(case, "consents")).content.decode()
    text = ConsentText.current()[kind]
    ConsentText.objects.create(kind=kind, version=2, title=text.title, body=text.body + "\n\nNew words.", since="2026-01-02")
    assert agree(client, case, key, read="0" * 64).status_code == 422
    assert agree(client, case, key, intent="").status_code == 422
    assert agree(client, case, key).url == page_of(case, "consents")
    new = in_force(case, kind, old.source)
    assert (new.text.version, new.typed_name, new.by, new.ip) == (2, "Pat Example", client.user, "127.0.0.1")
    page = client.get(page_of(case, "consents")).content.decode()
    assert "New words." in page and "An earlier answer" in page
    assert case.consents.get(pk=old.pk).body == old.body


def test_the_consent_to_review_comes_only_with_a_request(sent):
    client, case = sent
    client.post(page_of(case, "revoke", case.consents.get(text__kind=Kind.REVIEW).pk))
    assert client.get(page_of(case, "consent_give", "remote_review")).url == page_of(case, "consents")
    assert "/agree/" not in client.get(page_of(case, "consents")).content.decode()


@pytest.mark.parametrize("right", [right for right in FAMILY_RIGHTS if right != Right.DECIDE])
def test_family_who_may_not_decide_see_no_consents(sent, right):
    _, case = sent
    browser = signed_in()
    grant(case, browser.user, right, "family")
    consent = case.consents.first()
    for address in (page_of(case, "consents"), page_of(case, "revoke", consent.pk), page_of(case, "consent_give", "research")):
        assert browser.get(address).status_code == 404
    with pytest.raises(NotAllowed):
        services.give_consent(case, by=browser.user, key="research", typed_name="x", sha256="", origin=services.Origin())


def test_the_page_takes_the_same_queries_for_one_answer_and_for_many(sent, django_assert_max_num_queries, django_assert_num_queries):
    client, case = sent
    client.get(page_of(case, "consents"))
    with django_assert_max_num_queries(20) as first:
        client.get(page_of(case, "consents"))
    for consent in list(case.consents.exclude(text__kind=Kind.REVIEW)) * 3:
        consent.pk = None
        consent.save()
    with django_assert_num_queries(len(first)):
        client.get(page_of(case, "consents"))


class TestTakingBack:
    """What follows when a consent is taken back, and who may."""

    @pytest.fixture
    def sent(self):
        """A browser and the request it has sent, which shares nothing with family."""
        load()
        client = signed_in()
        case = begin(client)
        fill(client, case)
        client.post(url("submit", case))
        return client, Case.objects.get(pk=case.pk)

    def revoke(self, client, case, kind):
        """Take back one consent by its button."""
        return client.post(page_of(case, "revoke", case.consents.get(text__kind=kind).pk))

    def test_all_that_was_signed_can_be_read(self, sent):
        client, case = sent
        page = client.get(page_of(case, "consents")).content.decode()
        for text in ("Signed “Pat Example”", "What may be released", "Example Hospital"):
            assert text in page
        assert "A slipped disc at L4/L5" in client.get(page_of(case, "request")).content.decode()

    def test_a_consent_is_taken_back_once_and_the_team_is_told(self, sent):
        client, case = sent
        make_user(Role.COORDINATOR)
        assert self.revoke(client, case, "share_with_doctor").url == page_of(case, "consents")
        consent = case.consents.get(text__kind="share_with_doctor")
        assert consent.revoked_at and Case.objects.get(pk=case.pk).state == State.SCREENING
        assert Notice.objects.filter(kind="consent_revoked").count() == 1
        before = consent.revoked_at
        assert "not in force" in self.revoke(client, case, "share_with_doctor").client.get(page_of(case, "consents")).content.decode()
        assert case.consents.get(pk=consent.pk).revoked_at == before
        assert case.journal.filter(event="consent_revoked").count() == 1

    def test_without_the_consent_to_review_the_request_ends(self, sent):
        client, case = sent
        consent = case.consents.get(text__kind=ConsentText.Kind.REVIEW)
        page = client.get(page_of(case, "consents")).content.decode()
        assert page_of(case, "revoke", consent.pk) in page and "/revoke/" in page
        self.revoke(client, case, ConsentText.Kind.REVIEW)
        consent.refresh_from_db()
        assert consent.revoked_at and Case.objects.get(pk=case.pk).state == State.WITHDRAWN
        assert page_of(case, "revoke", consent.pk) not in client.get(page_of(case, "consents")).content.decode()

    def test_without_the_consent_to_tell_the_family_they_see_nothing_any_more(self):
        load()
        client = signed_in()
        case = begin(client)
        fill(client, case)
        put(client, case, "consent", signature(client, case, family="yes"))
        client.post(url("submit", case))
        family = {right: signed_in() for right in FAMILY_RIGHTS}
        for right, browser in family.items():
            grant(case, browser.user, right, "family")
        assert family[Right.STATUS].get(page_of(case)).status_code == 200
        proxy = family[Right.DECIDE]
        consent = case.consents.get(text__kind=ConsentText.Kind.FAMILY)
        assert "This ends what you can do with this case, too." in proxy.get(page_of(case, "revoke", consent.pk)).content.decode()
        assert self.revoke(proxy, case, ConsentText.Kind.FAMILY).url == reverse("tracking:list")
        for right, browser in family.items():
            assert not Case.objects.visible_to(browser.user, right).exists()
            assert [browser.get(page_of(case, name)).status_code for name in ("case", "consents")] == [404, 404]
            assert case.reference not in browser.get(reverse("tracking:list")).content.decode()
        assert client.get(page_of(case)).status_code == 200
        assert Case.objects.visible_to(make_user(Role.COORDINATOR), Right.COORDINATE).get() == case

    def test_nobody_else_takes_a_consent_back_and_a_refused_one_is_none(self, sent):
        client, case = sent
        refused = case.consents.get(text__kind="family")
        with pytest.raises(Refused):
            services.revoke_consent(case, by=client.user, consent=refused)
        with pytest.raises(NotAllowed):
            services.revoke_consent(case, by=make_user(), consent=case.consents.get(text__kind="remote_review"))
        assert signed_in().post(page_of(case, "revoke", refused.pk)).status_code == 404
        assert client.get(page_of(case, "revoke", refused.pk)).url == page_of(case, "consents")
        other = make_case(State.SCREENING)
        assert client.post(page_of(other, "revoke", refused.pk)).status_code == 404
