"""Closing an account: a week in which it can be kept, then its cases are erased and all that is the person's own goes."""

from datetime import timedelta
from functools import reduce
from operator import or_

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CASCADE, ForeignObjectRel, ProtectedError, Q, QuerySet

from secondop.accounts import identity
from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases import erasures
from secondop.cases.access import Access, CaseQuerySet, Right
from secondop.cases.lifecycle import Refused, journal
from secondop.cases.models import Case
from secondop.cases.states import OPEN, Party
from secondop.exports import services as exports
from secondop.notices.models import Notice, Status
from secondop.notices.services import tell, tell_address
from secondop.web.clock import now

from ..models import AccountClosure, Helper
from ..services import withdraw
from .services import stop_and_ask

LEASE = timedelta(minutes=30)
NOBODY = "Closed account"  # the name that stays where the person took part in cases of others
FOR_STAFF = "You work here with this account. Please ask an administrator to close it."


def own_cases(user: User) -> CaseQuerySet:
    """The cases that end with the account, also with one that was switched off meanwhile."""
    return Case.objects.filter(pk__in=Access.objects.active().filter(user=user, right=Right.OWN).values("case"))


def ask_to_close(*, by: User, password: str) -> AccountClosure:
    """Close the account of ``by`` in a week, and have all their cases erased then; what is under way is withdrawn now.

    Raises those of ``identity.confirm()``, and ``Refused`` for staff.
    """
    if by.roles:
        raise Refused(FOR_STAFF)
    identity.confirm(by, password, act="account.close_ask")
    return note(by)


@transaction.atomic
def note(user: User) -> AccountClosure:
    """Write down that the account is to be closed; asked twice, the first time counts."""
    closure, is_new = AccountClosure.objects.get_or_create(user=user)
    if not is_new:
        return closure
    for case in own_cases(user).order_by("pk"):
        stop_and_ask(case, by=user, with_account=True)
    record("account.close_ask", by=user)
    tell(user, "account_closing", key=f"closing:{closure.pk}", context={"day": erasures.day(closure.due_at)})
    return closure


@transaction.atomic
def keep(*, by: User) -> bool:
    """Keep the account, and the cases that would have been erased with it. Returns whether there was something to take back.

    Raises ``Refused`` while it is being carried out.
    """
    closure = AccountClosure.objects.select_for_update().filter(user=by).first()
    if closure is None:
        return False
    if closure.taken_until and closure.taken_until > now():
        raise Refused("It is too late: your account is being closed now.")
    lift(closure)
    record("account.close_keep", by=by)
    return True


def lift(closure: AccountClosure) -> None:
    """Take back the closure, whose row is locked, and every wish to erase that came with it."""
    for case in own_cases(closure.user).filter(erasure__with_account=True).order_by("pk"):
        erasures.keep(case, by=closure.user)
    erasures.drop_with_account(closure.user)
    closure.delete()


def close_due() -> int:
    """Close every account whose day has come, and forget the mails that said so; returns how many were closed."""
    Notice.objects.filter(kind="account_closed", status__in=(Status.SENT, Status.FAILED)).delete()
    return sum(carry_out(closure) for closure in AccountClosure.objects.due().select_related("user").order_by("due_at"))


def carry_out(closure: AccountClosure) -> bool:
    """Erase the cases of the account one by one, then close it; whether this call did it. Who works here since then keeps the account.

    Work that began within the week is stopped first, and the rest left to the next call.
    """
    until = now() + LEASE
    if not AccountClosure.objects.due().filter(pk=closure.pk).update(taken_until=until):
        return False
    taken = AccountClosure.objects.filter(pk=closure.pk, taken_until=until)
    if not goes_on(taken) or stop_work(taken):
        return False
    for case in own_cases(closure.user).order_by("pk"):
        with transaction.atomic():
            if not taken.select_for_update().exists():
                return False
            erasures.erase_for(closure.user, case, "account closed")
    with transaction.atomic():
        if not goes_on(taken):
            return False
        forget(User.objects.get_queryset().select_for_update().get(pk=closure.user_id))
    return True


@transaction.atomic
def goes_on(taken: QuerySet[AccountClosure]) -> bool:
    """Whether the closure of ``taken``, one at most, is still to be carried out; that of whoever works here by now is taken back."""
    closure = taken.select_for_update().first()
    if closure is None:
        return False
    # No key: rows that name the person can still be written, by those who hold a case that is waited for here.
    closure.user = User.objects.get_queryset().select_for_update(no_key=True).get(pk=closure.user_id)
    if not closure.user.roles:
        return True
    lift(closure)
    record("account.close_keep", by=closure.user, target="works here now")
    return False


@transaction.atomic
def stop_work(taken: QuerySet[AccountClosure]) -> bool:
    """Withdraw what is under way, and let go of the closure until its people were told: notices of a case go with it."""
    closure = taken.select_for_update().first()
    if closure is None:
        return True
    stopped = [withdraw(case, by=closure.user) for case in own_cases(closure.user).filter(state__in=OPEN).order_by("pk")]
    if stopped:
        taken.update(taken_until=None)
    return bool(stopped)


def forget(user: User) -> None:
    """Delete the account and all that is the person's own. Where a case of somebody else names them, a row without a name stays."""
    email, name = user.email, user.full_name
    stop_helping(user)
    exports.discard_all(user)
    Session.objects.filter(session_key__in=UserSession.objects.filter(user=user).values("session_key")).delete()
    Notice.objects.filter(email__iexact=email).delete()
    for link in User._meta.get_fields(include_hidden=True):
        if isinstance(link, ForeignObjectRel) and link.on_delete is CASCADE:
            rows = link.field.model._base_manager.filter(**{link.field.name: user})
            # By the parent's ended right a grown child's case is known to wait for its owner.
            (rows.exclude(right=Right.OWN) if link.field.model is Access else rows).delete()
    record("account.close", by=user)
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError:
        blank(user)
    tell_address(email, "account_closed", context={"name": name})


def stop_helping(user: User) -> None:
    """End what ``user`` does in cases of others, as the cases' people will read it: without a name. Invitations to them are emptied too."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    sent_to = reduce(or_, (Q(email__iexact=email) for email in addresses), Q(email__iexact=user.email))
    unanswered = Helper.objects.filter(sent_to, user=None)
    unanswered.filter(status=Helper.Status.INVITED).update(status=Helper.Status.CANCELLED, ended_at=now())
    unanswered.update(email="", full_name=NOBODY)
    for helper in Helper.objects.filter(user=user).select_related("case"):
        if helper.status == Helper.Status.ACCEPTED:
            helper.status, helper.ended_at = Helper.Status.ENDED, now()
            journal(helper.case, "family_ended", None, party=Party.SYSTEM)
        helper.email, helper.full_name = "", NOBODY
        helper.save()


def blank(user: User) -> None:
    """Take out of the account's row who it was."""
    user.email, user.full_name, user.time_zone = f"closed-{user.pk}@account.invalid", NOBODY, ""
    user.is_active, user.away_until, user.last_login = False, None, None
    user.set_unusable_password()
    user.save()
