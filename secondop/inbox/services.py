"""A person's notices as the site shows them: nothing of a case that they can see no longer, and what they have read."""

from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from secondop.accounts.models import User
from secondop.cases.access import Right
from secondop.cases.models import Case
from secondop.notices.content import path_of
from secondop.notices.groups import DIGEST
from secondop.notices.kinds import ACCOUNT
from secondop.notices.models import Notice
from secondop.web.clock import now

MANY = 99  # above this the header says only that there are more
KEPT = 500  # as far back as the list goes


def visible(user: User) -> QuerySet[Notice]:
    """The notices of ``user`` that the site shows, the newest first: codes and summaries went by mail only."""
    seen = Case.objects.visible_to(user, *Right).filter(uid=OuterRef("case_uid"))
    return (
        Notice.objects.filter(recipient=user)
        .exclude(kind__in=(ACCOUNT, DIGEST))
        .filter(Q(case_uid=None) | Exists(seen))
        .order_by("-created_at", "uid")
    )


def unread(user: User) -> QuerySet[Notice]:
    """Those of them that ``user`` has not read."""
    return visible(user).filter(read_at=None)


def arrive(user: User, path: str) -> int:
    """How many notices are unread once ``user`` has come to the page ``path``, by mail or by the site: those that lead there are read.

    At most one more than MANY is counted.
    """
    waiting = list(unread(user).only("uid", "kind", "link", "case_uid")[: MANY + 1])
    met = [notice.uid for notice in waiting if urlsplit(path_of(notice)).path == path]
    if met:
        Notice.objects.filter(uid__in=met).update(read_at=now())
    return len(waiting) - len(met)


def open_notice(user: User, uid: UUID) -> str:
    """Mark a notice of ``user`` as read; the path it leads to. Raises ``Notice.DoesNotExist`` for what the site does not show them."""
    notice = visible(user).get(uid=uid)
    Notice.objects.filter(uid=uid, read_at=None).update(read_at=now())
    return path_of(notice)


def read_all(user: User) -> int:
    """Mark everything as read; returns how much was unread."""
    return Notice.objects.filter(recipient=user, read_at=None).update(read_at=now())
