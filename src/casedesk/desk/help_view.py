"""The help: pages that travel with the program, and the table of keys."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import keymap, theme
from casedesk.desk.page import Desk, Page
from casedesk.desk.widgets import Divider
from casedesk.kernel import language
from casedesk.kernel.language import N_, _
from casedesk.resources import resource

KEYS = "keys"
ORDER = ("start.md", "hotline.md", "cases.md", "assistance.md", "import.md", "sheets.md", "file.md")
LAST = "changes.md"
LIST, LIST_LONG, MOST, KEY_COLUMN = 204, 236, 720, 160
_KEY = re.compile(r"(Ctrl|Alt|Shift|Return|Space|Esc|Tab|F\d)\b.*")
Index = QModelIndex | QPersistentModelIndex


class _Pages(QTextBrowser):
    """Shows texts of the help folder and nothing else: no network, no other file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Where the keys stand in the text: they are words, with a box drawn behind them.
        self._keys: list[tuple[int, int]] = []
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("bare", True)
        self.setStyleSheet(
            "QTextBrowser, QTextBrowser:hover, QTextBrowser:focus { border: none; padding: 0; }"
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def loadResource(self, kind: int, url: QUrl | str) -> Any:
        """Give a picture of the help folder."""
        path = _inside(QUrl(url).path())
        return path.read_bytes() if path is not None else None

    def show_markdown(self, text: str) -> None:
        """Show a page of the folder."""
        self.document().setDefaultFont(theme.font("body"))
        self.setMarkdown(text)
        self._dress()

    def show_html(self, text: str) -> None:
        """Show a page that the program wrote itself."""
        self.document().setDefaultFont(theme.font("body"))
        self.setHtml(text)
        self._dress()

    def boxed(self) -> list[str]:
        """List the keys that have a box, as they are written."""
        return [self._part(start, length).strip("\u00a0") for start, length in self._keys]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep lines short enough to be read."""
        self._narrow()
        super().resizeEvent(event)

    def _narrow(self) -> None:
        side = theme.space(6)
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        self.setViewportMargins(side, 0, max(side, room - side - theme.px(MOST)), 0)

    def _part(self, start: int, length: int) -> str:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()

    def _dress(self) -> None:
        """Give every part of the text its style; the reader of the text knows no tokens."""
        document = self.document()
        # All of it is one change: the lines are laid out once, not after each part.
        whole = QTextCursor(document)
        whole.beginEditBlock()
        document.setDocumentMargin(0)
        document.setIndentWidth(theme.px(20))
        root = document.rootFrame().frameFormat()
        root.setTopMargin(theme.space(5))
        root.setBottomMargin(theme.space(6))
        document.rootFrame().setFrameFormat(root)
        self._box_keys(document)
        block = document.begin()
        while block.isValid():
            self._dress_block(block)
            block = block.next()
        whole.endEditBlock()
        self._narrow()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)

    def _box_keys(self, document: QTextDocument) -> None:
        found = []
        block = document.begin()
        while block.isValid():
            for fragment in _fragments(block):
                if _is_key(fragment.charFormat()):
                    found.append((fragment.position(), fragment.text()))
            block = block.next()
        self._keys = []
        cursor = QTextCursor(document)
        plain = QTextCharFormat()
        plain.setFont(theme.font("caption"))
        plain.setForeground(theme.colour("muted"))
        grown = 0
        for position, text in found:
            words = keymap.native(text) if _KEY.fullmatch(text) else text
            # blanks that do not break: the box stands on one line, with air at its sides
            boxed = f"\u00a0{words}\u00a0".replace(" ", "\u00a0")
            start = position + grown
            cursor.setPosition(start)
            cursor.setPosition(start + len(text), QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(boxed, plain)
            self._keys.append((start, len(boxed)))
            grown += len(boxed) - len(text)

    def _dress_block(self, block: QTextBlock) -> None:
        cursor = QTextCursor(block)
        shape = QTextBlockFormat()
        level = block.blockFormat().headingLevel()
        in_table = cursor.currentTable() is not None
        shape.setLineHeight(140, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        shape.setTopMargin(theme.space(5) if level > 1 else 0)
        if level:
            shape.setBottomMargin(theme.space(2 if level == 1 else 1))
        else:
            shape.setBottomMargin(0 if in_table else theme.space(1 if block.textList() else 2))
        cursor.mergeBlockFormat(shape)
        if level:
            look = QTextCharFormat()
            look.setFont(theme.font("page" if level == 1 else "section"))
            cursor.movePosition(
                QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
            )
            cursor.mergeCharFormat(look)
        for fragment in _fragments(block):
            form, look = fragment.charFormat(), QTextCharFormat()
            if form.isAnchor():
                look.setForeground(theme.colour("accent"))
                look.setFontUnderline(False)
            elif form.fontItalic():  # the house has no italics: a name of the desk stands out
                look.setFont(theme.font("strong"))
            else:
                continue
            cursor.setPosition(fragment.position())
            end = fragment.position() + fragment.length()
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(look)
        table = cursor.currentTable()
        if isinstance(table, QTextTable):
            _dress_table(table)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the boxes of the keys, then the text over them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colour("sunken"))
        painter.setPen(QPen(theme.colour("border"), 1))
        corner = theme.radius("tick")
        for box in self.boxes():
            painter.drawRoundedRect(box, corner, corner)
        painter.end()
        super().paintEvent(event)

    def boxes(self) -> list[QRectF]:
        """Tell where the boxes of the keys are in the part that is seen."""
        found = []
        shift, seen = self.verticalScrollBar().value(), self.viewport().rect()
        tall = theme.control("kbd")
        metrics = QFontMetrics(theme.font("caption"))
        for start, length in self._keys:
            block = self.document().findBlock(start)
            place = self.document().documentLayout().blockBoundingRect(block)
            top = place.top() - shift
            if top > seen.bottom() or top + place.height() < 0:
                continue
            own = start - block.position()
            line = block.layout().lineForTextPosition(own)
            if not line.isValid():
                continue
            left, right = line.cursorToX(own)[0], line.cursorToX(own + length)[0]  # type: ignore[index]
            foot = top + line.y() + line.ascent()
            middle = foot - metrics.ascent() / 2 + metrics.descent() / 2
            head = round(middle - tall / 2) + 0.5
            found.append(QRectF(place.left() + left + 0.5, head, right - left, tall))
        return found


class _Painter(QStyledItemDelegate):
    """Draws a subject as the navigation of the desk draws an area."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Be as high as a line of navigation."""
        return QSize(theme.px(100), theme.row("nav"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the words, and the ground of a chosen line."""
        rect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box, corner = QRectF(rect).adjusted(0, 1, 0, -1), theme.radius("control")
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.colour("select" if chosen else "hover"))
            painter.drawRoundedRect(box, corner, corner)
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.colour("focus"))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), corner, corner)
        style = "strong" if chosen else "body"
        painter.setFont(theme.font(style))
        painter.setPen(theme.colour("ink"))
        room = rect.adjusted(theme.space(3), 0, -theme.space(3), 0)
        words = theme.metrics(style).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, room.width()
        )
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        painter.drawText(room, flags, words)
        painter.restore()


class HelpPage(Page):
    """A list of subjects, and the subject chosen."""

    key: ClassVar[str] = "help"
    title: ClassVar[str] = N_("Help")
    icon: ClassVar[str] = "circle-question-mark"
    area: ClassVar[bool] = False

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """List what there is to read."""
        super().__init__(desk, parent)
        self.subjects = QListWidget()
        self.subjects.setAccessibleName(_("Subjects"))
        self.subjects.setItemDelegate(_Painter(self.subjects))
        self.subjects.setFrameShape(QFrame.Shape.NoFrame)
        self.subjects.setMouseTracking(True)
        self.subjects.setProperty("scrolled", True)
        self.subjects.viewport().setAutoFillBackground(False)
        self.subjects.setStyleSheet("QListWidget { background: transparent; border: none; }")
        self.subjects.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.subjects.setResizeMode(QListView.ResizeMode.Adjust)
        self.text = _Pages()
        self.text.setAccessibleName(_("Help text"))
        self.text.anchorClicked.connect(self._follow)
        self._names = [KEYS, *_names()]
        self.subjects.addItem(_("Keys"))
        for name in self._names[1:]:
            self.subjects.addItem(_heading(_file(name)))
        self.subjects.currentRowChanged.connect(self._show)
        self._side = QWidget()
        self._side.setProperty("ground", "window")
        self._side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self._side)
        margin = theme.space(3)
        column.setContentsMargins(margin, margin, margin, margin)
        column.addWidget(self.subjects)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._side)
        layout.addWidget(Divider(vertical=True))
        layout.addWidget(self.text, 1)
        self._stale = True  # a text is made when it is seen: most never are
        theme.watch.changed.connect(self._again)
        self._measure()
        self.subjects.setCurrentRow(0)

    def enter(self, **args: Any) -> None:
        """Open at a subject, for example `open("help", subject="changes.md")`."""
        subject = args.get("subject", "")
        if subject in self._names:
            self.subjects.setCurrentRow(self._names.index(subject))
        self.subjects.setFocus(Qt.FocusReason.OtherFocusReason)

    def regions(self) -> list[QWidget]:
        """Visit the list and the text."""
        return [self.subjects, self.text]

    def _measure(self) -> None:
        wide = LIST if language.current() == "en" else LIST_LONG
        self._side.setFixedWidth(theme.px(wide))

    def _show(self, row: int) -> None:
        if not 0 <= row < len(self._names):
            return
        self._stale = not self.isVisible()
        if self._stale:
            return
        name = self._names[row]
        if name == KEYS:
            self.text.show_html(_key_table())
        else:
            self.text.show_markdown(_file(name).read_text("utf-8"))

    def showEvent(self, event: QShowEvent) -> None:
        """Write the text that was chosen while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._show(self.subjects.currentRow())

    def _again(self) -> None:
        self._measure()
        self.subjects.doItemsLayout()
        place = self.text.verticalScrollBar().value()
        self._show(self.subjects.currentRow())
        self.text.verticalScrollBar().setValue(place)

    def _follow(self, url: QUrl) -> None:
        name = Path(url.path()).name
        if name in self._names:
            self.subjects.setCurrentRow(self._names.index(name))
        elif url.hasFragment():
            self.text.scrollToAnchor(url.fragment())


def _is_key(form: QTextCharFormat) -> bool:
    """Tell whether words are written as code: Markdown and HTML mark it in two ways."""
    return form.fontFixedPitch() or "monospace" in (form.fontFamilies() or ())


def _fragments(block: QTextBlock) -> list[Any]:
    found = []
    pieces = block.begin()
    while not pieces.atEnd():
        found.append(pieces.fragment())
        pieces += 1
    return found


def _dress_table(table: QTextTable) -> None:
    """Two columns without lines: keys at the left, all tables with the same first column."""
    shape = table.format()
    shape.setBorder(0)
    shape.setCellSpacing(0)
    shape.setCellPadding(theme.space(1))
    shape.setColumnWidthConstraints(
        [
            QTextLength(QTextLength.Type.FixedLength, theme.px(KEY_COLUMN)),
            QTextLength(QTextLength.Type.PercentageLength, 100),
        ]
    )
    table.setFormat(shape)


def _inside(name: str) -> Path | None:
    folder = resource("help").resolve()
    path = (folder / Path(name).name).resolve()
    return path if path.is_file() and path.parent == folder else None


def _names() -> list[str]:
    """List the pages: first what one needs first, then any other, and what is new at the end."""
    there = {path.name for path in resource("help").glob("*.md")}
    rest = sorted(there - {*ORDER, LAST})
    return [name for name in (*ORDER, *rest, LAST) if name in there]


def _file(name: str) -> Path:
    """Find a page in the user's language; in English where there is none."""
    folder = resource("help")
    own = folder / language.current() / name
    return own if own.is_file() else folder / name


def _heading(path: Path) -> str:
    first = path.read_text("utf-8").lstrip().partition("\n")[0]
    return first.lstrip("# ").strip() or path.stem


def _key_table() -> str:
    lines = [f"<h1>{html.escape(_('Keys'))}</h1>"]
    for where in dict.fromkeys(key.where for key in keymap.TABLE):
        lines += [f"<h2>{html.escape(_(where))}</h2>", "<table>"]
        for key in keymap.TABLE:
            if key.where == where:
                shown = html.escape(key.keys[0])
                words = html.escape(_(key.words))
                lines.append(f"<tr><td><code>{shown}</code></td><td>{words}</td></tr>")
        lines.append("</table>")
    return "".join(lines)
