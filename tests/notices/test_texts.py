"""The words of text messages: what may come as one, and how it fits; and what the gateway's settings must not say."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondop.notices import checks
from secondop.notices.kinds import ACCOUNT, KINDS
from secondop.notices.texts import GSM, LONGEST, TEXT_OF, TEXTS, code_text, news, site_name

from .test_kinds import HEALTH

ALWAYS_BY_MAIL_ALONE = {ACCOUNT, "account_closing", "account_closed", "invitation", "declined", "erased", "message_patient", "digest"}


def test_texts_are_for_what_needs_somebody_or_is_ready_and_never_about_an_account():
    assert set(TEXT_OF) <= set(KINDS) - ALWAYS_BY_MAIL_ALONE
    assert {"released", "ask_opened", "offer"} <= set(TEXT_OF)
    assert all(KINDS[kind].staff == bool(TEXTS[name].roles) for kind, name in TEXT_OF.items())
    assert not [texted for texted in TEXTS.values() if HEALTH.search(news(texted.sentence))]
    assert len(TEXT_OF) == sum(len(texted.kinds) for texted in TEXTS.values())


@given(name=st.text(max_size=120), path=st.from_regex(r"\A[a-z-]{0,30}\Z"))
def test_every_text_fits_one_message_and_holds_the_site_s_address_whole(name, path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.ORGANISATION", name)
        patch.setattr("django.conf.settings.BASE_URL", url := f"https://opinions{path}.example")
        for text in [news(texted.sentence) for texted in TEXTS.values()] + [code_text("012345")]:
            assert len(text) <= LONGEST
            assert set(text) <= set(GSM)
            assert site_name()
        assert f" {url}/ " in news(TEXTS["late"].sentence)
        assert "012345" in code_text("012345")


def test_a_name_is_spelled_in_letters_of_every_telephone(settings):
    for name, spelled in (("Clínica São José", "Clinica Sao José"), ("Müller & Søn", "Müller & Søn"), ("Клиника", "testserver")):
        settings.ORGANISATION = name
        assert site_name() == spelled


GOOD = {"SMS_URL": "https://gateway.example/v1/texts", "SMS_TOKEN": "token"}


@pytest.mark.parametrize(
    ("wrong", "ids"),
    [
        ({}, set()),
        ({"SMS_URL": ""}, set()),
        ({"SMS_URL": "http://127.0.0.1:8080/"}, set()),
        ({"SMS_URL": "http://gateway.example/"}, {"secondop.E026"}),
        ({"SMS_URL": "gateway.example"}, {"secondop.E026"}),
        ({"SMS_URL": "https://user:password@gateway.example/"}, {"secondop.E027"}),
        ({"SMS_TOKEN": ""}, {"secondop.E028"}),
        ({"SMS_TOKEN": "a\nb"}, {"secondop.E028"}),
        ({"BASE_URL": f"https://{'second-opinion.' * 4}example"}, {"secondop.E029"}),
    ],
)
def test_settings_that_are_not_safe_are_refused_with_a_hint(settings, wrong, ids):
    for name, value in {**GOOD, **wrong}.items():
        setattr(settings, name, value)
    found = list(checks.gateway(None))
    assert {error.id for error in found} == ids
    assert all(error.hint for error in found)
    assert not [error for error in found if urlsplit(settings.SMS_URL).hostname and "gateway.example" in error.msg + error.hint]
