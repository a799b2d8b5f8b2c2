"""The viewer in words: why a file has no image, and what a series is."""

from .problems import Problem

WITHOUT_IMAGES = {
    Problem.NO_PIXELS: "This file holds no image. It may be a report, a plan or a measurement.",
    Problem.SYNTAX: "This file is packed in a way that we cannot show.",
    Problem.TWELVE_BITS: "This image is packed in a way that we cannot show (12-bit JPEG with loss). "
    "Please download the file and open it in medical imaging software.",
    Problem.TOO_LARGE: "This image is too large to show here.",
    Problem.TOO_MANY: "This file holds more images than we can show here.",
    Problem.DAMAGED: "We could not read the image in this file.",
    Problem.LIMITS: "We could not read this file within safe limits.",
}
# DICOM PS3.3, C.7.3.1.1.1: modalities without pictures, as people call them.
NOT_PICTURES = {
    "SR": "a written report",
    "RTPLAN": "a plan for radiation",
    "RTSTRUCT": "outlines for a radiation plan",
    "DOC": "a document",
    "ECG": "a heart tracing",
    "PR": "display settings",
    "KO": "a list of key images",
    "REG": "a way to lay scans over each other",
}


def image_count(count: int) -> str:
    """So many images, in words."""
    return "1 image" if count == 1 else f"{count:,} images"
