"""Template tags of the Django admin's pages in our own clothes."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

register = template.Library()


@register.filter
def labelled(cells: Iterable[SafeString], headers: Iterable[dict[str, Any]]) -> Iterator[SafeString]:
    """The cells of a row as Django draws them, each with its column's name, which a phone shows beside the value."""
    for cell, header in zip(cells, headers, strict=True):
        tag, rest = cell[1:3], SafeString(cell[3:])  # "<td …" or "<th …"
        yield format_html('<{} data-label="{}"{}', tag, capfirst(header["text"]), rest)
