"""Closing an account: a week in which it can be kept, then its cases are erased and all that is the person's own goes."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from secondop.accounts import identity
from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases import erasures
from secondop.cases.access import Access, CaseQuerySet, Right
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.cases.states import OPEN
from secondop.notices.models import Notice, Status
from secondop.notices.services import tell
from secondop.web.clock import now

from ..models import AccountClosure
from ..services import withdraw
from .forgetting import forget
from .services import stop_and_ask

LEASE = timedelta(minutes=30)
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

    Work that began within the week, or since the last look, is stopped first, and the rest left to the next call.
    """
    until = now() + LEASE
    if not AccountClosure.objects.due().filter(pk=closure.pk).update(taken_until=until):
        return False
    taken = AccountClosure.objects.filter(pk=closure.pk, taken_until=until)
    if not goes_on(taken) or stop_work(taken):
        return False
    for case in own_cases(closure.user).order_by("pk"):
        with transaction.atomic():
            if not taken.select_for_update().exists() or has_begun(case, taken):
                return False
            erasures.erase_for(closure.user, case, "account closed")
    return finish(taken)


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


def has_begun(case: Case, taken: QuerySet[AccountClosure]) -> bool:
    """Whether ``case``, which is locked now, was sent since work was stopped: then the closure is let go of, so that it is stopped too."""
    locked = Case.objects.select_for_update(of=("self",)).filter(pk=case.pk).first()
    return bool(locked and locked.state in OPEN and taken.update(taken_until=None))


@transaction.atomic
def finish(taken: QuerySet[AccountClosure]) -> bool:
    """Forget the person of ``taken``, once no case is theirs; whether that was done. One that began meanwhile waits for the next call.

    The lock on the account is one that who begins a case waits for.
    """
    closure = taken.first()
    if closure is None or not goes_on(taken):
        return False
    user = User.objects.get_queryset().select_for_update().get(pk=closure.user_id)
    if own_cases(user).exists():
        taken.update(taken_until=None)
        return False
    forget(user)
    return True


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
