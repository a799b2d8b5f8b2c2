"""Every address of the site, and cases in every state with everybody who could want to look at them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from intake import consents
from intake.services import Origin
from opinions.services import second_looks
from records.checking import check
from records.models import Preview, Purpose, Record, Rendition, Upload
from records.services import add_files
from records.sourcing import services as sourcing
from records.sourcing.links import secret_of
from records.tus import services as uploads
from records.tus import tokens
from records.tus.senders import Sender
from records.viewer import stacks
from secondop.accounts.models import Role, User
from secondop.accounts.services import invite
from secondop.cases import handover
from secondop.cases.access import Right, grant
from secondop.cases.majority import set_end
from secondop.cases.models import Brief, Case
from secondop.catalog.samples import load
from secondop.demo.papers import content
from secondop.demo.people import PASSWORD, add, add_everybody
from secondop.demo.seed import PATHS, stories
from secondop.demo.walk import Walk
from secondop.documents import services as documents
from secondop.exports import making as copies
from secondop.exports import services as exports
from secondop.notices import stopping
from secondop.notices.choices import choose
from secondop.notices.models import Notice, Phone
from secondop.notices.phones import send_code
from secondop.notices.texts import TEXTS
from secondop.vault import services as vault
from secondop.web.clock import now, shifted
from tests.matrix import PEOPLE, SENT, Row
from tracking.family import services as family

PARTS = {
    "record_uid": "records",
    "upload_uid": "uploads",
    "archive_id": "archives",
    "token_uid": "upload_tokens",
    "identity_uid": "identities",
    "offer_uid": "offers",
    "ask_id": "asks",
    "item_id": "checklist",
    "consent_id": "consents",
    "copy_id": "documents",
    "helper_uid": "helpers",
    "request_uid": "record_requests",
    "series_uid": "series",
}
# What the world is tried under. All that is done in it is undone, and so are the acts that keep its people signed in: on a machine
# with much else to do, going through all addresses takes longer than staff may do nothing.
AT_LEISURE = {
    "REQUIRE_STAFF_MFA": False,
    "SMS_TRANSPORT": "secondop.notices.gateways.FolderGateway",
    **dict.fromkeys(("SESSION_IDLE_SECONDS", "SESSION_IDLE_SECONDS_STAFF"), 12 * 60 * 60),
}


def addresses(resolver: URLResolver | None = None, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    """The name and the route of every address of the site, one by one."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", route
        else:
            yield from addresses(entry, route, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)


def patterns() -> dict[str, str]:
    """The routes by their names."""
    return dict(addresses())


def arguments(route: str) -> list[str]:
    """The names of what an address of ``route`` is made with."""
    return [part.split(":")[1] for part in route.replace(">", "<").split("<") if ":" in part]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask_for_a_child(case: Case, born: date = date(2018, 5, 4)) -> None:
    """Make the case that of a ward, whose guardian sent the paper of the court; one who is grown ends the guardian's right."""
    who = {"for_whom": "other", "subject_name": "Tim Example", "authority": "guardian"}
    Brief.objects.filter(case=case).update(**who, age_band="2-11", birth_date=born)
    paper = content({"title": "Court order", "text": "A guardian is appointed."})
    (record,) = add_files(case, [("court-order.pdf", paper)], by=case.patient, purpose=Purpose.AUTHORITY).records
    check(record.pk)
    Brief.objects.filter(case=case).update(authority="guardian" if born.year > 2008 else "parental")
    set_end(Case.objects.get(pk=case.pk))


def draw(record: Record) -> None:
    """Stand-ins for what a worker makes of a record for looking at, so that no process has to."""
    Preview.objects.update_or_create(record=record, defaults={"status": "ready", "pages": 1})
    for kind, index in ((Rendition.Kind.THUMBNAIL, 0), (Rendition.Kind.PAGE, 1), (Rendition.Kind.SAFE, 0)):
        stored = vault.put(record.case.uid, f"{kind} of a record".encode())
        record.renditions.create(kind=kind, index=index, stored=stored, width=60, height=80)


