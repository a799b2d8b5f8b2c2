"""Whether what the patient agreed to still holds. Read it each time before acting on it: it ends the moment it is taken back."""

from secondop.catalog.models import PERMISSIONS

from .models import Case, Consent, Source


def permissions(case: Case) -> list[tuple[str, bool]]:
    """What people of the care team may do by themselves: each permission by its title, and whether it holds now."""
    newest = case.consents.filter(text__kind__in=PERMISSIONS).order_by("text__kind", "-at", "-pk").distinct("text__kind")
    return [(consent.text.title, consent.holds) for consent in newest.select_related("text")]


def in_force(case: Case, kind: str, source: Source | None = None) -> Consent | None:
    """The newest consent of ``kind`` on ``case`` (for an authorization: the one of ``source``), if it holds."""
    newest = case.consents.filter(text__kind=kind, source=source).select_related("text").order_by("-at", "-pk").first()
    return newest if newest and newest.holds else None
