"""What a production installation refuses to start with, asked of the real commands with real environments."""

import json
import os
import re
import secrets
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from secondop.accounts.models import User
from secondop.embedded.data import ROOT
from secondop.vault.keys import new_master_key
from secondop.web import checks

GOOD = {
    "SECONDOP_ENV": "production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "BASE_URL": "https://opinions.hospital.example",
    "ALLOWED_HOSTS": "opinions.hospital.example",
    "TRUSTED_PROXY_COUNT": "1",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.hospital.example:587",
    "DEBUG": "0",
    "DEMO": "0",
}
# What is wrong, a variable each, and the errors that this gives; half of them at a time, so that none stands in for another.
WRONG = {
    "first half": (
        {"SECRET_KEY": "short", "VAULT_MASTER_KEY": "", "DEBUG": "1", "BASE_URL": "http://opinions.hospital.example", "EMAIL_URL": ""},
        {"secondop.E010", "vault.E001", "secondop.E013", "secondop.E015", "secondop.E016"},
    ),
    "second half": (
        {
            "VAULT_MASTER_KEY": new_master_key(local=True),
            "DEMO": "1",
            "REDIS_URL": "filesystem://localhost/",
            "ALLOWED_HOSTS": "*",
            "REQUIRE_STAFF_MFA": "0",
            "TRUSTED_PROXY_COUNT": "0",
        },
        {"vault.E002", "secondop.E014", "secondop.E017", "secondop.E018", "secondop.E019", "secondop.E021"},
    ),
    "environment": ({"SECONDOP_ENV": "prod"}, {"secondop.E003"}),
}
ASK = "import secondop, django; django.setup(); from secondop.web.checks import refuse_to_start; refuse_to_start()"
ANSWER = """
import json, secondop, django; django.setup()
from django.conf import settings
from django.test import Client
secure, plain = (Client().get("/accounts/login/", headers={"Host": settings.ALLOWED_HOSTS[0], "X-Forwarded-Proto": scheme})
                 for scheme in ("https", "http"))
print(json.dumps({"session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_PATH],
                  "cookies": secure.cookies.output(), "hsts": secure["Strict-Transport-Security"],
                  "plain": [plain.status_code, plain["Location"]],
                  "database": settings.DATABASES["default"]["OPTIONS"]}))
"""


def environment(**changes: str) -> dict[str, str]:
    environ = {**os.environ, **GOOD, "VAULT_MASTER_KEY": new_master_key(local=False), **changes}
    environ.pop("VAULT_MASTER_KEY_FILE", None)
    return environ


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment(**changes), capture_output=True, text=True, check=False)


def test_right_settings_pass_every_check():
    done = run(sys.executable, "manage.py", "check", "--deploy", "--database", "default", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_https_makes_cookies_secure_and_insists_on_itself_and_the_database_is_reached_as_its_address_asks():
    database = f"{os.environ['DATABASE_URL']}?sslmode=verify-full&connect_timeout=60"
    # Production's static files are not collected here.
    done = run(sys.executable, "-c", ANSWER, SECONDOP_ENV="test", DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["session"] == ["__Host-sessionid", True, "/"]
    assert found["cookies"].startswith("Set-Cookie: __Host-csrftoken=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(found["cookies"].split("; "))
    assert "Domain" not in found["cookies"]
    assert found["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert found["plain"] == [301, "https://opinions.hospital.example/accounts/login/"]
    assert found["database"]["sslmode"] == "verify-full"
    assert found["database"]["connect_timeout"] == 3, "the time-outs are ours"


@pytest.mark.parametrize(("values", "errors"), WRONG.values(), ids=WRONG)
def test_each_wrong_setting_is_refused_with_a_hint(values, errors):
    done = run(sys.executable, "-c", ASK, **values)
    assert done.returncode == 1
    said = re.findall(r"\((\w+\.E\d+)\)[^\n]*\n\s+HINT: \S", done.stderr)
    assert sorted(said) == sorted(errors), done.stderr


def test_operations_names_what_is_refused():
    section = (ROOT / "docs" / "operations.md").read_text().split("## What production refuses")[1].split("\n## ")[0]
    variables = {variable for values, _ in WRONG.values() for variable in values}
    assert [name for name in variables - {"VAULT_MASTER_KEY"} if f"`{name}`" not in section] == []
    assert "master key" in section


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "gunicorn", "-c", "python:secondop.embedded.serving", "secondop.wsgi:application"),
        ("-m", "celery", "-A", "secondop", "worker", "-Q", "notices"),
        ("-m", "celery", "-A", "secondop", "beat"),
    ],
    ids=["web", "worker", "beat"],
)
def test_no_server_starts(command, tmp_path):
    done = run(sys.executable, *command, SECRET_KEY="short", SECONDOP_DATA=str(tmp_path), WEB_BIND=f"unix:{tmp_path / 'socket'}")
    assert done.returncode != 0
    assert "secondop.E010" in done.stdout + done.stderr


def test_the_web_server_loads_nothing_that_only_workers_and_their_children_need():
    heavy = ["PIL", "fontTools", "lxml", "numpy", "pikepdf", "pydicom", "pypdfium2", "qrcode", "weasyprint"]
    show = "import secondop.wsgi, sys\nfrom django.urls import get_resolver\nget_resolver().url_patterns\n"
    done = run(sys.executable, "-c", f"{show}print([name for name in {heavy} if name in sys.modules])", SECONDOP_ENV="local")
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


@pytest.mark.django_db
def test_demo_accounts_are_refused(settings):
    settings.PRODUCTION = True
    assert checks.demo_accounts(None, ["default"]) == []
    User.objects.create_user("patient@demo.example", "x", is_demo=True)
    assert [error.id for error in checks.demo_accounts(None, ["default"])] == ["secondop.E020"]
    with pytest.raises(ImproperlyConfigured, match="E020"):
        checks.refuse_to_start()


def test_package_in_a_sides_folder_is_refused(settings, tmp_path):
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "__init__.py").touch()
    settings.ROOT = tmp_path
    assert [error.id for error in checks.layout(None)] == ["secondop.E001"]
