"""Entries in words: dates as exact as they were told, figures that can be read, flags and standings spelled out."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.formats import date_format

from .models import MEASURED, ClinicalEntry, EntryKind

# HL7's table 0078 and the code system ObservationInterpretation that came after it.
FLAGS = {
    "H": "High",
    "HI": "High",
    "HH": "Very high",
    "HU": "Very high",
    "L": "Low",
    "LL": "Very low",
    "LU": "Very low",
    "N": "Normal",
    "A": "Abnormal",
    "AA": "Very abnormal",
    "POS": "Positive",
    "NEG": "Negative",
    "IND": "Indeterminate",
    "DET": "Detected",
    "ND": "Not detected",
    "RR": "Reactive",
    "NR": "Not reactive",
    "S": "Susceptible",
    "I": "Intermediate",
    "R": "Resistant",
    "<": "Below what can be measured",
    ">": "Above what can be measured",
}
# Of one entry; pages of many have the labels of the kinds.
ONE = {
    EntryKind.PROBLEM: "Problem",
    EntryKind.MEDICINE: "Medicine",
    EntryKind.ALLERGY: "Allergy",
    EntryKind.RESULT: "Test result",
    EntryKind.VITAL: "Vital sign",
    EntryKind.REPORT: "Report",
    EntryKind.PROCEDURE: "Procedure",
    EntryKind.IMMUNIZATION: "Vaccine",
    EntryKind.VISIT: "Visit",
    EntryKind.PLAN: "Plan",
    EntryKind.DOCUMENT: "Document",
}
USUAL = {"normal", "n", "within reference range", "none", "negative", "not detected", "not reactive", "susceptible"}
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,40})?\Z")
LONGEST_FRACTION, FIGURES = 3, 3
NOT_COUNTED = ("cancelled", "entered in error", "aborted", "held")


def day(moment: str) -> str:
    """A date of a document in words: ``2013``, ``March 2013`` or ``26 March 2013``."""
    if len(moment) < len("2013-03"):
        return moment
    if len(moment) < len("2013-03-26"):
        return date_format(date.fromisoformat(f"{moment}-01"), "F Y")
    return date_format(date.fromisoformat(moment[:10]), "j F Y")


def period(entry: ClinicalEntry) -> str:
    """When it was, from and to where these are different days."""
    starts, ends = day(entry.starts), day(entry.ends)
    if starts and ends and starts != ends:
        return f"{starts} to {ends}"
    return starts or (f"until {ends}" if ends else "")


def number(entry: ClinicalEntry) -> Decimal | None:
    """The figure of a value, where it is one that can be drawn."""
    if not NUMBER.match(entry.value) or entry.status.replace("-", " ").casefold() in NOT_COUNTED:
        return None
    try:
        return Decimal(entry.value)
    except InvalidOperation:
        return None


def value(entry: ClinicalEntry) -> str:
    """The value with its unit; a figure with at most three decimals, of a small one as many as show three figures."""
    figure = number(entry)
    text = entry.value
    if figure is not None:
        decimals = max(LONGEST_FRACTION, FIGURES - 1 - figure.adjusted())
        if -figure.as_tuple().exponent > decimals:  # type: ignore[operator]
            text = f"{figure.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"
    return f"{text} {entry.unit}".strip()


def flag(entry: ClinicalEntry) -> str:
    """Whether a value is high or low, as the document says."""
    return FLAGS.get(entry.flag.upper(), entry.flag)


def is_unusual(entry: ClinicalEntry) -> bool:
    """Whether the document marks a value as other than normal."""
    return bool(entry.flag) and flag(entry).casefold() not in USUAL


def standing(entry: ClinicalEntry) -> str:
    """Where something stands; of a measured value only what makes it doubtful."""
    told = entry.status.replace("-", " ").strip()
    if entry.kind in MEASURED and told.casefold() in ("final", "completed", "amended", "corrected", ""):
        return ""
    return told[:1].upper() + told[1:]
