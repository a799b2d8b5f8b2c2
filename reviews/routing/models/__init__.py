"""Specialists and what proves them, offers, and declines."""

from .decline import Decline
from .offer import Offer
from .specialist import Licence, SpecialistProfile, TimeOff

__all__ = ["Decline", "Licence", "Offer", "SpecialistProfile", "TimeOff"]
