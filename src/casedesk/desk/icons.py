"""Line icons of Lucide, tinted with a token's colour and drawn sharp on every screen."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from casedesk.desk import theme
from casedesk.kernel.errors import FontMissing
from casedesk.kernel.language import _
from casedesk.resources import resource

_FOLDER = "icons/lucide"
_pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}


def names() -> list[str]:
    """List the icons that travel with the program."""
    return sorted(path.stem for path in resource(_FOLDER).glob("*.svg"))


@cache
def _source(name: str) -> str:
    try:
        return resource(f"{_FOLDER}/{name}.svg").read_text("utf-8")
    except OSError:
        raise FontMissing(
            _("A drawing of the program is missing. Install the program again.")
        ) from None


def pixmap(name: str, tone: str = "ink", size: int = 16, ratio: float = 0.0) -> QPixmap:
    """Draw an icon in a colour token at a size; `ratio` is of the screen unless given."""
    app = QGuiApplication.instance()
    scale = ratio or (app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0)
    key = (name, theme.colour(tone).name(), size, scale)
    found = _pixmaps.get(key)
    if found is None:
        stroke = theme.tokens()["icon_px"]["stroke"]
        source = _source(name).replace("currentColor", key[1])
        # Lucide draws on 24 units; the stroke is meant in pixels of the icon as shown at 16.
        source = source.replace('stroke-width="2"', f'stroke-width="{stroke * 24 / 16:.2f}"')
        renderer = QSvgRenderer(QByteArray(source.encode("utf-8")))
        found = QPixmap(round(size * scale), round(size * scale))
        found.fill(Qt.GlobalColor.transparent)
        painter = QPainter(found)
        renderer.render(painter, QRectF(0, 0, found.width(), found.height()))
        painter.end()
        found.setDevicePixelRatio(scale)
        _pixmaps[key] = found
    return found


def icon(name: str, tone: str = "ink", size: int = 16) -> QIcon:
    """Make an icon with its pale form for what is switched off."""
    made = QIcon()
    made.addPixmap(pixmap(name, tone, size), QIcon.Mode.Normal)
    made.addPixmap(pixmap(name, "disabled", size), QIcon.Mode.Disabled)
    return made
