"""Every page of the matrix, as each kind of person gets it: valid HTML for all, and plain words for patients."""

import pytest
from django.urls import reverse

from tests.markup import faults
from tests.matrix import MATRIX
from tests.words import grade, sentences

READERS = ("anonymous", "patient", "watcher", "reader", "specialist", "second", "author", "coordinator", "lead")
PATIENTS = {"anonymous", "patient", "watcher", "reader"}
OF_STAFF = {"accounts:invitation", "home_for_me"}  # the first is read by staff to be, the second leads elsewhere
# A list, a fragment that another page shows, files and pictures, three that lead elsewhere.
NO_SENTENCE = {
    *(
        "records:panel",
        "records:health_panel",
        "intake:told",
        "records:open",
        "delivery:pdf",
        "home_for_me",
        "intake:stop",
        "accounts:kept",
    ),
    *("records:page_image", "records:thumbnail", "records:safe_copy"),
    *("exports:progress", "exports:download", "tracking:consent_copy"),
    *("records:viewer_index", "records:viewer_frames", "records:viewer_picture"),
}
ACCOUNT = ("account_login", "account_signup", "account_reset_password", "account_email", "account_change_password", "account_logout")


@pytest.fixture(scope="module")
def pages(world, tried) -> dict[tuple[str, str, str], str]:
    """All pages that people of the matrix get, by name, state and person, and those of their accounts."""
    found = {(one.name, one.state, one.person): one.page for one in tried if one.page and one.person in READERS}
    for name in (*ACCOUNT, "mfa_index", "usersessions_list"):
        for person in ("anonymous", "patient"):
            answer = world.clients[person].get(reverse(name))
            if answer.status_code == 200:
                found[name, "-", person] = answer.content.decode()
    return found


def test_every_page_is_valid_html(pages):
    assert len(pages) > 80
    whole = {key: page for key, page in pages.items() if "<html" in page}
    wrong = {key: found for key, page in whole.items() if (found := faults(page))}
    assert wrong == {}


def test_every_page_for_patients_is_plain(pages):
    hard, seen = [], set()
    for (name, state, person), page in pages.items():
        found = sentences(page)
        if person in PATIENTS and name not in OF_STAFF and found:
            seen.add(name)
            if (score := grade(" ".join(found))) > 8:
                hard.append((name, state, person, score, found))
    assert hard == []
    assert {name for name, row in MATRIX.items() if "patient" in (row.get or "")} - seen <= NO_SENTENCE


def test_the_checks_see_what_is_wrong():
    page = "<!doctype html><html lang='en'><head><title>x</title></head><body><main>%s</main></body></html>"
    assert faults(page % "<h1>Fine</h1><p>All is <a href='/'>well</a>.</p>") == []
    for wrong in (
        "<p><ul><li>a</li></ul></p>",
        "<div>open",
        "<i id='a'></i><i id='a'></i>",
        "<input name='x'>",
        "<label for='gone'>x</label>",
        "<a href='#gone'>x</a>",
        "<form><form></form></form>",
        "<button></button>",
        "<img src='x'>",
    ):
        assert faults(page % wrong), wrong
