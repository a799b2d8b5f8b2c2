"""Why a file was not taken, in words for the person who sent it."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from .formats.problems import MAX_PIXELS, Problem

FOUND = {
    Problem.DAMAGED: "We could not read this file: it seems to be damaged. Please ask for a new copy and send that.",
    Problem.INCOMPLETE: "The end of this file is missing. It may have been cut off while it was copied. Please send it again.",
    Problem.PASSWORD: "This file is locked with a password. Please save a copy without the password and send that.",
    Problem.NO_PAGES: "This PDF has no pages.",
    Problem.TOO_MANY_PIXELS: f"This picture has more than {MAX_PIXELS // 1_000_000} million pixels. Please send a smaller copy.",
    Problem.NOT_AN_IMAGE: "This DICOM file does not say which image it is. Please ask for a new copy.",
    Problem.NOT_TEXT: "This file begins like a text, but holds other data. Please print it to a PDF file, then send that.",
    Problem.WEB_PAGE: "This text holds a web page or a drawing. Please open it, print it to a PDF file, then send that.",
    Problem.NOT_FHIR: "This is a data file (JSON), but not one of health data (FHIR). We cannot take these yet: please send a PDF.",
    Problem.NOT_CLINICAL: "This is an XML file, but not a health document (C-CDA). We cannot take these yet: please send a PDF.",
    Problem.ENTITIES: "This XML file has parts (a DTD or entities) that we do not open. Please ask for another copy, or send a PDF.",
    Problem.SEVERAL_PEOPLE: "This file holds the records of more than one person. Please ask for a file of the patient alone.",
    Problem.TOO_MANY_FILES: "This ZIP archive holds too many files. Please unpack it and send the files that matter.",
    Problem.TOO_DEEP: "This ZIP archive lies in too many others. Please unpack it and send the files in it.",
    Problem.TOO_DENSE: "This ZIP archive unpacks to far more than it should hold, so we stopped. Please send the files themselves.",
    Problem.TOO_LARGE: "This file is too large. Please ask where it comes from for a smaller copy.",
    Problem.NO_FILES: "There are no files in this ZIP archive.",
    Problem.ALL_HERE: "We have all files of this ZIP archive already.",
    Problem.PACKED_OTHERWISE: "This file is packed in a way that we cannot read. Please unpack the ZIP archive and send the file itself.",
    Problem.LINK: "This is only a link to another file. Please send the file itself.",
    Problem.HARMFUL: "Our virus scanner found something harmful in this file, so we did not keep it. "
    "Please have the device that it comes from looked at, and ask for a clean copy.",
    Problem.LIMITS: "We could not read this file within safe limits. Please ask for another copy, or send it as a PDF or JPEG.",
}
EMPTY = "This file is empty (0 bytes). Please check it on your device and send it again."
SPOILED = "A part of this file got damaged here while it was on its way. Please send it again."
OVER_COUNT = "Only {count} files can be sent at once. Please send this one again with the next ones."
FAR_OVER_COUNT = "Only {count} files can be sent at once, so none was kept. Please send fewer, or pack them into one ZIP archive."
OVER_FILE = "This file is larger than {size}. Please ask where it comes from for a smaller copy."
OVER_CASE = "All files of one case may be {size} together, and this one would go beyond that."
OVER_CASE_COUNT = "One case takes {count} files, and this one has as many. Please write to your care coordinator."
ALREADY_HERE = "We have this file already."
ALREADY_HERE_AS = "We have this file already, as “{name}”."


def over_count() -> str:
    """More files than one request may bring."""
    return OVER_COUNT.format(count=settings.UPLOAD_FILES_PER_REQUEST)


def far_over_count() -> str:
    """So many files that the request is not read to its end."""
    return FAR_OVER_COUNT.format(count=settings.UPLOAD_FILES_PER_REQUEST)


def over_file() -> str:
    """A file beyond the limit of one file."""
    return OVER_FILE.format(size=filesizeformat(settings.UPLOAD_FILE_BYTES))


def over_case() -> str:
    """A file beyond the limit of its case."""
    return OVER_CASE.format(size=filesizeformat(settings.UPLOAD_CASE_BYTES))


def over_case_count() -> str:
    """More files than a case may have."""
    return OVER_CASE_COUNT.format(count=f"{settings.UPLOAD_CASE_FILES:,}")


def already_here(name: str, here: str) -> str:
    """A content that the case holds under the name ``here``; an empty one is not told."""
    return ALREADY_HERE if here in (name, "") else ALREADY_HERE_AS.format(name=here)
