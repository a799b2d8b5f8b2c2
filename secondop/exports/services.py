"""The verbs around a copy: asking for it, trying again, taking it, throwing it away. Making it is ``making``'s."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from secondop.accounts import identity
from secondop.accounts.models import User
from secondop.cases.access import PRIVATE_RIGHTS, CaseQuerySet, Right, rights_of
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.notices.content import naming
from secondop.notices.services import tell
from secondop.vault import services as vault
from secondop.vault.models import Status as Stored
from secondop.web.clock import now
from secondop.web.queue import enqueue

from .log import note
from .models import Export

KEPT_FOR = timedelta(days=7)
A_DAY = 5
TASK = "secondop.exports.tasks.make"
RUNNING = "We are making a copy for you already. Please wait until it is done."
TOO_OFTEN = f"You have asked for {A_DAY} copies in one day. Please come back tomorrow."
GONE = "You can no longer make a copy of this case."


class Running(Refused):
    """A copy is being made for this person already."""


def own_cases(user: User) -> CaseQuerySet:
    """The cases of ``user``, which a copy of everything holds."""
    return Case.objects.visible_to(user, Right.OWN)


def open_cases(user: User) -> CaseQuerySet:
    """Every case of which ``user`` may have a copy: their own, and those on which they decide.

    Who decides reads all of the answers anyway, acts for the patient, and may be the parent of a child; they get what
    their rights let them read, and the patient is told. Who may only follow, add records or read the opinion gets no copy.
    """
    return Case.objects.visible_to(user, Right.DECIDE)


def ask(*, by: User, password: str, case: Case | None = None) -> Export:
    """Ask for a copy of ``case``, or of the account and all cases of ``by``; a worker makes it.

    Raises those of ``identity.confirm()``, ``Running`` while another is being made, and ``Refused`` beyond the limit of a day, and
    for a case on which ``by`` does not decide.
    """
    identity.confirm(by, password, act="export.ask")
    with transaction.atomic():
        User.objects.get_queryset().select_for_update(no_key=True).get(pk=by.pk)
        mine = Export.objects.filter(owner=by)
        if mine.running().exists():
            raise Running(RUNNING)
        if mine.filter(created_at__gt=now() - timedelta(days=1)).count() >= A_DAY:
            raise Refused(TOO_OFTEN)
        scope = open_cases(by).filter(pk=case.pk) if case else own_cases(by)
        cases = list(scope.select_for_update(of=("self",), no_key=True).select_related("patient").order_by("pk"))
        if case and not cases:
            raise Refused(GONE)
        export = Export.objects.create(owner=by, everything=case is None)
        export.cases.set(cases)
        vault.bind(export.uid, [one.uid for one in cases])
        note(export, "ask", by)
        for one in cases:
            if one.patient_id != by.pk:
                context = naming(by, "Somebody you let in")
                tell(one.patient, "export_by_other", case=one, context=context, key=f"export:{export.uid}:{one.patient_id}")
        enqueue(TASK, export.pk)
    return export


@transaction.atomic
def retry(export: Export, *, by: User) -> Export:
    """Try again to make a copy that failed. Raises ``Refused`` for any other, and while another one is being made."""
    User.objects.get_queryset().select_for_update(no_key=True).get(pk=by.pk)
    row = Export.objects.select_for_update(of=("self",)).get(pk=export.pk, owner=by)
    if row.status != Export.Status.FAILED:
        raise Refused("This copy has not failed.")
    if Export.objects.filter(owner=by).running().exists():
        raise Running(RUNNING)
    row.status, row.attempts, row.next_try_at, row.error = Export.Status.QUEUED, 0, now(), ""
    row.files_done, row.files_total = 0, None
    row.save()
    note(row, "retry", by)
    enqueue(TASK, row.pk)
    return row


def latest(user: User) -> Export | None:
    """The copy that ``user`` asked for last."""
    return Export.objects.filter(owner=user).select_related("stored").first()


def rights_on(cases: Iterable[Case], user: User) -> set[Right]:
    """All that ``user`` may do now, as patient or family, with one of ``cases``."""
    return {right for case in cases for right in rights_of(user, case)} & set(PRIVATE_RIGHTS)


def may_hold(export: Export) -> bool:
    """Whether the owner still decides on each case in ``export``, and may still do there all that they might when it was made."""
    held = open_cases(export.owner)
    for right in export.rights:
        held = held.visible_to(export.owner, Right(right))
    return not export.cases.exclude(pk__in=held.values("pk")).exists()


def is_there(export: Export, user: User) -> bool:
    """Whether ``user`` can take ``export`` now: it is theirs, ready and in its week, and they may still hold what is in it."""
    ready = Export.objects.filter(owner=user, status=Export.Status.READY, expires_at__gt=now(), stored__status=Stored.STORED)
    row = ready.select_related("owner").filter(pk=export.pk).first()
    return row is not None and may_hold(row)


@transaction.atomic
def discard(export: Export, *, by: User | None = None) -> bool:
    """Throw a copy away, in whatever state it is: its key dies, its bytes leave the disk. Returns whether there was something to do."""
    row = Export.objects.select_for_update(of=("self",)).filter(pk=export.pk).exclude(status=Export.Status.EXPIRED).first()
    if row is None:
        return False
    row.status, row.taken_until = Export.Status.EXPIRED, None
    row.save(update_fields=["status", "taken_until"])
    vault.destroy_key(row.uid)
    note(row, "discard", by)
    return True


def discard_all(user: User, *, by: User | None = None) -> int:
    """Throw away every copy of ``user``, for when the account is closed; returns how many."""
    return sum(discard(export, by=by) for export in Export.objects.filter(owner=user))


def sweep() -> None:
    """Throw away what is over or what its owner may no longer hold, and send what is due to the workers."""
    for export in Export.objects.over()[:100]:
        discard(export)
    for export in Export.objects.filter(status=Export.Status.READY).select_related("owner"):
        if not may_hold(export):
            discard(export)
    for export in Export.objects.due().order_by("pk")[:100]:
        enqueue(TASK, export.pk)


def page() -> str:
    """The address of the page about copies."""
    return reverse("exports:page")
