"""Template tags of the styleguide: what a component declares, and a sample of it with its call as code beside it."""

from collections.abc import Iterator
from textwrap import dedent
from typing import cast

from django import template
from django.template.base import Node, NodeList, Parser, Token, TokenType
from django.utils.safestring import SafeString

from secondop.pages.parts import FOLDER, read

register = template.Library()
END = "endsample"


@register.inclusion_tag("pages/styleguide/about.html")
def about(name: str) -> dict[str, object]:
    """The heading of a component, with what its template declares."""
    return {"component": read(name, (FOLDER / f"{name}.html").read_text(encoding="utf-8"))}


@register.tag
def sample(parser: Parser, token: Token) -> Node:
    """Draw what stands between the tags, and show its source beside it."""
    source = dedent("".join(_ahead(parser))).strip()
    nodelist = parser.parse((END,))
    parser.delete_first_token()
    return Sample(nodelist, source)


def _ahead(parser: Parser) -> Iterator[str]:
    """The source up to the end tag, as it stands in the template; the parser keeps its tokens last first."""
    for token in reversed(cast(list[Token], parser.tokens)):
        if token.token_type == TokenType.BLOCK and token.contents == END:
            return
        left, right = {TokenType.BLOCK: ("{% ", " %}"), TokenType.VAR: ("{{ ", " }}")}.get(token.token_type, ("", ""))
        yield f"{left}{token.contents}{right}"


class Sample(Node):
    """A sample: ``nodelist`` drawn, and ``source`` as text."""

    def __init__(self, nodelist: NodeList, source: str) -> None:
        self.nodelist, self.source = nodelist, source

    def render(self, context: template.Context) -> SafeString:
        """Both, side by side."""
        frame = context.template.engine.get_template("pages/styleguide/sample.html")  # type: ignore[union-attr]
        return frame.render(context.new({"drawn": self.nodelist.render(context), "source": self.source}))
