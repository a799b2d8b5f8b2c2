"""People: one kind of account, signed in by e-mail; staff hold roles, a patient holds none."""

import uuid
import zoneinfo
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from secondop.web.clock import now, today
from secondop.web.link_secrets import hash_of, new_secret


class Role(models.TextChoices):
    """What a member of staff may be; a lead is a coordinator as well."""

    SPECIALIST = "specialist", "Specialist"
    COORDINATOR = "coordinator", "Care coordinator"
    LEAD = "lead", "Lead coordinator"
    ADMINISTRATOR = "administrator", "Administrator"


class UserQuerySet(models.QuerySet["User"]):
    """Reading accounts."""

    def active_in(self, role: Role) -> Self:
        """Active accounts that hold ``role``."""
        return self.filter(is_active=True, roles__contains=[str(role)])

    def available(self) -> Self:
        """Accounts whose owner is not away today."""
        return self.filter(Q(away_until__isnull=True) | Q(away_until__lt=today()))


class UserManager(BaseUserManager["User"]):
    """Makes accounts; addresses are kept in lower case."""

    def get_queryset(self) -> UserQuerySet:
        """All accounts, with this app's readers."""
        return UserQuerySet(self.model, using=self._db)

    def active_in(self, role: Role) -> UserQuerySet:
        """Active accounts that hold ``role``."""
        return self.get_queryset().active_in(role)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account; without a password nobody can sign in to it yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account of an address, however it is spelled."""
        return self.get(email__iexact=username)


def check_time_zone(name: str) -> None:
    """Raise ``ValidationError`` unless ``name`` is a zone of the IANA database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("Choose a time zone from the list.")


class User(AbstractBaseUser):
    """An account. ``roles`` is empty for patients and family; only administrators change it, by invitation or in the admin.

    An empty ``time_zone`` is the site's.
    """

    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    time_zone = models.CharField(max_length=60, blank=True, validators=[check_time_zone])
    away_until = models.DateField(null=True, blank=True, help_text="No new cases up to and including this day")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(default=now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "account"
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_an_address")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        """The name as its owner writes it."""
        return self.full_name

    def has_role(self, role: Role) -> bool:
        """Whether the account holds ``role`` and is active."""
        return self.is_active and str(role) in self.roles

    @property
    def is_staff(self) -> bool:
        """Whether the account may open the Django admin."""
        return self.has_role(Role.ADMINISTRATOR)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Administrators may do all that the Django admin offers; it offers no case, record or opinion."""
        return self.is_staff

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        """See ``has_perm``."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """See ``has_perm``."""
        return self.is_staff


class Invitation(models.Model):
    """An address that was invited to join the staff; the link's secret is stored as a hash and works once."""

    VALID_FOR = timedelta(days=7)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role.choices)
    secret_hash = models.CharField(max_length=64, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    @property
    def is_open(self) -> bool:
        """Whether the link still works."""
        return self.accepted_at is None and now() < self.created_at + self.VALID_FOR

    def new_secret(self) -> str:
        """Set a fresh secret (not saved) and return it in the clear, for the link."""
        secret = new_secret()
        self.secret_hash = self.hash_of(secret)
        return secret

    @staticmethod
    def hash_of(secret: str) -> str:
        """The keyed hash under which a secret is stored."""
        return hash_of(secret, "invitation")


class WrongPassword(models.Model):
    """A password that was wrong when asked for again. Not counted in the sign-in's limits, which must not lock a doctor out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="password_asked_again")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.at:%Y-%m-%d %H:%M}"
