"""gunicorn's configuration, the same for ./dev run and the container: gunicorn -c python:secondop.embedded.serving.

Threads, because uploads of gigabytes wait on the network; in a gthread worker the time-out watches the worker, not a request. They are
more than the processor needs, and secondop/web/lines.py keeps some of them free of slow lines.
No access log: paths of invitations hold tokens. The control socket would be a file in the user's home.
"""

import gc
import os
from typing import Any

from django.urls import get_resolver

from secondop.web import lines

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "16"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 20
keepalive = 5
loglevel = "warning"
accesslog = None
control_socket_disable = True
# The workers' heartbeat is a file that is never on a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def post_worker_init(worker: Any) -> None:
    """A process that serves has threads, and places on them for long bodies and answers.

    What is loaded by now, with all addresses, is spared the search for garbage: that took up to a tenth of a page's time (measured).
    """
    lines.open_for(worker.cfg.threads)
    get_resolver().url_patterns  # noqa: B018
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
