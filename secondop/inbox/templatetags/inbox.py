"""The count of unread notices in the header."""

from django import template

from secondop.inbox.services import MANY, arrive

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: template.Context) -> str:
    """How many notices the signed-in person has not read, such as "3" or "99+", empty for none; those that lead to this page are read."""
    request = context["request"]
    number = arrive(request.user, request.path)
    return f"{MANY}+" if number > MANY else str(number or "")
