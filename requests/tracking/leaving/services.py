"""Having a case erased: what its patient asks for, and takes back."""

from django.db import transaction

from secondop.accounts import identity
from secondop.accounts.models import User
from secondop.cases import erasures
from secondop.cases.models import Case, ErasureRequest
from secondop.cases.states import OPEN

from ..services import withdraw


def ask_to_erase(case: Case, *, by: User, password: str) -> ErasureRequest:
    """Have ``case`` erased in a week; one that is under way is withdrawn first.

    Raises those of ``identity.confirm()``, and ``NotAllowed`` for anybody but the patient.
    """
    identity.confirm(by, password, act="case.erase_ask")
    return stop_and_ask(case, by=by)


@transaction.atomic
def stop_and_ask(case: Case, *, by: User, with_account: bool = False) -> ErasureRequest:
    """``ask_to_erase()`` for somebody who has said who they are. Raises ``NotAllowed`` for anybody but the patient."""
    erasures.check_patient(case, by)
    if case.state in OPEN:
        case = withdraw(case, by=by)
    return erasures.ask(case, by=by, with_account=with_account)
