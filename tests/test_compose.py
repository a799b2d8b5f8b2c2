"""docker-compose.yml and the Dockerfile, which no check runs, held to the code: their variables, commands, files and queues."""

import importlib.util
import json
import re
import shlex

import pytest
import yaml
from celery.bin.base import CLIContext
from celery.bin.celery import celery
from django.conf import settings
from django.core.management import get_commands, load_command_class
from gunicorn.config import Config

from records.admission import SLACK
from secondop.celery import app
from secondop.embedded import serving, supervise
from secondop.embedded.data import ROOT, VARIABLES
from secondop.vault import parts as vault

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "secondop"}
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
WORKERS = ("worker", "mails", "pictures")
# Read by the C library of the image.
FOREIGN = set(supervise.MALLOC)


def variables_read() -> set[str]:
    """The variables that the settings and gunicorn's configuration read."""
    text = (ROOT / "secondop/settings.py").read_text() + (ROOT / "secondop/embedded/serving.py").read_text()
    return set(re.findall(r"""(?:env(?:\.\w+)?|environ\.get)\(\s*"(\w+)\"""", text))


def commands() -> list[tuple[str, list[str]]]:
    """All command lines of our containers, those joined by && apart."""
    found = [("Dockerfile", json.loads(DOCKERFILE.rsplit("CMD ", 1)[1]))]
    for name, service in OURS.items():
        command = service["command"]
        lines = command[2].split("&&") if command[:2] == ["sh", "-c"] else [shlex.join(command)]
        found += [(name, shlex.split(line)) for line in lines]
    return found


def test_every_variable_is_read_by_the_code():
    read = variables_read()
    assert "SECRET_KEY" in read
    assert "WEB_BIND" in read
    for name, service in OURS.items():
        assert service["environment"].keys() - read - FOREIGN == set(), name


def test_throwaway_sites_take_no_setting_from_their_caller():
    assert set(VARIABLES) == variables_read()


def test_operations_lists_every_variable():
    assert [name for name in sorted(variables_read()) if f"`{name}`" not in OPERATIONS] == []


def test_operations_says_how_large_a_body_the_proxy_has_to_let_through():
    largest = (settings.UPLOAD_CASE_BYTES + SLACK) // settings.MIB
    assert f"bodies of {largest} MiB (the {settings.UPLOAD_CASE_BYTES // settings.GIB} GiB of a case" in OPERATIONS


@pytest.mark.parametrize(("service", "command"), commands(), ids=lambda value: value if isinstance(value, str) else value[0])
def test_command_parses(service, command):
    program, *args = command
    if program == "python":
        assert args[0] == "manage.py"
        load_command_class(get_commands()[args[1]], args[1]).create_parser("manage.py", args[1]).parse_args(args[2:])
    elif program == "celery":
        assert args[:2] == ["-A", "secondop"]
        top = celery.make_context("celery", args[:2], resilient_parsing=True, obj=CLIContext(app, no_color=True, workdir=None))
        celery.get_command(top, args[2]).make_context(args[2], args[3:], parent=top)
    else:
        assert program == "gunicorn"
        parsed = Config().parser().parse_args(args)
        assert parsed.args == ["secondop.wsgi:application"]
        assert importlib.util.find_spec(parsed.config.removeprefix("python:"))


def test_workers_take_every_queue_that_tasks_are_sent_to():
    usual = settings.CELERY_TASK_DEFAULT_QUEUE
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    scheduled = {entry.get("options", {}).get("queue", usual) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    taken = {name: queues(name) for name in WORKERS}
    assert set().union(*taken.values()) == {usual} | routed | scheduled
    assert sum(map(len, taken.values())) == len(set().union(*taken.values())), "no mail, and no check of a file, waits behind other work"
    assert list(taken.values()) == [set(text.split(",")) for text in (supervise.WORK, supervise.MAILS, supervise.PICTURES)]


def test_only_what_takes_minutes_is_sent_to_the_worker_of_pictures():
    app.loader.import_default_modules()
    routed = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks}
    slow = {name for name, queue in routed.items() if queue in supervise.PICTURES.split(",")}
    assert slow == {"records.tasks.preview", "records.tasks.prepare_series"}
    assert {routed["records.tasks.check"], routed["records.tasks.unpack"], routed["records.tasks.sweep"]} == {"files"}


def queues(service: str) -> set[str]:
    """What a worker of docker-compose.yml takes."""
    command = OURS[service]["command"]
    return set(command[command.index("-Q") + 1].split(","))


def test_nothing_runs_as_root_and_everything_long_lived_is_watched():
    assert "\nUSER secondop\n" in DOCKERFILE
    for name, service in COMPOSE["services"].items():
        assert "healthcheck" in service or name == "migrate", name
        assert not service.get("privileged")


def test_the_web_server_is_not_killed_over_requests_it_still_answers():
    assert int(OURS["web"]["stop_grace_period"].removesuffix("s")) > serving.graceful_timeout
    assert serving.graceful_timeout < supervise.STOP_SECONDS


def test_the_web_server_takes_memory_as_it_does_on_one_machine():
    assert {name: OURS["web"]["environment"].get(name) for name in FOREIGN} == supervise.MALLOC
    assert all(f"`{name}={value}`" in OPERATIONS for name, value in supervise.MALLOC.items())
    assert int(supervise.MALLOC["MALLOC_MMAP_THRESHOLD_"]) > vault.PART_SIZE, "a part is not asked of the system anew"


def test_checks_refuse_before_anything_is_served():
    lines = [shlex.join(args) for service, args in commands() if service == "migrate"]
    assert "python manage.py check --deploy --database default --fail-level ERROR" in lines
    assert lines[-1] == "python manage.py load_catalog --once", "without consent wordings no patient can send a request"
    for name in ("web", *WORKERS, "beat"):
        assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_secrets_get_neither_into_the_repository_nor_into_the_image():
    secrets = COMPOSE["secrets"]["vault_master_key"]["file"].removeprefix(".").rpartition("/")[0] + "/"
    assert {"/.env", secrets} <= set((ROOT / ".gitignore").read_text().splitlines())
    assert (ROOT / ".dockerignore").read_text().startswith("*\n"), "nothing that is not named"
    assert not {".env", "secrets"} & set(kept_in_the_image())


def kept_in_the_image() -> list[str]:
    """The files and folders that the build sees."""
    return [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]


def test_image_holds_what_it_copies():
    kept = kept_in_the_image()
    assert [name for name in kept if not (ROOT / name).exists()] == []
    assert {"secondop", "requests", "reviews", "templates", "static", "manage.py", "requirements.txt"} <= set(kept)
