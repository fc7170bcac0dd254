"""Both themes can be read, every size of text works, and no picture is a cross."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QFontInfo, QRawFont
from PySide6.QtWidgets import QWidget

from casedesk.desk import icons, theme
from casedesk.resources import resource

SRC = Path(theme.__file__).parents[1]
GROUNDS = ("window", "surface", "sunken", "hover", "select", "accent_soft")
TEXTS = [
    *((ink, ground) for ink in ("ink", "muted") for ground in GROUNDS),
    *(("accent", ground) for ground in ("window", "surface", "accent_soft", "select")),
    *((tone, ground) for tone in ("carmine", "green", "amber") for ground in ("window", "surface")),
    *((tone, f"{tone}_soft") for tone in ("carmine", "green", "amber")),
    ("faint", "surface"),
    ("faint", "window"),
    ("accent_on", "accent"),
    ("accent_on", "accent_hover"),
    ("tip_on", "tip"),
]
LINES = [
    *((line, ground) for line in ("border_control", "focus") for ground in ("surface", "window")),
    ("carmine", "surface"),
    ("accent", "select"),
]


def contrast(mode, one, other):
    """The contrast of two tokens as WCAG counts it."""

    def light(token):
        def part(value):
            return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

        colour = QColor(theme.tokens()[mode][token])
        red, green, blue = (part(v) for v in (colour.redF(), colour.greenF(), colour.blueF()))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    pale, dark = sorted((light(one), light(other)), reverse=True)
    return (pale + 0.05) / (dark + 0.05)


@pytest.fixture(autouse=True)
def _light_again(qapp):
    yield
    theme.apply(qapp, "light")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_words_and_lines_can_be_seen_in_both_themes(mode):
    pale = {pair for pair in TEXTS if contrast(mode, *pair) < 4.5}
    faint = {pair for pair in LINES if contrast(mode, *pair) < 3}
    assert (pale, faint) == (set(), set())


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_style_sheet_is_filled_and_its_colours_are_tokens(qapp, mode):
    theme.apply(qapp, mode)
    sheet = theme.style_sheet()
    assert "@" not in sheet
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", sheet)) <= set(theme.tokens()[mode].values())


def test_no_colour_is_written_in_the_code():
    found = [
        (path.name, match)
        for path in SRC.rglob("*.py")
        if path.parent.name == "desk" or path.name == "page.py" or path.name.endswith("_view.py")
        for match in re.findall(r"['\"]#[0-9A-Fa-f]{3,8}['\"]|QColor\(\d", path.read_text("utf-8"))
    ]
    assert found == []


def test_both_themes_know_the_same_tokens():
    assert theme.tokens()["light"].keys() == theme.tokens()["dark"].keys()


def test_the_letters_are_inter_and_have_every_alphabet_of_the_desk(qapp):
    theme.apply(qapp, "light")
    for style in ("body", "strong", "section"):
        assert QFontInfo(theme.font(style)).family().startswith("Inter")
        raw = QRawFont.fromFont(theme.font(style))
        missing = [c for c in "АЯаяЁёҐґЄєІіЇї’ʼ№éłşéñ…–" if not raw.supportsCharacter(ord(c))]
        assert missing == []


def test_text_size_scales_fonts_and_rows_within_its_bounds(qapp):
    heard = []
    theme.watch.changed.connect(lambda: heard.append(theme.text_size()))
    theme.apply(qapp, "light", 150)
    assert (theme.font("body").pixelSize(), theme.row("table")) == (20, 42)
    assert theme.metrics("body").height() < theme.row("table")
    theme.apply(qapp, "light", 90)
    assert theme.row("table") == 25
    theme.apply(qapp, "dark", 400)
    assert heard == [150, 90, 150]
    assert theme.scheme() == "dark"


class Heard(QObject):
    """Counts how often widgets are told of another style."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def eventFilter(self, watched, event):  # noqa: N802
        self.count += event.type() == QEvent.Type.StyleChange
        return False


def test_other_clothes_are_put_on_once_however_deep_a_widget_lies(qapp, qtbot):
    theme.apply(qapp, "light")
    inner = whole = QWidget()
    for _level in range(30):
        inner = QWidget(inner)
    qtbot.addWidget(whole)
    whole.show()
    heard = Heard()
    for widget in (whole, *whole.findChildren(QWidget)):
        widget.installEventFilter(heard)
    theme.apply(qapp, "dark")
    assert 31 <= heard.count <= 4 * 31
    before = heard.count
    theme.apply(qapp, "dark")
    assert heard.count == before


PLACES = {"icon": 0, "pixmap": 0, "EmptyState": 0, "set_icon": 0, "Command": 2}


def icons_asked(tree):
    """Give the names of icons in a file: in calls, in `icon=` and in `icon = ` of a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = PLACES.get(called)
            named = [k.value for k in node.keywords if k.arg == "icon"]
            found = [*node.args[place : place + 1], *named] if place is not None else named
        elif isinstance(node, ast.Assign):
            targets = {getattr(target, "id", "") for target in node.targets}
            found = [node.value] if "icon" in targets else []
        else:
            found = []
        for part in found:
            for leaf in [part.body, part.orelse] if isinstance(part, ast.IfExp) else [part]:
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and leaf.value:
                    yield leaf.value


def test_every_icon_that_is_named_is_there(qapp, tree_of):
    known = set(icons.names())
    used = {(path.name, name) for path in SRC.rglob("*.py") for name in icons_asked(tree_of(path))}
    assert used
    assert {pair for pair in used if pair[1] not in known} == set()
    for name in known:
        picture = icons.pixmap(name, "ink", 16, 2.0).toImage()
        assert (picture.width(), picture.height()) == (32, 32)
        assert any(picture.pixelColor(x, y).alpha() for x in range(32) for y in range(32)), name
    assert (resource("icons/lucide/LICENSE")).read_text("utf-8").startswith("ISC License")


def test_no_icon_is_a_cross(qapp):
    """A cross is ink in the middle, upright and across, and empty corners; x is a slanted one."""
    forbidden = re.compile(r"plus|cross|hospital|ambulance|crescent|medical|circle-x|square-x")
    assert [name for name in icons.names() if forbidden.search(name)] == []
    side = 48

    def upright_cross(name):
        picture = icons.pixmap(name, "ink", side, 1.0).toImage()

        def inked(x, y):
            return picture.pixelColor(x, y).alpha() > 100

        middle = side // 2
        arm = range(middle - 8, middle + 9)
        across = all(any(inked(x, middle + d) for d in (-1, 0, 1)) for x in arm)
        upright = all(any(inked(middle + d, y) for d in (-1, 0, 1)) for y in arm)
        return across and upright

    assert [name for name in icons.names() if upright_cross(name)] == []


def test_an_icon_takes_the_colour_of_its_token(qapp):
    theme.apply(qapp, "dark")
    picture = icons.pixmap("minus", "accent", 32, 1.0).toImage()
    assert picture.pixelColor(16, 16) == theme.colour("accent")


def test_licences_travel_with_the_fonts():
    assert "SIL Open Font License" in resource("fonts/LICENSE-Inter.txt").read_text("utf-8") or (
        "OFL" in resource("fonts/LICENSE-Inter.txt").read_text("utf-8")
    )
    for path in resource("fonts").glob("Inter-*"):
        assert path.stat().st_size < 1_000_000
