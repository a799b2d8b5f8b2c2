"""What time does to family rights by itself."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from secondop.cases.access import FAMILY_RIGHTS, Access
from secondop.cases.lifecycle import journal, lock
from secondop.notices.content import naming
from secondop.notices.services import tell
from secondop.web.clock import now

from ..models import Helper

REMIND_BEFORE = timedelta(days=3)


def watch() -> None:
    """Remind patient and helper of an end that is near, and write ends that came by themselves into the journal; each once."""
    helpers = Helper.objects.filter(status=Helper.Status.ACCEPTED).order_by("pk")
    soon = helpers.filter(reminded_at=None, until__gt=now(), until__lte=now() + REMIND_BEFORE)
    for pk in soon.values_list("pk", flat=True):
        remind(pk)
    rights = Access.objects.active().filter(case=OuterRef("case"), user=OuterRef("user"), right__in=FAMILY_RIGHTS)
    for pk in helpers.filter(~Exists(rights)).values_list("pk", flat=True):
        note_end(pk)


@transaction.atomic
def remind(pk: int) -> None:
    """Tell patient and helper that the access ends soon, unless it was given for no longer than that."""
    helper = Helper.objects.select_related("case__patient", "user").get(pk=pk)
    if not Helper.objects.filter(pk=pk, reminded_at=None).update(reminded_at=now()):
        return
    if not (helper.user and helper.until and helper.answered_at) or helper.answered_at > helper.until - REMIND_BEFORE:
        return
    pages = {helper.case.patient: reverse("tracking:family", args=[helper.case.uid]), helper.user: ""}
    for reader, link in pages.items():
        facts = naming(helper.user, "your helper")
        tell(reader, "family_ending", case=helper.case, link=link, context=facts, key=f"family-ending:{helper.uid}:{reader.pk}")


@transaction.atomic
def note_end(pk: int) -> None:
    """Mark the helper's time as over and write it into the case's journal."""
    helper = Helper.objects.select_related("case", "user").get(pk=pk)
    case = lock(helper.case)
    ended = Helper.objects.filter(pk=pk, status=Helper.Status.ACCEPTED)
    if ended.update(status=Helper.Status.ENDED, ended_at=helper.until or now()):
        journal(case, "family_ended", None, about=helper.user)
