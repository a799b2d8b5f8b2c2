"""The count of unread notices in the header."""

from django import template
from django.http import HttpRequest

from secondop.inbox.services import MANY, arrive

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: template.Context) -> str:
    """How many notices the signed-in person has not read, such as "3" or "99+", empty for none; those that lead to this page are read."""
    request = context["request"]
    number = arrive(request.user, request.path if is_looked_at(request) else "")
    return f"{MANY}+" if number > MANY else str(number or "")


def is_looked_at(request: HttpRequest) -> bool:
    """Whether a person sees the page now: not where only its head is asked for, or a browser fetches it in advance."""
    return request.method != "HEAD" and "prefetch" not in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
