"""Colours, sizes and fonts of the window: one file of tokens feeds style sheet and painters."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from casedesk.kernel.errors import FontMissing
from casedesk.kernel.language import _
from casedesk.resources import resource

Mode = Literal["system", "light", "dark"]
TEXT_SIZES = (90, 150)
_WEIGHTS = {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf"}
# What widgets call a style of text, and which line of the tokens it is.
STYLES = {
    "body": "body",
    "muted": "body",
    "link": "body",
    "strong": "body_strong",
    "caption": "caption",
    "small": "small",
    "section": "section",
    "lead": "lead",
    "page": "page",
    "figure": "figure",
    "timer": "timer",
}


class Watch(QObject):
    """Tells painters that colours or sizes are other ones now."""

    changed = Signal()


@dataclass
class _State:
    mode: Mode = "light"
    scheme: str = "light"
    percent: int = 100
    listening: bool = False
    colours: dict[str, QColor] = field(default_factory=dict)
    fonts: dict[str, QFont] = field(default_factory=dict)
    metrics: dict[str, QFontMetrics] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    controls: dict[str, int] = field(default_factory=dict)


watch = Watch()
_state = _State()


@cache
def tokens() -> dict[str, Any]:
    """Read the tokens, once."""
    loaded: dict[str, Any] = json.loads(resource("style/desk.json").read_text("utf-8"))
    return loaded


def scheme() -> str:
    """Tell which of the two themes is on: light or dark."""
    return _state.scheme


def text_size() -> int:
    """Tell the size of text in percent."""
    return _state.percent


def px(pixels: float) -> int:
    """Scale a length that holds text with the size of text."""
    return round(pixels * _state.percent / 100)


def space(step: int) -> int:
    """Give the step-th space: 0..6 are 2, 4, 8, 12, 16, 24, 32 pixels."""
    return _spaces()[step]


@cache
def _spaces() -> tuple[int, ...]:
    return tuple(tokens()["space_px"])


def row(name: str) -> int:
    """Give the height of a row (table, nav, menu, palette, candidate ...), scaled with text."""
    if name not in _state.rows:
        _state.rows[name] = px(tokens()["row_px"][name])
    return _state.rows[name]


def control(name: str) -> int:
    """Give the size of a control (button, input, chip, topbar, sidebar ...), scaled with text."""
    if name not in _state.controls:
        value = int(tokens()["control_px"][name])
        _state.controls[name] = value if value <= 2 else px(value)
    return _state.controls[name]


def radius(name: str) -> int:
    """Give the radius of corners: control, panel, popup, chip or tick."""
    return int(tokens()["radius_px"][name])


def icon_size(name: str) -> int:
    """Give the size of an icon (nav, button, row, empty), scaled with text."""
    return px(tokens()["icon_px"][name])


def delay(name: str) -> int:
    """Give a time in milliseconds: panel or busy_delay."""
    return int(tokens()["motion_ms"][name])


def colour(token: str) -> QColor:
    """Give the colour of a token in the theme that is on."""
    found = _state.colours.get(token)
    if found is None:
        found = _state.colours[token] = QColor(tokens()[_state.scheme][token])
    return found


def tone(name: str) -> tuple[QColor, QColor, QColor]:
    """Give ink, ground and line of a tone: neutral, accent, amber, green, carmine or muted."""
    if name in ("accent", "amber", "green", "carmine"):
        return colour(name), colour(f"{name}_soft"), colour(f"{name}_line")
    return colour("muted" if name == "muted" else "ink"), colour("sunken"), colour("border")


def font(style: str = "body") -> QFont:
    """Give the font of a style of text; figures stand in columns (tnum)."""
    found = _state.fonts.get(style)
    if found is None:
        size, _line, weight = tokens()["type_px"][STYLES.get(style, style)]
        family = tokens()["font"]
        found = QFont([family["family"], *family["fallback"]])
        found.setPixelSize(px(size))
        found.setWeight(QFont.Weight(weight))
        for feature in family["features"]:
            found.setFeature(QFont.Tag(feature), 1)
        _state.fonts[style] = found
    return found


def metrics(style: str = "body") -> QFontMetrics:
    """Give the measures of a style's font."""
    found = _state.metrics.get(style)
    if found is None:
        found = _state.metrics[style] = QFontMetrics(font(style))
    return found


