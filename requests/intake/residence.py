"""What the rules about places mean for somebody who lives there, in words, with what each rule rests on."""

from typing import NamedTuple

from secondop.cases.answers import day
from secondop.catalog.models import JurisdictionRule

Verdict = JurisdictionRule.Verdict
DOCTOR_NEAR_YOU = (
    "A doctor who treats you already is fine, such as your family doctor. You name them in step 3. "
    "You can fill in all the rest before you have one."
)
WORDS = {
    Verdict.DIRECT: ("success", "We can help you where you live", "Our specialists may write to you directly."),
    Verdict.WITH_PHYSICIAN: ("info", "We can help you, together with a doctor near you", DOCTOR_NEAR_YOU),
    Verdict.SILENT: (
        "info",
        "We can help you where you live",
        "The law there does not speak of second opinions from afar. Ours is advice for you and your doctor.",
    ),
}
NO_RULE = (
    "info",
    "You can send us your request",
    "We have not looked into the law where you live yet. If it turns out that we cannot help, we tell you soon.",
)
NO_DOCTOR = (
    "Where the patient lives, a doctor near them has to take part. Write the name of one doctor who treats them. "
    "No doctor yet? Any family doctor or clinic near them can do it: ask one first, and send your request then."
)


class Told(NamedTuple):
    """What a person is told about a place: ``kind`` is that of components/notice.html, ``basis`` what it rests on."""

    kind: str
    title: str
    text: str
    basis: str
    needs_doctor: bool


def told(country: str, region: str) -> Told | None:
    """What living there means; ``None`` where nothing is known yet, or where nobody can be served, which has a page of its own."""
    if not country or lacks_region(country, region):
        return None
    rule = JurisdictionRule.for_place(country, region)
    if rule is None:
        return Told(*NO_RULE, basis(rule), needs_doctor=False)
    verdict = Verdict(rule.verdict)
    if verdict == Verdict.PROHIBITED:
        return None
    kind, title, text = WORDS[verdict]
    return Told(kind, title, f"{rule.note} {text}".strip(), basis(rule), verdict == Verdict.WITH_PHYSICIAN)


def basis(rule: JurisdictionRule | None) -> str:
    """What the rule rests on and when it was looked at last; a sample rests on nothing, and says so."""
    if rule is None:
        return "We have no rule for this place. Our team is told so before it asks a specialist."
    if rule.sample:
        return f"This is a sample rule of {day(rule.reviewed_on)}. This organization has not checked it yet."
    return f"{rule.source.rstrip('.')}. Checked on {day(rule.reviewed_on)}."


def lacks_region(country: str, region: str) -> bool:
    """Whether the answer hangs on a state or province that is not given."""
    return bool(country) and not region and JurisdictionRule.objects.filter(country=country).exclude(region="").exists()
