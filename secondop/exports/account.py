"""What a copy holds of the account: who it is, how they sign in and are told, and what they were told."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from secondop.accounts.models import User
from secondop.inbox.lines import lines_of
from secondop.inbox.services import visible
from secondop.notices.choices import choices_of, zone_of
from secondop.notices.groups import GROUPS
from secondop.notices.phones import phone_of
from secondop.notices.texts import TEXTS


def account_of(user: User) -> dict[str, Any]:
    """The account without its secrets; notices as the site shows them."""
    choices, phone = choices_of(user), phone_of(user)
    return {
        "name": user.full_name,
        "email": user.email,
        "addresses": list(EmailAddress.objects.filter(user=user).order_by("pk").values("email", "verified", "primary")),
        "mobile_number": phone.number,
        "mobile_number_confirmed_at": phone.confirmed_at,
        "mobile_number_to_confirm": phone.wanted,
        "time_zone": str(zone_of(user)),
        "since": user.date_joined,
        "roles": user.roles,
        "second_factors": list(Authenticator.objects.filter(user=user).order_by("pk").values("type", "created_at", "last_used_at")),
        "signed_in": list(
            UserSession.objects.filter(user=user).order_by("pk").values("created_at", "last_seen_at", "ip", "user_agent"),
        ),
        "notice_choices": {
            "on_the_site_only": [GROUPS[name].label for name in choices.only_here if name in GROUPS],
            "by_text_too": [TEXTS[name].label for name in choices.by_text if name in TEXTS],
            "quiet_from": choices.quiet_from,
            "quiet_until": choices.quiet_until,
            "urgent_any_time": choices.urgent_any_time,
            "summary_at_hour": choices.digest_hour,
        },
        "notices": [
            {"at": line.notice.created_at, "title": line.title, "read_at": line.notice.read_at} for line in lines_of(visible(user))
        ],
    }
