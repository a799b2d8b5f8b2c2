"""What we tell those who work here, as one table; kinds.py says what holds for every line of it."""

from .kind import CHECK, DESK, REVIEW, Kind


def _staff(subject: str, text: str, page: str = DESK, action: str = "Open the case") -> Kind:
    return Kind(subject, text, action, page, staff=True)


WORK: dict[str, Kind] = {
    # For coordinators and leads.
    "of_age_soon_desk": _staff(
        "{reference}: an adult in a month", "In about a month the patient of {reference} is an adult, and has to take the case over."
    ),
    "of_age_desk": _staff(
        "{reference}: the patient is an adult now", "Nobody acts for the patient of {reference} now. Please invite them to take it over."
    ),
    "handed_over_desk": _staff("{reference} has a new owner", "The patient of {reference}, an adult now, has taken the case over."),
    "case_assigned": _staff("New case {reference}", "The case {reference} has come in and is yours to screen."),
    "unacknowledged": _staff("Nobody has taken up {reference}", "The case {reference} came in and nobody has taken it up in time."),
    "ask_answered": _staff("An answer for {reference}", "The patient has answered what you asked on {reference}."),
    "proof_arrived": _staff("A paper has come for {reference}", "A paper that you wait for on {reference} has come. Please look at it."),
    "identity_desk": _staff("Whose files are these: {reference}", "Files of {reference} seem to be another person's. Please look at them."),
    "identity_answered": _staff("An answer about files of {reference}", "The patient has said whose the files of {reference} are."),
    "records_arrived": _staff("Files have come for {reference}", "An office has sent files for {reference}. Please look if all is there."),
    "records_chase": _staff(
        "Time to ask again for {reference}", "An office has not sent all it was asked for on {reference}. Please chase it."
    ),
    "offer_answered": _staff("Your offer of {reference} was answered", "A specialist has answered your offer of {reference}."),
    "offer_lapsed": _staff("Your offer of {reference} has lapsed", "A specialist did not answer your offer of {reference} in time."),
    "offers_exhausted": _staff("No specialist yet for {reference}", "Three offers of {reference} ended with no specialist."),
    "handed_back": _staff("{reference} was handed back", "The specialist has handed the case {reference} back to you."),
    "signed": _staff("An opinion is signed for {reference}", "The opinion for {reference} is signed and waits for your check.", CHECK),
    "second_answered": _staff("The second look at {reference} is done", "A second specialist has looked at {reference}.", CHECK),
    "pdf_failed": _staff("A document failed for {reference}", "The document for {reference} could not be made. You can retry it.", CHECK),
    "decline_confirm_wanted": _staff(
        "Please confirm a refusal: {reference}", "A coordinator asks you to confirm a refusal of {reference}."
    ),
    "decline_rejected": _staff("{reference} is not refused", "A lead did not confirm your refusal of {reference}. The case goes on."),
    "conflict_declared": _staff("A possible conflict on {reference}", "A specialist declared a possible conflict on {reference}."),
    "taken_over": _staff("{reference} was taken over", "A colleague has taken over the case {reference} from you."),
    "reopened_desk": _staff("{reference} is open again", "The case {reference} was opened again and needs to be screened."),
    "expired_desk": _staff("{reference} has expired", "The case {reference} ended because nobody answered us for 30 days."),
    "consent_revoked": _staff("A consent was taken back: {reference}", "The patient has taken back a consent on {reference}."),
    "message_staff": _staff("A new message on {reference}", "You have a new message on {reference}.", DESK, "Read the message"),
    # For specialists, who may hold no right on the case (any more): their own start page shows what is theirs.
    "offer": _staff(
        "A case is offered to you: {reference}", "You are asked to review {reference}. Please accept or decline.", "", "See the offer"
    ),
    "conflict_waived": _staff(
        "You may accept {reference} now", "What you declared on {reference} was looked at. You may accept now.", "", "See the offer"
    ),
    "ask_lapsed": _staff(
        "No answer for {reference}", "The patient did not answer you on {reference} in time. Please go on without it.", REVIEW
    ),
    "due_answered": _staff("The date for {reference} is set", "The date you proposed for {reference} was looked at.", REVIEW),
    "offer_recalled": _staff(
        "An offer was taken back: {reference}", "The offer of {reference} was taken back. There is nothing to do.", ""
    ),
    "confirm_wanted": _staff("Your second look at {reference} is needed", "Please take a second look at the opinion on {reference}.", ""),
    "second_cancelled": _staff(
        "Your second look at {reference} is not needed now", "Your second look at {reference} is not needed now. Nothing is left to do.", ""
    ),
    "returned": _staff("A question about your opinion on {reference}", "The coordinator has sent {reference} back with a query.", REVIEW),
    "reassigned": _staff(
        "{reference} is no longer with you", "The case {reference} was given to somebody else. Thank you.", "", "See your cases"
    ),
    "released_author": _staff(
        "Your opinion on {reference} was delivered", "The patient now has your opinion on {reference}. Thank you.", ""
    ),
    # For staff who have chosen it, instead of single mails.
    "digest": _staff("Your summary of the day: {total}", "Since your last summary, this is new for you. {counts}", "", "See all notices"),
    "withdrawn_desk": _staff(
        "{reference} was withdrawn", "The patient has withdrawn {reference}. There is nothing left to do.", "", "See your cases"
    ),
}
