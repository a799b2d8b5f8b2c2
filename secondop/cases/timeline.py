"""The case's journal in words, for the patient and for staff."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Prefetch, prefetch_related_objects

from .models import Case, JournalEntry
from .states import Party, State

PATIENT_WORDS = {
    "submit": "You sent your request",
    "claimed": "{person} took charge of your case",
    "ask_opened": "{person} asked you for something",
    "ask_answered": "You answered",
    "slipped": "This takes longer than we planned",
    "ask_extended": "{person} gave you more time to answer",
    "ask_cancelled": "A question to you was closed",
    "ask_lapsed": "A question to you stayed open, so the review went on without it",
    "records_added": "Records were added",
    "record_removed": "A record was taken out",
    "identity_asked": "We asked you whose some files are",
    "identity_own": "{person} said that these files are the patient’s",
    "identity_other": "{person} said that some files are somebody else’s",
    "identity_accepted": "{person} looked at whose some files are, and kept them",
    "identity_rejected": "{person} found that some files are somebody else’s",
    "records_requested": "{person} asked for records",
    "came_of_age": "The patient is an adult now, and nobody else asks for them",
    "handed_over": "You took over your case",
    "proof_added": "A paper was sent that shows who may ask",
    "authority_seen": "{person} looked at the paper that shows who may ask",
    "make_ready": "Your records were complete",
    "send_back": "We need more before a specialist can start",
    "accept": "{person} started to review your case",
    "hand_back": "The specialist gave the case back, and we are choosing another",
    "reassign": "We are choosing another specialist",
    "sign": "{person} signed your opinion",
    "return": "The final check sent a question back to the specialist",
    "release": "Your second opinion was delivered",
    "opinion_opened": "You opened your opinion",
    "close": "Your case was closed",
    "reopen": "The case was reopened",
    "withdraw": "The request was withdrawn",
    "decline": "We had to decline your request",
    "expire": "The request ended because we did not hear from you",
    "consent_revoked": "You took back a consent",
    "consent_given": "You agreed to a consent",
    "family_joined": "{person} accepted your invitation",
    "family_ended": "Somebody you had invited can no longer see your case",
    "erase_asked": "You asked us to erase this case",
    "erase_kept": "You decided to keep this case",
    "erase_dropped": "The wish to erase this case no longer counts",
}
STAFF_WORDS = {
    **PATIENT_WORDS,
    "identity_asked": "Files name somebody else: the patient was asked",
    "submit": "Request sent",
    "claimed": "{person} claimed the case",
    "ask_opened": "{person} asked the patient for something",
    "ask_answered": "The patient answered",
    "slipped": "The present step is late",
    "ask_extended": "{person} gave the patient more time to answer",
    "ask_cancelled": "{person} closed a question to the patient",
    "ask_lapsed": "A question to the patient lapsed",
    "make_ready": "Marked as complete",
    "send_back": "Sent back to collecting records",
    "offer_sent": "{person} sent an offer",
    "offer_declined": "{person} declined the offer",
    "offer_lapsed": "An offer lapsed without an answer",
    "offer_recalled": "An offer was recalled",
    "conflict_declared": "{person} declared a possible conflict of interest",
    "conflict_waived": "{person} waived a declared conflict",
    "accept": "{person} accepted the case",
    "hand_back": "{person} handed the case back",
    "reassign": "{person} took the case away from the specialist",
    "sign": "{person} signed the opinion",
    "pdf_ready": "The PDF was rendered",
    "pdf_failed": "The PDF could not be rendered",
    "second_asked": "{person} asked for a second look",
    "second_recalled": "{person} took back a request for a second look",
    "second_confirmed": "{person} confirmed the difference",
    "second_refused": "{person} did not confirm the difference",
    "second_declined": "{person} could not take a second look",
    "return": "{person} returned the opinion",
    "release": "{person} released the opinion",
    "opinion_opened": "The patient opened the opinion",
    "close": "Closed",
    "withdraw": "The patient withdrew",
    "decline_asked": "{person} proposed to decline on clinical grounds",
    "decline_rejected": "{person} did not confirm the decline",
    "handover_invited": "{person} invited the patient to take the case over",
    "handed_over": "The patient took the case over",
    "authority_seen": "{person} has seen the proof of authority",
    "authority_waived": "{person} let the case go on without proof of authority",
    "due_agreed": "{person} agreed to the date the specialist proposed",
    "due_kept": "{person} kept the review at 48 hours",
    "decline": "Declined",
    "expire": "Expired after 30 days of silence",
    "consent_revoked": "The patient took back a consent",
    "consent_given": "The patient agreed to a consent",
    "family_joined": "{person} accepted the patient's invitation",
    "family_ended": "The access of family or a helper ended",
    "erase_asked": "The patient asked us to erase this case",
    "erase_kept": "The patient decided to keep this case",
}
# What somebody else than the patient did on the patient's side, for both readers.
FAMILY_WORDS = {
    "submit": "{person} sent the request",
    "ask_answered": "{person} answered",
    "opinion_opened": "{person} opened the opinion",
    "withdraw": "{person} withdrew the request",
    "consent_revoked": "{person} took back a consent",
    "consent_given": "{person} agreed to a consent",
}
# What is between the patient and us: to family and helpers who only follow the case it is no news.
CONFIDED = {"consent_revoked", "consent_given", "family_joined", "family_ended"}
TEAM = {Party.COORDINATOR: "The care team", Party.LEAD: "The care team", Party.SYSTEM: "The system"}


class Line(NamedTuple):
    """One line of the timeline; ``reason`` and ``code`` are empty on the patient's."""

    at: datetime
    text: str
    person: str
    note: str
    reason: str
    code: str
    state: State | None


def lines(case: Case, *, staff: bool, decides: bool = True) -> list[Line]:
    """The journal in words, oldest first. The patient's leaves out what is the clinic's own business, that of readers who do not
    decide also what is the patient's.
    """
    words = STAFF_WORDS if staff else PATIENT_WORDS
    of_family = {**words, **FAMILY_WORDS}
    prefetch_related_objects([case], Prefetch("journal", JournalEntry.objects.with_people()))  # unless its page has it already
    entries = [entry for entry in case.journal.all() if entry.event in words and (decides or entry.event not in CONFIDED)]
    return [line_of(entry, (words if entry.by_id in (None, case.patient_id) else of_family)[entry.event], staff) for entry in entries]


def line_of(entry: JournalEntry, words: str, staff: bool) -> Line:
    """One journal entry in words."""
    person = str(entry.by) if entry.by else TEAM.get(Party(entry.party), "The care team")
    reason, code = (entry.reason, entry.code) if staff else ("", "")
    state = State(entry.target) if entry.target else None
    note = str(entry.about) if entry.about else entry.note
    return Line(entry.at, words.format(person=person), person, note, reason, code, state)
