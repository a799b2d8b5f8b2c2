"""What a DICOM header says about a frame: where it lies, how large its pixels are, what its values mean. Nothing here imports Django.

Any value of a header may be missing, of the wrong kind, or not a number; then it counts as missing.
"""

import math
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from ..formats.elements import number, numbers, value
from .pixels import Scale

TEXT_LIMIT = 120
PROJECTIONS = {"CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA"}  # shadows on a detector: what is nearer to the tube looks larger
CENTIMETERS = 3  # of physical units
REGIONS = 32
HIDDEN = 1  # of the flags of a region: what overlaps it hides it
FASTEST, SLOWEST = 8, 5000
# The only elements that the page shows, in its order: none names a person, a place or is private.
SHOWN = (
    "Modality",
    "StudyDescription",
    "SeriesDescription",
    "StudyDate",
    "SeriesNumber",
    "BodyPartExamined",
    "Laterality",
    "ViewPosition",
    "PatientPosition",
    "ContrastBolusAgent",
    "SliceThickness",
    "SpacingBetweenSlices",
    "ConvolutionKernel",
    "KVP",
    "MagneticFieldStrength",
    "RepetitionTime",
    "EchoTime",
    "Manufacturer",
    "ManufacturerModelName",
    "Rows",
    "Columns",
    "BitsStored",
    "PhotometricInterpretation",
)


def part(dataset: Dataset, frame: int, keyword: str) -> Dataset:
    """Where the frame's elements of a functional group stand (PS3.3, C.7.6.16): its own, the shared ones, or the file's own."""
    for sequence, index in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        groups = value(dataset, sequence)
        if groups and index < len(groups):
            found = value(groups[index], keyword)
            if found:
                return found[0]
    return dataset


def scale_of(dataset: Dataset, frame: int) -> Scale:
    """What stored values mean (PS3.3, C.11.1); 1 and 0 where the file does not say, or says nonsense."""
    source = part(dataset, frame, "PixelValueTransformationSequence")
    slope, intercept = number(source, "RescaleSlope"), number(source, "RescaleIntercept")
    return Scale(slope or 1.0, intercept or 0.0)


def spacing_of(dataset: Dataset, frame: int, shrunk: int) -> dict[str, Any]:
    """Millimeters between rows and between columns, whether they hold at the detector only (behind the body), and a pixel's shape."""
    source = part(dataset, frame, "PixelMeasuresSequence")
    in_body = sizes(source, "PixelSpacing") or sizes(dataset, "PixelSpacing")
    at_detector = sizes(source, "ImagerPixelSpacing") or sizes(dataset, "ImagerPixelSpacing")
    found = in_body or at_detector
    is_behind = in_body is None or is_uncorrected(dataset, in_body, at_detector)
    spacing = [each * shrunk for each in found] if found else None
    return {"spacing": spacing, "at_detector": bool(found) and is_behind, "aspect": aspect_of(dataset, found)}


def aspect_of(dataset: Dataset, spacing: list[float] | None) -> float:
    """How much higher than wide a pixel is drawn: by its sizes, else by the ratio that files without sizes may have."""
    ratio = spacing or sizes(dataset, "PixelAspectRatio")
    return ratio[0] / ratio[1] if ratio else 1.0


def sizes(dataset: Dataset, keyword: str) -> list[float] | None:
    """The two sides of a pixel, if they are some."""
    found = numbers(dataset, keyword, 2)
    return found if found and min(found) > 0 else None


def is_uncorrected(dataset: Dataset, in_body: list[float], at_detector: list[float] | None) -> bool:
    """Whether the sizes said to be the body's are only the detector's (PS3.3, 10.7.1.3): the same, or of a shadow without a word on it."""
    if value(dataset, "PixelSpacingCalibrationType"):
        return False
    if at_detector:
        return all(math.isclose(one, other, rel_tol=1e-4) for one, other in zip(in_body, at_detector, strict=True))
    return value(dataset, "Modality") in PROJECTIONS


