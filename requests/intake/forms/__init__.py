"""The forms of the intake's screens."""

from .base import ScreenForm, stamp_of
from .consent import ConsentForm
from .health import HealthForm
from .place import PlaceForm
from .question import QuestionForm
from .who import WhoForm

FORMS: dict[str, type[ScreenForm]] = {"who": WhoForm, "question": QuestionForm, "health": HealthForm, "consent": ConsentForm}

__all__ = ["FORMS", "ConsentForm", "HealthForm", "PlaceForm", "QuestionForm", "ScreenForm", "WhoForm", "stamp_of"]
