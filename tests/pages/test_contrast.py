"""Every pair of colours in use is readable: WCAG 2.2 AA, light and dark, computed from the tokens."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEXT, GRAPHIC = 4.5, 3.0
SURFACES = ("paper", "surface", "sand")
ON_SURFACES = ("ink", "ink-soft", "teal", "teal-deep", "coral-strong", "danger", "success", "warning", "info")
TEXT_PAIRS = [(text, ground) for text in ON_SURFACES for ground in SURFACES] + [
    ("ink", "sand-deep"),
    ("on-teal", "teal"),
    ("on-teal", "teal-deep"),
    ("on-coral", "coral-strong"),
    ("on-coral", "coral-deep"),
    ("teal", "teal-soft"),
    ("teal-deep", "teal-soft"),
    ("danger-deep", "danger-soft"),
    *((kind, f"{kind}-soft") for kind in ("info", "success", "warning", "danger")),
    *((text, f"{kind}-soft") for kind in ("info", "success", "warning", "danger") for text in ("ink", "teal")),
    *(("ink-soft", f"{kind}-soft") for kind in ("info", "success", "warning", "danger", "coral", "teal")),
    ("ink", "teal-soft"),
    ("ink", "coral-soft"),
    ("success-soft", "success"),
    ("sand", "ink-soft"),
    ("ink-soft", "sand-deep"),
    ("coral-strong", "teal-soft"),
    ("paper", "ink"),
]
GRAPHIC_PAIRS = [(mark, ground) for mark in ("line-control", "coral", "teal", "danger", "success") for ground in SURFACES] + [
    ("teal", "sand-deep"),
    ("teal", "teal-soft"),
    ("coral-strong", "coral-soft"),
]


def tokens() -> dict[str, dict[str, str]]:
    css = Path(settings.ROOT / "static/css/tokens.css").read_text()
    light, dark = css.split("@media screen and (prefers-color-scheme: dark)")
    found = {name: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", part)) for name, part in (("light", light), ("dark", dark))}
    return {"light": found["light"], "dark": found["light"] | found["dark"]}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(char * 2 for char in colour[1:])
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_pair_in_use_is_readable(mode):
    colours = tokens()[mode]
    wanted = [(pair, TEXT) for pair in TEXT_PAIRS] + [(pair, GRAPHIC) for pair in GRAPHIC_PAIRS]
    poor = {
        f"{one} on {other}": round(found, 2) for (one, other), least in wanted if (found := ratio(colours[one], colours[other])) < least
    }
    assert poor == {}


def test_dark_mode_sets_every_colour_anew():
    light, dark = tokens()["light"], tokens()["dark"]
    assert {name for name in light if light[name] == dark[name]} == set()
