"""Notices in a browser: the bell, the list, the choices, without a script and on a phone; and mails as mail programs show them."""

import re

import pytest
from playwright.sync_api import Browser

from secondop.accounts.letters import letter_for
from secondop.accounts.models import User
from secondop.notices.content import mail_of
from secondop.notices.models import Notice
from tests.journeys.conftest import Person
from tests.journeys.test_axe import axe
from tests.notices.test_kinds import FILLED
from tests.notices.test_letters import OF_ALLAUTH

PHONE, NARROWEST, WIDE = 360, 320, 700
OF_PAGES = {"landmark-one-main", "region"}  # a mail is shown inside a page that is not ours


def test_a_notice_is_opened_read_and_its_mail_turned_off_without_a_script(chromium, site):
    person = Person(chromium, site, java_script_enabled=False, viewport={"width": PHONE, "height": 740})
    person.sign_in("patient@demo.example")
    write_to(person, chromium, site)
    bell = person.page.locator("header .bell")
    assert re.fullmatch(r"Notices \d+ new", bell.inner_text().replace("\n", " ").strip())
    person.click(bell)
    title = person.page.locator(".notice-list .is-new h2").first.inner_text().replace("New", "").strip()
    person.click(person.page.locator(".notice-list .is-new button"))
    assert "/notices/" not in person.page.url
    person.page.goto("/notices/")
    assert person.page.locator(".notice-list li:not(.is-new)", has_text=title).count()
    person.press("Mark all as read")
    assert bell.inner_text().strip() == "Notices"
    person.follow("Mails and quiet hours")
    person.page.uncheck("main [value=progress]")
    person.fill(quiet_from="21:30", quiet_until="07:00")
    person.press("Save")
    assert not person.page.is_checked("main [value=progress]")
    assert person.page.input_value("main [name=quiet_from]") == "21:30"
    person.page.check("main [value=progress]")
    person.fill(quiet_from="", quiet_until="")
    person.press("Save")
    person.context.close()


def write_to(patient: Person, chromium: Browser, site: str) -> None:
    """The coordinator writes to the patient, who opens their list afterwards: other journeys may have read all that the demo tells."""
    patient.page.goto("/cases/")
    case = re.search(r"/cases/([0-9a-f-]{36})/", patient.page.content())[1]
    coordinator = Person(chromium, site).sign_in("coordinator@demo.example")
    coordinator.page.goto(f"/desk/cases/{case}/messages/")
    coordinator.fill(text="We have looked at it all. You need to do nothing.")
    coordinator.press("Send")
    coordinator.context.close()
    patient.page.goto("/cases/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mails_are_readable_and_fit(chromium, scheme):
    mails = {
        "notice": mail_of(
            Notice(
                kind="message_patient",
                email="ana@example.org",
                link="/there/" + 30 * "long-",
                context=FILLED,
                recipient=User(pk=1, full_name="Ana Ruiz"),
            )
        ),
        "code": letter_for("account/email/email_confirmation", OF_ALLAUTH).mail(),
        "changed": letter_for("mfa/email/webauthn_added", OF_ALLAUTH).mail(),
    }
    page = chromium.new_page(color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    faults = {}
    for name, mail in mails.items():
        page.set_content(mail.alternatives[0].content)
        violations = [fault for fault in axe.run(page).response["violations"] if fault["id"] not in OF_PAGES]
        if violations:
            faults[name] = [f"{fault['id']} {fault['nodes'][0]['html'][:200]}" for fault in violations]
        for width in (NARROWEST, PHONE, WIDE):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") == width, name
    page.close()
    assert faults == {}
    assert asked == []
