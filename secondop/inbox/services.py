"""A person's notices as the site shows them: nothing of a case that they can see no longer, and what they have read."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from secondop.accounts.models import Role, User
from secondop.cases.access import Anybody, Right, deciding_roles, holds_any
from secondop.cases.models import Case
from secondop.notices.content import leads_to, path_of
from secondop.notices.groups import DIGEST
from secondop.notices.kinds import ACCOUNT
from secondop.notices.models import Notice
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

MANY = 99  # above this the header says only that there are more
KEPT = 200  # as far back as the list goes


def own(user: User | Anybody) -> QuerySet[Notice]:
    """The notices of ``user`` that are meant for the site, the newest first: codes and summaries go by mail only, texts beside a mail."""
    return Notice.objects.mails().filter(recipient=user.pk).exclude(kind__in=(ACCOUNT, DIGEST)).order_by("-created_at", "uid")


def shown(user: User, notices: QuerySet[Notice], most: int | None = KEPT) -> QuerySet[Notice]:
    """Those of ``notices`` that ``user`` may see: about no case, or about one on which they hold a right now.

    Only the first ``most`` are looked at, so that the database asks for the case of each instead of for all cases of a coordinator.
    """
    seen = Case.objects.visible_to(user, *Right).filter(uid=OuterRef("case_uid"))
    few = Notice.objects.filter(uid__in=notices.values("uid")[:most])
    return few.filter(Q(case_uid=None) | Exists(seen)).order_by("-created_at", "uid")


def visible(user: User) -> QuerySet[Notice]:
    """What the list shows to ``user``, the newest first."""
    return shown(user, own(user))


@cache
def news_of(roles: frozenset[Role]) -> Prepared[tuple[Any, ...]]:
    """Asks for the newest notices that the person ``who``, who has ``roles``, has not read, and whether they see the case ``at`` then."""
    anybody = Anybody(roles)
    unread = own(anybody).filter(read_at=None).annotate(sees=holds_any(anybody, "case_uid", Slot("at")))
    return Prepared(unread.values_list("uid", "kind", "link", "case_uid", "sees")[:KEPT])


def arrive(user: User, path: str) -> int:
    """How many notices are unread once ``user`` has come to the page ``path``, by mail or by the site: those that lead there are read.

    At most one more than MANY is counted.
    """
    rows = news_of(deciding_roles(user)).all(who=user.pk, at=now())
    waiting = [row for row in rows if row[3] is None or row[4]][: MANY + 1]
    met = [uid for uid, kind, link, case_uid, _ in waiting if leads_to(path, kind, link, case_uid)]
    if met:
        Notice.objects.filter(uid__in=met).update(read_at=now())
    return len(waiting) - len(met)


def open_notice(user: User, uid: UUID) -> str:
    """Mark a notice of ``user`` as read; the path it leads to. Raises ``Notice.DoesNotExist`` for what the site does not show them."""
    notice = shown(user, own(user).filter(uid=uid)).get()
    Notice.objects.filter(uid=uid, read_at=None).update(read_at=now())
    return path_of(notice)


def read_all(user: User, until: datetime) -> int:
    """Mark everything as read that came up to ``until``; returns how much was unread."""
    return Notice.objects.filter(recipient=user, read_at=None, created_at__lte=until).update(read_at=now())
