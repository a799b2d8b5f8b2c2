"""A real installation from its first minute: the administrator's link, the second factor, and staff invited by mail."""

import email
import email.policy
import re
import subprocess
import sys
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from secondop.embedded.data import ROOT
from tests.embedded.conftest import open_folder
from tests.embedded.test_run import Site
from tests.journeys.conftest import PASSWORD, Person
from tests.servers import LONG


@pytest.fixture(scope="module")
def installation():
    """./dev run --empty on fresh data."""
    with open_folder() as place:
        (place / "home").mkdir()
        running = Site(place)
        running.start()
        yield running
        running.process.terminate()
        running.process.wait(LONG)


def make_admin(site: Site, address: str) -> str:
    """./dev admin EMAIL prints a link; its path."""
    command = [sys.executable, "-P", "-m", "secondop.embedded", "admin", address, "--data", str(site.data)]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=site.base, env=environ, capture_output=True, text=True)
    found = re.search(r"http://localhost:\d+(/accounts/invitation/\S+)", done.stdout)
    assert found, done
    return found[1]


def mailed_link(site: Site, address: str) -> str:
    """The link in the newest mail to an address, from the folder that stands for the mail server."""
    limit = time.monotonic() + LONG
    while time.monotonic() < limit:
        for path in (site.data / "mail").glob("*.eml"):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if letter["to"] and address in letter["to"]:
                return re.search(r"(/accounts/invitation/\S+/)", letter.get_body(("plain",)).get_content())[1]
        time.sleep(0.3)
    raise AssertionError("no mail came")


def join(person: Person, link: str, name: str, address: str) -> None:
    """Accept an invitation, sign in, and set up the second factor that staff need before any other page."""
    person.page.goto(link)
    person.fill(full_name=name, password=PASSWORD)
    person.enter("password")
    person.sign_in(address, PASSWORD)
    for path in ("/me/", "/desk/", "/admin/", "/offers/", "/cases/"):
        person.page.goto(path)
        assert "/accounts/2fa/" in person.page.url, path
    person.page.goto("/accounts/2fa/totp/activate/")
    if "/reauthenticate/" in person.page.url:
        person.fill(password=PASSWORD)
        person.enter("password")
    secret = re.search(r"\b[A-Z2-7]{32}\b", person.page.content())
    assert secret
    while "/activate/" in person.page.url:  # a code holds to the end of its half minute, which may come before the page has it
        person.fill(code=format_hotp_value(hotp_value(secret[0], next(iter(yield_hotp_counters_from_time())))))
        person.enter("code")
    person.page.goto("/me/")


def test_an_administrator_invites_staff_who_need_a_second_factor(installation, chromium):
    address = f"http://localhost:{installation.port}"
    link = make_admin(installation, "first.admin@example.org")
    admin = Person(chromium, address)
    join(admin, link, "Ada First", "first.admin@example.org")
    assert "/admin/" in admin.page.url
    assert Person(chromium, address).page.goto(link).status == 410
    admin.page.goto("/admin/catalog/specialty/")
    assert admin.page.get_by_role("link", name="Cardiology").count(), "a real installation starts with a first catalog"
    assert admin.page.goto("/admin/routing/specialistprofile/add/").status == 200
    admin.page.goto("/admin/accounts/invitation/add/")
    admin.page.fill("[name=email]", "carla@example.org")
    admin.page.fill("[name=full_name]", "Carla Care")
    admin.page.select_option("[name=role]", "coordinator")
    with admin.page.expect_navigation():
        admin.page.click("[name=_save]")
    carla = Person(chromium, address)
    join(carla, mailed_link(installation, "carla@example.org"), "Carla Care", "carla@example.org")
    assert "/desk/" in carla.page.url
    assert carla.page.goto("/admin/").url.rstrip("/") != f"{address}/admin"
    visitor = Person(chromium, address)
    assert visitor.page.goto("/demo/mail/").status == 404
    assert visitor.page.goto("/accounts/signup/").status == 200
    assert visitor.page.locator("main").get_by_role("button", name="Create my account").count() == 1
    assert "Demo" not in visitor.page.inner_text("body")
    for person in (admin, carla, visitor):
        person.context.close()