def line_height(style: str = "body") -> int:
    """Give the height of a line in a style, scaled with text."""
    return px(tokens()["type_px"][STYLES.get(style, style)][1])


def apply(app: QApplication, mode: Mode = "system", text_size: int = 100) -> None:
    """Dress the whole application; may be called again at any time, nothing restarts."""
    low, high = TEXT_SIZES
    _state.mode, _state.percent = mode, max(low, min(high, text_size))
    _load_fonts()
    if not _state.listening:
        _state.listening = True
        app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(_follow_system)
    _dress(app)


def _follow_system() -> None:
    app = QApplication.instance()
    if _state.mode == "system" and isinstance(app, QApplication):
        _dress(app)


def _dress(app: QApplication) -> None:
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    _state.scheme = ("dark" if dark else "light") if _state.mode == "system" else _state.mode
    _state.colours.clear()
    _state.fonts.clear()
    _state.metrics.clear()
    _state.rows.clear()
    _state.controls.clear()
    sheet = style_sheet()
    if app.styleSheet() == sheet:
        return  # it holds every colour and every size there is
    # Qt puts a sheet over another by dressing the children of every widget again, and theirs: each
    # widget as often as it lies deep. Where none is left, it dresses each once.
    app.setStyleSheet("")
    app.setPalette(_palette())
    app.setFont(font("body"))
    app.setStyleSheet(sheet)
    watch.changed.emit()


@cache
def _load_fonts() -> None:
    for name in sorted(_WEIGHTS):
        if QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}"))) < 0:
            raise FontMissing(_("A font of the program is missing. Install the program again."))


def _palette() -> QPalette:
    """Let what no style sheet reaches (menus of the system, placeholders) agree with it."""
    role = QPalette.ColorRole
    palette = QPalette()
    for name, token in (
        (role.Window, "window"),
        (role.WindowText, "ink"),
        (role.Base, "surface"),
        (role.AlternateBase, "surface"),
        (role.Text, "ink"),
        (role.Button, "surface"),
        (role.ButtonText, "ink"),
        (role.BrightText, "ink"),
        (role.Highlight, "select"),
        (role.HighlightedText, "ink"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.PlaceholderText, "faint"),
        (role.ToolTipBase, "tip"),
        (role.ToolTipText, "tip_on"),
        (role.Accent, "accent"),
        (role.Light, "surface"),
        (role.Midlight, "hover"),
        (role.Mid, "border"),
        (role.Dark, "border_control"),
        (role.Shadow, "border_control"),
    ):
        palette.setColor(name, colour(token))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, colour("disabled"))
    return palette


def style_sheet() -> str:
    """Write the style sheet of the theme that is on."""
    values: dict[str, object] = dict(tokens()[_state.scheme])
    values |= {f"radius_{name}": radius(name) for name in tokens()["radius_px"]}
    values |= {f"row_{name}": row(name) for name in tokens()["row_px"]}
    values |= {f"control_{name}": control(name) for name in tokens()["control_px"]}
    values |= {f"space_{step}": space(step) for step in range(len(tokens()["space_px"]))}
    for name, (size, _line, weight) in tokens()["type_px"].items():
        values[f"font_{name}"] = f"font-size: {px(size)}px; font-weight: {weight};"
    values["input_inner"] = control("input") - 2
    values["input_call_inner"] = control("input_call") - 2
    values["scroll_radius"] = (control("scrollbar") - 4) // 2
    sheet = _SHEET
    for name in sorted(values, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}@", str(values[name]))
    return sheet


