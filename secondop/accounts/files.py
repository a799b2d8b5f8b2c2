"""What administrators hear about the vault: whether every stored file still opens."""

from django.db import transaction
from django.urls import reverse

from secondop.notices.services import tell
from secondop.vault.models import Round
from secondop.web.clock import now

from .models import Role, User


@transaction.atomic
def tell_of_damage() -> None:
    """Tell every administrator, once for each round, that it met files which are missing or damaged."""
    for found in Round.objects.select_for_update(skip_locked=True).filter(told_at=None).exclude(faults=[]):
        for user in User.objects.active_in(Role.ADMINISTRATOR):
            tell(user, "files_damaged", key=f"round:{found.pk}:{user.pk}", link=reverse("admin:index"))
        found.told_at = now()
        found.save(update_fields=["told_at"])
