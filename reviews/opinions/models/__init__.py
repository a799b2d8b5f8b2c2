"""The opinion's rows, one module an idea."""

from .letter import Letter
from .opinion import ROWS, Opinion, Strength, Urgency
from .parts import Answer, Aspect, Evidence, GridRow, Impact, Option, Verdict
from .private import PrivateNote
from .second_look import SecondLook

__all__ = [
    "ROWS",
    "Answer",
    "Aspect",
    "Evidence",
    "GridRow",
    "Impact",
    "Letter",
    "Opinion",
    "Option",
    "PrivateNote",
    "SecondLook",
    "Strength",
    "Urgency",
    "Verdict",
]
