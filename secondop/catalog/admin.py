"""The catalog in the Django admin."""

from django.contrib import admin

from .models import ChecklistTemplate, ConsentText, Holiday, JurisdictionRule, Specialty


class ChecklistInline(admin.TabularInline):
    """The checklist of a specialty, on the specialty's page."""

    model = ChecklistTemplate
    extra = 1


@admin.register(Specialty)
class SpecialtyAdmin(admin.ModelAdmin):
    """Specialties with their checklists."""

    list_display = ["name", "nucc_code", "active", "blind_first_read"]
    inlines = [ChecklistInline]


@admin.register(ChecklistTemplate)
class ChecklistTemplateAdmin(admin.ModelAdmin):
    """Checklist items, those for every specialty included."""

    list_display = ["text", "specialty", "required", "active"]
    list_filter = ["specialty", "required"]


@admin.register(JurisdictionRule)
class JurisdictionRuleAdmin(admin.ModelAdmin):
    """Rules about places of residence."""

    list_display = ["country", "region", "verdict", "source", "reviewed_on"]
    list_filter = ["verdict", "country"]


@admin.register(ConsentText)
class ConsentTextAdmin(admin.ModelAdmin):
    """Consent wordings: a new version is added, an old one can only be read."""

    list_display = ["title", "kind", "version", "required", "since"]

    def has_change_permission(self, request, obj=None):
        """Signed words never change."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        """Signed words stay."""
        return False


admin.site.register(Holiday)
