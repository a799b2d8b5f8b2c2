"""What patients print: the content alone, black on white even where the screen is dark, without addresses and buttons."""

import pytest
from pypdf import PdfReader

from secondop.embedded.shots import PAGES, reach
from tests.journeys.conftest import Person

PRINTED = [("patient", "case"), ("patient", "sent"), ("patient", "consents-earlier"), ("carlos.mendes", "opinion-opened")]
NOT_ON_PAPER = "header.site-header, footer.site-footer, .button, button, .skip-link, .demo-banner, .page-back, .toasts"
DARK_INK = """() => [...document.querySelectorAll("main *")].filter((each) => {
  const [red, green, blue] = getComputedStyle(each).color.match(/\\d+/g).map(Number);
  return each.checkVisibility() && red + green + blue > 3 * 0x55;
}).map((each) => each.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize(("who", "name"), PRINTED)
def test_a_page_prints_its_content_alone(chromium, site, tmp_path, who, name):
    person = Person(chromium, site).sign_in(f"{who}@demo.example")
    page = person.page
    assert reach(page, site, next(shot for shot in PAGES if (shot.who, shot.name) == (who, name)))
    heading = page.inner_text("h1")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(NOT_ON_PAPER).locator("visible=true").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert page.evaluate(DARK_INK) == []
    page.emulate_media(media="null", color_scheme="dark")
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    text = "\n".join(sheet.extract_text() for sheet in PdfReader(tmp_path / "page.pdf").pages)
    assert heading.split()[0] in text
    if name == "consents-earlier":
        assert "An earlier answer\nNot agreed" in text  # folded away on the screen
    assert "/cases/" not in text and "localhost" not in text
    if name == "opinion-opened":
        assert "Hip replacement was advised." in text  # folded away on the screen
    person.context.close()
