"""Sample rules about places of residence. They show how rules work; they are nobody's legal advice."""

from datetime import date
from typing import Any, NamedTuple

from ..majority import ADULT_AT
from ..models import JurisdictionRule

Verdict = JurisdictionRule.Verdict
SOURCE = "For trying the system out. Replace it by a rule that your own counsel has reviewed."
REVIEWED_ON = date(2026, 11, 1)
MOST = "The age that most laws set. A sample: your own counsel has to look it up."


class Place(NamedTuple):
    """One rule; ``note`` is what the patient reads."""

    country: str
    region: str
    verdict: str
    note: str = ""
    majority_age: int = ADULT_AT
    majority_source: str = MOST
    time_zone: str = ""

    def columns(self) -> dict[str, Any]:
        """What a new row gets besides its place."""
        own = {"verdict": self.verdict, "note": self.note, "source": SOURCE, "reviewed_on": REVIEWED_ON, "sample": True}
        return {**own, "majority_age": self.majority_age, "majority_source": self.majority_source, "time_zone": self.time_zone}


WITH_DOCTOR = "A doctor near you has to take part. You get the opinion, and you bring it to them."
ALABAMA = "Alabama Code, section 26-1-1; section 22-8-4 allows some care earlier"
MISSISSIPPI = "Mississippi Code, section 41-41-203: for health care, 18 and not 21"
NEBRASKA = "Nebraska Revised Statutes, section 43-2101, which allows some care earlier"
NOT_SERVED = "Our specialists hold no license that covers this place."

PLACES = (
    Place("US", "", Verdict.WITH_PHYSICIAN, WITH_DOCTOR),
    Place("US", "Alabama", Verdict.WITH_PHYSICIAN, WITH_DOCTOR, 19, ALABAMA, "America/Chicago"),
    Place("US", "California", Verdict.DIRECT, time_zone="America/Los_Angeles"),
    Place("US", "Illinois", Verdict.DIRECT),
    Place("US", "Massachusetts", Verdict.DIRECT),
    Place("US", "Mississippi", Verdict.WITH_PHYSICIAN, WITH_DOCTOR, 18, MISSISSIPPI, "America/Chicago"),
    Place("US", "Nebraska", Verdict.WITH_PHYSICIAN, WITH_DOCTOR, 19, NEBRASKA, "America/Chicago"),
    Place("US", "New York", Verdict.DIRECT),
    Place("US", "Ohio", Verdict.DIRECT),
    Place("US", "Texas", Verdict.DIRECT),
    Place("US", "Guam", Verdict.PROHIBITED, NOT_SERVED, time_zone="Pacific/Guam"),
    Place("CA", "", Verdict.WITH_PHYSICIAN, WITH_DOCTOR),
    Place("CA", "Quebec", Verdict.PROHIBITED, NOT_SERVED),
    Place("DE", "", Verdict.DIRECT, "", ADULT_AT, "German Civil Code (BGB), section 2", "Europe/Berlin"),
    Place("GB", "", Verdict.DIRECT, "", ADULT_AT, "Family Law Reform Act 1969, section 1 (England and Wales)", "Europe/London"),
    Place("KP", "", Verdict.PROHIBITED, NOT_SERVED),
)
