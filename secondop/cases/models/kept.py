"""Rows that nobody deletes, but for the erasing of their whole case.

``erasing.erase()`` names the case that it erases in a setting of PostgreSQL that ends with the transaction; the triggers let
the rows of that case go, and of no other. Changing them is refused all the same.
"""

import pgtrigger
from django.db import models

SETTING = "secondop.erasing"


def is_erased(case_id: str) -> str:
    """SQL for whether the case of the number ``case_id`` (a column, in SQL) is being erased by this transaction."""
    return f"EXISTS (SELECT 1 FROM cases_case WHERE id = {case_id} AND uid::text = current_setting('{SETTING}', true))"  # noqa: S608 (fixed names)


class KeptWithCase(pgtrigger.Protect):
    """Refuses ``operation`` on rows of a model with a ``case``; a deletion goes through while that case is erased."""

    def get_func(self, model: models.Model) -> str:
        """Protect's own refusal, after the exception."""
        return self.format_sql(f"IF TG_OP = 'DELETE' AND {is_erased('OLD.case_id')} THEN RETURN OLD; END IF; {super().get_func(model)}")
