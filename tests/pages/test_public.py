"""The public pages: there for everybody, quick, honest, plain, and linked with each other."""

import re
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urldefrag, urlsplit

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import override_settings
from django.urls import reverse
from lxml import html

from opinions.services.signing import NEEDED, answer_gaps, grid_gaps, list_gaps
from secondop.accounts.models import Role
from secondop.cases.statistics import LEAST
from secondop.catalog.models import JurisdictionRule, Specialty
from secondop.catalog.samples import load
from secondop.pages import facts
from secondop.pages.public import PAGES
from secondop.pages.sample import sample
from tests.factories import PASSWORD, make_delivered, make_user
from tests.words import grade, sentences
from tests.world import patterns

pytestmark = pytest.mark.django_db
FOR_DOCTORS = {"for_specialists", "for_doctors"}
PATIENT_PAGES = [name for name in PAGES if name not in FOR_DOCTORS]
DAY = timedelta(days=1)


@contextmanager
def database_away():
    """Every query fails, as when the database does not answer."""

    def fail(*_):
        raise OperationalError("the database does not answer in time")

    with connection.execute_wrapper(fail):
        yield


def get(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200, name
    return html.fromstring(response.content)


def words(element) -> str:
    """The text in and below ``element``, pieces that stand apart kept apart."""
    return " ".join(" ".join(element.itertext()).split())


def test_every_page_says_what_it_is_to_people_and_search_engines(client):
    load()
    seen = {}
    for name, page in PAGES.items():
        tree = get(client, name)
        meta = {m.get("name") or m.get("property"): m.get("content") for m in tree.xpath("//head/meta")}
        assert tree.xpath("//head/title/text()") == [f"{page.title} · SecondOp"]
        assert meta["description"] == meta["og:description"] == page.description
        assert meta["og:title"] == page.title
        assert tree.xpath("//link[@rel='canonical']/@href") == [meta["og:url"]] == [f"http://testserver{reverse(name)}"]
        assert "robots" not in meta
        assert 60 <= len(page.description) <= 160, name
        assert tree.xpath("//html/@lang") == ["en"]
        assert len(tree.xpath("//h1")) == len(tree.xpath("//main")) == 1
        assert not tree.xpath("//@style|//style|//script[not(@src)]")
        seen[page.title] = page.description
    assert len(seen) == len(set(seen.values())) == len(PAGES)


def test_what_needs_a_sign_in_is_kept_from_search_engines(client):
    closed = re.findall(r"^Disallow: (.+)$", client.get("/robots.txt").content.decode(), re.MULTILINE)
    for_all = {*(page.path for page in PAGES.values()), "robots.txt", "sitemap.xml", "healthz", "readyz"}
    private = [f"/{route}" for route in patterns().values() if route not in for_all]
    assert len(private) > 100 and not [route for route in private if not route.startswith(tuple(closed))]
    assert not [page for page in PAGES if any(reverse(page).startswith(start) for start in closed)]
    assert b"Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").content
    client.force_login(make_user())
    assert get(client, "tracking:list").xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert get(client, "accounts:profile").xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_the_sitemap_holds_the_public_pages(client):
    response = client.get("/sitemap.xml")
    assert response.headers["Content-Type"].startswith("application/xml")
    assert re.findall("<loc>(.+?)</loc>", response.content.decode()) == [f"http://testserver{reverse(name)}" for name in PAGES]


def test_the_home_page_asks_nothing_of_the_database_once_it_knows(client, django_assert_num_queries):
    load()
    first = client.get(reverse("home")).content
    with django_assert_num_queries(0):
        again = client.get(reverse("home")).content
    assert first == again
    tree = html.fromstring(again)
    assert tree.xpath("//h1/text()") == ["A second look, before you decide."]
    assert len(tree.xpath("//dl[@class='qa fears']/div")) == 5
    assert tree.xpath(f"//a[@href='{reverse('specialties')}#cardiology']")


def test_what_the_home_page_knows_is_renewed(client):
    load()
    client.get(reverse("home"))
    Specialty.objects.filter(name="Cardiology").update(active=False)
    assert "Cardiology" in client.get(reverse("home")).content.decode()
    caches["pages"].clear()  # as after its ten minutes
    assert "Cardiology" not in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize("name", ["home", "how_it_works", "sample_opinion", "your_data"])
def test_pages_stand_without_the_database(client, name):
    load()
    with database_away():
        tree = get(client, name)
    assert tree.xpath("//main//a[contains(@class, 'button')]") or name == "your_data"
    assert not tree.xpath("//*[@id='fields' or @id='times']")


def test_a_database_that_was_away_is_asked_again_after_a_while_and_not_at_once(client, settings):
    load()
    with database_away():
        assert client.get(reverse("specialties")).status_code == 503
    assert facts.known() is None
    caches["pages"].delete("facts")  # as after SILENT_SECONDS
    assert get(client, "specialties").xpath("//section[@id='cardiology']")


def test_the_pages_of_an_empty_installation(client):
    for name in PAGES:
        get(client, name)
    assert "No specialties are listed yet" in words(get(client, "specialties").xpath("//main")[0])


