"""The child process that turns one document into a PDF: HTML on stdin, PDF on stdout, its limits set before anything is read.
The last line of stderr is the number of bytes that were written.

    python -P secondop/documents/child.py STATIC_FOLDER MEMORY_BYTES CPU_SECONDS

Started by its path, it knows no Django, no database and no module of ours. What the HTML may load is a ``data:`` address, or a
style, font or picture of the folders named in ``OWN``; everything else on disk or network is refused by the fetcher, and the
interpreter itself refuses to open a socket.
"""

import resource
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.urls import URLFetcher, URLFetcherResponse

MOST_SET_CLOSER = 12  # pages; what is longer does not gain by one less
OWN = ("css/pdf", "vendor")
SUFFIXES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


class OwnFilesOnly(URLFetcher):
    """Serves ``data:`` addresses and our own static files, and nothing else (WeasyPrint's default reads any file and any host)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)
        self.folder = folder.resolve()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The resource at ``url``. Raises ``ValueError`` for everything that is not ours; WeasyPrint then goes on without it."""
        parts = urlsplit(url)
        if parts.scheme != "file":
            return super().fetch(url, headers)
        path = Path(unquote(parts.path)).resolve()
        ours = not parts.netloc and any(path.is_relative_to(self.folder / name) for name in OWN)
        if not ours or path.suffix not in SUFFIXES:
            raise ValueError("not one of our own files")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": SUFFIXES[path.suffix]})


def limit(memory: int, cpu: int) -> None:
    """Bound this process: address space, processor time, no core file."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse_network(event: str, _args: tuple[Any, ...]) -> None:
    """An audit hook: the second lock behind the fetcher. Raises ``PermissionError`` when a socket is made or a name looked up."""
    if event.startswith("socket."):
        raise PermissionError("this process has no network")


def render(html: bytes, folder: Path) -> bytes:
    """The PDF (tagged, PDF/UA-1) of ``html``, whose relative addresses start at ``folder``.

    Where that saves a page, which would have been nearly empty, it is set a little closer (``html.closer`` in the styles).
    """
    text = html.decode()
    document = laid_out(text, folder)
    if 1 < len(document.pages) <= MOST_SET_CLOSER:
        closer = laid_out(text.replace("<html ", '<html class="closer" ', 1), folder)
        document = closer if len(closer.pages) < len(document.pages) else document
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return pdf


def laid_out(text: str, folder: Path) -> Document:
    """The pages of ``text``."""
    fetcher = OwnFilesOnly(folder)
    return HTML(string=text, base_url=folder.as_uri() + "/", url_fetcher=fetcher).render(pdf_variant="pdf/ua-1")


def main() -> None:
    """Read, render, write. A failure ends as a traceback on stderr and exit status 1, which the parent reads."""
    folder, memory, cpu = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    limit(memory, cpu)
    sys.addaudithook(refuse_network)
    pdf = render(sys.stdin.buffer.read(), folder)
    sys.stdout.buffer.write(pdf)
    sys.stderr.write(f"\n{len(pdf)}")


if __name__ == "__main__":
    main()
