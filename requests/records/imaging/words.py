"""Images in words: what a header says, for people."""

from datetime import date
from typing import Any

from django.utils.formats import date_format

# DICOM PS3.3, C.7.3.1.1.1: the modalities that patients have heard of.
BODY_PARTS = {
    "CSPINE": "Cervical spine",
    "TSPINE": "Thoracic spine",
    "LSPINE": "Lumbar spine",
    "SSPINE": "Sacrum",
    "WHOLEBODY": "Whole body",
}
SEXES = {"F": "female", "M": "male"}
MODALITIES = {
    "CT": "CT scan",
    "MR": "MRI scan",
    "US": "Ultrasound",
    "CR": "X-ray",
    "DX": "X-ray",
    "MG": "Mammogram",
    "PT": "PET scan",
    "NM": "Nuclear medicine scan",
    "XA": "Angiogram",
    "RF": "Fluoroscopy",
    "SR": "Report",
    "ECG": "ECG",
    "SM": "Microscope slide",
    "ES": "Endoscopy",
}


def body_part(code: str) -> str:
    """What was examined, as people call it."""
    return BODY_PARTS.get(code.upper(), code.capitalize())


def modality(code: str) -> str:
    """What people call it; the code where they do not."""
    return MODALITIES.get(code, code)


def of_file(facts: dict[str, Any]) -> list[str]:
    """What one file shows: how it was taken, what of, and when."""
    if listed := facts.get("listed"):
        return [f"Table of contents of a disc with {listed} image{'' if listed == 1 else 's'}"]
    what = facts.get("series_description") or facts.get("study_description") or ""
    return [modality(facts.get("modality", "")), what, day(facts.get("study_date", ""))]


def person(name: str, birth_date: str, sex: str) -> str:
    """Whom a header names."""
    latin = name.partition("=")[0] or name
    family, _, rest = latin.partition("^")
    told = " ".join(f"{rest.replace('^', ' ')} {family}".split())
    return ", ".join(filter(None, [told, f"born {day(birth_date)}" if birth_date else "", SEXES.get(sex, "")]))


def named_in(facts: dict[str, Any]) -> str:
    """Whom a file says it is about, for comparison with the case."""
    patient = facts.get("patient", {})
    told = person(patient.get("name", ""), patient.get("birth_date", ""), patient.get("sex", ""))
    return f"The file names as patient: {told}" if told else ""


def day(iso: str) -> str:
    """A date of a header as people write it."""
    return date_format(date.fromisoformat(iso), "j F Y") if iso else ""
