"""Asking for copies and opening them, as the tests of this folder do."""

import io
import json
from zipfile import ZipFile

from records import services as records
from records.models import Record
from secondop.exports import making, services
from secondop.exports.models import Export
from secondop.vault import services as vault
from tests.factories import PASSWORD
from tests.records import files
from tests.records.conftest import check_all


def asked(user, case=None):
    """A copy that ``user`` has asked for and no worker has begun."""
    return services.ask(by=user, password=PASSWORD, case=case)


def made(user, case=None):
    """The finished copy."""
    export = asked(user, case)
    assert making.make(export.pk), Export.objects.get(pk=export.pk).error
    return Export.objects.get(pk=export.pk)


def opened(export):
    """The zip of a copy, whose every byte was looked at."""
    archive = ZipFile(io.BytesIO(b"".join(vault.read(export.stored))))
    assert archive.testzip() is None
    return archive


def data_of(archive):
    """What data.json says."""
    return json.loads(archive.read("data.json"))


def with_records(case, *names):
    """The records that the patient has sent under ``names``, each checked."""
    sent = [(name, files.pdf(mark=name)) for name in names]
    records.add_files(case, sent, by=case.patient)
    check_all()
    return list(Record.objects.filter(case=case))
