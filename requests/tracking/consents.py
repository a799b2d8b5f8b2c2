"""The consents of a case that was sent: which stand, what ends with each, and which may still be given."""

from typing import Any, NamedTuple

from django.db.models import Prefetch

from intake import consents
from intake.consents import Kind, Wording
from intake.models import ConsentCopy
from secondop.accounts.models import User
from secondop.cases.models import Case, Consent
from secondop.cases.states import OPEN, State

WHILE_RECORDS_COME = (State.SCREENING, State.READY, State.IN_REVIEW)


class Ending(NamedTuple):
    """What taking a consent back means: what stops at once, what cannot be called back, and what is possible later."""

    stops: tuple[str, ...]
    stays: str
    later: str
    danger: bool = False


AGAIN = "You can agree again later on this page."
ENDINGS: dict[str, Ending] = {
    Kind.REVIEW: Ending(
        ("All work on your case stops. Your request is withdrawn.", "The specialist can no longer see your records."),
        "We cannot make people forget what they have read.",
        "You cannot undo this. You can ask for a new second opinion at any time.",
        danger=True,
    ),
    Kind.SHARE: Ending(
        ("We may no longer send your second opinion to your doctors.", "We may no longer ask them for facts that are missing."),
        "What your doctors have got stays with them.",
        AGAIN,
    ),
    Kind.FAMILY: Ending(
        ("Your family can no longer see this case or help with it.", "Links in mails that invite people stop working."),
        "What your family has read or saved stays with them.",
        "You can agree again later. Then you invite each person anew.",
        danger=True,
    ),
    Kind.CONTACT: Ending(("We may no longer ask you how things went.",), "What you told us before stays with your case.", AGAIN),
    Kind.RESEARCH: Ending(
        ("We may use nothing more from your case for research or teaching.",),
        "What was used before cannot be found again, because your name was taken out.",
        AGAIN,
    ),
    Kind.SOURCE: Ending(
        ("We may no longer ask this place for your records.", "Your review goes on with the records that we have."),
        "Records that came before stay with your case.",
        AGAIN,
    ),
}


class Entry(NamedTuple):
    """One consent of the page: the newest answer, the older ones, whether it can be taken back, and what may be agreed to instead."""

    consent: Consent
    earlier: list[Consent]
    revocable: bool
    offered: Wording | None


def may_revoke(case: Case, consent: Consent) -> bool:
    """Whether ``consent`` is in force; the one to review ends with the review itself."""
    over = consent.text.kind == Kind.REVIEW and case.state not in OPEN
    return consent.holds and not over


def may_give(case: Case, kind: str) -> bool:
    """Whether a consent of ``kind`` still has a use in the state of the case; the one to review comes only with a request."""
    states = {Kind.REVIEW: (), Kind.SOURCE: WHILE_RECORDS_COME}.get(Kind(kind), (*OPEN, State.DELIVERED, State.CLOSED))
    return case.state in states


def newest_first(case: Case) -> dict[tuple[str, int | None], list[Consent]]:
    """All answers of the case by kind and source, the newest first, each with its signed copies; two queries."""
    found: dict[tuple[str, int | None], list[Consent]] = {}
    copies = Prefetch("copies", ConsentCopy.objects.order_by("-pk"))
    for consent in case.consents.select_related("text", "source", "by", "revoked_by").prefetch_related(copies):
        found.setdefault((consent.text.kind, consent.source_id), []).insert(0, consent)
    return found


def offered(case: Case, user: User) -> dict[tuple[str, int | None], Wording]:
    """What ``user`` may agree to now, in the current words: all that has a use and is not in force."""
    known = newest_first(case)
    found = {(str(words.text.kind), words.source.pk if words.source else None): words for words in consents.wordings(case, user)}
    return {
        key: words for key, words in found.items() if may_give(case, key[0]) and not any(newest.holds for newest in known.get(key, [])[:1])
    }


def entries(case: Case, user: User | None) -> tuple[list[Entry], list[Wording]]:
    """The answers of the case for the page, and what was never asked but may be agreed to.

    ``user`` is who decides; without one, nothing can be taken back or agreed to.
    """
    open_to = offered(case, user) if user else {}
    given = [
        Entry(newest, earlier, user is not None and may_revoke(case, newest), open_to.pop(key, None))
        for key, (newest, *earlier) in newest_first(case).items()
    ]
    return given, list(open_to.values())


def waiting_for_copies(shown: list[Entry]) -> list[Consent]:
    """The consents of the page whose signed copy should be there any moment."""
    answers = [consent for entry in shown for consent in (entry.consent, *entry.earlier)]
    return [consent for consent in answers if any(copy.status == copy.Status.QUEUED and not copy.error for copy in consent.copies.all())]


def wording(case: Case, user: User, key: str) -> Wording | None:
    """What ``user`` may agree to now under the name ``key``; ``None`` when it is in force or has no use any more."""
    return next((words for words in offered(case, user).values() if words.key == key), None)


def revoking(case: Case, consent: Consent, user: User) -> dict[str, Any]:
    """What the page shows that asks before a consent is taken back."""
    return {"case": case, "consent": consent, "ending": ENDINGS[consent.text.kind], "for_me_too": ends_own_rights(consent, user)}


def ends_own_rights(consent: Consent, user: User) -> bool:
    """Whether ``user`` is of the family and could not go on with the case once ``consent`` is taken back."""
    return consent.text.kind == Kind.FAMILY and consent.case.patient_id != user.pk
