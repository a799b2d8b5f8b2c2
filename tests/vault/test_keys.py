"""Master keys: made, read, checked, replaced."""

import re
from uuid import uuid4

import pytest
from django.core.management import call_command

from secondop.vault.checks import master_key
from secondop.vault.errors import Damaged, MasterKeyMissing
from secondop.vault.keys import configured, is_local, masters, new_case_key, new_master_key, unwrap
from secondop.vault.models import CaseKey
from secondop.vault.services import put, read


def test_a_production_key_is_printed_on_one_line_and_never_twice_the_same(capsys):
    call_command("new_master_key")
    call_command("new_master_key")
    first, second = capsys.readouterr().out.splitlines()
    assert first != second
    assert first.startswith("key:")
    assert not is_local(first)
    assert is_local(new_master_key())


def test_a_new_master_key_takes_over_and_the_old_one_still_opens(case_uid, settings):
    old = settings.VAULT_MASTER_KEY
    stored, new = put(case_uid, b"old"), new_master_key()
    settings.VAULT_MASTER_KEY = f"{new}\n{old}"
    fresh = put(uuid4(), b"new")
    assert b"".join(read(stored)) == b"old"
    settings.VAULT_MASTER_KEY = new
    assert b"".join(read(fresh)) == b"new"
    with pytest.raises(MasterKeyMissing):
        read(stored)
    settings.VAULT_MASTER_KEY = f"{old},{new}"
    assert {b"".join(read(one)) for one in (stored, fresh)} == {b"old", b"new"}


def test_a_case_key_opens_for_its_own_case_only(case_uid):
    key = new_case_key(case_uid)
    sealed = unwrap(key, case_uid).encrypt(b"x", b"")
    assert unwrap(key, case_uid).decrypt(sealed, b"") == b"x"
    for wrong in ((key, uuid4()), (key._replace(wrapped=key.wrapped[:-1] + bytes([key.wrapped[-1] ^ 1])), case_uid)):
        with pytest.raises(Damaged):
            unwrap(*wrong)


def test_the_case_key_is_not_in_the_database_in_the_clear(case_uid, settings):
    put(case_uid, b"x")
    stored = CaseKey.objects.get(case_uid=case_uid)
    assert stored.master_id == masters()[0].id
    assert b"AesGcmKey" not in bytes(stored.wrapped)
    assert settings.VAULT_MASTER_KEY not in repr(masters())


def test_the_key_may_be_in_a_file(case_uid, settings, tmp_path):
    settings.VAULT_MASTER_KEY, settings.VAULT_MASTER_KEY_FILE = "", str(tmp_path / "key")
    with pytest.raises(MasterKeyMissing, match="FileNotFoundError"):
        masters()
    (tmp_path / "key").write_text(new_master_key() + "\n")
    assert b"".join(read(put(case_uid, b"x"))) == b"x"


BROKEN = ["", " \n,", "local:", "local:%%%", "key:AAAA", "no mark", f"other:{new_master_key()[6:]}", new_master_key()[:-8]]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_key_is_named_but_never_quoted(settings, text):
    settings.VAULT_MASTER_KEY, settings.VAULT_MASTER_KEY_FILE = text, ""
    with pytest.raises(MasterKeyMissing) as caught:
        masters()
    assert not re.search(r"\w{20,}", str(caught.value))


@pytest.mark.parametrize(("text", "problem"), [("", "vault.E001"), ("key:broken", "vault.E001"), (new_master_key(), "vault.E002")])
def test_production_does_not_start_without_a_key_of_its_own(settings, text, problem):
    settings.VAULT_MASTER_KEY, settings.VAULT_MASTER_KEY_FILE, settings.PRODUCTION = text, "", True
    assert [error.id for error in master_key()] == [problem]
    settings.VAULT_MASTER_KEY = f"{new_master_key(local=False)},{new_master_key()}"
    assert [error.id for error in master_key()] == ["vault.E002"]
    settings.VAULT_MASTER_KEY = new_master_key(local=False)
    assert master_key() == []
    assert len(configured()) == 1
    settings.PRODUCTION, settings.VAULT_MASTER_KEY = False, text
    assert master_key() == []
