"""By what right somebody asks for another person: what they state, the papers that show it, and who of the care team saw them."""

from typing import TYPE_CHECKING, Any, NamedTuple

from .models import AuthorityCheck
from .models.brief import Authority, ForWhom

if TYPE_CHECKING:
    from .models import Brief, Case

PURPOSE = "authority"  # what a record is called that shows it
# A court or a notary has made a paper; parents, and those whom a patient has asked, are believed until we ask for one.
ON_PAPER = (Authority.ATTORNEY, Authority.GUARDIAN)


class Standing(NamedTuple):
    """How the authority of a case stands: in words, whether a paper has to be seen, how many came, and what the desk did."""

    stated: str
    required: bool
    papers: list[Any]
    check: AuthorityCheck | None

    @property
    def is_met(self) -> bool:
        """Whether the case may go on."""
        return not self.required or self.check is not None

    @property
    def is_newer(self) -> bool:
        """Whether a paper came after the last look."""
        return self.check is not None and any(paper.created_at > self.check.at for paper in self.papers)


def needs_proof(brief: "Brief") -> bool:
    """Whether a paper has to be seen before the case is complete."""
    return brief.for_whom == ForWhom.OTHER and brief.authority in ON_PAPER


def papers_of(case: "Case") -> Any:
    """The papers of ``case`` that were checked and can be opened."""
    return case.records.filter(purpose=PURPOSE, status="ready")


def standing(case: "Case") -> Standing | None:
    """How the authority stands; ``None`` where people ask for themselves."""
    brief = case.brief
    if brief.for_whom != ForWhom.OTHER:
        return None
    check = AuthorityCheck.objects.filter(case=case).select_related("by").first()
    return Standing(brief.get_authority_display(), needs_proof(brief), list(papers_of(case)), check)
