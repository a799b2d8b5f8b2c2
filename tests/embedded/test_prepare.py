"""What ./dev run finds in a database, and the mixtures it refuses: by what really is in it, not by a note beside it."""

from contextlib import closing

import psycopg2
import pytest

from secondop.embedded import prepare
from secondop.embedded.bench_servers import copy
from secondop.embedded.console import Failure
from secondop.embedded.data import Data, manage
from secondop.embedded.places import server_account
from secondop.embedded.postgres import Cluster


@pytest.fixture(scope="module")
def cluster(module_place):
    made = Cluster(server_account().own(module_place / "postgres"), throwaway=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def data(tmp_path):
    made = Data(tmp_path / "var")
    made.open()
    yield made
    made.lock.free()


def execute(cluster, sql):
    with closing(psycopg2.connect(cluster.url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)


def accounts(cluster, *demo):
    cluster.empty()
    execute(cluster, "CREATE TABLE accounts_user (is_demo boolean)")
    for is_demo in demo:
        execute(cluster, f"INSERT INTO accounts_user VALUES ({is_demo})")
    return prepare.look(cluster.url)


def invited(cluster):
    accounts(cluster)
    execute(cluster, "CREATE TABLE accounts_invitation (email text); INSERT INTO accounts_invitation VALUES ('first@example.org')")
    return prepare.look(cluster.url)


def test_empty_database_may_become_either(cluster, data):
    cluster.empty()
    found = prepare.look(cluster.url)
    assert found == prepare.Found(migrations="", demo_accounts=False, other_accounts=False, sealed_files=False)
    prepare.right_kind(data, found, empty=True)
    prepare.right_kind(data, found, empty=False)


def test_demo_never_becomes_a_real_installation(cluster, data):
    found = accounts(cluster, True, False)  # a visitor has signed up
    prepare.right_kind(data, found, empty=False)
    with pytest.raises(Failure, match=r"(?s)are a demo's.*--empty --data"):
        prepare.right_kind(data, found, empty=True)


def test_real_installation_never_gets_demo_accounts(cluster, data):
    for found in (accounts(cluster, False), invited(cluster)):
        prepare.right_kind(data, found, empty=True)
        with pytest.raises(Failure, match=r"(?s)real installation's.*with --empty"):
            prepare.right_kind(data, found, empty=False)


def test_kind_is_kept_before_there_is_any_account(cluster, data):
    """A real installation has neither an account nor an invitation at first."""
    cluster.empty()
    found = prepare.look(cluster.url)
    data.stamp(kind=prepare.REAL)
    with pytest.raises(Failure, match="must get no demo accounts"):
        prepare.right_kind(data, found, empty=False)
    data.stamp(kind=prepare.DEMO)
    with pytest.raises(Failure, match="are a demo's"):
        prepare.right_kind(data, found, empty=True)


def test_migrations_that_ran_are_told_apart(cluster):
    cluster.empty()
    execute(cluster, "CREATE TABLE django_migrations (app text, name text); INSERT INTO django_migrations VALUES ('cases', '0001')")
    one = prepare.look(cluster.url).migrations
    execute(cluster, "INSERT INTO django_migrations VALUES ('cases', '0002')")
    assert len({one, prepare.look(cluster.url).migrations, ""}) == 3


def test_half_seeded_demo_is_cleared(cluster, data):
    accounts(cluster, True)
    (data.path / "vault" / "sealed").touch()
    data.stamp(seeding=True)
    with pytest.raises(Failure, match="Empty the database"):
        prepare.clear_half_seeded(data, None, cluster.url)
    prepare.clear_half_seeded(data, cluster, cluster.url)
    assert not prepare.look(cluster.url).demo_accounts
    assert list((data.path / "vault").iterdir()) == []
    accounts(cluster, True)
    prepare.clear_half_seeded(data, cluster, cluster.url)
    assert prepare.look(cluster.url).demo_accounts


def test_half_seeded_database_of_somebody_else_is_gone_on_with_once_they_emptied_it(cluster, data):
    cluster.empty()
    data.stamp(seeding=True)
    prepare.clear_half_seeded(data, None, cluster.url)
    assert not data.stamps()["seeding"]


def test_stamps_that_were_lost_are_made_again_and_the_data_stay(cluster, data, capsys):
    cluster.empty()
    environment = data.environment(database=cluster.url, port=8000, demo=False, debug=True)
    prepare.prepare(data, environment, cluster, empty=True)
    assert "Loading a first catalog" in capsys.readouterr().out
    prepare.prepare(data, environment, cluster, empty=True)
    assert capsys.readouterr().out == ""
    code = "from secondop.accounts.models import User; User.objects.create_user('patient@demo.example', 'x', is_demo=True)"
    manage(["shell", "-c", code], environment, data.log("prepare"))
    (data.path / "vault" / "sealed").touch()
    (data.path / "stamps.json").unlink()
    prepare.prepare(data, environment, cluster, empty=False)
    assert data.stamps()["kind"] == prepare.DEMO
    prepare.prepare(data, environment, cluster, empty=False)
    assert prepare.look(cluster.url).demo_accounts
    assert (data.path / "vault" / "sealed").exists()
    assert "demo data" not in capsys.readouterr().out


def test_lost_master_key_is_never_replaced_beside_sealed_files(data, monkeypatch):
    for name in ("VAULT_MASTER_KEY", "VAULT_MASTER_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Failure, match=r"master\.key is missing"):
        data.make_master_key(files_exist=True)
    data.make_master_key(files_exist=False)
    key = (data.path / "master.key").read_text()
    data.make_master_key(files_exist=True)
    assert (data.path / "master.key").read_text() == key


def test_silent_database_is_named():
    with pytest.raises(Failure, match=r"(?s)does not answer.*Check DATABASE_URL"):
        prepare.look("postgresql://secondop@127.0.0.1:1/secondop")


def test_fingerprint_follows_content_and_names_in_any_order():
    files = sorted((prepare.ROOT / "secondop" / "embedded").glob("*.py"))
    assert prepare.fingerprint(files) == prepare.fingerprint(files[::-1])
    assert len({prepare.fingerprint(files[:1]), prepare.fingerprint(files[1:2]), prepare.fingerprint([])}) == 3


def test_a_demo_is_copied_for_measuring_when_nobody_uses_it(data, tmp_path):
    copied = tmp_path / "copied"
    data.lock.free()
    with pytest.raises(Failure, match="no database"):
        copy(Data(data.path), copied)
    (data.path / "postgres" / "data").mkdir(parents=True)
    data.open()
    with pytest.raises(Failure, match="in use"):
        copy(Data(data.path), copied)
    assert not copied.exists()
    data.lock.free()
    copy(Data(data.path), copied)
    assert (copied / "secret.key").read_text() == (data.path / "secret.key").read_text()
    data.open()  # free again
