"""The ground under the tests: no process of a run shares a folder with another one."""

import os
from pathlib import Path

from django.conf import settings

from secondop.celery import app
from tests.conftest import IN_THE_DATA_FOLDER

WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def test_all_that_is_in_the_data_folder_is_in_the_one_of_this_process():
    data = Path(os.environ["SECONDOP_DATA"])
    assert data.name == (f"var-{WORKER}" if WORKER else "var")
    within = [name for name in dir(settings) if name.isupper() and str(data.parent / "var") in str(getattr(settings, name))]
    assert set(within) == set(IN_THE_DATA_FOLDER)
    for name in within:
        assert str(data) in str(getattr(settings, name)), name
    assert Path(app.conf.broker_transport_options["data_folder_in"]).is_relative_to(data)
