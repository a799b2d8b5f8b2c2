"""Why a file is refused by its own parser: a code, which the parent process turns into words."""

from enum import StrEnum

MAX_PIXELS = 120_000_000


class Problem(StrEnum):
    """What is wrong with the file. The words for people are in records.reasons."""

    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    PASSWORD = "password"  # noqa: S105 - not one, but the lack of one
    NO_PAGES = "no_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_AN_IMAGE = "no_identity"
    NOT_TEXT = "not_text"
    WEB_PAGE = "web_page"
    NOT_FHIR = "not_fhir"
    NOT_CLINICAL = "not_clinical"
    ENTITIES = "entities"
    SEVERAL_PEOPLE = "several_people"
    TOO_MANY_FILES = "too_many_files"
    TOO_DEEP = "too_deep"
    TOO_DENSE = "too_dense"
    TOO_LARGE = "too_large"
    NO_FILES = "no_files"
    ALL_HERE = "all_here"
    PACKED_OTHERWISE = "packed_otherwise"
    LINK = "link"
    HARMFUL = "harmful"
    LIMITS = "limits"


class Unreadable(Exception):
    """The parser read the file and found this problem with it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem)
