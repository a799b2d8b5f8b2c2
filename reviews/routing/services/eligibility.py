"""Who may be offered a case: every verified specialist with the reasons for and against, ranked by fit, then by load.

A reason against is either a bar (no offer can be sent) or a caution (the coordinator weighs it). Places of residence:
``direct`` needs a licence for the patient's country, and region where the licence or the rule names one; with a local
physician, and where the law is silent, any valid licence will do; ``prohibited`` bars everybody.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from routing.models import Licence, Offer, SpecialistProfile
from secondop.accounts.models import User
from secondop.cases.access import FAMILY_RIGHTS, Access
from secondop.cases.models import Brief, Case
from secondop.cases.states import State
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import today

from .names import names_place, same_family, same_person, same_place, words_name

Verdict = JurisdictionRule.Verdict


@dataclass
class Candidate:
    """One specialist for one case: ``pros``, ``cautions`` and ``bars`` are sentences; ``load`` is cases in review now."""

    profile: SpecialistProfile
    load: int
    pros: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    bars: list[str] = field(default_factory=list)
    former: bool = False
    asked: bool = False
    rank: int = 0
    why: str = ""

    @property
    def eligible(self) -> bool:
        """Whether an offer may be sent."""
        return not self.bars

    @property
    def user(self) -> User:
        """The specialist's account."""
        return self.profile.user

    @property
    def name(self) -> str:
        """The specialist's name and credentials."""
        return str(self.profile)

    def order(self) -> tuple:
        """Sorts the eligible first; the one who knows the case, then the fewest cautions, the best fit, the lightest load."""
        share = self.load / self.profile.capacity
        return (not self.eligible, not self.former, len(self.cautions), -len(self.pros), share, str(self.user), self.user.pk)


@dataclass
class Background:
    """What is read once for a case, whoever is looked at."""

    case: Case
    brief: Brief
    rule: JurisdictionRule | None
    today: date
    offers: list[Offer]
    avoid: list[str]
    treating: list[tuple[str, str]]
    family: set[int | None]


def candidates(case: Case) -> list[Candidate]:
    """Every verified specialist for ``case``, ranked, with the rank explained in words; those with a bar come last."""
    background = look_up(case)
    profiles = SpecialistProfile.objects.verified().select_related("user")
    profiles = profiles.prefetch_related("specialties", "licences", "time_off")
    in_review = Count("user__reviewed_cases", filter=Q(user__reviewed_cases__state=State.IN_REVIEW), distinct=True)
    found = [judge(profile, background) for profile in profiles.annotate(in_review=in_review)]
    found.sort(key=Candidate.order)
    for rank, candidate in enumerate((c for c in found if c.eligible), start=1):
        candidate.rank = rank
        candidate.why = explain(candidate, rank)
    return found


def look_up(case: Case) -> Background:
    """Read what the reasons for and against depend on."""
    brief = case.brief
    return Background(
        case=case,
        brief=brief,
        rule=JurisdictionRule.for_place(brief.country, brief.region),
        today=today(),
        offers=list(case.offers.all()),
        avoid=[row.name for row in case.not_involved.all()],
        treating=[(row.name, row.institution) for row in case.treating_doctors.all()],
        family=set(Access.objects.active().filter(case=case, right__in=FAMILY_RIGHTS).values_list("user", flat=True)),
    )


def judge(profile: SpecialistProfile, background: Background) -> Candidate:
    """One specialist against one case."""
    candidate = Candidate(profile, load=getattr(profile, "in_review", 0))
    for look in (by_specialty, by_licence, by_language, by_time, by_people, by_history):
        look(candidate, background)
    return candidate


def by_specialty(candidate: Candidate, background: Background) -> None:
    """The case's specialty has to be one of theirs."""
    wanted = background.case.specialty
    if wanted is None:
        candidate.bars.append("The case has no specialty yet.")
    elif wanted in candidate.profile.specialties.all():
        candidate.pros.append(f"Works in {wanted}.")
    else:
        candidate.bars.append(f"Does not work in {wanted}.")


def by_licence(candidate: Candidate, background: Background) -> None:
    """A licence valid today for the place where the patient lives."""
    licence, problem = licence_for(candidate.profile, background.brief, background.rule, background.today)
    if licence is None:
        candidate.bars.append(problem)
        return
    candidate.pros.append(f"Licensed in {licence.place} until {licence.expires_on:%-d %B %Y}.")
    if background.rule is None:
        candidate.cautions.append("There is no rule about the patient's place. Find out first whether it may be served.")
    elif background.rule.verdict == Verdict.WITH_PHYSICIAN:
        candidate.cautions.append("The patient's place asks for a local physician to take part.")


