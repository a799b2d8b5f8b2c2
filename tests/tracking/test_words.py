"""What patients read is plain in every step of the intake and every state of a case; tests/all_pages does each page once."""

import pytest
from django.urls import reverse

from secondop.cases.asks import open_ask
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.catalog.samples import load
from tests.factories import make_case
from tests.intake.filled import WHO, begin, fill, put, signed_in, url
from tests.words import grade, sentences

pytestmark = pytest.mark.django_db


def test_pages_of_the_intake_are_plain():
    load()
    client = signed_in()
    case = begin(client)
    pages = [reverse("intake:start"), url("hub", case), *(url("screen", case, name) for name in ("who", "question", "health"))]
    fill(client, case)
    pages += [url("screen", case, "consent"), url("check", case)]
    texts = {page: client.get(page).content.decode() for page in pages}
    for change in ({"emergency": "yes"}, {"country": "KP"}):
        put(client, case, "who", {**WHO, **change})
        texts[str(change)] = client.get(url("stop", case)).content.decode()
    put(client, case, "who", WHO)
    client.post(url("submit", case))
    texts["receipt"] = client.get(url("receipt", case)).content.decode()
    for page, text in texts.items():
        found = sentences(text)
        assert found, page
        assert grade(" ".join(found)) <= 8, (page, grade(" ".join(found)), found)


@pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
def test_the_case_page_is_plain_in_every_state(state):
    case = make_case(state)
    if state == State.SCREENING:
        open_ask(case, by=case.owner, items=["Please send us the letter."])
    client = signed_in(case.patient)
    for name in ("case", "withdraw", "reopen"):
        answer = client.get(reverse(f"tracking:{name}", args=[case.uid]))
        if answer.status_code == 200:
            found = sentences(answer.content.decode())
            assert grade(" ".join(found)) <= 8, (name, found)
    assert Case.objects.get(pk=case.pk).state == state
