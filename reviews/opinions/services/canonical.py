"""The text of an opinion as bytes that never change, and their fingerprint. Pure functions."""

import hashlib
import json
from typing import Any

from django.db import models

from ..models import Opinion

# Life goes on around a signed text; these columns are not part of it.
NOT_TEXT = {"id", "case", "author", "status", "edits", "writer", "saved_at", "created_at", "sha256", "released_at"}
NOT_OF_ROW = {"id", "opinion"}


def canonical(opinion: Opinion) -> bytes:
    """Everything that was signed, as JSON with sorted keys and no spaces, in UTF-8 (in the manner of RFC 8785)."""
    signed = columns(opinion, NOT_TEXT)
    signed |= {
        "case": str(opinion.case.uid),
        "reference": opinion.case.reference,
        "author": opinion.author_id,
        "answers": [columns(row, NOT_OF_ROW) for row in opinion.answers.all()],
        "grid": [columns(row, NOT_OF_ROW) for row in opinion.grid.all()],
        "options": [columns(row, NOT_OF_ROW) for row in opinion.options.all()],
        "evidence": [columns(row, NOT_OF_ROW) for row in opinion.evidence.all()],
    }
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def fingerprint(opinion: Opinion) -> str:
    """The SHA-256 of ``canonical(opinion)``, as hex."""
    return hashlib.sha256(canonical(opinion)).hexdigest()


def texts(opinion: Opinion) -> list[str]:
    """Everything in words, field by field: of the opinion itself, then of its rows. What is picked from a list is not."""
    rows = [opinion, *opinion.answers.all(), *opinion.grid.all(), *opinion.options.all(), *opinion.evidence.all()]
    return [getattr(row, field.name) for row in rows for field in row._meta.concrete_fields if is_text(field)]


def is_text(field: models.Field) -> bool:
    """Whether a column holds what somebody wrote."""
    return isinstance(field, models.CharField | models.TextField) and field.editable and not field.choices


def columns(row: models.Model, without: set[str]) -> dict[str, Any]:
    """The columns of one row by name, dates in ISO format."""
    names = [field.name for field in row._meta.concrete_fields if field.name not in without]
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
