"""What the words of a consent have to hold before patients may sign them.

For an authorization these are the elements of 45 CFR 164.508(c). Whether the words are right is for counsel; that an element is not
forgotten is for us. Plain language, (c)(3), cannot be found by a pattern; a test measures the words that we ship.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

NAMES = ("patient", "recipient", "purpose", "expires", "signer")
OF_A_SOURCE = ("source", "records")


class Element(NamedTuple):
    """One thing that must be said: where the rule asks for it, what it is, and patterns that all have to be found."""

    rule: str
    meaning: str
    patterns: tuple[str, ...]


def slot(rule: str, name: str, meaning: str) -> Element:
    """An element that is filled in for each case."""
    return Element(rule, f"{meaning}, as {{{name}}}", (rf"\{{{name}\}}",))


AUTHORIZATION = (
    slot("(c)(1)(i)", "records", "which records may be released"),
    slot("(c)(1)(i)", "patient", "whose records they are"),
    slot("(c)(1)(ii)", "source", "who may release them"),
    slot("(c)(1)(iii)", "recipient", "who may receive them"),
    slot("(c)(1)(iv)", "purpose", "what they are for"),
    slot("(c)(1)(v)", "expires", "when the authorization ends"),
    slot("(c)(1)(vi)", "signer", "who signs, and with what authority"),
    Element("(c)(2)(i)", "that it can be revoked in writing", (r"\b(revoke|take .{0,20}back)\b", r"\bin writing\b|\bwritten\b")),
    Element("(c)(2)(i)", "what revoking does not undo (“already released”)", (r"\balready\b",)),
    Element(
        "(c)(2)(ii)",
        "that treatment, payment, enrollment and benefits do not depend on it",
        (r"\btreatment\b", r"\bpayment\b", r"\benrollment\b", r"\bbenefits\b"),
    ),
    Element("(c)(2)(iii)", "that what is passed on may no longer be protected", (r"\bno longer\b.{0,20}\bprotect",)),
    Element("(c)(4)", "that the signer gets a copy", (r"\bcopy\b",)),
)
CONSENT = (
    Element("", "who is allowed to act, as {recipient}", (r"\{recipient\}",)),
    Element("", "that it can be taken back", (r"\b(revoke|take .{0,20}back)\b",)),
)


def elements_of(kind: str) -> tuple[Element, ...]:
    """What the words of a consent of this kind must hold."""
    return AUTHORIZATION if kind == "authorisation" else CONSENT


def faults(kind: str, body: str) -> Iterator[str]:
    """A sentence for each element that the words lack, and for each brace that nothing would fill in."""
    words = " ".join(body.split())
    for element in elements_of(kind):
        if not all(re.search(pattern, words, re.IGNORECASE) for pattern in element.patterns):
            asked = f" 45 CFR 164.508{element.rule} asks for it." if element.rule else ""
            yield f"The words do not say {element.meaning}.{asked}"
    known = {*NAMES, *(OF_A_SOURCE if kind == "authorisation" else ())}
    for name in sorted(set(re.findall(r"\{([^{}]*)\}", body)) - known):
        yield f"Nothing is filled in for {{{name}}} in a consent of this kind."
