"""Staff of these tests sign in with a password alone; each test has a vault of its own."""

import pytest

from tests.vault.conftest import vault  # noqa: F401


@pytest.fixture(autouse=True)
def password_is_enough(settings):
    """Let staff in without a second factor."""
    settings.REQUIRE_STAFF_MFA = False
