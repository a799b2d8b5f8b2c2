"""./dev shots: each page in three widths, light and dark; a page that cannot be reached is told, not left out."""

from PIL import Image

from secondop.embedded import shots
from secondop.embedded.shots import Shot, photograph

UNREACHABLE = Shot("patient", "nowhere", "/cases/", follow=(r"/there/is/no/such/link/",))


def test_pages_are_photographed_and_what_is_not_reached_is_named(chromium, site, tmp_path, monkeypatch):
    monkeypatch.setattr(shots, "SHOTS", tmp_path)
    home = next(shot for shot in shots.PAGES if shot.name == "home")
    case = next(shot for shot in shots.PAGES if (shot.who, shot.name) == ("patient", "case"))
    assert photograph(chromium, site, "visitor", [home]) == []
    assert photograph(chromium, site, "patient", [UNREACHABLE, case]) == [UNREACHABLE]
    pictures = {path.name: Image.open(path).size for path in tmp_path.iterdir()}
    names = {
        f"{page}-{width}-{scheme}.png" for page in ("visitor-home", "patient-case") for width in shots.WIDTHS for scheme in shots.SCHEMES
    }
    assert pictures.keys() == names
    assert all(size[0] == int(name.split("-")[2]) and size[1] >= 740 for name, size in pictures.items()), pictures
