"""Draw the icons of the program and of its file from their SVG, in every size a system asks for."""

from __future__ import annotations

import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "resources/icons/mark.svg"
FILE = ROOT / "packaging/linux/application-x-casedesk.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256)
# The kinds of picture in a macOS icon, by the size of their side.
ICNS = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09"}


def png(svg: Path, size: int) -> bytes:
    """Draw a square picture of an SVG."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(kept.data())


def ico(svg: Path) -> bytes:
    """Make the icon file of Windows: a list of pictures, each a PNG."""
    sizes = (16, 24, 32, 48, 64, 256)
    pictures = [png(svg, size) for size in sizes]
    head = struct.pack("<HHH", 0, 1, len(sizes))
    place = len(head) + 16 * len(sizes)
    for size, picture in zip(sizes, pictures, strict=True):
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), place)
        place += len(picture)
    return head + b"".join(pictures)


def icns(svg: Path) -> bytes:
    """Make the icon file of macOS."""
    parts = b""
    for size, kind in ICNS.items():
        picture = png(svg, size)
        parts += kind + struct.pack(">I", len(picture) + 8) + picture
    return b"icns" + struct.pack(">I", len(parts) + 8) + parts


def hicolor(folder: Path) -> None:
    """Write both icons into an icon theme, as the desktops of Linux look for them."""
    for svg, place, name in (
        (PROGRAM, "apps", "casedesk"),
        (FILE, "mimetypes", "application-x-casedesk"),
    ):
        for size in SIZES:
            picture = folder / f"{size}x{size}" / place / f"{name}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(png(svg, size))
        drawing = folder / "scalable" / place / f"{name}.svg"
        drawing.parent.mkdir(parents=True, exist_ok=True)
        drawing.write_bytes(svg.read_bytes())


def ready() -> QGuiApplication:
    """Start Qt without a screen; keep what this gives while drawing."""
    found = QGuiApplication.instance()
    return found if isinstance(found, QGuiApplication) else QGuiApplication(["casedesk"])
