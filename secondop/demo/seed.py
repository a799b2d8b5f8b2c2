"""The demo: a dozen and more cases in every state, each walked there by the services that real people use."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db.models import F

from delivery.services import close, open_opinion
from intake import consents
from intake.drafts import watch
from intake.services import Origin
from records.kinds import Kind
from records.models import Preview, RecordRequest
from records.previews.jobs import make as make_preview
from records.sourcing import services as sourcing
from secondop.accounts.models import Role, User
from secondop.accounts.services import invite
from secondop.cases.access import Right
from secondop.cases.models import Case
from secondop.cases.services import expire
from secondop.catalog.samples import load as load_catalog
from secondop.documents.models import Document
from secondop.notices.models import Notice
from secondop.notices.services import sweep
from secondop.web.clock import now, shifted, today
from tracking.family import services as family
from tracking.services import revoke_consent

from .people import add, add_everybody, address
from .walk import Story, Walk

NEWS = timedelta(days=7)  # what is older was read long ago
BETWEEN_COPIES = timedelta(seconds=6)  # a busy machine takes as long for one, and the first pages are looked at meanwhile
BETWEEN_PICTURES = timedelta(seconds=5)
STORIES = Path(__file__).parent / "stories"
REVIEW = ("asked_for", "claimed", "complete", "offered", "accepted")
PATHS: dict[str, tuple[str, ...]] = {
    "draft": ("asked_for",),
    "screening": ("asked_for",),
    "clinical": ("asked_for",),
    "declined": ("asked_for", "declined"),
    "withdrawn": ("asked_for", "claimed", "withdrawn"),
    "asked": ("asked_for", "claimed", "asked"),
    "expired": ("asked_for", "claimed", "silent"),
    "ready": ("asked_for", "claimed", "complete"),
    "offered": ("asked_for", "claimed", "complete", "offered_today"),
    "in_review": REVIEW,
    "question": (*REVIEW, "question"),
    "checking": (*REVIEW, "signed"),
    "second_look": (*REVIEW, "signed", "second_look"),
    "delivered": (*REVIEW, "signed", "released"),
    "closed": (*REVIEW, "signed", "released"),
}


def stories() -> list[Story]:
    """The stories in the order of their files."""
    return [{**tomllib.loads(path.read_text()), "name": path.stem} for path in sorted(STORIES.glob("*.toml"))]


def seed() -> int:
    """Load the catalog, make the people, walk every story; returns how many cases there are then."""
    load_catalog()
    people = add_everybody()
    told = stories()
    for story in told:
        tell_story(story, people)
    one_by_one()
    invite(address("new.coordinator"), "Nadia Petrov", Role.COORDINATOR, by=people["admin"])
    while sweep():
        pass  # everything is sent before anybody looks, or the desk would warn of mails that are weeks old
    Notice.objects.filter(created_at__lt=now() - NEWS).update(read_at=F("created_at") + timedelta(hours=2))
    return len(told)


def one_by_one() -> None:
    """Have signed copies and pictures of records made one after the other, or the first minutes of the demo would go to nothing else."""
    begin = now()
    for place, pk in enumerate(Document.objects.filter(status=Document.Status.QUEUED).values_list("pk", flat=True)):
        Document.objects.filter(pk=pk).update(next_try_at=begin + place * BETWEEN_COPIES)
    for place, pk in enumerate(Preview.objects.unmade().order_by("pk").values_list("pk", flat=True)):
        Preview.objects.filter(pk=pk).update(taken_until=begin + place * BETWEEN_PICTURES)


def tell_story(story: Story, people: dict[str, User]) -> None:
    """Walk one story to where it stands in the demo."""
    name = story["patient"]
    patient = people.get(name) or add(name.lower().replace(" ", "."), name)
    walk = Walk(story, people, patient)
    for step in PATHS[story["until"]]:
        getattr(walk, step)()
        walk.talk(step)
    END.get(story["until"], lambda _: None)(walk)


def drafts(count: int) -> Iterator[Case]:
    """So many requests of the demo's patient that wait only to be sent, for measuring what sending one costs."""
    story = next(story for story in stories() if story["until"] == "withdrawn")
    people = {"patient": User.objects.get(email=address("patient"))}
    for _ in range(count):
        walk = Walk(story, people, people["patient"])
        walk.filled_in()
        yield walk.case


