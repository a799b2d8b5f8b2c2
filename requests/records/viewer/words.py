"""The viewer in words: why a file has no image, and what a series is."""

from .problems import Problem

WITHOUT_IMAGES = {
    Problem.NO_PIXELS: "This file holds no image. It may be a report, a plan or a measurement.",
    Problem.SYNTAX: "This file is packed in a way that we cannot show.",
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


def listed(numbers: list[int]) -> str:
    """Numbers as people write them: 3, 7 to 9 and 12."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
