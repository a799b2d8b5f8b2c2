"""The command that gives an installation its first catalog."""

import pytest
from django.core.management import call_command

from secondop.catalog.models import ConsentText, JurisdictionRule, Specialty

pytestmark = pytest.mark.django_db


def test_what_was_removed_comes_back_only_when_asked_for():
    call_command("load_catalog", "--once", verbosity=0)
    assert {text.kind for text in ConsentText.objects.all()} == set(ConsentText.Kind)
    whole = [model.objects.count() for model in (Specialty, JurisdictionRule, ConsentText)]
    Specialty.objects.first().delete()
    JurisdictionRule.objects.first().delete()
    call_command("load_catalog", "--once", verbosity=0)
    assert [model.objects.count() for model in (Specialty, JurisdictionRule)] == [count - 1 for count in whole[:2]]
    call_command("load_catalog", verbosity=0)
    assert [model.objects.count() for model in (Specialty, JurisdictionRule, ConsentText)] == whole
