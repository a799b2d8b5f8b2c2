"""What a complete case holds: copied once from the catalog, ticked by what arrives, and by hand, which always wins."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from secondop.accounts.models import User
from secondop.catalog.models import ChecklistTemplate, JurisdictionRule
from secondop.catalog.ticks import Tick, plain, read_all
from secondop.web.clock import now

from .models import Case, ChecklistItem

Status = ChecklistItem.Status
# Asked for by the rule about the patient's place, and by no specialty; ticked by hand.
PHYSICIAN = "The agreement of a doctor near the patient to take part"


class Evidence(NamedTuple):
    """What a record is, as far as a checklist asks: ``entries`` are the kinds of entries of a health document."""

    uid: UUID
    name: str
    kind: str
    modality: str = ""
    words: str = ""
    entries: frozenset[str] = frozenset()
    is_requested: bool = False


def fits(tick: Tick, evidence: Evidence) -> bool:
    """Whether a record is what the rule waits for."""
    match tick.on:
        case "modality":
            return evidence.modality.casefold() in tick.words
        case "kind":
            return evidence.kind in tick.words
        case "entry":
            return not evidence.entries.isdisjoint(tick.words)
        case "request":
            return evidence.is_requested
    said = f" {plain(evidence.name)} {plain(evidence.words)}"
    return all(f" {word}" in said for word in tick.words)


def fill(case: Case) -> None:
    """Copy to ``case`` what its specialty and every case need, each group once: later changes of the catalog do not reach it.

    Where the rule about the patient's place asks for a physician there, their agreement is wanted too. Of another specialty, and of a
    rule that no longer holds, go the items that nobody touched. What has arrived already ticks the new ones.
    """
    groups = (None, case.specialty_id) if case.specialty_id else (None,)
    of_place = wanted_there(case)
    kept = without_foreign(case, groups, of_place)
    held = {item.template.specialty_id for item in kept if item.template}
    said = {item.text for item in kept}
    wanted = Q(specialty=case.specialty_id) | Q(specialty=None) if case.specialty_id else Q(specialty=None)
    templates = ChecklistTemplate.objects.filter(wanted, active=True).order_by("specialty__name", "position", "pk")
    new = [item for item in templates if item.specialty_id in groups and item.specialty_id not in held and item.text not in said]
    items = [copy(case, template) for template in new] + [ChecklistItem(case=case, text=text) for text in of_place if text not in said]
    ChecklistItem.objects.bulk_create(items)
    refresh(case)


def wanted_there(case: Case) -> list[str]:
    """What the rule about the patient's place asks for."""
    return [PHYSICIAN] if JurisdictionRule.wants_physician(case.brief.country, case.brief.region) else []


def without_foreign(case: Case, groups: tuple[int | None, ...], of_place: list[str]) -> list[ChecklistItem]:
    """The items of ``case`` with their templates, once the foreign ones (``is_foreign()``) that nobody touched are deleted."""
    items = list(case.checklist.select_related("template"))
    foreign = [item.pk for item in items if item.by_id is None and is_foreign(item, groups, of_place)]
    if foreign:
        case.checklist.filter(pk__in=foreign).delete()
    return [item for item in items if item.pk not in foreign]


def is_foreign(item: ChecklistItem, groups: tuple[int | None, ...], of_place: list[str]) -> bool:
    """Whether an item is of none of ``groups``, and not ``of_place``; one whose template is gone stays."""
    if item.template is None:
        return item.text == PHYSICIAN and PHYSICIAN not in of_place
    return item.template.specialty_id not in groups


def copy(case: Case, template: ChecklistTemplate) -> ChecklistItem:
    """The item of a case as the catalog has it now."""
    words = {"text": template.text, "required": template.required, "ticks": template.ticks}
    return ChecklistItem(case=case, template=template, template_version=template.version, **words)


def refresh(case: Case) -> int:
    """Tick what has arrived and take back ticks whose record is gone, but for what somebody decided by hand; returns how many changed.

    The caller has locked the case. Costs one query where nothing ticks itself.
    """
    items = [item for item in case.checklist.filter(by=None) if item.ticks]
    if not items:
        return 0
    evidence: list[Evidence] = list(case.records.evidence())
    changed = [item for item in items if settle(item, evidence)]
    for item in changed:
        item.save(update_fields=["status", "record_uid", "record_name", "at"])
    return len(changed)


def fitting(item: ChecklistItem, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The records that a rule of the item waits for."""
    ticks = read_all(item.ticks)
    return [one for one in evidence if any(fits(tick, one) for tick in ticks)]


def settle(item: ChecklistItem, evidence: Iterable[Evidence]) -> bool:
    """Let ``item`` (not saved) stand as ``evidence`` has it; whether that is new."""
    found = fitting(item, evidence)
    if any(one.uid == item.record_uid for one in found) and item.status == Status.ARRIVED:
        return False
    if not found and item.status == Status.MISSING:
        return False
    item.status = Status.ARRIVED if found else Status.MISSING
    item.record_uid, item.record_name = (found[0].uid, found[0].name) if found else (None, "")
    item.at = now() if found else None
    return True


def decide(item: ChecklistItem, status: str, *, by: User, reason: str = "") -> None:
    """Let ``item`` stand as somebody decided by hand; put back to missing what was ticked by hand, it ticks itself again."""
    is_given_back = status == Status.MISSING and item.by_id is not None
    item.status, item.by, item.at = status, None if is_given_back else by, None if is_given_back else now()
    item.reason = reason if status == Status.WAIVED else ""
    item.record_uid, item.record_name = None, ""
    item.save()
    if is_given_back:
        refresh(item.case)
        item.refresh_from_db()


def gaps(case: Case) -> list[str]:
    """What a review goes without, in words for its reader: waived items with the reason, and what is still missing."""
    lacking = case.checklist.filter(status__in=[Status.WAIVED, Status.MISSING])
    return [f"{item.text.rstrip('.')}. {item.reason}".strip() for item in lacking]