def regions_of(dataset: Dataset, shrunk: int) -> list[list[float | None]]:
    """The areas of an ultrasound picture, those that hide others first (PS3.3, C.8.5.5.1.3).

    Of each: left, top, right and bottom in pixels as they are shown, millimeters between rows and between columns; none of both
    where a direction is no length, as in a Doppler curve.
    """
    regions = (value(dataset, "SequenceOfUltrasoundRegions") or [])[:REGIONS]
    found = [(corners, region) for region in regions if (corners := corners_of(region))]
    found.sort(key=lambda each: int(number(each[1], "RegionFlags") or 0) & HIDDEN)
    return [[*(each / shrunk for each in corners), *steps_of(region, shrunk)] for corners, region in found]


def corners_of(region: Dataset) -> list[float] | None:
    """Left, top, right and bottom of an area, with its last pixels in it; ``None`` where one is missing."""
    left, top, right, bottom = (number(region, f"RegionLocation{corner}") for corner in ("MinX0", "MinY0", "MaxX1", "MaxY1"))
    if left is None or top is None or right is None or bottom is None:
        return None
    return [left, top, right + 1, bottom + 1]


def steps_of(region: Dataset, shrunk: int) -> list[float | None]:
    """Millimeters between the rows and between the columns of an area, none of both unless both are lengths."""
    if any(number(region, f"PhysicalUnits{axis}Direction") != CENTIMETERS for axis in "XY"):
        return [None, None]
    steps = [abs(number(region, f"PhysicalDelta{axis}") or 0) * 10 * shrunk for axis in "YX"]
    return [*steps] if min(steps) > 0 else [None, None]


def tempo_of(dataset: Dataset) -> float | None:
    """Milliseconds for which a frame of a film is shown (PS3.3, C.7.6.5), if the file says it."""
    rate = number(dataset, "RecommendedDisplayFrameRate") or number(dataset, "CineRate")
    tempo = 1000 / rate if rate else number(dataset, "FrameTime") or mean_of_steps(dataset)
    return round(tempo, 1) if tempo and FASTEST <= tempo <= SLOWEST else None


def mean_of_steps(dataset: Dataset) -> float | None:
    """The mean of the times between frames, the first of which is none."""
    steps = value(dataset, "FrameTimeVector")
    found = numbers(dataset, "FrameTimeVector", len(steps)) if isinstance(steps, MultiValue) and len(steps) > 1 else None
    return sum(found[1:]) / (len(found) - 1) if found else None


def place_of(dataset: Dataset, frame: int) -> dict[str, Any]:
    """The directions of a row and of a column, and how far along their normal the frame lies."""
    directions = numbers(part(dataset, frame, "PlaneOrientationSequence"), "ImageOrientationPatient", 6)
    origin = numbers(part(dataset, frame, "PlanePositionSequence"), "ImagePositionPatient", 3)
    if directions is None or not _are_directions(directions):
        return {"orientation": None, "position": None}
    x, y, z, u, v, w = directions
    normal = (y * w - z * v, z * u - x * w, x * v - y * u)
    position = sum(a * b for a, b in zip(normal, origin, strict=True)) if origin else None
    return {"orientation": [round(each, 4) for each in directions], "position": None if position is None else round(position, 3)}


def _are_directions(six: list[float]) -> bool:
    rows, columns = six[:3], six[3:]
    lengths = [math.sqrt(sum(each * each for each in one)) for one in (rows, columns)]
    return all(0.9 < length < 1.1 for length in lengths) and abs(sum(a * b for a, b in zip(rows, columns, strict=True))) < 0.1


def shown(dataset: Dataset) -> list[list[str]]:
    """The chosen elements that have a value, each by its keyword, as short text."""
    found = [(keyword, value(dataset, keyword)) for keyword in SHOWN]
    return [[keyword, str(each)[:TEXT_LIMIT]] for keyword, each in found if each not in (None, "")]
