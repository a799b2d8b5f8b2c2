"""What the frame of mails needs."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
REFERENCE = re.compile(r"(\bSO-\w{4}-\w{4}\b)")


@register.filter
def unbroken(words: str) -> SafeString:
    """``words`` with the reference of a case kept on one line."""
    parts = REFERENCE.split(words)
    return format_html_join(
        "", "{}", ([format_html('<span style="white-space:nowrap">{}</span>', p) if n % 2 else p] for n, p in enumerate(parts))
    )
