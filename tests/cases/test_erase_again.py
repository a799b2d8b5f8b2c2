"""What a restore brought back of erased cases is erased again."""

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from secondop.audit.models import Entry
from secondop.cases.models import Case
from secondop.vault import services as vault
from secondop.vault.models import CaseKey
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def test_the_list_is_erased_once_and_only_it(tmp_path, capsys):
    erased, kept, copy, ledger = make_case(), make_case(), uuid4(), tmp_path / "erased.txt"
    vault.ensure_key(kept.uid)
    vault.ensure_key(copy)
    ledger.write_text(f"{erased.uid} 2026-01-02\n{copy} 2026-01-02\n{uuid4()} 2026-01-02\n\n")
    call_command("erase_again", str(ledger), "--restored", "set")
    assert list(Case.objects.values_list("pk", flat=True)) == [kept.pk]
    assert set(CaseKey.objects.exclude(destroyed_at=None).values_list("pk", flat=True)) == {erased.uid, copy}
    assert Entry.objects.get(action="backup.restore").detail == {"erased_again": 2}
    assert Entry.objects.get(action="case.erase").target == "restored"
    capsys.readouterr()
    call_command("erase_again", str(ledger))
    assert capsys.readouterr().out.startswith("0 of 3 erased cases")
    call_command("erase_again", "--list")
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {str(erased.uid), str(copy)}


@pytest.mark.parametrize("text", ["no uid", None])
def test_what_is_no_list_is_refused_whole(tmp_path, text):
    case, ledger = make_case(), tmp_path / "erased.txt"
    if text:
        ledger.write_text(f"{case.uid}\n{text}")
    with pytest.raises(CommandError, match="no list of cases"):
        call_command("erase_again", str(ledger))
    assert Case.objects.filter(pk=case.pk).exists()
