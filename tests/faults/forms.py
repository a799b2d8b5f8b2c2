"""The forms of a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {"text", "search", "email", "tel", "url"}


@dataclass
class Form:
    """A form that posts: where to, its present values, and the names of its fields of some kinds."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Collects the ``forms`` of a page, its ``title``, and the names of the fields that are marked as ``refused``."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.path, self.forms, self.title, self.refused = path, [], "", set()
        self._form: Form | None = None
        self._select = self._area = self._in_title = ""
        self._in_pattern = False  # <template>: what scripts copy, which is sent by nobody
        self.feed(html)
        for form in self.forms:  # a browser drops the line end that follows <textarea>
            form.values = {name: [text.removeprefix("\n") for text in values] for name, values in form.values.items()}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or one of its fields."""
        given = {name: value or "" for name, value in attrs}
        if given.get("aria-invalid") == "true":
            self.refused.add(given.get("name", ""))
        self._in_title = tag if tag == "title" and not self.title else ""
        if tag == "template" or self._in_pattern:
            self._in_pattern = True
        elif tag == "form":
            self._form = Form(given.get("action") or self.path) if given.get("method", "").lower() == "post" else None
        elif tag == "button" and "formaction" in given:
            self.forms.append(Form(given["formaction"]))
        elif self._form and given.get("name"):
            self._field(self._form, tag, given)
        elif self._form and tag == "option" and self._select and "selected" in given:
            self._form.values[self._select].append(given.get("value", ""))

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        if tag == "select":
            self._select = name
            form.values.setdefault(name, [])
        elif tag == "textarea":
            self._area = name
            form.values[name] = [""]
            form.typed.append(name)
        elif tag == "input" and (kind not in ("checkbox", "radio", "file", "submit") or "checked" in given):
            form.values.setdefault(name, []).append(given.get("value", "on" if kind in ("checkbox", "radio") else ""))
            form.typed += [name] * (kind in TYPED)
            form.dates += [name] * (kind == "date")
            form.hidden += [name] * (kind == "hidden" and name != "csrfmiddlewaretoken")

    def handle_endtag(self, tag: str) -> None:
        """A form ends, or one of its fields."""
        if tag == "template":
            self._in_pattern = False
        elif tag == "form" and self._form:
            self.forms += [self._form] * bool(self._form.values.keys() - {"csrfmiddlewaretoken"} or self._form.action != self.path)
            self._form = None
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        """The text of an area, or of the title."""
        if self._area and self._form:
            self._form.values[self._area][0] += data
        if self._in_title:
            self.title += data
