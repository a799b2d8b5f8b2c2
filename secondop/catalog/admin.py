"""The catalog in the Django admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from secondop.accounts.administration import Plain
from secondop.audit.services import record

from .models import ChecklistTemplate, ConsentText, Holiday, JurisdictionRule, QuestionPrompt, Specialty
from .ticks import HELP as TICKS_HELP
from .ticks import check as check_tick


class Noted(Plain, admin.ModelAdmin):
    """What decides who is served and what is signed: each change has a row in the audit log, beside Django's own history."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note who added it."""
        self.note(request, "add", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note who changed which of its fields, and of the rows on its page; nothing where nothing changed."""
        if message:
            self.note(request, "change", obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Note who deleted it."""
        for obj in queryset:
            self.note(request, "delete", obj)
        return super().log_deletions(request, queryset)

    def note(self, request: HttpRequest, verb: str, obj: Model, message: Any = ()) -> None:
        """Write the row: what it is called today, and Django's own words about the change."""
        detail = {"named": str(obj)[:200], "said": list(message)}
        record(f"catalog.{verb}", by=request.user, target=f"{obj._meta.model_name}:{obj.pk}", detail=detail, request=request)


class Lines(SimpleArrayField):
    """A list of texts that is typed one a line: a question may hold a comma."""

    def __init__(self, base_field: forms.Field, **options: Any) -> None:
        super().__init__(base_field, delimiter="\n", widget=forms.Textarea, **options)

    def to_python(self, value: Any) -> Any:
        """The lines without blank ones."""
        lines = value.splitlines() if isinstance(value, str) else value or []
        return super().to_python([line.strip() for line in lines if line.strip()])


class SpecialtyForm(forms.ModelForm):
    """A specialty, the questions that its patients often ask one a line."""

    prompts = Lines(forms.CharField(max_length=200), required=False, help_text="Questions its patients often ask, one a line.")

    class Meta:
        model = Specialty
        fields = ["name", "nucc_code", "active", "blind_first_read", "prompts"]


class ChecklistForm(forms.ModelForm):
    """One thing of a checklist, its rules one a line."""

    ticks = Lines(forms.CharField(max_length=200, validators=[check_tick]), required=False, label="Ticks itself when", help_text=TICKS_HELP)

    class Meta:
        model = ChecklistTemplate
        fields = ["specialty", "text", "required", "ticks", "active", "position"]


class ChecklistInline(Plain, admin.StackedInline):
    """The checklist of a specialty, on the specialty's page."""

    model = ChecklistTemplate
    form = ChecklistForm
    extra = 1


@admin.register(Specialty)
class SpecialtyAdmin(Noted):
    """Specialties with their checklists."""

    form = SpecialtyForm
    list_display = ["name", "nucc_code", "active", "blind_first_read"]
    inlines = [ChecklistInline]


@admin.register(ChecklistTemplate)
class ChecklistTemplateAdmin(Noted):
    """Checklist items, those for every specialty included."""

    form = ChecklistForm
    list_display = ["text", "specialty", "required", "version", "active"]
    list_filter = ["specialty", "required"]


@admin.register(QuestionPrompt)
class QuestionPromptAdmin(Noted):
    """Questions that patients may want to ask, by their reason and field of medicine."""

    list_display = ["text", "reason", "specialty", "standing", "active"]
    list_filter = ["reason", "specialty", "sample"]

    @admin.display(ordering="sample")
    def standing(self, prompt: QuestionPrompt) -> str:
        """Whether a clinician here has read it."""
        return "Only a sample" if prompt.sample else "Reviewed"


@admin.register(JurisdictionRule)
class JurisdictionRuleAdmin(Noted):
    """Rules about places of residence."""

    list_display = ["country", "region", "verdict", "majority_age", "standing", "source", "reviewed_on"]
    list_filter = ["sample", "verdict", "country"]

    @admin.display(ordering="sample")
    def standing(self, rule: JurisdictionRule) -> str:
        """Whether it may be relied on; a tick under "only a sample" would look like good news."""
        return "Only a sample" if rule.sample else "Reviewed"


@admin.register(ConsentText)
class ConsentTextAdmin(Noted):
    """Consent wordings: a new version is added, an old one can only be read."""

    list_display = ["title", "kind", "version", "required", "since"]

    def has_change_permission(self, request, obj=None):
        """Signed words never change."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        """Signed words stay."""
        return False


@admin.register(Holiday)
class HolidayAdmin(Noted):
    """Days on which the desk is closed."""

    list_display = ["day", "name"]
