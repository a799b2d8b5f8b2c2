"""What the desk does about the right of somebody who asks for another person: look at the paper, or go on without it."""

from django.db import transaction

from secondop.accounts.models import User
from secondop.cases.authority import papers_of, standing
from secondop.cases.lifecycle import Refused, journal
from secondop.cases.models import AuthorityCheck, Case
from secondop.web.clock import now

from .common import audit, coordinating


@transaction.atomic
def see_proof(case: Case, *, by: User) -> AuthorityCheck:
    """Note that ``by`` has seen the papers that came. Raises ``Refused`` before one can be opened, and as ``coordinating()``."""
    locked = coordinating(case, by)
    if not papers_of(locked).exists():
        raise Refused("No paper can be opened yet. Ask for one, or wait until it is checked.")
    return note(locked, by, "authority_seen")


@transaction.atomic
def waive_proof(case: Case, *, by: User, reason: str) -> AuthorityCheck:
    """Let the case go on without a paper, for a ``reason`` that the team reads. Raises ``Refused`` without one, or where none is needed."""
    locked = coordinating(case, by)
    found = standing(locked)
    if found is None or not found.required:
        raise Refused("This case needs no paper.")
    if not reason.strip():
        raise Refused("Please say why the case can go on without the paper.")
    return note(locked, by, "authority_waived", reason.strip())


def note(case: Case, by: User, event: str, waiver: str = "") -> AuthorityCheck:
    """Write what was decided; the last decision stands, the journal keeps all."""
    check, _ = AuthorityCheck.objects.update_or_create(case=case, defaults={"by": by, "at": now(), "waiver": waiver})
    journal(case, event, by, reason=waiver)
    audit(f"case.{event}", case, by)
    return check
