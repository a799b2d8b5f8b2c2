"""allauth's forms in our words: labels that say what to type, no placeholders that vanish, and the text limits of all our forms."""

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn

from secondop.web.forms import CleanText

from .wording import LABELS


class Worded(CleanText):
    """Mixed into a form of allauth, it gives each field our label."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            field.label = LABELS.get(str(field.label), field.label)
            field.widget.attrs.pop("placeholder", None)


class Login(Worded, account.LoginForm):
    """Address and password."""


class Signup(Worded, account.SignupForm):
    """Name, address, password."""


class ChangeEmail(Worded, account.AddEmailForm):
    """The new address, on the page of the account."""


class CorrectEmail(Worded, account.ChangeEmailForm):
    """Another address, where the code did not come."""


class EmailCode(Worded, account.ConfirmEmailVerificationCodeForm):
    """The code that came by mail."""


class ChangePassword(Worded, account.ChangePasswordForm):
    """The password now, and the new one twice."""


class SetPassword(Worded, account.SetPasswordForm):
    """A first password, twice."""


class ForgottenPassword(Worded, account.ResetPasswordForm):
    """The address to which the link goes."""


class NewPassword(Worded, account.ResetPasswordKeyForm):
    """The new password twice, behind the link."""


class Reauthenticate(Worded, account.ReauthenticateForm):
    """The password, once more."""


class SecondStep(Worded, mfa.AuthenticateForm):
    """The code of an app or of the paper."""


class SecondStepAgain(Worded, mfa.ReauthenticateForm):
    """The same, before an important change."""


class ActivateApp(Worded, totp.ActivateTOTPForm):
    """The first code of a new app."""


class RenamePasskey(Worded, webauthn.EditWebAuthnForm):
    """The name of a passkey."""
