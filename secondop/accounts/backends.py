"""How an account proves who it is."""

from functools import cache

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings

from secondop.web.prepared import Prepared, Slot

from .models import User


@cache
def account_by_pk() -> Prepared[User]:
    """Asks for the account ``pk``."""
    return Prepared(User.objects.get_queryset().filter(pk=Slot("pk")))


class EmailBackend(AuthenticationBackend):
    """Sign-in by e-mail and password; demo accounts exist in the demo only."""

    def user_can_authenticate(self, user) -> bool:
        """Refuses disabled accounts, and demo accounts where ``DEMO`` is off."""
        return super().user_can_authenticate(user) and (settings.DEMO or not user.is_demo)

    def get_user(self, user_id):
        """The signed-in account, checked anew on every request."""
        user = account_by_pk().first(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
