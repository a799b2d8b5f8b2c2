"""What a sort of notice is, and the pages that notices lead to."""

from typing import NamedTuple

PATIENT, REVIEW, CHECK, DESK, ACCOUNT = "patient", "review", "check", "desk", "account"
# The page a notice leads to when the act that tells does not name one: a URL name that takes the case's uid.
PAGES = {PATIENT: "tracking:case", REVIEW: "opinions:write", CHECK: "opinions:check", DESK: "routing:case"}


class Kind(NamedTuple):
    """One sort of notice: its subject, its one or two sentences, the words on its link, and the page the link opens.

    ``page`` is a key of PAGES, or "" for the reader's own start page. ``staff`` tells work from news for patients.
    """

    subject: str
    text: str
    action: str
    page: str = ""
    staff: bool = False
