"""The kernel's rows, one module an idea."""

from secondop.cases.access import Access

from .authority import AuthorityCheck
from .brief import Brief, HealthItem, NotInvolved, Question, Source, TreatingDoctor
from .case import Case
from .checklist import ChecklistItem
from .consents import Consent
from .erasure import ErasureRequest
from .handover import Handover
from .journal import JournalEntry
from .message import Message, ReadMark
from .thread import Ask, AskItem

__all__ = [
    "Access",
    "Ask",
    "AskItem",
    "AuthorityCheck",
    "Brief",
    "Case",
    "ChecklistItem",
    "Consent",
    "ErasureRequest",
    "Handover",
    "HealthItem",
    "JournalEntry",
    "Message",
    "NotInvolved",
    "Question",
    "ReadMark",
    "Source",
    "TreatingDoctor",
]