def begin_upload(case: Case) -> None:
    """Let the patient begin to send a file of ten bytes, and let a program send more."""
    sender = Sender(case.patient, case, Purpose.MEDICAL, None)
    uploads.begin(sender, name="scan.pdf", length=10, metadata="", fingerprint="")
    tokens.make(case, by=case.patient, purpose=Purpose.MEDICAL, label="Clinic PC", days=7)


def send(client: Client, name: str, method: str, address: str, data: dict[str, str] | None = None) -> HttpResponse:
    """The answer to a request at the address called ``name``, with the headers that it wants."""
    if name not in SENT:
        return getattr(client, method)(address, data)
    body = b"%PDF-" if method == "patch" else b""
    return client.generic(method.upper(), address, body, "application/offset+octet-stream", headers=SENT[name])


class World:
    """One patient's case in every state that the matrix needs, and everybody who could want to look at it."""

    def __init__(self) -> None:
        load()
        self.hours = count(12, -1)
        self.people: dict[str, Any] = add_everybody()
        main, major = stories()[0], next(story for story in stories() if story["until"] == "second_look")
        self.people |= {name: add(name, name.title()) for name in ("stranger", "watcher", "reader", "proxy")}
        self.people["other"] = self.people["specialist4"]
        self.people["author"] = self.people["specialist3"]
        self.people["second"] = self.people["specialist5"]
        self.people["administrator"] = self.people["admin"]
        for number, name in enumerate(("patient", "specialist", "coordinator", "lead")):
            Phone.objects.create(user=self.people[name], number=f"+1202555010{number}", confirmed_at=now())
            choose(self.people[name], only_here=[], by_text=list(TEXTS))
        send_code(self.people["patient"], "+12025550109")
        self.cases: dict[str, Case] = {}
        for state in ("draft", "screening", "clinical", "offered", "in_review", "question", "delivered", "asked"):
            files = slice(None) if state in ("in_review", "delivered") else slice(-1, None) if state == "question" else slice(1)
            some = main["records"][files]  # each file costs a process that looks at it
            self.cases[state] = self.walk({**main, "until": state, "records": some})
        for state in ("second_look", "looked_at"):
            self.cases[state] = self.walk({**major, "patient": "patient", "specialist": "specialist3"})
        self.cases["childs"] = self.walk({**main, "until": "screening", "records": []})
        for state in ("in_review", "question"):
            stranger = self.cases[state].identities.create(name="Roe^Richard", verdict="differs", differs=["name"])
        self.cases["question"].series.create(identity=stranger, study_uid="1.2", series_uid="1.2.3")
        ask_for_a_child(self.cases["childs"])
        self.cases["grown"] = self.walk({**main, "until": "screening", "records": []})
        ask_for_a_child(self.cases["grown"], born=date(2000, 5, 4))
        stacks.prepare(self.cases["in_review"].stacks.get().pk)
        second_looks.accept(self.cases["looked_at"], by=self.people["second"])
        for state in ("in_review", "question"):
            begin_upload(self.cases[state])
            patient = self.cases[state].patient
            self.cases[state].archives.create(name="scans.zip", purpose="medical", uploaded_by=patient, size=1, total=1, done=1, taken=1)
        copies.make(exports.ask(by=self.people["patient"], password=PASSWORD).pk)
        documents.keep(self.cases["question"].documents.first(), b"%PDF-1.7 stands in for a signed copy")
        for state in ("question", "asked"):
            self.ask_an_office(self.cases[state])
        for state in ("in_review", "looked_at", "childs"):
            draw(self.cases[state].records.first())
        User.objects.update(is_demo=False)
        self.clients = {name: Client() for name in PEOPLE}
        for name in PEOPLE[1:]:
            self.clients[name].force_login(User.objects.get(pk=self.people[name].pk))

    def ask_an_office(self, case: Case) -> None:
        """The patient has authorized the care team to ask an office, and its letters are there."""
        source = case.sources.create(name="Mercy Hospital", how="fetch")
        words = next(words for words in consents.wordings(case, case.patient) if words.source == source)
        consents.give(case, words, by=case.patient, typed_name=str(case.patient), ip=None, agent="")
        request = sourcing.ask(case, by=self.people["coordinator"], by_patient=False, source=source)
        office = Sender(None, case, Purpose.MEDICAL, link=request.links.get())
        uploads.begin(office, name="scan.pdf", length=10, metadata="", fingerprint="")
        for letter in request.letters.all():
            documents.keep(letter, f"%PDF-1.7 stands in for a letter of {letter.pk}".encode())

    def walk(self, story: dict[str, Any]) -> Case:
        """Walk the patient's case to where the story ends, and let the family in."""
        walk = Walk(story, self.people, self.people["patient"])
        for step in PATHS[story["until"]]:
            getattr(walk, step)()
        if story["until"] == "clinical":
            walk.claimed()
            walk.declined("clinical")
        for name, right in (("watcher", Right.STATUS), ("reader", Right.READ_OPINION), ("proxy", Right.DECIDE)):
            grant(walk.case, self.people[name], right, "family")
        with shifted(-timedelta(hours=2 * next(self.hours))):
            self.invite(walk.case, "helper@demo.example")
        return walk.case

    def invite(self, case: Case, email: str) -> str:
        """Agree to share the case with family and invite an address; the secret of the link."""
        by = self.people["patient"]
        words = consents.wording_of(case, by, consents.Kind.FAMILY)
        assert words
        case.helpers.update(created_at=now() - timedelta(minutes=1))  # the same invitation sent twice at once is one
        family.agree(case, by=by, typed_name=str(by), sha256=words.sha256, origin=Origin())
        _, link = family.invite(case, by=by, email=email, full_name="Helper", rights=[Right.UPLOAD])
        return link.rstrip("/").rpartition("/")[2]

    def address(self, name: str, route: str, row: Row, **instead: Any) -> str:
        """The address of ``name`` for the row's case, made with ``instead`` where an argument is among it."""
        kwargs = {key: instead.get(key) or self.argument(key, row) for key in arguments(route)}
        return reverse(name, kwargs=kwargs)

    def argument(self, key: str, row: Row) -> Any:
        """What the address of the row's case has for ``key``."""
        if key == "uid":
            return self.cases[row.state].uid
        if key in PARTS:
            return self.part(key, self.cases[row.state])
        if key == "secret":
            return invite("new@example.org", "New", Role.COORDINATOR, by=None)[1].rstrip("/").rsplit("/", 1)[1]
        if key == "notice_id":
            return Notice.objects.stuck().filter(case_uid=self.cases["question"].uid).first().uid
        if key == "export_uid":
            return self.people["patient"].exports.get().uid
        if key == "told_uid":
            return self.cases["question"].patient.notices.mails().filter(case_uid=self.cases["question"].uid).first().uid
        if key.endswith("_secret"):
            return self.secret(key)
        if key == "came_uid":
            return Upload.objects.get(link__request__case=self.cases["question"]).uid
        return {
            "letter_part": "letter",
            "request_act": "acknowledge",
            "version": 1,
            "page": 1,
            "name": "who",
            "what": "place",
            "consent_key": "research",
            "person_id": self.people["watcher"].pk,
        }[key]

    def secret(self, key: str) -> str:
        """The secret of a link of the kind ``key``."""
        if key == "drop_secret":
            return secret_of(self.cases["question"].record_requests.get().links.get())
        if key == "stop_secret":
            return stopping.token(self.people["watcher"].pk, "progress")
        if key == "handover_secret":
            stranger, case = self.people["stranger"], self.cases["grown"]
            who = {"email": stranger.email, "full_name": "Tim Example", "identity": "Passport seen"}
            return handover.invite(case, by=self.people["coordinator"], **who)[1].rstrip("/").rpartition("/")[2]
        return self.invite(self.cases["question"], self.people["watcher"].email)

    @staticmethod
    def part(key: str, case: Case) -> Any:
        """What names the first of the rows of ``case`` that ``key`` stands for."""
        first = (
            getattr(case, PARTS[key]).first() if key != "identity_uid" else case.identities.filter(verdict="differs", decision="").first()
        )
        return first.uid if key.endswith("uid") else first.pk
