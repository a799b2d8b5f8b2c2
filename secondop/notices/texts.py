"""Text messages: what may come as one, and the fixed words of each, which name the site and nobody.

A text shows on a locked screen, so that it says less than a mail: no case, no name, no link but to the site. It never comes instead of
a mail, and what is about an account or its sign-in never comes as a text at all.
"""

import json
import unicodedata
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from .groups import GROUPS
from .models import Notice

CODE_LIVES = timedelta(minutes=10)
LONGEST = 160  # characters of the alphabet below that are one text; longer ones are sent, and paid for, as two
GSM = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
NEWS = "{site}: {sentence} Sign in: {url} To stop these texts, see Notices there."
CODE = "{site}: Your code is {code}. It works for 10 minutes. If you did not ask for it, do nothing."


class Texted(NamedTuple):
    """Kinds (rows of KINDS) of which one chooses together whether a text comes too, and what it says."""

    label: str
    about: str
    kinds: tuple[str, ...]
    sentence: str
    roles: tuple[str, ...] = ()


def _of_group(name: str, sentence: str, *more: str) -> Texted:
    group = GROUPS[name]
    return Texted(group.label, group.about, group.kinds + more, sentence, group.roles)


TEXTS = {
    "opinion": Texted("Your second opinion", "As soon as it is ready to read.", ("released",), "What you asked us for is ready."),
    "questions": _of_group("questions", "We need something from you."),
    "offers": _of_group("offers", "Work waits for your answer.", "confirm_wanted"),
    "late": _of_group("late", "Something on your desk needs you now."),
}
TEXT_OF = {kind: name for name, texted in TEXTS.items() for kind in texted.kinds}


def texts_for(roles: list[str]) -> dict[str, Texted]:
    """What somebody with ``roles`` may have a text about, when the site can send any."""
    return {name: texted for name, texted in TEXTS.items() if not texted.roles or set(texted.roles) & set(roles)}


def text_of(notice: Notice) -> tuple[str, str]:
    """The number that a text goes to, and its words. Raises ``KeyError`` for bad rows."""
    if notice.is_code_by_text:
        kept = json.loads(notice.raw)
        return kept["to"], kept["text"]
    person: Any = notice.recipient
    return person.phone.number, news(TEXTS[TEXT_OF[notice.kind]].sentence)


def news(sentence: str) -> str:
    """A text that says ``sentence`` and where to sign in."""
    return _fitted(NEWS, sentence=sentence, url=settings.BASE_URL + "/")


def code_text(code: str) -> str:
    """The text that brings a code."""
    return _fitted(CODE, code=code)


def longest_words() -> int:
    """How long a text is at least, with one letter for the name of the site."""
    return max(len(NEWS.format(site="S", sentence=texted.sentence, url=settings.BASE_URL + "/")) for texted in TEXTS.values())


def _fitted(frame: str, **values: str) -> str:
    """``frame`` with ``values`` and as much of the site's name as one text has room for."""
    room = LONGEST - len(frame.format(site="", **values))
    return frame.format(site=site_name()[: max(room, 1)].strip(), **values)


def site_name() -> str:
    """The organisation's name in letters that every telephone and every gateway knows; where none are left, the site's host."""
    letters = (letter if letter in GSM else unicodedata.normalize("NFKD", letter) for letter in settings.ORGANISATION)
    name = "".join(letter for letter in "".join(letters) if letter in GSM)
    return " ".join(name.split()) or urlsplit(settings.BASE_URL).hostname or "SecondOp"


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}
