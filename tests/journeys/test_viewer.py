"""The viewer's script in a browser: gray levels by the same rules as the server's, lengths by the areas of an ultrasound picture."""

import numpy as np

from records.viewer.voi import View, levels_of
from secondop.embedded.data import ROOT

AT = "http://viewer.test/"
VIEWS = [
    View("", "linear", 40, 80),
    View("", "linear", 10, 1),
    View("", "exact", 0.5, 0.2),
    View("", "sigmoid", -20, 50),
    View("", "table", 2, 4, bytes([255, 9, 3, 0])),
]
PICTURE = {"spacing": None, "shrunk": 1, "at_detector": False, "regions": [[20, 0, 30, 10, None, None], [0, 0, 30, 10, 0.5, 2]]}
SHADOW = {"spacing": [0.2, 0.1], "shrunk": 1, "at_detector": True, "regions": []}
LINES = [
    (PICTURE, [1, 1], [5, 1]),
    (PICTURE, [1, 1], [1, 3]),
    (PICTURE, [21, 1], [25, 1]),
    (PICTURE, [1, 1], [1, 12]),
    (SHADOW, [0, 0], [0, 9]),
]
SCRIPT = """async ([views, values, lines]) => {
  const { levelsOf, viewOf } = await import("./viewer_look.js");
  const { lengthOf } = await import("./viewer_length.js");
  return [views.map((view) => values.map(levelsOf(viewOf(view)))), lines.map((line) => lengthOf(...line))];
}"""


def test_levels_and_lengths(chromium):
    page = chromium.new_page()
    page.route(f"{AT}*.js", lambda route: route.fulfill(path=ROOT / "static/js" / route.request.url.rpartition("/")[2]))
    page.route(AT, lambda route: route.fulfill(body="<!doctype html><title>Viewer</title>", content_type="text/html"))
    page.goto(AT)
    values = np.arange(-80, 120, 0.25)
    levels, lengths = page.evaluate(SCRIPT, [[view.packed() for view in VIEWS], values.tolist(), LINES])
    page.close()
    for view, drawn in zip(VIEWS[:-1], levels, strict=False):
        assert np.allclose(drawn, levels_of(values, view)), view
    whole = values == np.rint(values)
    assert np.array_equal(np.array(levels[-1])[whole], levels_of(values, VIEWS[-1])[whole])
    assert lengths == ["8.0 mm", "1.0 mm", "4 pixels", "11 pixels", "1.8 mm at the detector"]
