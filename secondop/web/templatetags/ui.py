"""Template tags for pages composed of templates/components/."""

from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from secondop.web import text

register = template.Library()
# What a User-Agent holds and what people call it. Browsers also name those they descend from: the first mark that fits counts.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrom": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
TITLES = {"Dr", "Prof", "Mr", "Mrs", "Ms"}
DESK = [("Desk", "routing:queue"), ("Record requests", "records:ledger")]
REVIEWS = [("Offers and reviews", "routing:worklist")]
# By role; somebody with two roles gets both lists. A person without a role is a patient.
NAVIGATION = {
    "coordinator": DESK,
    "lead": DESK,
    "specialist": REVIEWS,
    "administrator": [("Administration", "admin:index")],
}
PATIENT_NAVIGATION = [("Your cases", "tracking:list"), ("Ask for an opinion", "intake:start")]
VISITOR_NAVIGATION = [("How it works", "how_it_works"), ("Specialties", "specialties"), ("For specialists", "for_specialists")]


class NavLink(NamedTuple):
    """One entry of the main navigation."""

    label: str
    url: str
    current: bool


def _render(context: template.Context, name: str, params: dict[str, object]) -> SafeString:
    """Render a component with its own parameters only, so that it never depends on the page it stands in."""
    shared = {key: context.get(key) for key in ("request", "csrf_token")}
    page = context.template
    if page is None:
        raise template.TemplateSyntaxError("Components are drawn while a page is rendered.")
    return page.engine.get_template(f"components/{name}.html").render(context.new({**shared, **params}))


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str, /, **params: object) -> SafeString:
    """Render templates/components/<name>.html with the given parameters."""
    return _render(context, name, params)


@register.simple_block_tag(takes_context=True)
def component(context: template.Context, content: SafeString, name: str, /, **params: object) -> SafeString:
    """Render templates/components/<name>.html around the enclosed markup, which it shows as ``slot``."""
    return _render(context, name, {**params, "slot": content})


@register.filter(is_safe=True)
def bound(words: object) -> str:
    """Words for a heading, with figures kept beside their units."""
    return text.bound(str(words))


@register.filter
def initials(name: str) -> str:
    """First letters of the first and last word of a name; titles such as "Dr" and what follows a comma are left out."""
    words = [word for word in name.partition(",")[0].split() if word.rstrip(".") not in TITLES]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


@register.filter
def browser_in_words(agent: str) -> str:
    """A browser and its system, such as "Firefox on Windows", from what it says of itself in the User-Agent header."""
    found = [next((name for mark, name in names.items() if mark in agent), "") for names in (BROWSERS, SYSTEMS)]
    return " on ".join(filter(None, found)) or "Unknown browser"


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> list[NavLink]:
    """The links of the main navigation for the signed-in person or for visitors."""
    user, path = context["user"], context["request"].path
    roles = user.roles if user.is_authenticated else []
    everybody = PATIENT_NAVIGATION if user.is_authenticated else VISITOR_NAVIGATION
    wanted = dict(entry for role, entries in NAVIGATION.items() if role in roles for entry in entries)
    links = []
    for label, name in (wanted or dict(everybody)).items():
        url = reverse(name)
        links.append(NavLink(label, url, path.startswith(url)))
    return links
