"""What the restore drill does inside of a site: run as a program, with the environment of one data folder."""

import json
import sys
import time
from pathlib import Path
from uuid import UUID

import django


def fill() -> dict[str, str]:
    """Two cases with a file each, one with a signed opinion, one to be erased later, and a copy of both."""
    (kept, _), gone = signed(), make_case(State.WITHDRAWN)
    vault.put(kept.uid, b"of the case that is kept")
    vault.put(gone.uid, b"of the case that is erased")
    return {"kept": str(kept.uid), "gone": str(gone.uid)}


def write_on(uid: str, until: str) -> int:
    """Write files of several parts into a case, and let every third go again, until some came after a file of that name; how many."""
    count, more = 0, 3
    while count < 9 or more:
        more -= Path(until).exists() and more > 0
        with vault.Writer(UUID(uid), part_size=1000) as writer:
            writer.write(bytes(2500))
            stored = writer.finish()
        count += 1
        if count % 3 == 0:
            vault.discard(stored)
        if count == 3:
            Path(until).with_suffix(".begun").touch()
        time.sleep(0.01)
    return count


def end(uid: str) -> bool:
    """Erase a case."""
    return erase(Case.objects.get(uid=uid), by=None, reason="asked")


def look() -> dict[str, object]:
    """What there is: the cases, the files that open, the destroyed keys, the signed opinions, and what the audit log knows."""
    stored = list(StoredFile.objects.filter(status="stored"))
    return {
        "cases": sorted(str(uid) for uid in Case.objects.values_list("uid", flat=True)),
        "texts": sorted({b"".join(vault.read(one)).decode() for one in stored} - {bytes(2500).decode()}),
        "files": len(stored),
        "destroyed": sorted(str(uid) for uid in CaseKey.objects.exclude(destroyed_at=None).values_list("pk", flat=True)),
        "signed": Opinion.objects.exclude(signed_at=None).count(),
        "audit": verify(),
        "acts": sorted(Entry.objects.filter(action__in=["case.erase", "backup.restore"]).values_list("action", "target")),
    }


if __name__ == "__main__":
    django.setup()
    from opinions.models import Opinion
    from secondop.audit.chain import seal, verify
    from secondop.audit.models import Entry
    from secondop.cases.erasing import erase
    from secondop.cases.models import Case
    from secondop.cases.states import State
    from secondop.vault import services as vault
    from secondop.vault.models import CaseKey, StoredFile
    from tests.factories import make_case
    from tests.opinions.written import signed

    verb = {"fill": fill, "write_on": write_on, "end": end, "look": look}[sys.argv[1]]
    found = verb(*sys.argv[2:])
    seal()
    sys.stdout.write(json.dumps(found))
