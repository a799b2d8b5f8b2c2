"""Whether two spellings of a name can be one person's: order, case, accents, initials, middle names and umlauts do not count."""

import re
import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import permutations

from .models import Verdict

# Letters that hospitals write as two, or as the bare one; what NFKD takes apart by itself is not here.
SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "æ": "ae", "ø": "oe", "œ": "oe", "þ": "th", "ð": "d"})
BARE = str.maketrans({"ß": "ss", "æ": "a", "ø": "o", "œ": "o", "þ": "th", "ð": "d", "ł": "l", "đ": "d", "ı": "i"})
TITLES = "dr md phd prof professor mr mrs ms miss mx sir herr frau jr sr ii iii iv dipl ing med"
NOBODY = (
    "anon anonym anonymous anonymised anonymized anonymize deidentified unknown unbekannt inconnu desconocido "
    "noname none null patient test name withheld removed redacted xxx xxxx"
)
AMBIGUOUS = 2  # letters: Li is a name of its own, Jo is short for Joan
MOST_WORDS = 5
ALIKE = 0.8  # of two spellings with five letters or more: one slip of a typist


def compare(ours: str, header: str) -> Verdict:
    """Whether the name of a DICOM header (``Family^Given^Middle``, in up to three scripts) can be that of the person ``ours``.

    Two words have to agree, one of them letter by letter. A header without a name tells nothing, nor does one word, or a slip.
    """
    found = {_compare(ours, group) for group in header.split("=") if group.strip("^ ")}
    return next((verdict for verdict in (Verdict.MATCHES, Verdict.UNCLEAR, Verdict.DIFFERS) if verdict in found), Verdict.UNCLEAR)


def _compare(ours: str, theirs: str) -> Verdict:
    first, second = words(ours), words(theirs)
    if not is_comparable(first, second):
        return Verdict.UNCLEAR
    return Verdict.MATCHES if joined(first) & joined(second) else _word_by_word(first, second)


def is_comparable(ours: list[set[str]], theirs: list[set[str]]) -> bool:
    """Whether both are names of somebody, in one script."""
    is_nobody = any(forms & set(NOBODY.split()) for forms in theirs)
    return bool(ours and theirs) and not is_nobody and is_latin(ours) == is_latin(theirs)


def _word_by_word(first: list[set[str]], second: list[set[str]]) -> Verdict:
    short, long = sorted((first, second), key=len)
    left = list(long)
    alone = [word for word in short if not _taken(word, left, set.__and__)]
    strangers = [word for word in alone if not _taken(word, left, _shortened)]
    if len(short) > 1 and not strangers and len(alone) < len(short):
        return Verdict.MATCHES
    strangers = [word for word in strangers if not _taken(word, left, _alike)]
    return Verdict.UNCLEAR if not strangers or len(short) - len(alone) > 1 else Verdict.DIFFERS


def words(name: str) -> list[set[str]]:
    """The words of a name, each as the set of its spellings; without titles, figures and marks."""
    found = []
    for word in re.split(r"[^\w'’]+", unicodedata.normalize("NFC", name).casefold()):
        forms = {re.sub(r"[\W\d_]", "", form) for form in (_bare(word), _bare(word.translate(SPELT_OUT)))} - {""}
        if forms and not forms & set(TITLES.split()):
            found.append(forms)
    return found


def joined(name: list[set[str]]) -> set[str]:
    """A name written as one word, in every order: Anne Marie is Annemarie, and O Brien is O'Brien."""
    return {"".join(order) for order in permutations([min(word) for word in name])} if len(name) <= MOST_WORDS else set()


def is_latin(name: list[set[str]]) -> bool:
    """Whether a name can be compared letter by letter with one in Latin letters."""
    return all("LATIN" in unicodedata.name(letter, "") for word in name for form in word for letter in form)


def _bare(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.translate(BARE))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _taken(word: set[str], others: list[set[str]], agree: Callable[[set[str], set[str]], object]) -> bool:
    """Whether ``word`` agrees with one of ``others``, which is used up by it."""
    partner = next((other for other in others if agree(word, other)), None)
    if partner is not None:
        others.remove(partner)
    return partner is not None


def _shortened(word: set[str], other: set[str]) -> bool:
    """Whether one is an initial or a short form of the other."""
    return any(one.startswith(two) or two.startswith(one) for one in word for two in other if min(len(one), len(two)) != AMBIGUOUS)


def _alike(word: set[str], other: set[str]) -> bool:
    """Whether one may be a slip of the other, or a nickname of two letters."""
    pairs = [(one, two) for one in word for two in other]
    if any(one.startswith(two) or two.startswith(one) for one, two in pairs):
        return True
    return any(min(len(one), len(two)) > 4 and SequenceMatcher(None, one, two).ratio() >= ALIKE for one, two in pairs)