def licence_for(profile: SpecialistProfile, brief: Brief, rule: JurisdictionRule | None, on: date) -> tuple[Licence | None, str]:
    """The licence under which ``profile`` may answer a patient of that place on a day, or ``None`` and the reason why not."""
    verdict = rule.verdict if rule else Verdict.SILENT
    if verdict == Verdict.PROHIBITED:
        return None, f"Patients in {brief.place} cannot be served."
    valid = [licence for licence in profile.licences.all() if licence.is_valid(on)]
    if not valid:
        return None, "Has no verified license that is valid today."
    here = [licence for licence in valid if licence.covers(brief.country, brief.region)]
    if here or verdict != Verdict.DIRECT:
        return (here or valid)[0], ""
    return None, f"Has no license that is valid in {brief.place}."


def licence_of(user: User, case: Case) -> tuple[Licence | None, str]:
    """The licence under which ``user`` may answer ``case`` today, or ``None`` and, for a person, the reason why not."""
    profile = SpecialistProfile.objects.verified().filter(user=user).prefetch_related("licences").first()
    if profile is None:
        return None, "Your credentials have not been verified. Please ask your administrator."
    rule = JurisdictionRule.for_place(case.brief.country, case.brief.region)
    return licence_for(profile, case.brief, rule, today())


def by_language(candidate: Candidate, background: Background) -> None:
    """Speaking the patient's language is a point for, never one against: opinions are written in English."""
    wanted = background.brief.language.strip().casefold()
    if wanted and wanted in {language.strip().casefold() for language in candidate.profile.languages}:
        candidate.pros.append(f"Speaks {background.brief.language.strip()}.")


def by_time(candidate: Candidate, background: Background) -> None:
    """Neither away today nor with as many cases as they take at a time."""
    profile, day = candidate.profile, background.today
    off = next((t for t in profile.time_off.all() if t.first_day <= day <= t.last_day), None)
    ends: list[date] = [end for end in (off.last_day if off else None, profile.user.away_until) if end]
    last_day = max(ends, default=None)
    if last_day and last_day >= day:
        candidate.bars.append(f"Is away until {last_day:%A %-d %B}.")
    if candidate.load >= profile.capacity:
        candidate.bars.append(f"Has {candidate.load} cases in review and takes {profile.capacity} at a time.")


def by_people(candidate: Candidate, background: Background) -> None:
    """Nobody who treats the patient, whom the patient asked to keep out, or who is the patient or of their family."""
    user, institution, brief = candidate.user, candidate.profile.institution, background.brief
    name = str(user)
    bars = {
        "Is the patient.": user.pk == background.case.patient_id,
        "Is the care coordinator of this case.": user.pk == background.case.owner_id,
        "Follows this case as family or helper.": user.pk in background.family,
        "The patient asked not to involve them or their institution.": any(
            same_person(typed, name) or same_place(typed, institution) for typed in background.avoid
        ),
        "May be one of the treating doctors.": any(same_person(doctor, name) for doctor, _ in background.treating),
        "Works where the patient is treated.": any(same_place(place, institution) for _, place in background.treating),
        "May have given the first opinion.": words_name(brief.first_opinion_by, name),
    }
    cautions = {
        "Works where the first opinion was given.": names_place(brief.first_opinion_by, institution),
        "Has the same family name as the patient.": same_family(name, str(background.case.patient), brief.subject),
    }
    candidate.bars += [sentence for sentence, holds in bars.items() if holds]
    candidate.cautions += [sentence for sentence, holds in cautions.items() if holds]


def by_history(candidate: Candidate, background: Background) -> None:
    """Never twice the same case for somebody who declined it or gave it back; whoever wrote the last opinion comes first."""
    mine = [offer for offer in background.offers if offer.specialist_id == candidate.user.pk]
    ended = {offer.status for offer in mine}
    candidate.asked = Offer.Status.SENT in ended
    if candidate.asked:
        candidate.bars.append("Has an offer for this case now.")
    if Offer.Status.DECLINED in ended:
        candidate.bars.append("Declined this case.")
    if any(offer.given_back_at for offer in mine):
        candidate.bars.append("Had this case before and no longer has it.")
    elif background.case.specialist_id == candidate.user.pk:
        candidate.former = True
        candidate.pros.append("Reviewed this case before.")
    if Offer.Status.LAPSED in ended:
        candidate.cautions.append("Let an earlier offer for this case pass.")


def explain(candidate: Candidate, rank: int) -> str:
    """Why a candidate stands where they stand, in one sentence."""
    points = f"{len(candidate.pros)} point{'s' if len(candidate.pros) != 1 else ''} in favor"
    weigh = f"{len(candidate.cautions)} to weigh" if candidate.cautions else "none against"
    start = "First choice, because the specialist knows the case" if candidate.former else f"Choice {rank}"
    load = f"{candidate.load} case{'s' if candidate.load != 1 else ''} in review now"
    return f"{start}: {points}, {weigh}, {load} (takes up to {candidate.profile.capacity})."
