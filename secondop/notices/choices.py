"""How a person wants to be told: by mail or on the site only, by text too, not at night, once a day; and what follows for one notice."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from .groups import DIGEST, GATHERED, GROUP_OF, GROUPS
from .kinds import ACCOUNT
from .models import Channel, Choices, Notice, Status
from .quiet import end_of_quiet
from .texts import CODE_LIVES, TEXT_OF, TEXTS


def zone_of(user: Any) -> ZoneInfo:
    """The time zone that ``user`` has chosen, or the site's."""
    return ZoneInfo(user.time_zone or settings.TIME_ZONE)


def choices_of(user: Any) -> Choices:
    """What ``user`` has chosen; what everybody has at first where nothing is kept: all by mail, at any hour."""
    return Choices.objects.filter(user=user).first() or Choices(user=user)


def choose(
    user: Any,
    *,
    only_here: list[str],
    by_text: list[str] | None = None,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    urgent_any_time: bool = False,
    digest_hour: int | None = None,
) -> Choices:
    """Keep what ``user`` has chosen: the groups told on the site only, both ends of the quiet hours or none, the hour of the summary.

    ``by_text`` are the groups with a text message as well; without it they stay as they are. Raises ``ValueError`` for a name that is
    no group's.
    """
    if unknown := (set(only_here) - set(GROUPS)) | (set(by_text or ()) - set(TEXTS)):
        raise ValueError(f"no groups of notices: {sorted(unknown)}")
    columns: dict[str, Any] = {"quiet_from": quiet_from, "quiet_until": quiet_until, "urgent_any_time": urgent_any_time}
    columns |= {"digest_hour": digest_hour} | ({} if by_text is None else {"by_text": sorted(by_text)})
    return Choices.objects.update_or_create(user=user, defaults={"only_here": sorted(only_here), **columns})[0]


@transaction.atomic
def stop(user: Any, group: str) -> None:
    """End the mails of a group for ``user``, who meets them on the site only from now on; with the summary of the day all it gathers."""
    ended = GATHERED if group == DIGEST else {group}
    kept, _ = Choices.objects.select_for_update().get_or_create(user=user)
    kept.only_here = sorted({*kept.only_here, *ended})
    if group == DIGEST:
        kept.digest_hour = None
    kept.save()


def instead_of_sending(notice: Notice, at: datetime) -> dict[str, Any]:
    """What is written to ``notice`` at the moment ``at`` instead of sending it; nothing when it is to be sent."""
    choices = getattr(notice.recipient, "notice_choices", None)
    if notice.channel == Channel.TEXT:
        return instead_of_texting(notice, choices, at)
    if choices is None or notice.kind == ACCOUNT:
        return {}
    group = GROUP_OF.get(notice.kind, "")
    if group in choices.only_here:
        return {"status": Status.HERE}
    if notice.kind == DIGEST:
        return {"status": Status.HERE} if set(choices.only_here) >= GATHERED else {}
    if group in GATHERED and choices.digest_hour is not None:
        return {"status": Status.GATHERED}
    later = quiet_until(choices, group, zone_of(notice.recipient), at)
    return {"next_try_at": later} if later else {}


def instead_of_texting(notice: Notice, choices: Choices | None, at: datetime) -> dict[str, Any]:
    """What is written to a text instead of sending it: it is dropped when its code is over, or its reader wants no such text any more."""
    dropped = {"status": Status.DROPPED, "raw": ""}
    if notice.is_code_by_text:
        return {} if settings.SMS_TRANSPORT and is_awaited(notice, at) else dropped
    if choices is None or not wants_text(notice.recipient, choices, notice.kind):
        return dropped
    later = quiet_until(choices, TEXT_OF[notice.kind], zone_of(notice.recipient), at)
    return {"next_try_at": later} if later else {}


def is_awaited(code: Notice, at: datetime) -> bool:
    """Whether a text brings a code that works ``at`` a moment: not over, nor taken back, nor followed by another one."""
    phone, over = getattr(code.recipient, "phone", None), code.created_at + CODE_LIVES
    return bool(phone and phone.wanted and phone.code_until <= over and at < over)


def wants_text(user: Any, choices: Choices, kind: str) -> bool:
    """Whether ``user``, who has made these ``choices``, gets a text beside the mail of ``kind`` on this site."""
    phone = getattr(user, "phone", None)
    return bool(settings.SMS_TRANSPORT and phone and phone.number and TEXT_OF.get(kind) in choices.by_text)


def quiet_until(choices: Choices, group: str, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the quiet hours end in which ``at`` lies; ``None`` outside of them, and for what may come at any time."""
    may_come = choices.urgent_any_time and group in GROUPS and GROUPS[group].urgent
    if may_come or choices.quiet_from is None or choices.quiet_until is None:
        return None
    return end_of_quiet(at, zone, choices.quiet_from, choices.quiet_until)
