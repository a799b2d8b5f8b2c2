"""A rule about a place holds there however the place was written, or is not taken at all."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from secondop.catalog.models import JurisdictionRule
from secondop.catalog.samples.places import PLACES

pytestmark = pytest.mark.django_db


def rule(country: str, region: str) -> JurisdictionRule:
    """A rule that is not stored yet."""
    return JurisdictionRule(country=country, region=region, verdict="prohibited", source="test", reviewed_on=date(2026, 11, 1))


@pytest.mark.parametrize(
    ("country", "region", "field"),
    [("ca", "", "country"), ("UK", "", "country"), ("C", "", "country"), ("US", "Ohoi", "region"), ("MC", "Ohio", "region")],
)
def test_a_rule_that_would_rule_over_nobody_is_refused(country, region, field):
    with pytest.raises(ValidationError) as refused:
        rule(country, region).full_clean()
    assert field in refused.value.message_dict


@pytest.mark.parametrize("region", ["ON", "CA-ON", "ontario", "Ontario "])
def test_a_region_is_kept_by_its_official_name_and_has_one_rule(region):
    first = rule("CA", region)
    first.full_clean()
    first.save()
    assert first.region == "Ontario"
    assert JurisdictionRule.for_place("CA", "Ontario") == first
    with pytest.raises(ValidationError, match="already exists"):
        rule("CA", "Ontario").full_clean()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.country} {place.region}".strip())
def test_the_sample_rules_are_of_known_places(place):
    rule(place.country, place.region).full_clean()
