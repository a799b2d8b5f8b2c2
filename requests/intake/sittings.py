"""Saves that a page makes by itself, in the audit log: one row a person, case, section and quarter of an hour.

Somebody who types for ten minutes saves two hundred times. Two hundred rows that say the same would bury in the log, which patients
read too, the row that matters, and would cost more than the save. Nothing of what the log is for is lost: the row says who began to
write, in which section of which case, when; every save of the same person in the same section within the next quarter of an hour belongs
to it, as the frames of a series belong to theirs. The first save in a section, of another person, or after that time leaves a row of its
own in the transaction of the save; a button that saves leaves one every time, and a refusal as every refusal does. A save that comes too
late (409) stores and shows nothing.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.models import Case
from secondop.web.clock import now

from .screens import SCREENS

SITTING = timedelta(minutes=15)


def note(case: Case, screen: str, fields: Collection[str], *, by: User, ip: str | None, agent: str) -> None:
    """Write the rows that are due for a save of ``fields`` by itself; the caller holds the lock and saves ``case.brief``."""
    at, noted = now(), case.brief.noted
    due = [section for section in sections_of(screen, fields) if is_over(noted.get(f"{by.pk}:{section}"), at)]
    if not due:
        return
    for section in due:
        record("case.write", by=by, case_uid=case.uid, patient_id=case.patient_id, target=section, ip=ip, agent=agent)
    kept = {key: since for key, since in noted.items() if not is_over(since, at)}
    case.brief.noted = kept | {f"{by.pk}:{section}": at.isoformat() for section in due}


def sections_of(screen: str, fields: Collection[str]) -> list[str]:
    """The sections that hold ``fields``, as the log names them; the screen itself for what no section names, such as consents."""
    found = [section.name for section in SCREENS[screen].sections if any(field in fields for field in section.fields)]
    return [f"request:{screen}:{name}" for name in found] or [f"request:{screen}"]


def is_over(since: str | None, at: datetime) -> bool:
    """Whether the sitting that began at ``since`` is over at ``at``, or never began."""
    return since is None or at - datetime.fromisoformat(since) >= SITTING
