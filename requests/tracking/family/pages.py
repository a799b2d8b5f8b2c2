"""What the pages about family and helpers show."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from intake import consents
from secondop.accounts.models import User
from secondop.cases.access import Access, Right
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import now

from ..models import Helper

MAY = {
    Right.DECIDE: "decide with you",
    Right.READ_OPINION: "read your opinion",
    Right.UPLOAD: "add records",
    Right.STATUS: "see how it stands",
}
# What each right means, in words for both: whoever gives it and whoever gets it.
MEANINGS = {
    Right.STATUS: "See the status: where the case stands, and who works on it.",
    Right.UPLOAD: "Add records: send us files, and see those files again.",
    Right.READ_OPINION: "Read the opinion: all of it, as soon as it is there.",
    Right.DECIDE: "Decide as well: fill in, send or stop the request, answer us, sign, and invite others. This shows all your answers.",
}
SHOWN_FOR = timedelta(days=30)  # how long an invitation without success stays on the page


class Member(NamedTuple):
    """Somebody with whom the patient shares the case: what they may do, since when and until when (``None``: no end)."""

    user: User
    text: str
    since: datetime
    until: datetime | None


def may(rights: Iterable[str]) -> str:
    """What ``rights`` let a helper do, in half a sentence for the patient."""
    held = {Right(right) for right in rights}
    words = [text for right, text in MAY.items() if right in held]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def members(case: Case) -> list[Member]:
    """Everybody of the family and helpers who may do something with the case now."""
    rows: dict[User, list[Access]] = {}
    for row in Access.objects.active().filter(case=case, right__in=MAY, user__isnull=False).select_related("user").order_by("pk"):
        if row.user and row.user_id != case.patient_id:
            rows.setdefault(row.user, []).append(row)
    return [member(user, held) for user, held in rows.items()]


def ever_let_in(case: Case) -> QuerySet[User]:
    """Everybody of the family and helpers who may or once could do something with the case."""
    rows = Access.objects.filter(case=case, right__in=MAY, user__isnull=False).exclude(user=case.patient_id)
    return User.objects.filter(pk__in=rows.values("user"))


def member(user: User, rows: list[Access]) -> Member:
    """One person with the rights that ``rows`` give."""
    ends = [row.until for row in rows]
    last = max(end for end in ends if end) if all(ends) else None
    return Member(user, f"May {may(row.right for row in rows)}", min(row.since for row in rows), last)


def waiting(case: Case) -> QuerySet[Helper]:
    """The invitations of the last weeks that nobody has accepted."""
    return case.helpers.filter(status__in=[Helper.Status.INVITED, Helper.Status.DECLINED], created_at__gt=now() - SHOWN_FOR)


def of_page(case: Case, user: User, sharing: Any) -> dict[str, Any]:
    """Everything on the page; ``sharing`` is the form to invite, or to sign the consent that inviting needs."""
    is_draft, agreed = case.state == State.DRAFT, "read" not in sharing.fields
    return {
        "case": case,
        "members": members(case),
        "invitations": [(helper, f"May {may(helper.rights)}", standing(helper, agreed)) for helper in waiting(case)],
        "form": sharing,
        "wording": None if agreed else consents.wording_of(case, user, consents.Kind.FAMILY),
        "back": (reverse("intake:hub" if is_draft else "tracking:case", args=[case.uid]), "Your request" if is_draft else "Your case"),
    }


def standing(helper: Helper, agreed: bool) -> str:
    """How an invitation that was not accepted stands: ``open``, ``declined`` or ``over``, as all are that nobody ``agreed`` to."""
    if helper.status == Helper.Status.DECLINED:
        return "declined"
    return "open" if agreed and helper.link_ends_at > now() else "over"


def of_invitation(helper: Helper) -> dict[str, Any]:
    """What the invited person is shown before they answer."""
    case = helper.case
    return {
        "helper": helper,
        "asker": helper.invited_by,
        "whose": case.patient if helper.invited_by_id != case.patient_id else None,
        "meanings": [MEANINGS[Right(right)] for right in helper.rights],
    }
