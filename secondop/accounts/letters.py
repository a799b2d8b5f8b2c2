"""Everything that allauth tells people by mail, as one table of letters by allauth's own names; they leave in the frame of all our mails.

A letter names values of allauth's context in braces. The words of these mails are here and nowhere else.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from secondop.notices.letters import Letter
from secondop.web.templatetags.ui import browser_in_words

NOTHING_ABOUT_HEALTH = "This mail holds nothing about anyone's health."
NOT_YOU = ("If it was not you, you can ignore this mail.",)
# An address that is known and one that is not get mails of the same size, and no name.
CODE = Letter(
    "Your code for {organisation}",
    ("Somebody, most likely you, gave this address on {site}.", "Type this code on the page that is open there. It works for 30 minutes."),
    code="{code}",
    after=NOT_YOU,
    why=NOTHING_ABOUT_HEALTH,
)


def _security(subject: str, sentence: str) -> Letter:
    """A note that something about the sign-in was changed."""
    return Letter(
        subject,
        (sentence, "It was done on {when}, from the address {ip}, with this browser: {browser}."),
        action="See your sign-ins",
        url="{security_url}",
        after=("If this was you, there is nothing to do. If not, sign in, choose a new password, and sign out everywhere else.",),
        why=NOTHING_ABOUT_HEALTH,
    )


LETTERS = {
    "account/email/email_confirmation": CODE,
    "account/email/email_confirmation_signup": CODE,
    "account/email/login_code": CODE,
    "account/email/password_reset_code": CODE,
    "account/email/account_already_exists": Letter(
        "You already have an account",
        (
            "Somebody, most likely you, wanted to create an account with this address. You have one already, so you can just sign in.",
            "Did you forget the password? You can choose a new one.",
        ),
        action="Choose a new password",
        url="{password_reset_url}",
        after=NOT_YOU,
        why=NOTHING_ABOUT_HEALTH,
    ),
    "account/email/unknown_account": Letter(
        "No account with this address",
        (
            "Somebody, most likely you, asked for a new password for this address on {site}.",
            "We know no account with it. Maybe you signed up with another address? You can also create an account.",
        ),
        action="Create an account",
        url="{signup_url}",
        after=NOT_YOU,
        why=NOTHING_ABOUT_HEALTH,
    ),
    "account/email/password_reset_key": Letter(
        "Choose a new password",
        ("You, or somebody who typed your address, asked for a new password.",),
        action="Choose a new password",
        url="{password_reset_url}",
        after=("If it was not you, you can ignore this mail. Your password stays as it is.",),
        why=NOTHING_ABOUT_HEALTH,
    ),
    "account/email/password_reset": _security("Your password was changed", "The password of your account was changed."),
    "account/email/password_changed": _security("Your password was changed", "The password of your account was changed."),
    "account/email/password_set": _security("A password was set", "A password was set for your account."),
    "account/email/email_confirm": _security("Your e-mail address is confirmed", "Your e-mail address is confirmed."),
    "account/email/email_changed": _security(
        "Your e-mail address was changed", "The e-mail address of your account was changed from {from_email} to {to_email}."
    ),
    "account/email/email_deleted": _security(
        "An e-mail address was removed", "The e-mail address {deleted_email} was removed from your account."
    ),
    "mfa/email/totp_activated": _security("An authenticator app was set up", "An authenticator app was set up for your account."),
    "mfa/email/totp_deactivated": _security(
        "The authenticator app was turned off", "The authenticator app of your account was turned off."
    ),
    "mfa/email/recovery_codes_generated": _security(
        "New recovery codes were made", "New recovery codes were made for your account. Older ones no longer work."
    ),
    "mfa/email/webauthn_added": _security("A passkey was added", "A passkey or security key was added to your account."),
    "mfa/email/webauthn_removed": _security("A passkey was removed", "A passkey or security key was removed from your account."),
}


def letter_for(name: str, context: dict[str, Any]) -> Letter:
    """The letter that allauth calls ``name``, filled in from allauth's ``context``. Raises ``KeyError`` for an unknown one."""
    facts = {key: value for key, value in context.items() if isinstance(value, str)}
    if isinstance(at := context.get("timestamp"), datetime):
        facts["when"] = date_format(timezone.localtime(at), "l j F Y, H:i T")
    facts["browser"] = browser_in_words(facts.get("user_agent", ""))
    facts["site"] = settings.BASE_URL.partition("://")[2]
    facts["security_url"] = settings.BASE_URL + reverse("usersessions_list")
    return LETTERS[name].filled({**facts, "organisation": settings.ORGANISATION})
