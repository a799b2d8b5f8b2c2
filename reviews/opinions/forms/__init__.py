"""The forms of the reading room, of signing, and of the check before release."""

from .checking import ReturnForm, SecondAnswerForm, SecondAskForm, SecondDeclineForm
from .room import AskForm, FirstReadForm, SignForm
from .writeup import WriteUp

__all__ = [
    "AskForm",
    "FirstReadForm",
    "ReturnForm",
    "SecondAnswerForm",
    "SecondAskForm",
    "SecondDeclineForm",
    "SignForm",
    "WriteUp",
]
