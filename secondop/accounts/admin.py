"""Accounts in the Django admin, for administrators only."""

from typing import Any

from django import forms
from django.contrib import admin, messages

from secondop.audit.services import record

from .administration import Plain
from .models import Invitation, Role, User
from .services import invite


class UserForm(forms.ModelForm):
    """Roles as check boxes."""

    roles = forms.MultipleChoiceField(choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = User
        fields = ["full_name", "roles", "away_until", "is_active"]
        labels = {"is_active": "May sign in"}

    def clean_roles(self) -> list[str]:
        """A lead is a coordinator as well: alone the role would bring mail about cases that it may not open."""
        roles: list[str] = self.cleaned_data["roles"]
        if Role.LEAD in roles and Role.COORDINATOR not in roles:
            raise forms.ValidationError("A lead coordinator is a care coordinator as well. Please choose both.")
        return roles


@admin.register(User)
class UserAdmin(Plain, admin.ModelAdmin):
    """Roles, absence and disabling; accounts are made by sign-up and invitation, never here."""

    form = UserForm
    list_display = ["email", "full_name", "held", "is_active", "away_until"]
    list_filter = ["is_active"]
    search_fields = ["email", "full_name"]
    readonly_fields = ["email", "date_joined", "last_login"]
    fields = ["email", "full_name", "roles", "away_until", "is_active", "date_joined", "last_login"]

    @admin.display(description="Roles")
    def held(self, user: User) -> str:
        """The roles in words."""
        return ", ".join(str(Role(role).label) for role in user.roles)

    def get_queryset(self, request):
        """Staff only: whether somebody is a patient is health information."""
        return super().get_queryset(request).exclude(roles=[])

    def get_readonly_fields(self, request, obj=None):
        """Nobody gives roles to themselves: with one more an administrator would read every case."""
        own = ["roles", "is_active"] if obj == request.user else []
        return [*self.readonly_fields, *own]

    def save_model(self, request, obj, form, change):
        """What changed is written to the audit log, and of what decides about access also from what to what."""
        super().save_model(request, obj, form, change)
        detail: dict[str, Any] = {"fields": form.changed_data}
        for name in {"roles", "is_active"}.intersection(form.changed_data):
            detail[name] = {"from": form.initial[name], "to": form.cleaned_data[name]}
        record("staff.change", by=request.user, target=f"user:{obj.pk}", detail=detail, request=request)

    def has_add_permission(self, request):
        """Staff are invited."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Accounts are disabled, so that their work keeps its author."""
        return False


class InvitationForm(forms.ModelForm):
    """Whom to invite; ``inviter`` is the administrator who does."""

    inviter: User

    def clean_email(self) -> str:
        """Any address but one's own."""
        email: str = self.cleaned_data["email"]
        if email.lower() == self.inviter.email:
            raise forms.ValidationError("Another administrator has to give you a role.")
        return email


@admin.register(Invitation)
class InvitationAdmin(Plain, admin.ModelAdmin):
    """Inviting staff: adding a row sends the mail."""

    form = InvitationForm
    list_display = ["email", "role", "created_at", "accepted_at"]
    fields = ["email", "full_name", "role"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form knows who invites."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.inviter = request.user
        return form

    def add_view(self, request, form_url="", extra_context=None):
        """Saving sends the mail, and says so."""
        words = {"title": "Invite somebody to the staff", "save_label": "Send the invitation", "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **words})

    def save_model(self, request, obj, form, change):
        """Make the invitation and mail its link."""
        made, _ = invite(obj.email, obj.full_name, Role(obj.role), by=request.user)
        obj.pk = made.pk
        messages.info(request, "The invitation is on its way. Its link works once, for 7 days.")

    def has_change_permission(self, request, obj=None):
        """An invitation is sent once; make a new one instead."""
        return obj is None and super().has_change_permission(request)
