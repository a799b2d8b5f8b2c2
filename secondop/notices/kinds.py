"""Everything we tell people by mail, as one table.

No line of it may say anything about anybody's health: a mail says that something waits, with the case's reference and
a link to a page behind the sign-in. ``{reference}``, ``{organisation}`` and the keys of a notice's context are filled in.
"""

from .kind import ACCOUNT, PAGES, PATIENT, Kind
from .work import WORK

__all__ = ["ACCOUNT", "KINDS", "PAGES", "words"]

KINDS: dict[str, Kind] = {
    **WORK,
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
        "{person} invites you to {organisation}. Please sign in with this address to see why. The link works once, for 14 days.",
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
    "authorization_wanted": Kind(
        "We need your signature for {reference}",
        "We would like to ask for records for your request {reference}. We may do so once you have signed. Please look at it.",
        "Read and sign",
        PATIENT,
    ),
    "own_records_arrived": Kind(
        "Files have come for {reference}",
        "A place that you asked has sent files for your request {reference}. Please look if all is there.",
        "See what came",
        PATIENT,
    ),
    "own_records_chase": Kind(
        "It is time to ask again for {reference}",
        "Records that you asked for in {reference} have not come yet. Please ask the place again.",
        "See your letter",
        PATIENT,
    ),
}


def words(kind: str, values: dict[str, str]) -> tuple[str, str, str]:
    """Subject, sentence and action of a notice, filled in. Raises ``KeyError`` for an unknown kind or a missing value."""
    row = KINDS[kind]
    return row.subject.format_map(values), row.text.format_map(values), row.action
