"""Erasing a case: all that was written or kept about it goes at once; the audit log keeps that it happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.notices.models import Notice
from secondop.vault import services as vault

from .models import Case
from .models.kept import SETTING


@transaction.atomic
def erase(case: Case, *, by: User | None, reason: str = "") -> bool:
    """Erase ``case`` for good; ``by`` is who asked (``None``: the system) and ``reason`` a short name of why, without health data.

    Its rows are deleted with it, those that are signed or append-only too, and what was told about it. Its key is destroyed,
    so that its files are gone from every copy, and they leave the disk once this has committed. What is left is the emptied key,
    under the case's uid, and the audit log. Returns whether this call did it: a case that is gone is fine.
    """
    found = Case.objects.select_for_update(of=("self",)).filter(pk=case.pk).first()
    if found is None:
        return False
    with let_go(found.uid):
        found.delete()
    Notice.objects.filter(case_uid=found.uid).delete()
    vault.destroy_key(found.uid)
    vault.StoredFile.objects.filter(case_uid=found.uid).delete()
    record("case.erase", by=by, case_uid=found.uid, patient_id=found.patient_id, target=reason)
    return True


@contextmanager
def let_go(case_uid: UUID) -> Iterator[None]:
    """Inside, and inside this transaction only, the triggers let rows of the case ``case_uid`` be deleted."""
    name_it(str(case_uid))
    yield
    name_it("")  # where an exception leaves, the transaction ends, and the setting with it


def name_it(case_uid: str) -> None:
    """Set what the triggers compare with, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, case_uid])
