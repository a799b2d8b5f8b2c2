"""One running site a module, on data that the module keeps to its end: processes cannot see what a test has not committed."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import override_settings

from secondop.catalog.samples import load
from tests.notices.smtp import MailServer
from tests.servers import RedisServer

from .site import Site


@pytest.fixture(scope="module")
def transactional_db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The database with the catalog, emptied at the end of the module and not after each test, when the site still works in it.

    The name is pytest-django's own, which by it knows that a database is needed.
    """
    with django_db_blocker.unblock():
        load()
        yield
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def site(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Database, broker and mail server, all running; the module starts the web server and the worker.

    The vault is the site's own: a module that takes it away takes it from no other process of the run.
    """
    folder = tmp_path_factory.mktemp("site")
    redis = RedisServer(folder)
    redis.start()
    with MailServer() as mail, override_settings(VAULT_DIR=folder / "vault"):
        site = Site(folder, redis, mail)
        try:
            yield site
        finally:
            site.stop()
            redis.stop()
