"""The palette: one field that finds people, cases and calls, and runs every command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QKeyCombination,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import icons, keymap, theme
from casedesk.desk.page import Command, Desk, Finder, Place
from casedesk.desk.widgets import KeyHint, label
from casedesk.kernel.language import N_, _

if TYPE_CHECKING:
    from sqlmodel import Session

Index = QModelIndex | QPersistentModelIndex
PER_GROUP = 5
PAUSE_MS = 60
GROUPS: tuple[tuple[str, str], ...] = (
    ("person", N_("People")),
    ("case", N_("Cases")),
    ("call", N_("Calls")),
    ("household", N_("Households")),
    ("round", N_("Rounds")),
    ("command", N_("Commands")),
    ("page", N_("Places to go")),
)
_ICONS = {"person": "user-round", "case": "folder", "call": "phone", "page": "arrow-right"}


@dataclass(frozen=True)
class Row:
    """One line of the list: a heading has nothing to run."""

    title: str
    subtitle: str = ""
    icon: str = ""
    shortcut: str = ""
    run: Callable[[], None] | None = None


def find_places(session: Session, text: str, finders: tuple[Finder, ...]) -> list[Place]:
    """Ask every finder, in the reader lane; text of the wrong layout is read in the right one."""
    found = [place for finder in finders for place in finder(session, text)]
    other = keymap.relaid(text)
    if not found and other != text.casefold():
        found = [place for finder in finders for place in finder(session, other)]
    return found


def fits(text: str, words: str) -> bool:
    """Tell whether each word of a text begins a word of a command, in either layout."""
    known = words.casefold().replace("-", " ").split()

    def all_begin(asked: str) -> bool:
        return all(any(word.startswith(part) for word in known) for part in asked.split())

    return all_begin(text.casefold()) or all_begin(keymap.relaid(text))


class _Rows(QAbstractListModel):
    """The lines that are shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own)
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole and row.subtitle:
            return f"{row.title}, {row.subtitle}"
        return row.title


