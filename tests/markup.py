"""What is wrong with a page's HTML, by small checks that need no browser."""

from collections import Counter
from html.parser import HTMLParser

from lxml import html

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
# What HTML lets one leave open.
LEFT_OPEN = frozenset(["li", "dt", "dd", "p", "tr", "td", "th", "thead", "tbody", "option"])
BLOCKS = frozenset(
    "address article aside blockquote details dialog div dl fieldset form h1 h2 h3 h4 header hr main nav ol p section table ul".split()  # noqa: SIM905
)
# What is inside an element of the first kind may not be one of the second.
FORBIDDEN = {
    "p": BLOCKS,
    "a": frozenset({"a", "button", "input", "select", "textarea"}),
    "button": frozenset({"a", "button", "input"}) | BLOCKS,
    "form": frozenset({"form"}),
    "label": frozenset({"label"}),
    "h1": BLOCKS,
    "h2": BLOCKS,
    "h3": BLOCKS,
    "span": BLOCKS,
}


class Nesting(HTMLParser):
    """Collects in ``faults`` what stands where it may not."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults += [f"<{tag}> inside <{outer}>" for outer in self.open if tag in FORBIDDEN.get(outer, ())]
        if len(dict(attrs)) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            self.faults.append(f"</{tag}> ends nothing")
            return
        while (ended := self.open.pop()) != tag:
            if ended not in LEFT_OPEN:
                self.faults.append(f"<{ended}> is not ended before </{tag}>")


def faults(page: str) -> list[str]:
    """What a validator would say of ``page``; empty when nothing."""
    nesting = Nesting()
    nesting.feed(page)
    found = nesting.faults
    tree = html.document_fromstring(page)
    ids = Counter(tree.xpath("//@id"))
    found += [f"the id {one} stands {number} times" for one, number in ids.items() if number > 1]
    for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form"):
        found += [f"{name}={value} leads nowhere" for value in tree.xpath(f"//@{name}") for one in value.split() if one not in ids]
    found += [f"the link {link} leads nowhere" for link in tree.xpath("//a/@href[starts-with(., '#')]") if link[1:] and link[1:] not in ids]
    return found + _nameless(tree)


def _nameless(tree: html.HtmlElement) -> list[str]:
    """The fields, buttons, links and pictures of a page that say nothing of themselves."""
    labels = set(tree.xpath("//label/@for"))
    found = []
    for control in tree.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        named = control.get("id") in labels or control.get("aria-label") or control.get("aria-labelledby")
        if not named and not control.xpath("ancestor::label"):
            found.append(f"the field {control.get('name')} has no label")
    silent = (
        one
        for one in tree.xpath("//a|//button|//h1|//h2|//h3|//legend|//summary")
        if not (one.text_content().strip() or one.get("aria-label") or one.xpath(".//*[@aria-label]"))
    )
    found += [f"an empty <{one.tag}>" for one in silent]
    return found + ["a picture without alt" for one in tree.xpath("//img[not(@alt)]")]
