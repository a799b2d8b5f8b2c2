"""Requests that were sent with answers to their consents, and the signed copies of those."""

import io

import pypdf

from intake import tasks
from intake.models import ConsentCopy
from secondop.accounts.models import Role
from secondop.cases.models import Case
from secondop.catalog.samples import load
from secondop.documents import services as documents
from secondop.vault import services as vault
from tests.factories import make_user
from tests.intake.filled import begin, fill, put, signature, signed_in, url

AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
STAND_IN = b"%PDF-1.7 stands in for a rendered one"


def send(**decisions):
    """A browser and the request it has sent, with these answers to the consents."""
    load()
    make_user(Role.COORDINATOR)
    client = signed_in()
    client.defaults["HTTP_USER_AGENT"] = AGENT
    case = begin(client)
    fill(client, case)
    put(client, case, "consent", signature(client, case, **decisions))
    client.post(url("submit", case))
    return client, Case.objects.get(pk=case.pk)


def copy_of(case, kind, *, taken_back=False):
    """The job of one copy, as the database has it."""
    return ConsentCopy.objects.get(case=case, consent__text__kind=kind, taken_back=taken_back)


def made(copy):
    """Let a worker make a copy; all its words, and what the file says of itself."""
    tasks.render(copy.pk)
    copy.refresh_from_db()
    assert copy.status == "ready", copy.error
    reader = pypdf.PdfReader(io.BytesIO(b"".join(vault.read(copy.stored))))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), reader


def there(copy):
    """A copy with something stored, where the words do not matter."""
    documents.keep(copy, STAND_IN)
    copy.refresh_from_db()
    return copy
