"""Every test of the intake has the sample catalog."""

import pytest

from secondop.catalog.samples import load


@pytest.fixture(autouse=True)
def catalog(db):
    """Specialties, checklists, consents, rules and holidays."""
    load()