def test_figures_are_claimed_from_twenty_opinions_on(client):
    people = {"patient": make_user(), "coordinator": make_user(Role.COORDINATOR), "specialist": make_user(Role.SPECIALIST)}
    for days in range(1, LEAST):
        make_delivered(ago=DAY, asking=days * DAY, complete=days * DAY / 2, **people)
    assert not get(client, "home").xpath("//*[@id='times']")
    assert "We print no number until we have enough cases" in client.get(reverse("home")).content.decode()
    make_delivered(ago=DAY, asking=20 * DAY, complete=10 * DAY, **people)
    caches["pages"].clear()
    for name in ("home", "how_it_works"):
        board = words(get(client, name).xpath("//section[@aria-labelledby='times']")[0])
        assert "all 20 opinions that we delivered in the last 12 months" in board
        assert "From asking to the answer 11 days or less for half of them 19 days or less for nine out of ten" in board
        assert "From complete records to the answer 6 days or less for half of them 10 days or less for nine out of ten" in board
    fears = words(get(client, "home").xpath("//dl[@class='qa fears']")[0])
    assert "Half of the last 20 opinions were there 11 days or less after the request, and nine out of ten within 19." in fears


def test_the_specialties_say_what_to_send_and_where_one_may_live(client):
    load()
    tree = get(client, "specialties")
    section = tree.xpath("//section[@id='orthopedic-surgery']")[0]
    assert [h.text for h in section.xpath(".//h3")] == ["What people often ask", "Please send", "Also helpful, if you have it"]
    assert "The original X-ray or MRI images, not only their reports" in section.text_content()
    assert len(tree.xpath("//section[@class='specialty']")) == Specialty.objects.count() + 1
    place = words(tree.xpath("//section[@id='place']")[0])
    assert "We can help you if you live in United States: California, Illinois, Massachusetts, New York, Ohio, Texas" in place
    assert "doctor near you if you live in United States, all places not named here Canada, all places not named here" in place
    assert "We cannot help you yet if you live in United States: Guam Canada: Quebec North Korea" in place
    JurisdictionRule.objects.all().delete()
    caches["pages"].clear()
    assert not get(client, "specialties").xpath("//section[@id='place']//ul")


def test_the_sample_is_an_opinion_that_could_be_signed(client):
    opinion = sample()["opinion"]
    assert [name for name in NEEDED if not getattr(opinion, name)] == []
    assert answer_gaps(opinion) + grid_gaps(opinion) + list_gaps(opinion) == []
    for row in (*opinion.answers, *opinion.grid, *opinion.options, *opinion.evidence, opinion.text):
        row.clean_fields(exclude=["opinion", "author", "case", "signature"])


def test_the_sample_says_that_it_is_one_and_shows_the_whole_opinion(client):
    tree = get(client, "sample_opinion")
    article = tree.xpath("//article[@class='opinion-text']")[0]
    assert "the people and the case are invented" in tree.xpath("//main//*[@class='notice notice-warning']")[0].text_content()
    assert article.xpath("//*[@id='bottom-line']") and article.xpath("//*[@id='signature']")
    for piece in ("summary", "agreement", "options", "answers", "recommendation", "reviewed", "evidence", "limits"):
        assert article.xpath(f".//*[@id='{piece}']"), piece
    assert len(sample()["opinion"].sha256) == 64
    assert "Invented people" in client.get(reverse("home")).content.decode()


def test_every_link_between_public_pages_leads_somewhere(client):
    load()
    with override_settings(CONTACT_EMAIL="care@hospital.example"):
        trees = {reverse(name): get(client, name) for name in PAGES}
        found = {(page, link) for page, tree in trees.items() for link in tree.xpath("//a/@href")}
    assert {link for _, link in found if urlsplit(link).scheme and "doi.org" not in link} == {"mailto:care@hospital.example"}
    answers = {}
    for page, link in found:
        address, anchor = urldefrag(link)
        address = address or page
        if urlsplit(address).scheme:
            continue
        answers[address] = answers.get(address) or client.get(address).status_code
        if anchor:
            assert trees[address].xpath(f"//*[@id='{anchor}']"), (page, link)
    assert {address: status for address, status in answers.items() if status not in (200, 302)} == {}
    assert set(trees) <= set(answers), "a page that no other one leads to"


def test_the_cookies_that_the_page_names_are_all_there_are(client):
    person = make_user()
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    client.post(reverse("accounts:profile"), {"full_name": "Pat Example"})
    named = get(client, "your_data").xpath("//section[@id='cookies']//li")
    assert set(client.cookies) == {"csrftoken", "device", "messages", "sessionid"} and len(named) == 4


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("organisation", ["SecondOp", "St. Mary’s & Sons"])
def test_the_words_of_every_page_are_plain(client, name, organisation):
    load()
    with override_settings(ORGANISATION=organisation):
        found = sentences(client.get(reverse(name)).content.decode())
    assert len(found) > 5
    assert grade(" ".join(found)) <= (12 if name in FOR_DOCTORS else 8), (grade(" ".join(found)), found)
    assert "!" not in " ".join(found)


def test_visitors_find_their_way_without_javascript(client):
    tree = get(client, "home")
    row = [link.text_content() for link in tree.xpath("//nav[@aria-label='Main']/ul/li/a")]
    assert row == ["How it works", "Specialties", "For specialists", "Sign in", "Sign up"]
    menu = [link.text_content() for link in tree.xpath("//nav[@aria-label='Main']//details//a")]
    assert menu == ["How it works", "Specialties", "For specialists", "A sample opinion", "Your data", "Sign up"]
    assert get(client, "how_it_works").xpath("//nav[@aria-label='Main']/ul/li/a[@aria-current='page']/text()") == ["How it works"]
