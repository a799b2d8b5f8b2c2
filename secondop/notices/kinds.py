"""Everything we tell people by mail, as one table.

No line of it may say anything about anybody's health: a mail says that something waits, with the case's reference and
a link to a page behind the sign-in. ``{reference}``, ``{organisation}`` and the keys of a notice's context are filled in.
"""

from typing import NamedTuple

PATIENT, REVIEW, CHECK, DESK, ACCOUNT = "patient", "review", "check", "desk", "account"
# The page a notice leads to when the act that tells does not name one: a URL name that takes the case's uid.
PAGES = {PATIENT: "tracking:case", REVIEW: "opinions:write", CHECK: "opinions:check", DESK: "routing:case"}


class Kind(NamedTuple):
    """One sort of notice: its subject, its one or two sentences, the words on its link, and the page the link opens.

    ``page`` is a key of PAGES, or "" for the reader's own start page. ``staff`` tells work from news for patients.
    """

    subject: str
    text: str
    action: str
    page: str = ""
    staff: bool = False


def _staff(subject: str, text: str, page: str = DESK, action: str = "Open the case") -> Kind:
    return Kind(subject, text, action, page, staff=True)


KINDS: dict[str, Kind] = {
    # Mail that allauth writes itself (codes, password resets); only its delivery is ours.
    ACCOUNT: Kind("", "", ""),
    "invitation": Kind(
        "Your invitation to {organisation}",
        "You are invited to join the staff of {organisation}. Use the link to set up your account. It works once and for a few days only.",
        "Accept the invitation",
        staff=True,
    ),
    "files_damaged": Kind(
        "Stored files are damaged",
        "We read all stored files again. Some are missing or do not open. The administration lists them. A backup may have them still.",
        "Open the administration",
        staff=True,
    ),
    # For patients and the family members they chose.
    "draft_reminder": Kind(
        "Your request {reference} is not sent yet",
        "You have begun the request {reference}. All you wrote is saved. Nobody starts on it before you send it.",
        "Go on with it",
        PATIENT,
    ),
    "draft_ending": Kind(
        "We will delete your unsent request {reference}",
        "Nobody has changed the request {reference} for weeks. We will delete it on {day} or soon after. Open it if you want to keep it.",
        "See the request",
        PATIENT,
    ),
    "draft_deleted": Kind(
        "Your unsent request {reference} is deleted",
        "We have deleted the request {reference}, its answers and its files. It was not sent, and nobody had changed it for 60 days.",
        "See your cases",
    ),
    "submitted": Kind(
        "We have your request {reference}",
        "Thank you. We have your request {reference}. We will check it and tell you what comes next.",
        "See your request",
        PATIENT,
    ),
    "ready": Kind(
        "Your request {reference} is complete",
        "Your request {reference} has all we need. We are now choosing a specialist for you.",
        "See your request",
        PATIENT,
    ),
    "sent_back": Kind(
        "We are still working on your request {reference}",
        "We need to look at your request {reference} again before a specialist can start. You can see why on its page.",
        "See your request",
        PATIENT,
    ),
    "ask_opened": Kind(
        "We need something from you for {reference}",
        "We have a question about your request {reference}. Please sign in to read it and to answer.",
        "Answer now",
        PATIENT,
    ),
    "ask_extended": Kind(
        "You have more time for {reference}",
        "You have more time to answer us about your request {reference}. Please sign in to see until when.",
        "Answer now",
        PATIENT,
    ),
    "ask_reminder": Kind(
        "A reminder: we wait for you on {reference}",
        "We still need your answer to go on with your request {reference}. It should take just a few minutes.",
        "Answer now",
        PATIENT,
    ),
    "identity_question": Kind(
        "Please look at a file of {reference}",
        "We have a short question about a file of your request {reference}. Until you answer, the specialist does not see it.",
        "Answer now",
        PATIENT,
    ),
    "accepted": Kind(
        "A specialist has started on {reference}",
        "A specialist has taken on your request {reference}. You can see the name and the date on its page.",
        "See your request",
        PATIENT,
    ),
    "released": Kind(
        "Your second opinion {reference} is here",
        "Your second opinion {reference} is ready to read. Take your time. It stays on your page.",
        "Read it",
        PATIENT,
    ),
    "declined": Kind(
        "There is news about your request {reference}",
        "There is news about your request {reference}. Please sign in to read it, and to see what else you can do.",
        "See your request",
        PATIENT,
    ),
    "withdrawn": Kind(
        "Your request {reference} is withdrawn",
        "As you asked, we have stopped work on your request {reference}. If this was not you, please tell us.",
        "See your request",
        PATIENT,
    ),
    "closed": Kind(
        "Your request {reference} is closed",
        "Your request {reference} is now closed. You can still read all of it, and open it again if there is something new.",
        "See your request",
        PATIENT,
    ),
    "reopened": Kind(
        "Your request {reference} is open again",
        "Your request {reference} is open again. We will check what is new and tell you what comes next.",
        "See your request",
        PATIENT,
    ),
    "expired": Kind(
        "Your request {reference} has ended",
        "We did not hear from you, so your request {reference} has ended. You can open it again with one click for 90 days.",
        "Open it again",
        PATIENT,
    ),
    "erase_asked": Kind(
        "Your request {reference} will be erased",
        "As you asked, your request {reference} will be erased on {day}. Until then you can keep it. If this was not you, please do so.",
        "Keep it, or read more",
        PATIENT,
    ),
    "erased": Kind(
        "Your request {reference} is erased",
        "As you asked, your request {reference} is erased, with all that was in it. There is nothing left to do.",
        "See your cases",
    ),
    "account_closing": Kind(
        "Your account will be closed",
        "As you asked, your account will be closed and your cases erased on {day}. Sign in before then to keep them. "
        "If this was not you, please do so and change your password.",
        "Keep my account",
    ),
    "account_closed": Kind(
        "Your account is closed",
        "As you asked, your account is closed, and your cases are erased. You can come back at any time with a new account.",
        "See the site",
    ),
    "message_patient": Kind(
        "You have a new message on {reference}",
        "Somebody has written to you about your request {reference}. Please sign in to read it and to write back.",
        "Read the message",
        PATIENT,
    ),
    "family_invited": Kind(
        "An invitation from somebody you know",
        "{asker} invites you to {organisation}. Please sign in with this address to see why. The link works once, for 14 days.",
        "See the invitation",
    ),
    "family_joined": Kind(
        "Your invitation for {reference} was accepted",
        "{person} has accepted your invitation. On the page of {reference} you see who may do what, and you can end it there.",
        "See who has access",
        PATIENT,
    ),
    "family_ended": Kind(
        "Your access to {reference} has ended",
        "You can no longer see {reference}. There is nothing you need to do. Thank you for your help.",
        "See your cases",
    ),
    "family_ending": Kind(
        "Access to {reference} ends soon",
        "The access of {person} to {reference} ends in about three days. It can be given again at any time.",
        "See the case",
        PATIENT,
    ),
    # About a copy of one's own data.
    "export_ready": Kind(
        "The copy of your data is ready",
        "The copy that you asked for is ready. Please sign in to download it. It stays there for 7 days.",
        "Get your copy",
    ),
    "export_failed": Kind(
        "The copy of your data could not be made",
        "We could not make the copy that you asked for. We are sorry. You can try again on its page.",
        "Try again",
    ),
    "export_by_other": Kind(
        "A copy of {reference} was asked for",
        "{person}, who may decide with you, has asked for a copy of {reference}. If this is not what you want, you can end their access.",
        "See the case",
        PATIENT,
    ),
    "of_age_soon": Kind(
        "Your access to {reference} ends in about a month",
        "The person you asked for in {reference} will be an adult then. Their request goes on. Please sign in to see the day.",
        "See your request",
        PATIENT,
    ),
    "of_age": Kind(
        "Your access to {reference} has ended",
        "The person you asked for in {reference} is an adult now. Their request is kept. Ask them to write to us, to take it over.",
        "See your cases",
    ),
    "handover_invited": Kind(
        "A request that is yours to take over",
        "{name}, you can take over a request at {organisation} that was made for you. Please sign in with this address. "
        "The link works once, for 14 days.",
        "See the invitation",
    ),
    "handed_over": Kind(
        "The request {reference} is yours now",
        "You have taken over the request {reference}. Nobody else of your family can see it, unless you invite them.",
        "See your request",
        PATIENT,
    ),
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


def words(kind: str, values: dict[str, str]) -> tuple[str, str, str]:
    """Subject, sentence and action of a notice, filled in. Raises ``KeyError`` for an unknown kind or a missing value."""
    row = KINDS[kind]
    return row.subject.format_map(values), row.text.format_map(values), row.action
