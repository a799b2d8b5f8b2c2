"""Fill in a demo that nobody serves: python -m tests.journeys.filled FOLDER, in an environment without the tests' settings."""

import os
import sys
from pathlib import Path

from secondop.embedded.data import Data, manage
from secondop.embedded.places import cluster_home, server_account
from secondop.embedded.postgres import Cluster
from secondop.embedded.prepare import prepare
from secondop.embedded.run import free_port

# Every copied site would make the same again, beside the tests: mails and stacks are made here, PDFs and pictures of old cases by none.
MADE_OR_PUT_OFF = """
from datetime import timedelta
from records.models import Preview
from records.viewer import stacks
from records.viewer.models import Stack
from secondop.documents.models import Document
from secondop.notices import delivery
from secondop.web.clock import now
while delivery.sweep():
    pass
for stack in Stack.objects.filter(status=Stack.Status.QUEUED):
    stacks.prepare(stack.pk)
for waiting in (Document.objects.filter(status=Document.Status.QUEUED), Preview.objects.unmade()):
    waiting.update(next_try_at=now() + timedelta(days=1))
"""


def fill_in(folder: Path) -> None:
    """Make what ``./dev run`` makes before it starts the site."""
    data = Data(folder)
    data.open()
    cluster = Cluster(cluster_home(data.path, server_account()), log=data.log("postgres"))
    cluster.start()
    try:
        environment = data.environment(database=cluster.url, port=free_port(), demo=True, debug=False)
        prepare(data, environment, cluster, empty=False)
        manage(["shell", "-c", MADE_OR_PUT_OFF], environment, data.log("prepare"))
    finally:
        cluster.stop()


if __name__ == "__main__":
    os.umask(0o077)
    fill_in(Path(sys.argv[1]))
