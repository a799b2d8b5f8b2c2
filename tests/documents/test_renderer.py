"""The child that makes PDFs: it reaches neither disk nor network, and nothing makes it hang or grow."""

import io
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pikepdf
import psutil
import pypdf
import pytest
from django.conf import settings
from weasyprint import HTML

from secondop.documents.renderer import CHILD, RenderFailed, checked, environment, render_pdf
from tests.servers import LONG, seconds_of_children

SECRET = "the-content-of-a-file-on-the-server"
BOMB = "<p>short</p>" * 60_000
PLACES = ("file://{}", "file://localhost{}", "file://{}?x=1", "FILE://{}", "{}", "/..{}", "css/pdf/../../../../../../../../..{}")


@pytest.fixture
def listener():
    """A server on the loopback that remembers what it was asked for."""
    asked = []

    class Remember(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Remember)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def payloads(address: str) -> list[str]:
    """Every way we know in which HTML, CSS or SVG names something to load."""
    space = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
    svg = f"<svg {space}><image href='{address}' xlink:href='{address}'/><use href='{address}#a'/></svg>"
    return [
        f"<img src='{address}'>",
        f"<img srcset='{address} 2x'>",
        f"<picture><source srcset='{address}'><img src='{address}'></picture>",
        f"<object data='{address}'></object><embed src='{address}'><iframe src='{address}'></iframe>",
        f"<video src='{address}' poster='{address}'></video><audio src='{address}'></audio>",
        f"<input type=image src='{address}'><body background='{address}'><table background='{address}'><tr><td>x</table>",
        f"<link rel=stylesheet href='{address}'><link rel=icon href='{address}'><link rel=attachment href='{address}' title=a>",
        f"<a rel=attachment href='{address}'>a</a>",
        f"<base href='{address}'><img src='relative.png'>",
        f"<meta http-equiv=refresh content='0;url={address}'>",
        f"<style>@import url({address}); @import '{address}';</style>",
        f"<style>@font-face {{ font-family: f; src: url({address}) }} p {{ font-family: f }}</style><p>text</p>",
        f"<style>p::before {{ content: url({address}) }} p {{ background: url({address}); list-style: url({address}) }}</style><p>text</p>",
        f"<style>p {{ border-image: url({address}) 1; cursor: url({address}); mask-image: url({address}) }}</style><p>text</p>",
        f"<style>@page {{ background: url({address}); @top-left {{ content: url({address}) }} }}</style><p>t</p>",
        f"<p style=\"background-image: image-set('{address}' 1x), url('{address}')\">text</p>",
        svg,
        f'<img src="data:image/svg+xml;utf8,{svg.replace("#", "%23").replace(chr(34), chr(39))}">',
        f'<style>@import url("data:text/css,@import url({address})");</style>',
        f"<script src='{address}'></script><math><mglyph src='{address}'/></math>",
    ]


def page(body: str) -> str:
    """A page around ``body``."""
    return f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>t</title></head><body><p>begin</p>{body}<p>end</p></body></html>"


def test_no_payload_reaches_the_network(listener):
    address, asked = listener
    pdf = render_pdf(page("".join(payloads(f"{address}/hit"))))
    assert "begin" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert asked == []


def test_the_payloads_are_real_ones(listener):
    address, asked = listener
    HTML(string=page("".join(payloads(f"{address}/hit")))).write_pdf()
    assert asked


def test_a_payload_that_the_renderer_fails_on_reaches_nothing_either(listener):
    address, asked = listener
    with pytest.raises(RenderFailed):
        render_pdf(page(f"<style>@color-profile --c {{ src: url({address}) }} p {{ color: color(--c 1 1 1) }}</style><p>t</p>"))
    assert asked == []


def test_no_payload_reads_a_file(tmp_path):
    secret = tmp_path / "secret.css"
    secret.write_text(f"p::after {{ content: '{SECRET}' }}")
    tried = page("".join(payload for place in PLACES for payload in payloads(place.format(secret)) if "<base" not in payload))
    pdf = render_pdf(tried)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    text = "".join(each.extract_text() for each in reader.pages)
    assert "begin" in text and "end" in text and SECRET not in text
    assert not reader.attachments
    assert SECRET.encode() not in pdf + b"".join(streams(pdf))
    unguarded = HTML(string=tried, base_url=f"{settings.ROOT}/static/").write_pdf()
    assert pypdf.PdfReader(io.BytesIO(unguarded)).attachments and SECRET.encode() in b"".join(streams(unguarded))


