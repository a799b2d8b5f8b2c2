"""Template tags for pages composed of templates/components/."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()
TITLES = {"Dr", "Prof", "Mr", "Mrs", "Ms"}


def _render(context: template.Context, name: str, params: dict[str, object]) -> SafeString:
    """Render a component with its own parameters only, so that it never depends on the page it stands in."""
    shared = {key: context.get(key) for key in ("request", "csrf_token")}
    return render_to_string(f"components/{name}.html", {**shared, **params})


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str, **params: object) -> SafeString:
    """Render templates/components/<name>.html with the given parameters."""
    return _render(context, name, params)


@register.simple_block_tag(takes_context=True)
def component(context: template.Context, content: SafeString, name: str, **params: object) -> SafeString:
    """Render templates/components/<name>.html around the enclosed markup, which it shows as ``slot``."""
    return _render(context, name, {**params, "slot": content})


@register.filter
def initials(name: str) -> str:
    """First letters of the first and last word of a name, titles such as "Dr" left out."""
    words = [word for word in name.split() if word.rstrip(".") not in TITLES]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()
