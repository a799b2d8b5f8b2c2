"""What the tests of pages have in common."""

import pytest


@pytest.fixture
def no_mfa(settings):
    """Staff without a second factor, as in the demo."""
    settings.REQUIRE_STAFF_MFA = False
