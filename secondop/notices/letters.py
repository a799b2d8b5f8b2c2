"""The one frame of all mails, ours and allauth's: a letter goes in, a mail as text and as HTML comes out."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from secondop.web.context import installation

HTML = "text/html"
NO_DETAILS = "To keep your data safe, this mail has no details. They are on the page behind the link, once you sign in."
NOT_EXPECTED = "If you did not expect this mail, you can delete it. Then nothing happens."


@dataclass(frozen=True)
class Letter:
    """What one mail says, in plain words; none of it may hold health data.

    ``name`` greets. ``action`` and ``url`` are the button, ``code`` is what to type. ``after`` stands below them. ``why`` is the
    small print, and ``stop_url`` the page that ends mails of this sort.
    """

    subject: str
    paragraphs: tuple[str, ...]
    name: str = ""
    action: str = ""
    url: str = ""
    code: str = ""
    after: tuple[str, ...] = ()
    why: str = NO_DETAILS
    stop_url: str = ""

    def filled(self, values: dict[str, str]) -> "Letter":
        """The letter with ``values`` put where its texts name them. Raises ``KeyError`` for a missing one."""
        texts: dict[str, Any] = {name: getattr(self, name).format_map(values) for name in ("subject", "url", "code")}
        for name in ("paragraphs", "after"):
            texts[name] = tuple(line.format_map(values) for line in getattr(self, name))
        return replace(self, **texts)

    def mail(self) -> EmailMultiAlternatives:
        """The mail, without an address yet."""
        parts = {"letter": self, **installation()}
        mail = EmailMultiAlternatives(self.subject, render_to_string("notices/letter.txt", parts))
        mail.attach_alternative(render_to_string("notices/letter.html", parts), HTML)
        return mail