def share_with_family(walk: Walk) -> None:
    """Elena's son has accepted to follow her case and read the opinion, for half a year; her sister has not answered yet."""
    words = consents.wording_of(walk.case, walk.patient, consents.Kind.FAMILY)
    if words is None:
        raise RuntimeError("the catalog of the demo has no consent for the family")
    walk.then(2, family.agree, by=walk.patient, typed_name=str(walk.patient), sha256=words.sha256, origin=Origin())
    son, until = walk.people["family"], walk.at + timedelta(days=180)
    rights = [Right.READ_OPINION]
    _, link = walk.then(0.1, family.invite, by=walk.patient, email=son.email, full_name=str(son), rights=rights, until=until)
    walk.after(3, family.accept, link.rstrip("/").rpartition("/")[2], by=son)
    walk.then(1, family.invite, by=walk.patient, email=address("sister"), full_name="Rosa Marsh", rights=[Right.UPLOAD])


def ask_offices(walk: Walk) -> None:
    """The care team has asked a hospital, and waits for a signature to ask another; the patient wants to ask a doctor herself."""
    asked = ask_hospital(walk, "County Hospital", "Columbus, Ohio", "The report of the needle test", "Fax 614 555 0143")
    walk.then(20, sourcing.acknowledge, by=walk.case.owner, asked=asked, remark="Spoke to the records office: they look for it this week.")
    walk.then(1, sourcing.ask, by=walk.patient, by_patient=True, office="Dr. M. Carver", place="Columbus, Ohio", what="Notes of my visits")
    lab = {"office": "Northside Laboratory", "place": "Dublin, Ohio", "what": "Hormone tests of the last two years"}
    walk.then(3, sourcing.ask, by=walk.case.owner, by_patient=False, **lab)


def ask_clinic(walk: Walk) -> None:
    """While the specialist reads, the clinic is asked for what is missing."""
    asked = ask_hospital(walk, "Riverbend Digestive Health Center", "Albany, New York", "Pictures of the last colonoscopy", "Portal")
    walk.then(2, sourcing.acknowledge, by=walk.case.owner, asked=asked)


def ask_hospital(walk: Walk, name: str, place: str, what: str, contact: str) -> RecordRequest:
    """The patient signs the authorization for a place, and the care team asks it."""
    case, owner = walk.case, walk.case.owner
    source = walk.after(0.1, case.sources.create, name=name, place=place, what=what, how="fetch")
    words = next(words for words in consents.wordings(case, walk.patient) if words.source == source)
    walk.after(0.2, consents.give, case, words, by=walk.patient, typed_name=str(walk.patient), ip=None, agent="")
    asked = walk.then(1, sourcing.ask, by=owner, by_patient=False, source=source, contact=contact)
    with shifted(walk.at):
        sent_on = today()
    sent: RecordRequest = walk.then(0.2, sourcing.send, by=owner, asked=asked, sent_on=sent_on, how="fax")
    return sent


def gather(walk: Walk) -> None:
    """Records are being gathered: the patient has sent hers, and offices are asked for more."""
    look_ready(walk)
    ask_offices(walk)


def look_ready(walk: Walk) -> None:
    """What is quickly made is there at once: the picture of a photo, and the text of notes, in which the demo can search."""
    for preview in Preview.objects.unmade().filter(record__case=walk.case, record__kind__in=(Kind.JPEG, Kind.TEXT)):
        walk.after(0, make_preview, preview.pk)


def read_and_closed(walk: Walk) -> None:
    """The patient has read the opinion, wants no more questions, and thirty days have passed."""
    walk.then(6, open_opinion, by=walk.patient)
    walk.then(24, revoke_consent, by=walk.patient, consent=walk.case.consents.get(text__kind=consents.Kind.CONTACT))
    walk.then(24 * 30, close, by=None)


def propose_decline(walk: Walk) -> None:
    """A refusal on clinical grounds waits for the lead."""
    walk.claimed()
    walk.declined("clinical")


def let_expire(walk: Walk) -> None:
    """Thirty days of silence."""
    walk.then(24 * 24, expire)


def stay_silent(walk: Walk) -> None:
    """Nobody goes on with the draft: two reminders, then the warning, as far as its days have come."""
    for days in (3, 7, 43):
        walk.after(24 * days, watch)


END = {
    "asked": gather,
    "question": ask_clinic,
    "draft": stay_silent,
    "delivered": share_with_family,
    "closed": read_and_closed,
    "clinical": propose_decline,
    "expired": let_expire,
}
