"""What is made into PDFs, as one table: an app whose rows become documents has a line here, and a child of ``Document``."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One sort of document: the task that makes it (by name, since its app stands above this one), and what is said of it.

    ``page`` is the URL name, taking the case's uid, of the page where the care team sees that it failed and tries again. With
    ``journal`` the case's journal says that it is there, or could not be made.
    """

    task: str
    page: str
    journal: bool = False


OPINION, CONSENT, REQUEST = "opinion", "consent", "record_request"
KINDS: dict[str, Kind] = {
    OPINION: Kind("opinions.tasks.render", "opinions:check", journal=True),
    CONSENT: Kind("intake.tasks.render", "tracking:consents"),
    REQUEST: Kind("records.sourcing.tasks.render", "records:requests"),
}
