"""Where collected static files live and what collecting does to them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEETS = ("css/site.css", "css/public.css", "css/staff.css", "css/viewer.css")
IMPORT = re.compile(r'@import url\("(?P<file>[^"]+)"\) layer\((?P<layer>[\w.]+)\);')
SCRIPT_IMPORT = (r'(?P<matched>(?P<how>from |import\()"(?P<url>\./[^"]+)")', '%(how)s"%(url)s"')
COMMENT = re.compile(r"/\*(?!!).*?\*/\s*", re.DOTALL)
CHARSET = re.compile(r'^@charset "[^"]+";')
RELATIVE_URL = re.compile(r"""url\((?!["']?data:)""")


def inline_imports(path: Path) -> str:
    """The stylesheet at ``path`` with every layered import replaced by the imported rules in that layer.

    Raises ImproperlyConfigured when a file of another folder holds a relative address, which would point elsewhere afterwards.
    """

    def rules(match: re.Match[str]) -> str:
        file = (path.parent / match["file"]).resolve()
        css = CHARSET.sub("", file.read_text(encoding="utf-8"))
        if file.parent != path.parent.resolve() and RELATIVE_URL.search(css):
            raise ImproperlyConfigured(f"{file.name} holds a relative url(); move that rule to a file beside {path.name}.")
        return f"@layer {match['layer']} {{\n{COMMENT.sub('', css)}}}\n"

    return IMPORT.sub(rules, COMMENT.sub("", path.read_text(encoding="utf-8")))


class OneStylesheet(CompressedManifestStaticFilesStorage):
    """Hashed and compressed static files; the imports of a stylesheet become one file, one round trip for the browser.

    What our scripts import gets its hashed address too: under two addresses a module would run twice. Django's own switch for
    this would read the scripts of every library as well, and stops at what it does not find. A file that was not collected costs
    its page the styles, not the answer: above all not the page that says what went wrong.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (SCRIPT_IMPORT,)))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[str | None, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """The address with the hash in it, the same as long as the process lives, or the plain one where the file is not known."""
        if name not in self._addresses:
            try:
                self._addresses[name] = str(super().url(name, force))
            except ValueError:
                return StaticFilesStorage.url(self, name)
        return self._addresses[name]

    def post_process(self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any) -> Iterator[tuple[str, str, bool]]:
        """Put the imports in place, then hash and compress all that was collected."""
        for name in (name for name in STYLESHEETS if name in paths and not dry_run):
            storage, path = paths[name]
            Path(self.path(name)).write_text(inline_imports(Path(storage.path(path))), encoding="utf-8")
            paths[name] = (StaticFilesStorage(self.location, self.base_url), name)
        yield from super().post_process(paths, dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages load, the files with the hash in their names; gives the name of each and of what was made of it."""
        yield from super().compress_files(set(paths) & set(self.hashed_files.values()))
