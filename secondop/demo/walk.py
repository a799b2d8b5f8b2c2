"""Walking one demo story through the real services, under a clock that starts in the past."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from intake.services import save_screen, sign, start, submit
from opinions.letter import letter_of
from opinions.services import checking, second_looks, signing, writing
from opinions.services import drafts as opinion_drafts
from opinions.services.writing import Stamp, WrittenText
from records.archives.unpacking import unpack
from records.checking import check
from records.kinds import Kind
from records.models import Purpose
from records.services import add_files
from routing.services import notes, offers, screening
from secondop.accounts.models import User
from secondop.cases import asks
from secondop.cases.messages import mark_read, write
from secondop.cases.models import Case
from secondop.cases.models.brief import HealthKind
from secondop.catalog.models import Specialty
from secondop.documents import services as documents
from secondop.web.clock import now, shifted
from tracking.services import withdraw

from .papers import files_of
from .people import PASSWORD

CONSENTS = ("remote_review", "share_with_doctor", "follow_up")
Story = dict[str, Any]


class Walk:
    """One case and the moment it has reached; ``after(hours, verb, …)`` does the next thing that much later."""

    def __init__(self, story: Story, people: dict[str, User], patient: User) -> None:
        self.story, self.people, self.patient = story, people, patient
        self.at: datetime = now() - timedelta(days=story["days_ago"], hours=3)
        self.pace = random.Random(story["name"])  # noqa: S311 (only so that the demo's times are not all round)
        self.case: Case = self.after(0, start, by=patient, most=None)

    def after(self, hours: float, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call ``verb`` about ``hours`` later, but never in the future."""
        latest = now() - timedelta(minutes=1)
        self.at = min(self.at + timedelta(hours=hours, minutes=self.pace.randint(1, 40)), latest)
        with shifted(self.at):
            return verb(*args, **kwargs)

    def then(self, hours: float, verb: Callable[..., Any], **kwargs: Any) -> Any:
        """``after()`` with the case as it stands now; the case is read again afterwards."""
        result = self.after(hours, verb, Case.objects.get(pk=self.case.pk), **kwargs)
        self.case.refresh_from_db()
        return result

    def talk(self, step: str) -> None:
        """What the people of the story write to each other after ``step``; who writes has read what came before."""
        parts = {"patient": self.patient, "coordinator": self.case.owner, "specialist": self.case.specialist}
        for line in self.story.get("talk", []):
            if line["after"] == step:
                message = self.then(2, write, by=parts[line["by"]], text=line["text"])
                mark_read(self.case, message.author, message)

    def asked_for(self) -> None:
        """The patient fills in the request and, unless the story ends with a draft, sends it."""
        self.filled_in()
        if self.story["until"] != "draft":
            self.then(0.1, submit, by=self.patient)

    def filled_in(self) -> None:
        """The patient fills in the four screens, only the first of a draft, and adds the files."""
        story, brief = self.story, dict(self.story["brief"])
        specialty = Specialty.objects.get(name=story["specialty"])
        save: dict[str, Any] = {"by": self.patient, "complete": True}
        if years := brief.pop("years_old", None):  # of a child, who does not grow up in the demo
            brief["birth_date"] = self.at.date() - timedelta(days=365 * years + 100)
        self.then(0.1, save_screen, name="who", answers={**brief, "emergency": "no"}, **save)
        if story["until"] == "draft":
            return
        answers = {**brief, "questions": story["questions"], "specialty": specialty}
        self.then(0.1, save_screen, name="question", answers=answers, **save)
        self.sent(story.get("records", []), Purpose.MEDICAL)
        self.sent(story.get("papers", []), Purpose.AUTHORITY)
        self.then(0.1, save_screen, name="health", answers=self.health(), **save)
        self.then(0.1, sign, by=self.patient, typed_name=str(self.patient), given=dict.fromkeys(CONSENTS, True))

    def sent(self, papers: list[dict[str, Any]], purpose: Purpose) -> None:
        """The patient sends files for one purpose; archives are unpacked, and all are checked."""
        if papers:
            files = [file for paper in papers for file in files_of(paper, str(self.patient))]
            self.then(0.1, add_files, files=files, by=self.patient, purpose=purpose)
        for archive in self.case.records.filter(purpose=purpose, kind=Kind.ZIP):
            self.after(0, unpack, archive.pk)
        for record in self.case.records.filter(purpose=purpose).exclude(kind=Kind.ZIP):
            self.after(0, check, record.pk)

    def health(self) -> dict[str, Any]:
        """The answers of the third screen: what the story lists, and "none" for the rest."""
        items = self.story.get("health", [])
        answers: dict[str, Any] = {}
        for kind in HealthKind:
            answers[kind.value] = [{"when": i.get("when", ""), "text": i["text"]} for i in items if i["kind"] == kind]
            answers[f"{kind.value}_state"] = "listed" if answers[kind.value] else "none"
        sources = [] if self.story.get("records") else [{"name": "My own folder", "place": "At home", "what": "", "how": "upload"}]
        return {**answers, "sources": sources, "doctors": self.story.get("doctors", []), "not_involved": []}

    def claimed(self) -> None:
        """The owner takes charge."""
        owner = self.case.owner
        self.then(1.5, screening.claim, by=owner)
        self.then(0.2, screening.set_facts, by=owner, specialty=Specialty.objects.get(name=self.story["specialty"]), decision_date=None)

    def asked(self) -> None:
        """The owner asks the patient for something and waits."""
        items = ["Please upload the report of the needle test (cytology).", "Do you take any thyroid medicine?"]
        self.then(5, asks.open_ask, by=self.case.owner, items=items)
        self.then(0.1, notes.add_note, by=self.case.owner, text="Called: the needle test was done elsewhere. She looks for the report.")

    def complete(self) -> None:
        """Everything on the checklist has arrived."""
        for item in self.case.checklist.all():
            status = {"status": "arrived"} if item.required else {"status": "waived", "reason": "Not needed for these questions."}
            self.then(0.3, screening.check_item, by=self.case.owner, item_id=item.pk, **status)
        self.then(14, screening.make_ready, by=self.case.owner)

    def offered(self) -> None:
        """The specialist of the story gets an offer."""
        self.then(1, offers.send_offer, by=self.case.owner, specialist_id=self.specialist.pk)

    def offered_today(self) -> None:
        """The offer went out a few hours ago: it is still to be answered when somebody looks at the demo."""
        self.at = now() - timedelta(hours=3)
        self.offered()

    @property
    def specialist(self) -> User:
        """The specialist of the story."""
        return self.people[self.story["specialist"]]

    def accepted(self) -> None:
        """And accepts it."""
        self.then(5, offers.accept, by=self.specialist)

    def signed(self) -> None:
        """The opinion is written and signed, and its PDF made."""
        text = dict(self.story["opinion"])
        draft = self.then(4, opinion_drafts.start, by=self.specialist)
        first_read = text.pop("first_read")
        draft = self.then(2, writing.lock_first_read, by=self.specialist, stamp=Stamp(draft.edits, ""), text=first_read)
        grid = text.pop("grid")
        written = WrittenText(
            answers=dict(enumerate(text.pop("answers"))),
            grid={row.position: differing(grid[row.aspect]) for row in draft.grid.all()},
            options=text.pop("options"),
            evidence=[{"text": text.pop("evidence_text"), "url": text.pop("evidence_url")}],
            fields=text,
        )
        draft = self.then(16, writing.save, by=self.specialist, stamp=Stamp(draft.edits, ""), text=written)
        self.then(0.5, signing.sign, by=self.specialist, password=PASSWORD, version=draft.edits)
        document = self.case.opinions.signed().first().document
        self.after(0.1, documents.render, document.pk, letter_of)

    def second_look(self) -> None:
        """A second specialist is asked to look at a major difference."""
        self.then(3, second_looks.ask, by=self.case.owner, specialist_id=self.people[self.story["second"]].pk)

    def released(self) -> None:
        """The coordinator releases the opinion."""
        self.then(4, checking.release, by=self.case.owner)

    def question(self) -> None:
        """The specialist asks the patient while reviewing."""
        self.then(3, opinion_drafts.start, by=self.specialist)
        self.then(1, asks.open_ask, by=self.specialist, items=["Have you lost weight in the last three months? How much?"])

    def withdrawn(self) -> None:
        """The patient takes the request back."""
        self.then(40, withdraw, by=self.patient)

    def declined(self, code: str = "emergency") -> None:
        """The coordinator declines, or proposes to on clinical grounds."""
        text = "Your symptoms need an examination now. A second opinion on paper would lose time that you may not have."
        alternative = "Please go to an emergency room or call your emergency number. You can send a new request once you were seen."
        self.then(2, screening.decline, by=self.people["coordinator"], code=code, text=text, alternative=alternative)

    def silent(self) -> None:
        """Three reminders stay without an answer."""
        self.asked()
        for days in (2, 3, 2):
            self.after(24 * days + 1, asks.remind)


def differing(verdict: str) -> dict[str, str]:
    """A row of the agreement grid with the impact that goes with its verdict in the demo."""
    impact = {"refine": "minor", "differ_minor": "moderate", "differ_major": "major"}.get(verdict, "none")
    return {"verdict": verdict, "impact": impact}
