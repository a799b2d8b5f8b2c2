"""The course of a value as a small drawing: points of a line in a box of 160 by 40."""

from datetime import datetime

from .models import ClinicalEntry
from .wording import number

WIDTH, HEIGHT, EDGE = 160, 40, 4


def points(values: list[ClinicalEntry]) -> str:
    """The ``points`` of an SVG polyline for figures in the order of their dates; empty for fewer than two."""
    drawn = [(moment(entry.starts), float(figure)) for entry in values if entry.starts and (figure := number(entry)) is not None]
    if len(drawn) < 2:
        return ""
    times, figures = [at for at, _ in drawn], [figure for _, figure in drawn]
    return " ".join(
        f"{place(at, min(times), max(times), WIDTH):.1f},{HEIGHT - place(figure, min(figures), max(figures), HEIGHT):.1f}"
        for at, figure in drawn
    )


def place(at: float, least: float, most: float, room: int) -> float:
    """Where between the edges of ``room`` something lies; in the middle where all is the same."""
    share = (at - least) / (most - least) if most > least else 0.5
    return EDGE + share * (room - 2 * EDGE)


def moment(text: str) -> float:
    """A date as a number of days; one without a month or day counts from its beginning."""
    whole = text + "0000-01-01T00:00"[len(text) :]
    return (datetime.fromisoformat(whole) - datetime.min).total_seconds() / 86400  # noqa: DTZ901 - dates as documents write them
