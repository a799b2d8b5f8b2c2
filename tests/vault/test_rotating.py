"""A new master key takes over from an old one, while everything else goes on."""

from io import StringIO
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from secondop.accounts.kept import KEPT, PURPOSE
from secondop.accounts.models import Role
from secondop.accounts.session_store import SessionStore
from secondop.audit.models import Entry
from secondop.vault import keys, rotating
from secondop.vault.models import CaseKey
from secondop.vault.services import destroy_key, put, read
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def turned(vault, settings) -> tuple[str, str]:
    """The site has a new master key with the old one below it; the texts of both, the old one first."""
    old, new = settings.VAULT_MASTER_KEY, keys.new_master_key()
    settings.VAULT_MASTER_KEY = f"{new}\n{old}"
    return old, new


def rotate(*args: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("rotate_master_key", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def sealed(vault):
    """Two files, an erased case, and a member of the staff with both kinds of second factor, all by the first master key."""
    erased = uuid4()
    put(erased, b"gone")
    destroy_key(erased)
    user = make_user(Role.SPECIALIST)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    return [put(uuid4(), b"one"), put(uuid4(), b"two")], erased


def test_the_old_key_is_needed_until_all_is_rotated_and_not_after(sealed, turned, settings):
    files, erased = sealed
    (current, _), (old, _) = keys.masters()
    said = rotate("--show")
    assert f"{old}: needed for 2 case keys, 2 second factors; it has to stay." in said
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes()
    said = rotate()
    assert "2 case keys wrapped" in said and f"{old}: needed for nothing; it may be taken out" in said
    assert f"{current}: needed for 2 case keys, 2 second factors; the current one." in said
    settings.VAULT_MASTER_KEY = turned[1]
    assert [b"".join(read(file)) for file in files] == [b"one", b"two"]
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes() == codes
    assert keys.unseal(Authenticator.objects.get(type="totp").data["secret"], b"second factor") == "JBSWY3DPEHPK3PXP"
    assert (bytes(CaseKey.objects.get(pk=erased).wrapped), CaseKey.objects.get(pk=erased).master_id) == (b"", "")
    entry = Entry.objects.get(action="vault.rotate")
    assert (entry.target, entry.detail) == (current, {"case keys": 2, "second factors": 2})
    assert "case keys: 0 changed" in rotate()


def test_a_pass_that_was_cut_short_is_gone_on_with(sealed, turned, monkeypatch):
    monkeypatch.setattr(rotating, "BATCH", 1)
    assert next(rotating.rewrap()) == 1
    assert sum(rotating.rewrap()) == 1
    assert sum(rotating.rewrap()) == 0


def test_a_case_that_is_erased_in_the_middle_stays_erased(sealed, turned):
    row = CaseKey.objects.get(pk=sealed[0][0].case_uid)
    destroy_key(row.pk)
    assert rotating._rewrap(row) == 0
    row.refresh_from_db()
    assert bytes(row.wrapped) == b""


def test_what_needs_a_key_that_is_gone_is_said_and_fails(sealed, turned, settings):
    settings.VAULT_MASTER_KEY = turned[1]
    with pytest.raises(CommandError, match=r"Not configured, and needed: [0-9a-f]{16}"):
        rotate()
    assert CaseKey.objects.filter(master_id=keys.masters()[0].id).count() == 0


def test_what_was_altered_is_named_and_does_not_hold_up_the_rest(sealed, turned, caplog):
    first, second = sealed[0]
    CaseKey.objects.filter(pk=first.case_uid).update(wrapped=b"altered")
    with pytest.raises(CommandError, match="still kept by an older key"):
        rotate()
    assert str(first.case_uid) in caplog.text
    assert CaseKey.objects.get(pk=second.case_uid).master_id == keys.masters()[0].id


def test_words_in_a_session_are_waited_for(vault, settings):
    session = SessionStore()
    session[KEPT] = {"owner": "1", "sealed": keys.seal("{}", PURPOSE)}
    session.create()
    settings.VAULT_MASTER_KEY = f"{keys.new_master_key()},{settings.VAULT_MASTER_KEY}"
    assert "needed for 1 forms kept in sessions; it may be taken out when these sessions have ended" in rotate()
