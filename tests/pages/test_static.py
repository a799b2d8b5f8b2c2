"""The stylesheet and the vendored files: one file for the browser, small, and each with its licence."""

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import override_settings

from secondop.web.storage import STYLESHEETS, inline_imports

STATIC = Path(settings.ROOT / "static")
ON_EVERY_PAGE = ("autosave", "dialogs", "fields", "forms", "toasts")
OF_INTAKE = {"rows.js", "prompts.js", "most.js", "parts.js"}
OF_STAFF = {"inlines.js", "review.js"}
LATER = {"upload_files.js", "upload_send.js"}  # fetched when files are dropped or sent, as tus-js-client is
OF_OTHER_PAGES = {"passkey.js", "record.js"}  # none of these is the largest page, which takes files
BUDGET = 90_000  # CSS, JavaScript and fonts of a patient page over the wire


def wire(path: Path) -> int:
    return len(brotli.compress(path.read_bytes()))


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    root = tmp_path_factory.mktemp("static")
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": "secondop.web.storage.OneStylesheet"}}
    with override_settings(STATIC_ROOT=root, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


def test_collecting_makes_one_stylesheet_in_layers(collected):
    css = (collected / "css/site.css").read_text()
    assert [name for name in STYLESHEETS if "@import" in (collected / name).read_text()] == []
    assert css.index("@layer tokens, base, layout, components, pages, print;") < css.index("@layer base.pico {")
    for component in (STATIC / "css/components").glob("*.css"):
        assert component.read_text().split("{")[0].strip().splitlines()[-1] in css, component.name
    hashed = next(collected.glob("css/site.????????????.css")).read_text()
    assert re.search(r"source-sans-3\.[0-9a-f]{12}\.woff2", hashed)


def test_what_pages_load_is_compressed_and_nothing_else(collected):
    [page_loads] = collected.glob("css/site.????????????.css")
    assert all(page_loads.with_name(f"{page_loads.name}.{how}").exists() for how in ("br", "gz"))
    assert not [path for how in ("br", "gz") for path in collected.rglob(f"*.{how}") if not re.search(r"\.[0-9a-f]{12}\.", path.name)]


@pytest.mark.parametrize("name", ["autosave", "upload"])
def test_a_script_imports_the_very_file_that_pages_load(collected, name):
    [page_loads] = collected.glob("js/forms.????????????.js")
    [script] = collected.glob(f"js/{name}.????????????.js")
    assert f'from "./{page_loads.name}";' in script.read_text()
    imported = re.findall(r'(?:from |import\()"\./([^"]+)"', script.read_text())
    assert all((collected / "js" / name).exists() and re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported)


def test_patient_and_public_pages_stay_in_their_budget(collected):
    fonts = [STATIC / "vendor/source-sans-3-5.3.0/source-sans-3.woff2", STATIC / "vendor/newsreader-5.3.0/newsreader.woff2"]
    assert sum(font.stat().st_size for font in fonts) <= 55 * 1024
    common = wire(collected / "css/site.css") + sum(font.stat().st_size for font in fonts)
    scripts = {file.name: wire(file) for file in (STATIC / "js").glob("*.js")}
    viewer = sum(size for name, size in scripts.items() if name.startswith("viewer") or name.removesuffix(".js") in ON_EVERY_PAGE)
    for_patients = {name: size for name, size in scripts.items() if name not in OF_STAFF | LATER and not name.startswith("viewer")}
    htmx = wire(STATIC / "vendor/htmx-2.0.11/htmx.min.js")
    elsewhere = htmx + sum(size for name, size in for_patients.items() if name not in OF_INTAKE | OF_OTHER_PAGES)
    intake = sum(size for name, size in for_patients.items() if not name.startswith("upload"))
    assert common + max(elsewhere, intake, viewer + wire(collected / "css/viewer.css")) <= BUDGET
    assert common + wire(collected / "css/public.css") + sum(wire(STATIC / f"js/{name}.js") for name in ON_EVERY_PAGE) <= BUDGET


def test_scripts_of_the_intake_are_on_its_screens_alone_and_htmx_is_not():
    for template in Path(settings.ROOT / "templates").rglob("*.html"):
        source, of_intake = template.read_text(), template.parent.name == "intake"
        assert of_intake or not any(f"js/{name}" in source for name in OF_INTAKE), template
        assert not (of_intake and 'part "htmx"' in source), template


def test_an_import_that_would_lose_its_images_is_refused(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "site.css").write_text('@import url("parts/a.css") layer(components);')
    (tmp_path / "parts/a.css").write_text('.a { background: url("data:image/png;base64,") }')
    assert inline_imports(tmp_path / "site.css").startswith("@layer components {")
    (tmp_path / "parts/a.css").write_text(".a { background: url(a.png) }")
    with pytest.raises(ImproperlyConfigured, match=r"a\.css"):
        inline_imports(tmp_path / "site.css")


def test_every_component_style_is_imported_and_every_vendor_folder_explained():
    sheets, manifest = "".join((STATIC / name).read_text() for name in STYLESHEETS), (STATIC / "vendor/MANIFEST.md").read_text()
    for folder in ("components", "pages"):
        for file in (STATIC / "css" / folder).glob("*.css"):
            assert sheets.count(f'url("{folder}/{file.name}")') == 1, file.name
    for folder in (STATIC / "vendor").iterdir():
        if folder.is_dir():
            assert f"`{folder.name}`" in manifest
            assert (folder / "LICENSE").is_file()


def test_our_styles_use_no_important():
    ours = [file for file in (STATIC / "css").rglob("*.css") if "!important" in file.read_text()]
    assert ours == []


def test_every_static_file_a_template_names_is_there():
    named = {
        (template.name, name)
        for template in (settings.ROOT / "templates").rglob("*.html")
        for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", template.read_text())
    }
    assert len(named) > 10
    assert [where for where in named if finders.find(where[1]) is None] == []