_SHEET = """
QWidget { color: @ink@; }
QMainWindow, QDialog, QWidget[ground="window"] { background: @window@; }
QWidget[ground="surface"] { background: @surface@; }
QWidget[ground="sunken"] { background: @sunken@; }
QLabel { background: transparent; }
QLabel[look="muted"] { color: @muted@; }
QLabel[look="caption"] { color: @muted@; @font_caption@ }
QLabel[look="small"] { color: @muted@; @font_small@ }
QLabel[look="strong"] { @font_body_strong@ }
QLabel[look="section"] { @font_section@ }
QLabel[look="lead"] { @font_lead@ }
QLabel[look="page"] { @font_page@ }
QLabel[look="figure"] { @font_figure@ }
QLabel[look="timer"] { @font_timer@ }
QLabel[look="link"] { color: @accent@; }
QLabel[tone="accent"] { color: @accent@; }
QLabel[tone="amber"] { color: @amber@; }
QLabel[tone="green"] { color: @green@; }
QLabel[tone="carmine"] { color: @carmine@; }
QLabel[tone="muted"] { color: @muted@; }
QLabel:disabled { color: @disabled@; }

QFrame[card="true"] { background: @surface@; border: 1px solid @border@;
  border-radius: @radius_panel@px; }
QFrame[popup="true"] { background: @surface@; border: 1px solid @border_control@;
  border-radius: @radius_popup@px; }
QFrame[rule="true"] { background: @border@; border: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateEdit {
  background: @surface@; color: @ink@; border: 1px solid @border_control@;
  border-radius: @radius_control@px; padding: 0 7px; min-height: @input_inner@px;
  selection-background-color: @select@; selection-color: @ink@; }
QPlainTextEdit, QTextEdit { padding: 4px 3px; }
QLineEdit[call="true"], QComboBox[call="true"] { min-height: @input_call_inner@px; }
QLineEdit:hover, QPlainTextEdit:hover, QTextEdit:hover, QComboBox:hover, QSpinBox:hover {
  border-color: @ink@; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus,
QComboBox[kbfocus="true"] { border: 2px solid @focus@; padding: 0 6px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 3px 2px; }
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"] {
  border-color: @carmine@; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QLineEdit:read-only,
QSpinBox:disabled { background: @sunken@; color: @muted@; border-color: @border@; }
QLineEdit[bare="true"], QPlainTextEdit[bare="true"] { border: none; background: transparent;
  padding: 0; }
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: none; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; }
QComboBox { padding-right: 24px; }
QComboBox QAbstractItemView { background: @surface@; border: 1px solid @border_control@;
  border-radius: @radius_control@px; outline: none; padding: 3px; }
QComboBox QAbstractItemView::item { min-height: @row_menu@px; padding: 0 8px;
  border-radius: @radius_chip@px; color: @ink@; }
QComboBox QAbstractItemView::item:hover { background: @hover@; }
QComboBox QAbstractItemView::item:selected { background: @select@; color: @ink@; }

QMenu { background: @surface@; border: 1px solid @border_control@;
  border-radius: @radius_popup@px; padding: 4px; }
QMenu::item { min-height: @row_menu@px; padding: 0 12px 0 8px; border-radius: @radius_chip@px; }
QMenu::item:selected { background: @select@; }
QMenu::item:disabled { color: @disabled@; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: @border@; margin: 4px 8px; }

QToolTip { background: @tip@; color: @tip_on@; border: 1px solid @tip@; padding: 4px 6px;
  @font_small@ }

QAbstractItemView { background: @surface@; color: @ink@; border: none; outline: none;
  selection-background-color: @select@; selection-color: @ink@; }
QHeaderView { background: @surface@; border: none; }
QTableCornerButton::section { background: @surface@; border: none; }
QScrollArea, QStackedWidget { background: transparent; border: none; }
QWidget[scrolled="true"] { background: transparent; }

QScrollBar:vertical { background: transparent; width: @control_scrollbar@px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: @control_scrollbar@px; margin: 0; }
QScrollBar::handle { background: @border_control@; border-radius: @scroll_radius@px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @muted@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: @border@; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QStatusBar { background: @window@; border-top: 1px solid @border@; color: @muted@;
  @font_small@ }
QStatusBar::item { border: none; }

QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; color: @muted@; border: none; padding: 0 12px;
  min-height: 30px; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @ink@; }
QTabBar::tab:selected { color: @ink@; font-weight: 500; border-bottom: 2px solid @accent@; }
QTabBar[kbfocus="true"]::tab:selected { background: @accent_soft@; }
QTabWidget::pane { border: none; border-top: 1px solid @border@; }

QProgressBar { background: @sunken@; border: none; border-radius: 3px; max-height: 6px;
  min-height: 6px; color: transparent; }
QProgressBar::chunk { background: @accent@; border-radius: 3px; }
"""
