"""How hard a rendered page is to read: the sentences of its main part, and their school grade."""

from html.parser import HTMLParser

import textstat

BLOCKS = {"p", "li", "dt", "dd", "h1", "h2", "h3", "legend", "label", "button", "option", "div", "caption"}


class MainText(HTMLParser):
    """The text of <main>, one sentence a block, without choices and menus of places."""

    def __init__(self):
        super().__init__()
        self.depth, self.text = 0, []
        self.hidden = 0

    def handle_starttag(self, tag, attrs):
        self.depth += tag == "main"
        self.hidden += tag in ("select", "svg", "template")
        if tag in BLOCKS:
            self.text.append("\n")

    def handle_endtag(self, tag):
        self.depth -= tag == "main"
        self.hidden -= tag in ("select", "svg", "template")
        if tag in BLOCKS:
            self.text.append("\n")

    def handle_data(self, data):
        if self.depth and not self.hidden:
            self.text.append(data.replace("\n", " "))


def sentences(page):
    """The blocks of a page that are sentences."""
    parser = MainText()
    parser.feed(page)
    blocks = (" ".join(block.split()) for block in "".join(parser.text).split("\n"))
    return [block for block in blocks if block.endswith((".", "?")) and len(block.split()) > 3]


def grade(text):
    """The school grade by the automated readability index, which needs no dictionary."""
    return textstat.automated_readability_index(text)
