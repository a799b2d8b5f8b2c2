"""What ./dev shots photographs, and the tests of pages walk through: the main pages as every role, and how each is reached."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import FilePayload, Page


@dataclass(frozen=True)
class Shot:
    """A page: who looks, its name, where to begin, the links to follow from there one after the other, and where to go then.

    ``follow`` holds patterns of addresses; in ``then`` stands {uid} for the case of the page reached. ``act`` is what its
    visitor does last, where no link leads to what is to be seen.
    """

    who: str
    name: str
    path: str = "/me/"
    follow: tuple[str, ...] = ()
    then: str = ""
    act: Callable[[Page], object] = lambda page: None


SHOWN_LIMIT = 60_000  # milliseconds


def search(words: str) -> Callable[[Page], object]:
    """What looks for words in the records, whose page it is given."""

    def act(page: Page) -> None:
        page.fill("#record-words", words)
        with page.expect_navigation():
            page.press("#record-words", "Enter")

    return act


def choose_files(page: Page) -> None:
    """Choose files that are not sent yet, one of a kind that is not taken."""
    names = ("MRI report of the lumbar spine, second reading.pdf", "IM00001", "Viewer.exe", "photo of the letter.jpg")
    files: list[FilePayload] = [{"name": name, "mimeType": "", "buffer": bytes(2_400_000)} for name in names]
    page.set_input_files("#record-files", files)
    page.wait_for_selector(".chosen > li")


def open_link_of_office(page: Page) -> None:
    """From the page of a request go where an office sends its files."""
    address = page.locator("p.drop-address").text_content() or ""
    page.goto(page.url.split("/records/")[0] + "/records/" + address.strip().partition("/records/")[2])


def see_stack(page: Page) -> None:
    """Wait until the viewer shows an image, or the reason why it does not."""
    page.wait_for_selector("[data-where]:not(:empty), #series-progress p", timeout=SHOWN_LIMIT)


UID = r"[0-9a-f-]{36}"
CASE = rf"/cases/{UID}/$"
REQUEST = rf"/request/{UID}/$"
DESK_CASE = rf"/desk/cases/{UID}/$"
REVIEW = rf"/review/{UID}/$"
RECORDS = rf"/records/{UID}/$"
IMAGES = rf"/records/{UID}/imaging/$"
WHOSE = rf"/imaging/people/{UID}/$"
SCAN = rf"/records/{UID}/viewer/{UID}/$"
ASKED = rf"/records/{UID}/requests/$"
CHANGE = r"/admin/\w+/\w+/\d+/change/$"
PAGES = (
    Shot("visitor", "home", "/"),
    Shot("visitor", "how-it-works", "/how-it-works/"),
    Shot("visitor", "specialties", "/specialties/"),
    Shot("visitor", "sample-opinion", "/sample-opinion/"),
    Shot("visitor", "for-specialists", "/for-specialists/"),
    Shot("visitor", "for-doctors", "/for-doctors/"),
    Shot("visitor", "your-data", "/your-data/"),
    Shot("visitor", "accessibility", "/accessibility/"),
    Shot("visitor", "sign-in", "/accounts/login/"),
    Shot("visitor", "sign-up", "/accounts/signup/"),
    Shot("visitor", "password", "/accounts/password/reset/"),
    Shot("visitor", "invitation", "/demo/mail/", follow=(r"/demo/mail/.+", r"/accounts/invitation/")),
    Shot("patient", "cases"),
    Shot("patient", "start", "/request/"),
    Shot("patient", "case", follow=(CASE,)),
    Shot("patient", "receipt", follow=(CASE,), then="/request/{uid}/receipt/"),
    Shot("patient", "sent", follow=(CASE, rf"/cases/{UID}/request/$")),
    Shot("patient", "consents", follow=(CASE, rf"/cases/{UID}/consents/$")),
    Shot("patient", "consents-earlier", follow=(CASE, rf"/opinion/{UID}/$"), then="/cases/{uid}/consents/"),
    Shot("patient", "consent-revoke", follow=(CASE, rf"/cases/{UID}/consents/$", r"/consents/\d+/revoke/$")),
    Shot("patient", "consent-agree", follow=(CASE, rf"/cases/{UID}/consents/$", r"/consents/\w+/agree/$")),
    Shot("patient", "looked", follow=(CASE, rf"/opinion/{UID}/$"), then="/cases/{uid}/looked/?all"),
    Shot("patient", "messages", follow=(CASE,), then="/cases/{uid}/messages/"),
    Shot("patient", "family", follow=(CASE, rf"/opinion/{UID}/$"), then="/cases/{uid}/family/"),
    Shot("carlos.mendes", "family-consent", follow=(CASE, rf"/cases/{UID}/family/$")),
    Shot("patient", "copy", "/data/"),
    Shot("patient", "withdraw", follow=(CASE, rf"/cases/{UID}/withdraw/$")),
    Shot("patient", "reopen", follow=(CASE, rf"/cases/{UID}/reopen/$")),
    Shot("patient", "erase", follow=(CASE, rf"/cases/{UID}/erase/$")),
    Shot("patient", "close-account", "/cases/account/close/"),
    Shot("patient", "request", follow=(REQUEST,)),
    Shot("patient", "request-screen", follow=(REQUEST, rf"/request/{UID}/screen/\w+/$")),
    Shot("patient", "request-check", follow=(REQUEST, rf"/request/{UID}/check/$")),
    Shot("patient", "records", follow=(CASE, RECORDS)),
    Shot("patient", "records-chosen", follow=(CASE, RECORDS), act=choose_files),
    Shot("patient", "records-search", follow=(CASE, RECORDS), act=search("needle test")),
    Shot("patient", "programs", follow=(CASE, RECORDS, r"/programs/$")),
    Shot("patient", "record", follow=(CASE, RECORDS, rf"/records/{UID}/{UID}/view/$")),
    Shot("patient", "images", follow=(CASE, RECORDS, IMAGES)),
    Shot("patient", "images-whose", follow=(CASE, WHOSE)),
    Shot("patient", "series", follow=(CASE, RECORDS, IMAGES, rf"/imaging/{UID}/$")),
    Shot("patient", "scan", follow=(CASE, RECORDS, SCAN), act=see_stack),
    Shot("patient", "health-file", follow=(CASE, RECORDS, rf"/records/{UID}/{UID}/health/$")),
    Shot("patient", "health", follow=(CASE, rf"/opinion/{UID}/$"), then="/records/{uid}/health/"),
    Shot("patient", "health-timeline", follow=(CASE, rf"/opinion/{UID}/$"), then="/records/{uid}/health/?part=timeline"),
    Shot("patient", "health-results", follow=(CASE, rf"/opinion/{UID}/$"), then="/records/{uid}/health/?part=result"),
    Shot("patient", "record-requests", follow=(CASE, ASKED)),
    Shot("patient", "record-request", follow=(CASE, ASKED, rf"/requests/{UID}/$")),
    Shot("patient", "record-request-new", follow=(CASE, ASKED, r"/requests/new/$")),
    Shot("patient", "opinion", follow=(CASE, rf"/opinion/{UID}/$")),
    Shot("carlos.mendes", "opinion-opened", follow=(CASE, rf"/opinion/{UID}/$")),
    Shot("patient", "mailbox", "/demo/mail/"),
    Shot("patient", "mail", "/demo/mail/", follow=(r"/demo/mail/.+",)),
    Shot("patient", "profile", "/accounts/profile/"),
    Shot("patient", "notices", "/notices/"),
    Shot("patient", "mail-choices", "/notices/choices/"),
    Shot("patient", "number-for-texts", "/notices/number/"),
    Shot("visitor", "mail-stop", "/demo/mail/?page=2", follow=(r"/demo/mail/.+", r"/notices/stop/")),
    Shot("patient", "sign-in-security", "/accounts/2fa/"),
    Shot("patient", "sessions", "/accounts/sessions/"),
    Shot("joana.ferreira", "papers", follow=(CASE, rf"/records/{UID}/papers/$")),
    Shot("family", "cases"),
    Shot("family", "case", follow=(CASE,)),
    Shot("iris.nakamura", "cases-ending"),
    Shot("iris.nakamura", "start-ending", "/request/"),
    Shot("iris.nakamura", "request-ending", follow=(REQUEST,)),
    Shot("iris.nakamura", "request-delete", follow=(REQUEST, rf"/request/{UID}/delete/$")),
    Shot("specialist", "worklist", "/offers/"),
    Shot("specialist", "offer", "/offers/", follow=(rf"/offers/{UID}/$",)),
    Shot("specialist", "reading-room", "/offers/", follow=(REVIEW,)),
    Shot("specialist", "records", "/offers/", follow=(REVIEW, RECORDS)),
    Shot("specialist", "scan", "/offers/", follow=(REVIEW, RECORDS, SCAN), act=see_stack),
    Shot("specialist", "messages", "/offers/", follow=(REVIEW,), then="/review/{uid}/messages/"),
    Shot("specialist", "sign", "/offers/", follow=(REVIEW,), then="/review/{uid}/sign/"),
    Shot("specialist", "hand-back", "/offers/", follow=(rf"/offers/cases/{UID}/hand-back/$",)),
    Shot("specialist2", "worklist", "/offers/"),
    Shot("specialist2", "reading-room", "/offers/", follow=(REVIEW,)),
    Shot("specialist5", "second-look", "/offers/", follow=(rf"/review/{UID}/second/$",)),
    Shot("coordinator", "queue", "/desk/"),
    Shot("coordinator", "queue-ended", "/desk/?state=ended"),
    Shot("coordinator", "case", "/desk/", follow=(DESK_CASE,)),
    Shot("coordinator", "case-collecting", "/records/requests/", follow=(DESK_CASE,)),
    Shot("coordinator", "checklist-item", "/records/requests/", follow=(DESK_CASE, r"/checklist/\d+/$")),
    Shot("coordinator", "records", "/records/requests/", follow=(DESK_CASE, RECORDS)),
    Shot("coordinator", "images-whose", "/records/requests/", follow=(DESK_CASE, RECORDS, WHOSE)),
    Shot("coordinator", "record-requests", "/records/requests/"),
    Shot("coordinator", "record-request", "/records/requests/", follow=(rf"/requests/{UID}/$",)),
    Shot("coordinator", "link-of-office", "/records/requests/", follow=(rf"/requests/{UID}/$",), act=open_link_of_office),
    Shot("coordinator", "messages", "/desk/", follow=(DESK_CASE,), then="/desk/cases/{uid}/messages/"),
    Shot("coordinator", "notes", "/desk/", follow=(DESK_CASE, rf"{UID}/notes/$")),
    Shot("coordinator", "consents", "/desk/", follow=(DESK_CASE, rf"/cases/{UID}/consents/$")),
    Shot("coordinator", "choose-specialist", "/desk/", follow=(DESK_CASE, rf"{UID}/offer/$")),
    Shot("coordinator", "check-opinion", "/desk/", follow=(DESK_CASE, rf"/review/{UID}/check/$")),
    Shot("coordinator", "decline", "/desk/", follow=(DESK_CASE, rf"{UID}/decline/$")),
    Shot("coordinator", "notices", "/notices/"),
    Shot("coordinator", "mail-choices", "/notices/choices/"),
    Shot("lead", "queue", "/desk/"),
    Shot("lead", "refusal", "/desk/", follow=(DESK_CASE, rf"{UID}/decline/reject/$")),
    Shot("admin", "administration", "/admin/"),
    Shot("admin", "area", "/admin/catalog/"),
    Shot("admin", "specialists", "/admin/routing/specialistprofile/"),
    Shot("admin", "specialist", "/admin/routing/specialistprofile/", follow=(CHANGE,)),
    Shot("admin", "specialist-new", "/admin/routing/specialistprofile/add/"),
    Shot("admin", "history", "/admin/routing/specialistprofile/", follow=(CHANGE, r"/history/$")),
    Shot("admin", "accounts", "/admin/accounts/user/"),
    Shot("admin", "account", "/admin/accounts/user/", follow=(CHANGE,)),
    Shot("admin", "invitation-new", "/admin/accounts/invitation/add/"),
    Shot("admin", "specialties", "/admin/catalog/specialty/"),
    Shot("admin", "specialty", "/admin/catalog/specialty/", follow=(CHANGE,)),
    Shot("admin", "delete", "/admin/catalog/checklisttemplate/", follow=(CHANGE, r"/delete/$")),
    Shot("admin", "checklist", "/admin/catalog/checklisttemplate/?required__exact=1"),
    Shot("admin", "rules", "/admin/catalog/jurisdictionrule/"),
    Shot("admin", "consent", "/admin/catalog/consenttext/", follow=(CHANGE,)),
    Shot("admin", "holidays", "/admin/catalog/holiday/"),
)
