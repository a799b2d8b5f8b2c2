"""What we tell allauth about our accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from . import devices
from .letters import letter_for
from .models import User
from .wording import ACCOUNT_ERRORS


class AccountAdapter(DefaultAccountAdapter):
    """allauth's defaults, with the person's name in mails instead of a user name, and with messages that say what to do."""

    error_messages = {**DefaultAccountAdapter.error_messages, **ACCOUNT_ERRORS}

    def populate_username(self, request, user) -> None:
        """There are no user names."""

    def get_user_display(self, user) -> str:
        """How mails and pages address a person."""
        return str(user)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponseBase:
        """The answer to a sign-in; the browser is known from now on."""
        response = super().post_login(request, user, **details)
        devices.remember(response, user.email)
        return response

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMultiAlternatives:
        """The mail that allauth names by ``template_prefix``, in our words and our frame."""
        mail = letter_for(template_prefix, context).mail()
        mail.to = [email] if isinstance(email, str) else email
        mail.extra_headers = headers or {}
        return mail

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the address, not the visitor; it takes as long as the password hash of a new account, so that time does not tell either."""
        User().set_password(email)
        super().send_account_already_exists_mail(email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Under what failed sign-ins are counted: the address, and apart from all others a browser that has signed in to it before."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key} {devices.known(request, credentials.get('email', ''))}".strip()