class _Painter(QStyledItemDelegate):
    """Draws a heading, or icon, title, muted words and key."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.model().rows[index.row()]  # type: ignore[attr-defined]
        tall = theme.row("palette") if row.run else theme.px(28)
        return QSize(theme.px(200), tall)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.model().rows[index.row()]  # type: ignore[attr-defined]
        box: QRect = option.rect
        middle = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        gap = theme.space(3)
        painter.save()
        if row.run is None:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.colour("muted"))
            painter.drawText(box.adjusted(gap, theme.space(1), -gap, 0), middle, row.title)
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("select"))
            inner = box.adjusted(theme.space(1), 0, -theme.space(1), 0)
            painter.drawRoundedRect(inner, theme.radius("chip"), theme.radius("chip"))
        left, right = box.left() + gap, box.right() - gap
        size = theme.icon_size("button")
        if row.icon:
            top = box.top() + (box.height() - size) // 2
            painter.drawPixmap(left, top, icons.pixmap(row.icon, "muted", size))
        left += size + theme.space(2)
        if row.shortcut:
            words = keymap.native(row.shortcut)
            wide, tall = KeyHint.width_of(words), theme.control("kbd")
            place = QRect(right - wide, box.top() + (box.height() - tall) // 2, wide, tall)
            KeyHint.draw(painter, place, words)
            right -= wide + theme.space(2)
        strong, small = theme.metrics("strong"), theme.metrics("small")
        room = right - left
        title = strong.elidedText(row.title, Qt.TextElideMode.ElideRight, room)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.colour("ink"))
        painter.drawText(QRect(left, box.top(), room, box.height()), middle, title)
        used = strong.horizontalAdvance(title) + gap
        if row.subtitle and room - used > theme.px(40):
            rest = QRect(left + used, box.top(), room - used, box.height())
            painter.setFont(theme.font("small"))
            painter.setPen(theme.colour("muted"))
            cut = small.elidedText(row.subtitle, Qt.TextElideMode.ElideRight, rest.width())
            painter.drawText(rest, middle, cut)
        painter.restore()


class Palette(QFrame):
    """Lies over the window; the first result is chosen, so that Enter is enough."""

    closed = Signal()
    filter_asked = Signal(str)  # filter the list of the page in front by this text

    def __init__(
        self,
        desk: Desk,
        parent: QWidget,
        finders: list[Finder],
        commands: Callable[[], list[Command]],
        nothing: Callable[[], list[Command]],
    ) -> None:
        """`commands` lists what can be run; `nothing` what is offered where nothing is found."""
        super().__init__(parent)
        self.desk = desk
        self._ground = parent
        self._finders, self._commands, self._nothing = tuple(finders), commands, nothing
        self._places: list[Place] = []
        self._waiting = self._open_when_found = False
        self._only_people = False
        self.setProperty("popup", True)
        self.setAccessibleName(_("Find or run"))
        self.field = QLineEdit(self)
        self.field.setProperty("bare", True)
        self.field.setPlaceholderText(_("Find a person, case or call, or type > for a command"))
        self.field.setAccessibleName(_("Find or run"))
        self.field.textEdited.connect(self._typed)
        self.field.installEventFilter(self)
        self._rows = _Rows(self)
        self.list = QListView(self)
        self.list.setModel(self._rows)
        self.list.setItemDelegate(_Painter(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(_("Results"))
        self.list.clicked.connect(lambda _index: self.open_current())
        top = QHBoxLayout()
        top.setContentsMargins(theme.space(4), theme.space(3), theme.space(4), theme.space(3))
        top.addWidget(self.field)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        self._people_words = label("", "caption")
        self._people_words.set_tone("accent")
        filters = keymap.native(keymap.key("filter_list"))
        for key, words in (
            ("Tab", _("only people")),
            (">", _("only commands")),
            (filters, _("filter the list")),
        ):
            foot.addWidget(KeyHint(key))
            foot.addWidget(label(words, "caption"))
            foot.addSpacing(theme.space(2))
        foot.addStretch()
        foot.addWidget(self._people_words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        layout.addLayout(foot)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._search)
        self.hide()

    def pop_up(self) -> None:
        """Show the palette with an empty field."""
        self._only_people = False
        self._people_words.setText("")
        self._places, self._waiting, self._open_when_found = [], False, False
        self.field.clear()
        self.place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._fill()

    def place(self) -> None:
        """Lie in the middle, below the top, as tall as the results need."""
        window = self._ground
        rows = len(self._rows.rows)
        tall = sum(self.list.sizeHintForRow(row) for row in range(rows)) + theme.px(92)
        top = theme.px(96)
        wide = min(theme.px(640), window.width() - 2 * theme.space(4))
        height = max(theme.px(120), min(tall, window.height() - top - theme.space(5)))
        self.setGeometry((window.width() - wide) // 2, top, wide, height)

    def dismiss(self) -> None:
        """Go away, and forget what was typed."""
        if self.isHidden():
            return
        self._pause.stop()
        self.hide()
        self.field.clear()
        self._places = []
        self._rows.show([])
        self.closed.emit()

    def results(self) -> list[str]:
        """List the titles shown, without the headings."""
        return [row.title for row in self._rows.rows if row.run]

    def headings(self) -> list[str]:
        """List the groups shown."""
        return [row.title for row in self._rows.rows if not row.run]

    def open_current(self) -> None:
        """Run the chosen line."""
        row = self.list.currentIndex().row()
        if 0 <= row < len(self._rows.rows) and (run := self._rows.rows[row].run):
            self.dismiss()
            run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the keys of the list work while the cursor stays in the field."""
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            window = self.window()
            if window.isActiveWindow() and window.focusWidget() is not self.field:
                self.dismiss()
            return False
        if watched is not self.field or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        pressed = QKeySequence(QKeyCombination(held, Qt.Key(event.key())))
        filters = pressed in keymap.keys("filter_list")
        if event.type() == QEvent.Type.ShortcutOverride and filters:
            event.accept()  # else the main button of the page below would take the key
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        key = event.key()
        if filters:
            self._filter()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._only_people = not self._only_people
            self._people_words.setText(_("Only people") if self._only_people else "")
            self._fill()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if key == Qt.Key.Key_Down else -1)
        else:
            return False
        return True

    def _enter(self) -> None:
        """Open the chosen result; while its search still runs, wait for it and then open."""
        if self._pause.isActive():
            self._pause.stop()
            self._search()
        if self._waiting:
            self._open_when_found = True
        else:
            self.open_current()

    def _filter(self) -> None:
        text = self._text().removeprefix(">").strip()
        if text:
            self.dismiss()
            self.filter_asked.emit(text)

    def _move(self, by: int) -> None:
        rows = [number for number, row in enumerate(self._rows.rows) if row.run]
        if not rows:
            return
        now = self.list.currentIndex().row()
        at = rows.index(now) if now in rows else -1
        chosen = rows[(at + by) % len(rows)]
        self.list.setCurrentIndex(self._rows.index(chosen))
        # The heading above the first line comes into view with it.
        self.list.scrollTo(self._rows.index(0 if chosen == rows[0] else chosen))

    def _typed(self) -> None:
        self._open_when_found = False
        self._pause.start()
        if self._text().startswith(">") or not self._text():
            self._pause.stop()
            self._places = []
        self._fill()

    def _text(self) -> str:
        return self.field.text().strip()

    def _search(self) -> None:
        text = self._text()
        if not text or text.startswith(">"):
            return
        self._waiting = True
        self.desk.read(self, find_places, text, self._finders, channel="palette", then=self._found)

    def _found(self, places: list[Place]) -> None:
        self._waiting = False
        self._places = places
        if self.isVisible():
            self._fill()
            if self._open_when_found:
                self.open_current()

    def _fill(self) -> None:
        text = self._text()
        groups: dict[str, list[Row]] = {kind: [] for kind, _words in GROUPS}
        only_commands = text.startswith(">")
        asked = text.removeprefix(">").strip()
        if not only_commands:
            for place in self._places if text else []:
                groups.setdefault(place.kind, []).append(self._of_place(place))
        if not self._only_people or only_commands:
            for command in self._commands():
                kind = "page" if command.key.startswith("go.") else "command"
                if fits(asked, command.label) and not (only_commands and kind == "page"):
                    groups[kind].append(_of_command(command))
        rows: list[Row] = []
        for kind, words in GROUPS:
            if self._only_people and not only_commands and kind != "person":
                continue
            most = len(groups[kind]) if only_commands else PER_GROUP
            if groups[kind]:
                rows += [Row(_(words)), *groups[kind][:most]]
        if not rows and not self._waiting and not self._pause.isActive():
            said = _("Nothing found for “{text}”").format(text=asked) if asked else _("Nothing")
            rows = [Row(said), *map(_of_command, self._nothing())]
        self._rows.show(rows)
        first = next((number for number, row in enumerate(rows) if row.run), -1)
        if first >= 0:
            self.list.setCurrentIndex(self._rows.index(first))
        self.place()

    def _of_place(self, place: Place) -> Row:
        def go() -> None:
            self.desk.open(place.page, **dict(place.args))

        icon = place.icon or _ICONS.get(place.kind, "arrow-right")
        return Row(place.title, place.subtitle, icon, place.shortcut, go)


def _of_command(command: Command) -> Row:
    return Row(command.label, "", command.icon or "corner-down-left", command.shortcut, command.run)
