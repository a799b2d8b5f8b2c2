"""The whole life of a case, as plain data: every state, every move, who may make it and whom it tells.

This table is the workflow. ``lifecycle.move()`` obeys it, the database triggers are generated from it, pages take
their buttons from it, and docs/architecture.md is checked against it. Nothing else knows what may follow what.
"""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where a case stands; ``STATE_LABELS`` has the words for people."""

    DRAFT = "draft"
    SCREENING = "screening"
    READY = "ready"
    IN_REVIEW = "in_review"
    CHECKING = "checking"
    DELIVERED = "delivered"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Party(StrEnum):
    """Who can make a move, be told of one, or be waited on."""

    PATIENT = "patient"
    PROXY = "proxy"
    SPECIALIST = "specialist"
    OFFERED = "offered specialist"
    COORDINATOR = "coordinator"
    LEAD = "lead"
    SOURCE = "record source"
    SYSTEM = "system"
    NOBODY = "nobody"


class Move(NamedTuple):
    """One row of the workflow.

    ``tells`` maps each party that is told to the kind of notice it gets; ``owner`` is the only function that makes the
    move; ``label`` is the word on the button; ``stamps`` names the date columns of the case that the move sets to now.
    """

    label: str
    sources: tuple[State, ...]
    target: State
    by: tuple[Party, ...]
    tells: dict[Party, str]
    owner: str
    stamps: tuple[str, ...] = ()


OPEN = (State.SCREENING, State.READY, State.IN_REVIEW, State.CHECKING)
ENDED = (State.CLOSED, State.DECLINED, State.WITHDRAWN, State.EXPIRED)

STATE_LABELS = {
    State.DRAFT: "Not sent yet",
    State.SCREENING: "Being checked",
    State.READY: "Choosing a specialist",
    State.IN_REVIEW: "In review",
    State.CHECKING: "Final check",
    State.DELIVERED: "Opinion delivered",
    State.CLOSED: "Closed",
    State.DECLINED: "Declined",
    State.WITHDRAWN: "Withdrawn",
    State.EXPIRED: "Expired",
}

MOVES: dict[str, Move] = {
    "submit": Move(
        "Send my request",
        (State.DRAFT,),
        State.SCREENING,
        (Party.PATIENT, Party.PROXY),
        {Party.PATIENT: "submitted", Party.COORDINATOR: "case_assigned"},
        "intake.services.submit",
        ("submitted_at",),
    ),
    "make_ready": Move(
        "Mark as complete",
        (State.SCREENING,),
        State.READY,
        (Party.COORDINATOR,),
        {Party.PATIENT: "ready"},
        "routing.services.screening.make_ready",
        ("ready_at",),
    ),
    "send_back": Move(
        "Send back to collecting records",
        (State.READY,),
        State.SCREENING,
        (Party.COORDINATOR,),
        {Party.PATIENT: "sent_back"},
        "routing.services.screening.send_back",
    ),
    "decline": Move(
        "Decline",
        (State.SCREENING, State.READY),
        State.DECLINED,
        (Party.COORDINATOR,),
        {Party.PATIENT: "declined"},
        "routing.services.screening.decline",
        ("ended_at",),
    ),
    "accept": Move(
        "Accept the case",
        (State.READY,),
        State.IN_REVIEW,
        (Party.OFFERED,),
        {Party.PATIENT: "accepted", Party.COORDINATOR: "offer_answered"},
        "routing.services.offers.accept",
        ("accepted_at",),
    ),
    "hand_back": Move(
        "Hand the case back",
        (State.IN_REVIEW,),
        State.READY,
        (Party.SPECIALIST,),
        {Party.COORDINATOR: "handed_back"},
        "routing.services.offers.hand_back",
    ),
    "reassign": Move(
        "Take the case to another specialist",
        (State.IN_REVIEW, State.CHECKING),
        State.READY,
        (Party.COORDINATOR,),
        {Party.SPECIALIST: "reassigned"},
        "routing.services.offers.reassign",
    ),
    "sign": Move(
        "Sign the opinion",
        (State.IN_REVIEW,),
        State.CHECKING,
        (Party.SPECIALIST,),
        {Party.COORDINATOR: "signed"},
        "opinions.services.signing.sign",
        ("signed_at",),
    ),
    "return": Move(
        "Return to the specialist",
        (State.CHECKING,),
        State.IN_REVIEW,
        (Party.COORDINATOR,),
        {Party.SPECIALIST: "returned"},
        "opinions.services.checking.return_to_specialist",
    ),
    "release": Move(
        "Release to the patient",
        (State.CHECKING,),
        State.DELIVERED,
        (Party.COORDINATOR,),
        {Party.PATIENT: "released", Party.SPECIALIST: "released_author"},
        "opinions.services.checking.release",
        ("delivered_at",),
    ),
    "close": Move(
        "Close the case",
        (State.DELIVERED,),
        State.CLOSED,
        (Party.SYSTEM, Party.COORDINATOR),
        {Party.PATIENT: "closed"},
        "delivery.services.close",
        ("ended_at",),
    ),
    "reopen": Move(
        "Reopen with new information",
        (State.DELIVERED, State.CLOSED, State.DECLINED, State.EXPIRED),
        State.SCREENING,
        (Party.PATIENT, Party.PROXY, Party.COORDINATOR),
        {Party.PATIENT: "reopened", Party.COORDINATOR: "reopened_desk"},
        "secondop.cases.services.reopen",
        ("reopened_at",),
    ),
    "withdraw": Move(
        "Withdraw my request",
        OPEN,
        State.WITHDRAWN,
        (Party.PATIENT, Party.PROXY),
        {Party.PATIENT: "withdrawn", Party.COORDINATOR: "withdrawn_desk", Party.SPECIALIST: "withdrawn_desk"},
        "tracking.services.withdraw",
        ("ended_at",),
    ),
    "expire": Move(
        "Expire",
        (State.SCREENING,),
        State.EXPIRED,
        (Party.SYSTEM,),
        {Party.PATIENT: "expired", Party.COORDINATOR: "expired_desk"},
        "secondop.cases.services.expire",
        ("ended_at",),
    ),
}
