"""What no view ever sees, and what every answer carries."""

from io import BytesIO

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from secondop.web.middleware import ResponseRules
from secondop.wsgi import application
from tests.factories import make_case

pytestmark = [pytest.mark.urls("tests.web.urls"), pytest.mark.django_db]
CLOSED = {
    **dict.fromkeys(("default-src", "base-uri", "object-src", "frame-ancestors"), "'none'"),
    **dict.fromkeys(("script-src", "style-src"), "'self'"),
}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PROPFIND", "X"])
def test_unknown_methods_are_405(client, method):
    answer = client.generic(method, "/echo/")
    assert answer.status_code == 405
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize("where", ["/echo/?q=a%00b", "/echo/?a%00=b", "/echo/%00/"])
def test_a_nul_in_the_address_is_400(client, where):
    assert client.get(where).status_code == 400


@pytest.mark.parametrize("body", ["q=a%00b", "a%00=b", "q=a\x00b"])
def test_a_nul_in_a_form_is_400(client, body):
    assert client.post("/echo/", body, content_type=FORM).status_code == 400
    assert client.post("/echo/", body.replace("%00", "").replace("\x00", ""), content_type=FORM).status_code == 200


@pytest.mark.parametrize("charset", ["utf-7", "latin-1", "none-such", "UTF-8"])
def test_whatever_charset_a_sender_names_a_form_is_utf_8(charset):
    rules = ResponseRules(lambda request: HttpResponse(request.GET["p"] + request.POST["q"]))
    kind = f"{FORM}; charset={charset}"
    request = RequestFactory().generic("POST", "/echo/", "q=%C3%A9", content_type=kind, QUERY_STRING="p=%C3%A9")
    assert rules(request).content.decode() == "éé"


@pytest.mark.parametrize(("kind", "status"), [(f"{FORM}; charset*=none-such''a", 400), (f"{FORM}; charset=rot13", 403), (";", 400)])
def test_a_kind_of_content_that_cannot_be_read_is_400(kind, status):
    answers = []
    environ = RequestFactory()._base_environ(
        **{"REQUEST_METHOD": "POST", "PATH_INFO": "/echo/", "CONTENT_TYPE": kind, "CONTENT_LENGTH": "3", "wsgi.input": BytesIO(b"q=a")}
    )
    list(application(environ, lambda line, headers: answers.append(line)))
    assert answers[0].startswith(str(status))


def test_a_form_of_which_only_a_part_came_is_400():
    rules = ResponseRules(lambda request: HttpResponse(request.POST["q"]))
    for length, status in ((7, 200), (99, 400)):
        came = {"wsgi.input": BytesIO(b"q=where"), "CONTENT_LENGTH": str(length), "CONTENT_TYPE": FORM}
        request = RequestFactory().generic("POST", "/echo/", **came)
        assert rules(request).status_code == status


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_form_too_large_is_413(client):
    assert client.post("/echo/", "q=" + "x" * 2000, content_type=FORM).status_code == 413


class Untouchable:
    """A body that nobody may read."""

    def read(self, *_):
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize(
    ("kind", "reads"), [("multipart/form-data; boundary=x", False), ("application/offset+octet-stream", False), (FORM, True)]
)
def test_only_plain_forms_are_read(kind, reads):
    environ = {"wsgi.input": Untouchable(), "CONTENT_LENGTH": "9", "CONTENT_TYPE": kind}
    request = RequestFactory().generic("POST", "/echo/", **environ)
    rules = ResponseRules(lambda _: HttpResponse("seen"))
    if reads:
        with pytest.raises(AssertionError, match="was read"):
            rules(request)
    else:
        assert rules(request).content == b"seen"


class Watched(BytesIO):
    """A body that looks, whenever more of it is read, for what has come into a folder meanwhile."""

    def __init__(self, body, folder):
        super().__init__(body)
        self.folder, self.seen = folder, set()

    def read(self, *size):
        """As usual."""
        self.seen.update(self.folder.iterdir())
        return super().read(*size)


@pytest.mark.parametrize("where", ["/accounts/login/", "/admin/login/", "/echo/", "/cases/{uid}/withdraw/", "/request/{uid}/submit/"])
def test_no_stranger_puts_a_file_on_the_disk(settings, tmp_path, where):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.CSRF_COOKIE_NAME] = token = "a" * 32
    head = "--x\r\nContent-Disposition: form-data; name="
    form = f'{head}"csrfmiddlewaretoken"\r\n\r\n{token}\r\n{head}"file"; filename="big.bin"\r\n\r\n'
    body = Watched(form.encode() + bytes(4 * settings.MIB) + b"\r\n--x--\r\n", tmp_path)
    sent = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(len(body.getvalue())), "wsgi.input": body}
    answer = client.post(where.format(uid=make_case().uid), **sent)
    assert answer.status_code == 400
    assert not body.seen


def test_every_answer_carries_the_headers_and_refusals_do_too(client):
    for answer in (client.get("/echo/"), client.get("/nowhere/"), client.get("/echo/?q=%00"), client.generic("TRACE", "/echo/")):
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in answer["Permissions-Policy"]
        policy = dict(directive.split(" ", 1) for directive in answer["Content-Security-Policy"].split("; "))
        assert policy | CLOSED == policy
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_what_somebody_signed_in_sees_is_not_kept(client, settings):
    assert "Cache-Control" not in client.get("/echo/")
    session = SessionStore()
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert client.get("/echo/")["Cache-Control"] == "no-store"
