"""Specialists and what proves them, offers, declines, and notes of the team."""

from .decline import Decline
from .note import DeskNote
from .offer import Offer
from .specialist import Licence, SpecialistProfile, TimeOff

__all__ = ["Decline", "DeskNote", "Licence", "Offer", "SpecialistProfile", "TimeOff"]
