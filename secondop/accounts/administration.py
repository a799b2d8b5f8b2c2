"""The site of the Django admin: our own lists of people and rules, and nothing that a library registers beside them."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

# allauth registers addresses, second factors and sessions of everybody: with those an administrator would see who is a patient,
# and could make another person's account their own by giving it an address.
SHOWN = ("accounts", "catalog", "routing")


class Administration(AdminSite):
    """The admin of an installation."""

    site_header = site_title = "SecondOp administration"
    index_title = "People, specialists and rules"

    def register(self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any) -> None:
        """Register what belongs to an app of ``SHOWN``; anything else is left out without a word."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model._meta.app_label in SHOWN], admin_class, **options)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Passwords are changed on the account's own page, which limits the tries."""
        return redirect("account_change_password")


class AdministrationConfig(AdminConfig):
    """``django.contrib.admin`` with this site."""

    default_site = "secondop.accounts.administration.Administration"