def streams(pdf: bytes) -> list[bytes]:
    """The content of every stream of a PDF."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [item.read_bytes() for item in opened.objects if isinstance(item, pikepdf.Stream)]


def test_of_our_own_files_only_styles_and_fonts():
    names = ("../secondop/settings.py", "../secondop/documents/child.py", "js/forms.js", "css/pdf/../../js/forms.js")
    allowed = "<link rel=attachment href='css/pdf/letter.css'>"
    pdf = render_pdf(page(allowed + "".join(f"<link rel=attachment href='{name}'>" for name in names)))
    assert list(pypdf.PdfReader(io.BytesIO(pdf)).attachments) == ["letter.css"]


def test_the_documents_own_styles_and_fonts_are_loaded():
    templates = [
        settings.ROOT / "templates" / name
        for name in ("intake/consent_copy.html", "documents/page.html", "records/sourcing/letter_pdf.html")
    ]
    links = [link for path in templates for link in re.findall(r'<link rel="stylesheet" href="(.+?)">', path.read_text())]
    assert sorted(set(links)) == [f"css/pdf/{path.name}" for path in sorted((settings.ROOT / "static/css/pdf").glob("*.css"))]
    pdf = render_pdf(page("".join(f"<link rel=stylesheet href='{link}'>" for link in links) + "<h2>Serif</h2>"))
    resources = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    assert any("Newsreader" in font.get_object()["/BaseFont"] for font in resources)


def test_the_child_cannot_open_a_socket():
    locked = "import sys, socket; from secondop.documents.child import refuse_network; sys.addaudithook(refuse_network); "
    code = locked + "socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([sys.executable, "-c", code], cwd=settings.ROOT, capture_output=True, check=False)
    assert b"PermissionError: this process has no network" in done.stderr


def test_the_child_knows_no_secret(monkeypatch):
    monkeypatch.setenv("VAULT_MASTER_KEY", "marker")
    monkeypatch.setenv("DATABASE_URL", "marker")
    known = environment("/tmp/x")
    assert "marker" not in known.values() and settings.SECRET_KEY not in known.values()


def test_a_processor_bomb_is_stopped():
    before = seconds_of_children()
    with pytest.raises(RenderFailed, match="signal"):
        render_pdf(page(BOMB), cpu=2, wall=LONG)
    assert seconds_of_children() - before < 2 + 1


def test_a_memory_bomb_is_stopped():
    with pytest.raises(RenderFailed):
        render_pdf(page(BOMB), memory=200 * 1024 * 1024)


def test_waiting_ends():
    with pytest.raises(RenderFailed, match="longer than 1 second"):
        render_pdf(page(BOMB), wall=1)


def test_a_killed_child_is_a_failure_with_a_reason():
    ended = []

    def run():
        try:
            render_pdf(page(BOMB))
        except RenderFailed as error:
            ended.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    children = []
    while not children:
        children = [c for c in psutil.Process(os.getpid()).children() if str(CHILD) in c.cmdline()]
    children[0].kill()
    thread.join(LONG)
    assert ended == ["The renderer was stopped by signal 9."]


@pytest.mark.parametrize(
    ("stdout", "stderr"), [(b"", b"\n0"), (b"%PDF-1.7 cut", b"\n99"), (b"%PDF-1.7", b""), (b"%PDF-1.7", b"8 warnings"), (b"<html>", b"\n6")]
)
def test_half_a_pdf_is_no_pdf(stdout, stderr):
    with pytest.raises(RenderFailed, match="whole"):
        checked(subprocess.CompletedProcess([], 0, stdout, stderr))


def test_odd_errors_of_the_renderer_say_nothing_of_the_text():
    child = subprocess.CompletedProcess([], 1, b"", b"Traceback\nZeroDivisionError: the patient has a secret")
    with pytest.raises(RenderFailed, match=r"^The renderer failed: ZeroDivisionError\.$"):
        checked(child)


def test_a_last_page_that_is_nearly_empty_is_saved():
    styles = "".join(f"<link rel=stylesheet href='css/pdf/{name}.css'>" for name in ("letter", "letter_parts"))
    made = [render_pdf(page(styles + "<p>One more line of it.</p>" * lines)) for lines in (32, 39)]
    assert [len(pypdf.PdfReader(io.BytesIO(pdf)).pages) for pdf in made] == [1, 2]


def test_pages_are_tagged_and_named():
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(page("<h1>Head</h1>"))))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en"
    assert reader.metadata.title == "t"
    assert b"pdfuaid" in root["/Metadata"].get_data()
