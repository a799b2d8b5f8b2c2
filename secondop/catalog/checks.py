"""What an administrator still has to do about the catalog before patients rely on it."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.db import ProgrammingError

from .models import JurisdictionRule


def sample_rules() -> int:
    """How many rules about places are samples that nobody has reviewed."""
    return JurisdictionRule.objects.filter(sample=True).count()


@checks.register(checks.Tags.database, deploy=True)
def reviewed_rules(app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """A warning while a production installation decides by sample rules; it starts all the same, so that they can be replaced there."""
    if not settings.PRODUCTION or "default" not in (databases or ()):
        return []
    try:
        found = sample_rules()
    except ProgrammingError:  # not migrated yet, so there are no rules at all
        found = 0
    hint = "Have counsel review each in the administration, under rules about places, and untick “only a sample”."
    return [checks.Warning(f"{found} rules about places are only samples.", hint=hint, id="secondop.W021")] if found else []
