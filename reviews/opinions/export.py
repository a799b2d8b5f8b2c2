"""What a copy of a case holds of its opinions: every version that was given to the patient, as it was signed."""

import json
from typing import Any

from secondop.accounts.models import User
from secondop.cases.access import Right
from secondop.cases.models import Case
from secondop.exports.parts import Part

from .models import Opinion
from .services.canonical import canonical


def opinions(case: Case, reader: User) -> Part:
    """The released versions, oldest first, for those who may read the opinion; for others none."""
    if not Case.objects.visible_to(reader, Right.READ_OPINION).filter(pk=case.pk).exists():
        return Part({"opinions": []})
    versions = Opinion.objects.whole().released().filter(case=case).select_related("case").order_by("version")
    return Part({"opinions": [told(opinion) for opinion in versions]})


def told(opinion: Opinion) -> dict[str, Any]:
    """One version: all that was signed, with the names and not the numbers of people, and its fingerprint."""
    text = json.loads(canonical(opinion))
    del text["author"]
    return {**text, "sha256_of_text": opinion.sha256, "given_to_you_at": opinion.released_at, "is_newest": opinion.status == "released"}
