"""Marked-up text of a document as plain text: nothing of its HTML, styles, links or pictures is kept."""

from html.parser import HTMLParser

from .rows import CUT

BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "thead", "tbody", "hr"}
UNSEEN = {"script", "style", "head", "title", "template"}
MOST_MARKUP = 500_000
CELLS = {"td", "th"}
# What changes the meaning of the words in it: 10⁹ is not 109, and what was crossed out no longer holds.
RAISED, CROSSED_OUT = ("^", ""), ("[crossed out: ", "]")
AROUND = {"sup": RAISED, **dict.fromkeys(("del", "s", "strike"), CROSSED_OUT)}


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See ``HTMLParser``."""
        if tag in UNSEEN:
            self.unseen += 1
        elif tag in BLOCKS:
            self.parts.append("\n• " if tag == "li" else "\n")
        elif tag in AROUND and not self.unseen:
            self.parts.append(AROUND[tag][0])

    def handle_endtag(self, tag: str) -> None:
        """See ``HTMLParser``."""
        if tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in CELLS:
            self.parts.append(" | ")
        elif tag in BLOCKS:
            self.parts.append("\n")
        elif tag in AROUND and not self.unseen:
            self.parts.append(AROUND[tag][1])

    def handle_data(self, data: str) -> None:
        """See ``HTMLParser``."""
        if not self.unseen:
            self.parts.append(" ".join(data.split("\n")))


def plain(markup: str) -> str:
    """The words of an HTML or XHTML text, one line a paragraph, row or item; of a very long one its beginning, and that there is more."""
    reader = _Plain()
    reader.feed(markup[:MOST_MARKUP])
    reader.close()
    words = tidied("".join(reader.parts))
    return words + CUT if len(markup) > MOST_MARKUP else words


def tidied(text: str) -> str:
    """``text`` with single spaces, and without empty lines and empty cells at their ends."""
    lines = (" ".join(line.split()).strip(" |") for line in text.split("\n"))
    return "\n".join(line for line in lines if line and line != "•")
