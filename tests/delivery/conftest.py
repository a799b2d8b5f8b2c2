"""Staff of these tests sign in with a password alone; tests/accounts holds the rule about second factors."""

import pytest


@pytest.fixture(autouse=True)
def password_is_enough(settings):
    """Let staff in without a second factor."""
    settings.REQUIRE_STAFF_MFA = False
