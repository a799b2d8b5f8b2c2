"""Rules for passwords: length instead of composition (NIST SP 800-63B-4, 3.1.1.2), and no words of this site."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError

ALONE, WITH_SECOND_FACTOR = 15, 8
CONTEXT_WORDS = ("medicalopinion", "secondopinion", "secondop")


class LengthByFactor:
    """At least 15 characters where the password is the only factor, 8 where a second one is set up."""

    def validate(self, password: str, user=None) -> None:
        """Raise ``ValidationError`` for a password that is too short."""
        needed = WITH_SECOND_FACTOR if user is not None and user.pk and is_mfa_enabled(user) else ALONE
        if len(password) < needed:
            raise ValidationError(f"Use at least {needed} characters. A short sentence works well.", code="password_too_short")

    def get_help_text(self) -> str:
        """What the form says below the field."""
        return f"Use at least {ALONE} characters. A short sentence that only you know works well."


class HardToGuess:
    """Refuses what is tried first: this site's name, passwords that many people use, and the person's own name or address.

    One rule with one line of help, because Django draws an empty list item for a rule that has none.
    """

    def __init__(self) -> None:
        self.others = (CommonPasswordValidator(), UserAttributeSimilarityValidator(user_attributes=("email", "full_name")))

    def validate(self, password: str, user=None) -> None:
        """Raise ``ValidationError`` when fewer than 8 characters remain without the site's own words, or one of Django's rules does."""
        rest = "".join(ch for ch in password.lower() if ch.isalnum())
        for word in CONTEXT_WORDS:
            rest = rest.replace(word, "")
        if len(rest) < WITH_SECOND_FACTOR:
            raise ValidationError("Leave the name of this site out of your password.", code="password_context")
        for other in self.others:
            other.validate(password, user)

    def get_help_text(self) -> str:
        """What the form says below the field."""
        return "Leave out your name, your e-mail address, and passwords that many people use."
