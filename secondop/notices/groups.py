"""Which notices a person may have on the site only, in groups that people understand; a kind in no group always comes by mail as well.

Always by mail are: the account and its sign-in, that a request was received and how it ended, consents and who has access, that
the opinion is ready, that something will be deleted, because silence would lose it, and whatever tells that one can see a case
no longer, because the site does not show that afterwards.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Group(NamedTuple):
    """Kinds (rows of KINDS) that are chosen together: the words for it, its kinds, and for work the roles that get them.

    ``urgent`` work does not wait for the summary of the day.
    """

    label: str
    about: str
    kinds: tuple[str, ...]
    roles: tuple[str, ...] = ()
    urgent: bool = False


SPECIALIST, DESK = ("specialist",), ("coordinator", "lead")
GROUPS = {
    "drafts": Group("Requests you have not sent", "A reminder after three days, and one after ten.", ("draft_reminder",)),
    "questions": Group(
        "Questions we have for you",
        "Without your answer your case may stand still.",
        (
            "ask_opened",
            "ask_extended",
            "ask_reminder",
            "identity_question",
            "authorization_wanted",
            "own_records_arrived",
            "own_records_chase",
        ),
    ),
    "progress": Group("How your case moves on", "Each step until the opinion.", ("ready", "sent_back", "accepted", "closed", "reopened")),
    "messages": Group("New messages", "Somebody has written to you.", ("message_patient",)),
    "family": Group("Family and helpers", "Who has come in, and whose time ends.", ("family_joined", "family_ending", "of_age_soon")),
    "offers": Group(
        "Offers and queries",
        "Cases offered to you, and opinions that came back with a query.",
        ("offer", "conflict_waived", "returned"),
        SPECIALIST,
        urgent=True,
    ),
    "reviews": Group(
        "News about your reviews", "Dates, answers, deliveries.", ("ask_lapsed", "due_answered", "released_author"), SPECIALIST
    ),
    "late": Group(
        "What is late, failed, or waits for a lead",
        "Somebody has to act now.",
        ("unacknowledged", "records_chase", "offers_exhausted", "pdf_failed", "decline_confirm_wanted", "conflict_declared"),
        DESK,
        urgent=True,
    ),
    "desk": Group(
        "News on the desk",
        "New cases, answers, signed opinions.",
        (
            *("case_assigned", "ask_answered", "proof_arrived", "records_arrived", "offer_answered", "offer_lapsed", "handed_back"),
            *("identity_desk", "identity_answered"),
            *("of_age_soon_desk", "of_age_desk", "handed_over_desk"),
            *("signed", "second_answered", "decline_rejected", "taken_over", "reopened_desk", "expired_desk"),
        ),
        DESK,
    ),
    "talk": Group("Messages on cases", "Somebody has written in a case of yours.", ("message_staff",), SPECIALIST + DESK),
}
GROUP_OF = {kind: name for name, group in GROUPS.items() for kind in group.kinds}
# What the summary of the day gathers, for those who have chosen it.
GATHERED = frozenset(name for name, group in GROUPS.items() if group.roles and not group.urgent)
DIGEST = "digest"


def kinds_of(groups: Iterable[str]) -> list[str]:
    """All kinds in ``groups``."""
    return [kind for name in groups for kind in GROUPS[name].kinds]


def groups_for(roles: list[str]) -> dict[str, Group]:
    """The groups of which somebody with ``roles`` gets notices: those of every patient, and those of their work."""
    return {name: group for name, group in GROUPS.items() if not group.roles or set(group.roles) & set(roles)}
