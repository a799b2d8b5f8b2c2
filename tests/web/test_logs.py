"""What the log does not say."""

import logging

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection

from secondop.notices.models import Notice
from secondop.web.logs import WithoutWords

MARKER = "Quagga"


def logged(error: BaseException, *args: object) -> str:
    """What stands in the log of an error that was raised."""
    info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "Failed: %s" if args else "Failed", args, info)
    return WithoutWords(settings.LOGGING["formatters"]["plain"]["format"]).format(record)


@pytest.mark.django_db
def test_a_broken_constraint_is_named_but_not_the_row_that_breaks_it():
    with pytest.raises(IntegrityError) as caught:
        Notice.objects.create(kind="ready", email=f"{MARKER}@example.org", status="sent")
    assert f"{MARKER}@example.org" in str(caught.value), "PostgreSQL quotes the row"
    said = logged(caught.value)
    assert "django.db.utils.IntegrityError 23514 notices_notice notice_sent_has_date" in said
    assert "test_logs.py" in said
    assert MARKER not in said.replace('f"{MARKER}@', "")


@pytest.mark.django_db
def test_what_a_database_quotes_is_left_out():
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS integer)", [MARKER])
    assert MARKER in str(caught.value)
    assert MARKER not in logged(caught.value)
    assert "22P02" in logged(caught.value)


def test_what_a_converter_quotes_is_left_out_along_the_whole_chain():
    try:
        try:
            int(MARKER)
        except ValueError as error:
            raise KeyError(f"{MARKER}-{1}") from error
    except KeyError as error:
        said = logged(error)
    assert MARKER not in said.replace('f"{MARKER}', "").replace("int(MARKER)", "")
    assert said.index("ValueError") < said.index("which led to") < said.index("KeyError")


def test_what_helps_and_quotes_nobody_is_written(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "nowhere").read_text()
    assert f"FileNotFoundError: [Errno 2] No such file or directory: '{tmp_path}/nowhere'" in logged(caught.value)


def test_a_failed_task_is_named_without_its_error_s_words():
    said = logged(ValueError(MARKER), {"name": "records.tasks.check", "exc": f"ValueError('{MARKER}')"})
    assert MARKER not in said


def test_the_site_s_own_log_is_written_that_way():
    assert any(isinstance(handler.formatter, WithoutWords) for handler in logging.getLogger().handlers)
