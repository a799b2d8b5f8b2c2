"""Sample rules about places of residence. They show how rules work; they are nobody's legal advice."""

from datetime import date
from typing import Any, NamedTuple

from ..models import JurisdictionRule

Verdict = JurisdictionRule.Verdict
SOURCE = "For trying the system out. Replace it by a rule that your own counsel has reviewed."
REVIEWED_ON = date(2026, 11, 1)


class Place(NamedTuple):
    """One rule; ``note`` is what the patient reads."""

    country: str
    region: str
    verdict: str
    note: str = ""

    def columns(self) -> dict[str, Any]:
        """What a new row gets besides its place."""
        return {"verdict": self.verdict, "note": self.note, "source": SOURCE, "reviewed_on": REVIEWED_ON, "sample": True}


WITH_DOCTOR = "We send the opinion to you and to a doctor near you, who talks it over with you."
NOT_SERVED = "Our specialists hold no license that covers this place."

PLACES = (
    Place("US", "", Verdict.WITH_PHYSICIAN, WITH_DOCTOR),
    Place("US", "California", Verdict.DIRECT),
    Place("US", "Illinois", Verdict.DIRECT),
    Place("US", "Massachusetts", Verdict.DIRECT),
    Place("US", "New York", Verdict.DIRECT),
    Place("US", "Ohio", Verdict.DIRECT),
    Place("US", "Texas", Verdict.DIRECT),
    Place("US", "Guam", Verdict.PROHIBITED, NOT_SERVED),
    Place("CA", "", Verdict.WITH_PHYSICIAN, WITH_DOCTOR),
    Place("CA", "Quebec", Verdict.PROHIBITED, NOT_SERVED),
    Place("DE", "", Verdict.DIRECT),
    Place("GB", "", Verdict.DIRECT),
    Place("KP", "", Verdict.PROHIBITED, NOT_SERVED),
)
