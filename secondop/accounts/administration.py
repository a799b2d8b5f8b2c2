"""The site of the Django admin: our own lists of people and rules, and nothing that a library registers beside them."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import DateField, Field, ManyToManyField, Model
from django.forms import CheckboxSelectMultiple
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from secondop.web.forms import DateInput

# allauth registers addresses, second factors and sessions of everybody: with those an administrator would see who is a patient,
# and could make another person's account their own by giving it an address.
SHOWN = ("accounts", "catalog", "routing")


class Administration(AdminSite):
    """The admin of an installation."""

    site_header = site_title = "SecondOp administration"
    index_title = "People, specialists and rules"
    enable_nav_sidebar = False
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        """Things are deleted one by one, with a look at what goes with each."""
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any) -> None:
        """Register what belongs to an app of ``SHOWN``; anything else is left out without a word."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model._meta.app_label in SHOWN], admin_class, **options)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Passwords are changed on the account's own page, which limits the tries."""
        return redirect("account_change_password")

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One signs out where everybody does."""
        return redirect("account_logout")


class Plain(BaseModelAdmin):
    """Fields as everywhere on the site: the browser's own date fields, boxes to tick, and no windows that pop up beside a choice."""

    formfield_overrides = {DateField: {"widget": DateInput}, ManyToManyField: {"widget": CheckboxSelectMultiple}}

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        """The field of the form for a field of the model."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


class AdministrationConfig(AdminConfig):
    """``django.contrib.admin`` with this site."""

    default_site = "secondop.accounts.administration.Administration"
