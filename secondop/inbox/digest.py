"""The summary of the day: one mail with figures and a link, for staff who want that instead of single mails."""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from secondop.accounts.models import User
from secondop.notices.choices import zone_of
from secondop.notices.groups import DIGEST, GROUP_OF, GROUPS, kinds_of
from secondop.notices.models import Notice, Status
from secondop.notices.quiet import last_hour
from secondop.notices.services import tell
from secondop.web.clock import now

from .services import shown


def send_due() -> int:
    """Send every summary whose hour has come; returns how many. Run twice, it sends each once."""
    waiting = Notice.objects.filter(status=Status.GATHERED).values("recipient")
    return sum(send(pk) for pk in User.objects.filter(pk__in=waiting).values_list("pk", flat=True))


@transaction.atomic
def send(user_id: int) -> bool:
    """Tell one person what was gathered for them up to the last time that their hour came; whether there was anything to tell.

    What they have read on the site meanwhile, what they can see no longer, and what they want no mails about, is not counted. What
    was gathered too late for a summary that has gone out waits for the next. Whoever has given up the summary gets a last one at
    once, so that nothing is left.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    moment = due_moment(user)
    key = f"digest:{user.pk}:{moment:%Y%m%d%H%M%S}"
    if Notice.objects.filter(key=key).exists():
        return False
    gathered = Notice.objects.filter(recipient=user, status=Status.GATHERED, created_at__lte=moment)
    gathered.filter(kind__in=kinds_of(user.notice_choices.only_here)).update(status=Status.HERE)
    fresh = shown(user, gathered.filter(read_at=None), most=None)
    told = Counter(GROUP_OF[kind] for kind in fresh.values_list("kind", flat=True))
    if not gathered.update(status=Status.SUMMED) or not told:
        return False
    counts = " ".join(f"{group.label}: {told[name]}." for name, group in GROUPS.items() if told[name])
    context = {"counts": counts, "total": str(told.total())}
    return bool(tell(user, DIGEST, link=reverse("inbox:list"), context=context, key=key))


def due_moment(user: User) -> datetime:
    """Up to when the summary of ``user`` looks back: the last time that their hour came, now where they have no hour any more."""
    hour = user.notice_choices.digest_hour
    return now() if hour is None else last_hour(now(), zone_of(user), hour)
