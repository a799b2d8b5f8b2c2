"""The consents that we ship say all that they must: for the authorization, each element of 45 CFR 164.508(c)."""

import re

import pytest

from secondop.catalog.elements import AUTHORIZATION, faults
from secondop.catalog.samples.consents import SOURCE, TEXTS
from tests.words import grade

RULE = {
    "(c)(1)(i)": ["these health records of {patient}: {records}"],
    "(c)(1)(ii)": ["Who may release them: {source}"],
    "(c)(1)(iii)": ["Who may receive them: {recipient}"],
    "(c)(1)(iv)": ["Why: {purpose}"],
    "(c)(1)(v)": ["it ends {expires}"],
    "(c)(1)(vi)": ["Who signs: {signer}"],
    "(c)(2)(i)": ["revoke it at any time, in writing", "except for records that were already released"],
    "(c)(2)(ii)": ["may not make treatment, payment, enrollment or benefits depend"],
    "(c)(2)(iii)": ["may then no longer protect them"],
    "(c)(4)": ["I get a copy"],
}
WORDS = " ".join(SOURCE.split())


def test_every_element_of_the_rule_is_checked():
    assert {element.rule for element in AUTHORIZATION} == set(RULE)


@pytest.mark.parametrize(("rule", "said"), RULE.items())
def test_the_authorization_says_each_element(rule, said):
    assert all(words in WORDS for words in said)
    without = WORDS
    for part in said + re.findall(r"\{\w+\}", " ".join(said)):
        without = without.replace(part, "")
    assert any(f"164.508{rule} asks" in fault for fault in faults("authorisation", without)), "leaving it out is found"


def test_the_authorization_is_in_plain_language():
    """164.508(c)(3)."""
    assert grade(WORDS) <= 8


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.kind)
def test_no_consent_that_we_ship_lacks_anything(text):
    assert list(faults(text.kind, text.body)) == []


def test_a_record_has_a_place_only_where_there_is_a_source():
    assert "{records}" in next(faults("family", "{recipient} may see {records}. I can take this back."))
