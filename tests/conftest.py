"""The ground under all tests: a throwaway PostgreSQL, a folder for files, a master key, and the settings that name them.

The environment is set while this module is imported, before Django reads its settings. TEST_DATABASE_URL names a server to use
instead of the throwaway one. Under xdist the first process starts the server and the workers, its children, find its address.
"""

import atexit
import gc
import importlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import override_settings
from django.urls import set_urlconf
from hypothesis import HealthCheck
from hypothesis import settings as examples
from xdist.scheduler import LoadScopeScheduling

from secondop.embedded.places import server_account
from secondop.embedded.postgres import Cluster
from secondop.vault.keys import new_master_key
from tests.servers import RedisServer

# Each of these modules and folders takes one worker for a while: begun first, none is waited for alone at the end.
LONGEST = (
    "all_pages",
    "test_session",
    "test_axe",
    "test_bench",
    "test_real_install",
    "test_main_path",
    "test_keyboard",
    "test_run",
    "test_dev",
    "test_documents",
    "test_postgres",
    "test_queue_and_mail",
)
# Tests with browsers, servers and workers as processes of their own wait for these, seconds at most, whatever else the machine does.
WITH_PROCESSES = {"journeys", "faults", "embedded"}
# The settings that name a place in the data folder.
IN_THE_DATA_FOLDER = ("VAR", "VAULT_DIR", "MAIL_DIR", "STATIC_ROOT", "CELERY_BROKER_TRANSPORT_OPTIONS", "CELERY_BEAT_SCHEDULE_FILENAME")


def _database(root: Path) -> str:
    """The address of the server that is named, or of one of our own that ends with this process."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        return named
    cluster = Cluster(server_account().own(root / "postgres"), throwaway=True)
    cluster.start()
    atexit.register(cluster.stop)
    return cluster.url


def _lay_ground() -> None:
    """Make the folder of this run, with the server in it, and name everything in the environment."""
    root = Path(tempfile.mkdtemp(prefix="secondop-test-"))
    root.chmod(0o711)
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    for name in ("VAULT_DIR", "VAULT_MASTER_KEY", "EMAIL_URL", "SMS_URL", "REDIS_URL", "STATIC_ROOT", "REQUIRE_STAFF_MFA"):
        os.environ.pop(name, None)
    (root / "master.key").write_text(new_master_key())
    (root / "var" / "static").mkdir(parents=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="secondop.settings",
        SECONDOP_ENV="test",
        SECONDOP_DATA=str(root / "var"),
        DATABASE_URL=_database(root),
        VAULT_MASTER_KEY_FILE=str(root / "master.key"),
        BASE_URL="http://testserver",
        ALLOWED_HOSTS="testserver,localhost",
        DEBUG="0",
        DEMO="0",
    )


def _move_into(data: Path) -> None:
    """Let this process, and the sites it starts, keep their files in the folder ``data``: what one worker removes is no other's."""
    (data / "static").mkdir(parents=True, exist_ok=True)
    os.environ["SECONDOP_DATA"] = str(data)
    own = importlib.reload(importlib.import_module("secondop.settings"))
    for name in IN_THE_DATA_FOLDER:
        setattr(settings, name, getattr(own, name))


# pytest-django reads the settings of an xdist worker before this module: they are those of the first process, and so is the ground.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    _move_into(Path(os.environ["SECONDOP_DATA"]).with_name(f"var-{worker}"))
else:
    _lay_ground()
django.setup()
# What an example takes says how busy the machine is, not whether the product is right.
examples.register_profile("at leisure", examples(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("at leisure")


def group(nodeid: str) -> Path:
    """What a worker runs in one piece: a module, or the folder whose modules share what took long to make."""
    module = Path(nodeid.partition("::")[0])
    return module.parent if module.parent.name in LONGEST else module


class ByGroup(LoadScopeScheduling):
    """Hands whole groups to the workers."""

    def _split_scope(self, nodeid: str) -> str:
        return str(group(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """How ./dev test spreads the tests over its workers."""
    return ByGroup(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest groups first, the order in which workers take them; when two run at once, some get another try, which is told."""
    names = {item: group(item.nodeid).stem for item in items}
    items.sort(key=lambda item: LONGEST.index(names[item]) if names[item] in LONGEST else len(LONGEST))
    for item in items:
        if hasattr(config, "workerinput") and WITH_PROCESSES & set(item.path.parts):
            item.add_marker(pytest.mark.flaky(reruns=2 if "journeys" in item.path.parts else 1))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Spare the collector of garbage what has been imported: it looked at all of it again and again, a seventh of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords():
    """Hash passwords the cheap way: scrypt is meant to take long, and the suite signs in a thousand times."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def nothing_kept():
    """Begin each test in a process that keeps no facts of another one's database, nor its addresses where an answer was not closed.

    Nor its settings: where a test changes them in two ways, and the one that began first ends first, the other brings them back.
    """
    caches["pages"].clear()
    set_urlconf(None)
    before = settings._wrapped
    yield
    assert settings._wrapped is before, "settings were left behind"


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """The address of a Redis that runs as long as the session."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def redis_server(tmp_path):
    """A running Redis of the test's own, to stop() and start() under the code."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()
