"""Where a request stands, as a sentence for the patient and a line for staff."""

from datetime import date

from secondop.web.clock import at_organisation, today

from .law import rule_for
from .models import RecordRequest

Status = RecordRequest.Status
TAGS = {
    Status.TO_SEND: ("Not sent yet", "warning"),
    Status.SENT: ("Asked", "info"),
    Status.ACKNOWLEDGED: ("They have the letter", "info"),
    Status.RECEIVED: ("All is here", "success"),
    Status.REFUSED: ("They said no", "danger"),
    Status.CANCELLED: ("Ended", "neutral"),
}


ARRIVED = ("Files are here", "info")


def tag(request: RecordRequest) -> tuple[str, str]:
    """What a list says of a request first, and the kind of its tag."""
    return ARRIVED if request.arrived_at and request.is_open else TAGS[Status(request.status)]


def day(value: date) -> str:
    """A day with its weekday; the year only where it is another one."""
    year = "" if value.year == today().year else f" {value.year}"
    return f"{value:%A} {value.day} {value:%B}{year}"


def sentence(request: RecordRequest, *, allowed: bool) -> str:
    """Where a request stands, as its patient reads it; ``time_left()`` says until when the office has time."""
    office = request.office
    if request.arrived_at and request.is_open:
        return f"Files have come from {office}. {'Please look if all is there.' if request.by_patient else 'We look if all is there.'}"
    if request.status == Status.TO_SEND:
        return waiting_to_go(request, allowed)
    if request.sent_on is None or not request.is_out:
        return ended(request)
    return f"{'You' if request.by_patient else 'We'} asked {office} on {day(request.sent_on)}."


def ended(request: RecordRequest) -> str:
    """A request that is over."""
    we, us = ("You", "you") if request.by_patient else ("We", "us")
    if request.status == Status.RECEIVED:
        return f"The records from {request.office} are here."
    return f"{request.office} said no to {us}." if request.status == Status.REFUSED else f"{we} no longer ask {request.office}."


def waiting_to_go(request: RecordRequest, allowed: bool) -> str:
    """A request that has not gone out."""
    if request.by_patient:
        return f"Your letter to {request.office} is ready to send."
    if allowed:
        return f"We will ask {request.office} for your records."
    return f"We want to ask {request.office} for your records. First we need your signature."


def time_left(request: RecordRequest, country: str) -> str:
    """Until when the office has time, by the law where there is one; nothing once files came, and before and after it is asked."""
    if request.due_on is None or request.arrived_at or not request.is_out:
        return ""
    until = day(request.due_on)
    if request.is_late:
        keep = "Please ask them again." if request.by_patient else "We keep asking."
        return f"They had until {until}. {keep}"
    if rule_for(country).source:
        return f"The law gives them until {until}."
    return f"They should answer by {until}."


def standing(request: RecordRequest) -> tuple[str, str]:
    """What the ledger says of an open request first, and the kind of its tag."""
    if request.arrived_at and request.is_open:
        return "Files came: is it complete?", "warning"
    if request.is_late and request.due_on:
        return f"{(today() - request.due_on).days} days over the last day", "danger"
    if request.chases:
        return "Ask again today", "warning"
    if request.is_out and request.due_on:
        return f"Ask again on {day(request.chase_on)}" if request.chase_on else f"Last day {day(request.due_on)}", "neutral"
    if request.ended_at:
        return f"Since {day(at_organisation(request.ended_at).date())}", "neutral"
    return "Not sent yet", "warning"
