"""Specialists in the Django admin: credentials, licences and time off, kept and verified by administrators."""

from typing import Any, cast

from django import forms
from django.contrib import admin

from secondop.accounts.administration import Plain
from secondop.accounts.models import Role, User
from secondop.audit.services import record
from secondop.web.clock import now

from .models import Licence, SpecialistProfile, TimeOff


class VerifiedForm(forms.ModelForm):
    """A row that an administrator vouches for: ticking the box writes who and when, which nobody types."""

    verified = forms.BooleanField(required=False, help_text="I have seen the proof. Your name and the time are kept.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verified"].initial = self.instance.verified_at is not None


def mark_verified(row: SpecialistProfile | Licence, form: forms.ModelForm, by: User) -> None:
    """Set or clear who verified ``row`` and when; what was verified is verified anew when its content changes."""
    if not form.cleaned_data["verified"]:
        row.verified_at = row.verified_by = None
    elif row.verified_at is None or form.has_changed():
        row.verified_at, row.verified_by = now(), by


class ProfileForm(VerifiedForm):
    """A profile belongs to an account that holds the specialist's role."""

    class Meta:
        model = SpecialistProfile
        fields = ["user", "credentials", "institution", "specialties", "languages", "capacity", "biography"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            cast(forms.ModelChoiceField, self.fields["user"]).queryset = User.objects.active_in(Role.SPECIALIST).order_by("full_name")


class LicenceForm(VerifiedForm):
    """One licence."""

    class Meta:
        model = Licence
        fields = ["number", "country", "region", "expires_on"]


class LicenceInline(Plain, admin.StackedInline):
    """The licences of a specialist."""

    model = Licence
    form = LicenceForm
    extra = 0
    readonly_fields = ["verified_at", "verified_by"]


class TimeOffInline(Plain, admin.StackedInline):
    """When a specialist takes no new cases."""

    model = TimeOff
    extra = 0


@admin.register(SpecialistProfile)
class SpecialistProfileAdmin(Plain, admin.ModelAdmin):
    """Specialists; only verified ones are ever asked to review a case."""

    form = ProfileForm
    inlines = [LicenceInline, TimeOffInline]
    list_display = ["name", "credentials", "institution", "capacity", "verified_at", "verified_by"]
    list_filter = ["specialties"]
    search_fields = ["user__full_name", "user__email", "institution"]
    readonly_fields = ["verified_at", "verified_by"]
    fields = [
        "user", "credentials", "institution", "specialties", "languages", "capacity", "biography",
        "verified", "verified_at", "verified_by",
    ]  # fmt: skip

    @admin.display(ordering="user__full_name")
    def name(self, profile: SpecialistProfile) -> str:
        """Whose profile it is."""
        return str(profile.user)

    def get_queryset(self, request):
        """With what the list shows of other tables."""
        return super().get_queryset(request).select_related("user", "verified_by")

    def get_readonly_fields(self, request, obj=None):
        """A profile never changes hands."""
        return [*self.readonly_fields, "user"] if obj else self.readonly_fields

    def save_model(self, request, obj, form, change):
        """Write who verified the profile, and the change to the audit log."""
        mark_verified(obj, form, request.user)
        super().save_model(request, obj, form, change)
        detail = {"fields": form.changed_data, "verified": obj.verified_at is not None}
        record("specialist.change", by=request.user, target=f"user:{obj.user_id}", detail=detail, request=request)

    def save_formset(self, request, form, formset, change):
        """Write who verified each licence, and changed or removed licences to the audit log."""
        rows = formset.save(commit=False)
        forms_by_row = {id(f.instance): f for f in formset.forms}
        for row in rows:
            if isinstance(row, Licence):
                mark_verified(row, forms_by_row[id(row)], request.user)
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        changed = {"changed": len(rows), "removed": len(formset.deleted_objects)}
        if any(changed.values()):
            name = f"specialist.{formset.model._meta.model_name}"
            record(name, by=request.user, target=f"user:{form.instance.user_id}", detail=changed, request=request)

    def has_delete_permission(self, request, obj=None):
        """A specialist leaves by losing the role or the verification; their work keeps its author."""
        return False
