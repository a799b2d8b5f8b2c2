"""What can be done about one request, as one table: its page draws the forms of it, and one view carries them out."""

from collections.abc import Callable
from typing import Any, NamedTuple

from . import services
from .forms import NothingForm, RemarkForm, SendForm
from .models import RecordRequest

Status = RecordRequest.Status


class Act(NamedTuple):
    """The verb, its form, the words on its button and those when it is done, and where a request stands that it is offered on.

    Titles are said to staff and patients alike. ``needs_leave`` is for what the care team may do only while an authorization holds.
    """

    verb: Callable[..., RecordRequest]
    form: type[Any]
    title: str
    done: str
    within: tuple[str, ...]
    needs_leave: bool = False
    danger: bool = False


ACTS = {
    "send": Act(
        services.send, SendForm, "Note that it was sent", "Noted. The time of the office runs from that day.", (Status.TO_SEND,), True
    ),
    "acknowledge": Act(services.acknowledge, RemarkForm, "The office has it", "Noted.", (Status.SENT,)),
    "chase": Act(services.chase, RemarkForm, "I asked again", "Noted. The next day to ask is set.", RecordRequest.OUT, True),
    "partly": Act(services.more_to_come, RemarkForm, "Some came, more is to come", "Noted. The request stays open.", RecordRequest.OPEN),
    "receive": Act(services.receive, RemarkForm, "All has come", "Done. The link takes no more files.", RecordRequest.OPEN),
    "extend": Act(services.extend, RemarkForm, "The office needs longer", "Noted. The new last day is set.", RecordRequest.OUT),
    "refuse": Act(services.refuse, RemarkForm, "The office said no", "Noted. The link takes no more files.", RecordRequest.OUT),
    "letters": Act(
        services.make_letters,
        NothingForm,
        "Make the letters anew",
        "The letters are being made. The old link has ended.",
        RecordRequest.OPEN,
        True,
    ),
    "close_link": Act(services.close_link, NothingForm, "Close the link", "The link takes no more files.", tuple(Status), danger=True),
    "cancel": Act(services.cancel, RemarkForm, "Cancel this request", "The request is cancelled.", RecordRequest.OPEN, danger=True),
}


def acts_for(request: RecordRequest, *, allowed: bool, has_link: bool) -> list[str]:
    """The names of what can be done about ``request`` now by whoever runs it."""
    found = [name for name, act in ACTS.items() if request.status in act.within and (allowed or not act.needs_leave)]
    hidden = {"extend" if request.is_extended else "", "" if has_link else "close_link", "" if request.arrived_at else "partly"}
    return [name for name in found if name not in hidden]
