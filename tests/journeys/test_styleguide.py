"""The styleguide in a real browser, without a server: every component is accessible, fits, and does what its script adds."""

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page, Route, expect

from secondop.pages.views import styleguide
from tests.journeys.test_axe import NARROWEST, PHONE, WIDE
from tests.servers import LONG

ADDRESS = "http://styleguide.example/styleguide/"
# Where the words of people stand.
TYPED = ":is(.card, .kv, .person, .section, .timeline, .files, .table) :is(p, dd, li, td, h2, h3, strong), .field > :is(label, legend)"
CHOICE = ".field-group > div > div > label"
axe = Axe()


def serve(route: Route) -> None:
    """Answer with the page itself or with a static file as it stands in the source."""
    parts = urlsplit(route.request.url)
    if parts.path == "/styleguide/":
        answer = styleguide(RequestFactory().get(f"/styleguide/?{parts.query}"))
        route.fulfill(body=answer.content, content_type="text/html; charset=utf-8")
        return
    found = finders.find(parts.path.removeprefix("/static/")) if parts.path.startswith("/static/") else None
    if isinstance(found, str):
        route.fulfill(body=Path(found).read_bytes(), content_type=mimetypes.guess_type(found)[0] or "font/woff2")
    else:
        route.fulfill(status=404)


@pytest.fixture
def page(chromium):
    context = chromium.new_context(locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(1000 * LONG)
    page = context.new_page()
    page.route("**/*", serve)
    missing = []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
    page.goto(ADDRESS)
    assert missing == []
    yield page
    context.close()


def test_the_styleguide_is_only_there_with_debug(client):
    with pytest.raises(NoReverseMatch):
        reverse("styleguide")


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_every_component_is_accessible(page: Page, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
    violations = axe.run(page).response["violations"]
    assert [(fault["id"], node["html"][:200]) for fault in violations for node in fault["nodes"]] == []


def test_nothing_is_wider_than_the_narrowest_phone(page: Page):
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST


def test_a_word_without_end_makes_nothing_wider(page: Page):
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
    page.eval_on_selector_all(TYPED, "all => all.forEach(one => { if (!one.children.length) one.append('W'.repeat(120)) })")
    page.eval_on_selector_all(CHOICE, "all => all.forEach(one => one.append('W'.repeat(120)))")
    wide = "all => all.filter(one => one.scrollWidth > innerWidth).map(one => one.parentElement.outerHTML.slice(0, 200))"
    assert page.locator(CHOICE).count() and page.eval_on_selector_all(f"{TYPED}, {CHOICE}", wide) == []


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(page: Page):
    menu = page.locator("main [data-menu]")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    menu.get_by_role("link", name="Records").focus()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


def test_a_dialog_opens_and_closes(page: Page):
    page.get_by_role("button", name="Withdraw this case").click()
    dialog = page.get_by_role("dialog", name="Withdraw this case?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_a_password_can_be_looked_at_and_is_hidden_again_when_sent(page: Page):
    field = page.locator("#wrong_password")
    field.fill("a long sentence")
    page.locator("#wrong_password + .field-show").click()
    expect(field).to_have_attribute("type", "text")
    field.evaluate("field => field.form.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }))")
    expect(field).to_have_attribute("type", "password")


def test_a_long_answer_says_how_much_room_is_left_once_it_gets_tight(page: Page):
    story = page.locator("#every_story")
    count = page.locator("#every_story + .field-count")
    story.fill("x" * 100)
    expect(count).to_have_count(0)
    story.fill("x" * 185 + "\n\n")
    expect(count).to_have_text("11 characters left")  # a line break is sent as two characters
    story.fill("short")
    expect(count).to_have_text("")


def test_a_toast_can_be_put_away(page: Page):
    toasts = page.locator("main [data-toast]")
    expect(toasts).to_have_count(2)
    page.get_by_role("button", name="Put this message away").first.click()
    expect(toasts).to_have_count(1)
