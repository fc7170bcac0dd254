"""The frame round the pages: sidebar, find field, status bar, and the watch over idleness."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import icons, keymap, theme
from casedesk.desk.backup import Backup
from casedesk.desk.page import Desk, Page
from casedesk.desk.widgets import ElidedLabel, KeyHint, Tag, button, label
from casedesk.kernel import language
from casedesk.kernel.language import _, ngettext
from casedesk.resources import resource

NAME = "CaseDesk"
SAID_MS = 6000


class NavigationLine(QAbstractButton):
    """One area in the sidebar: icon, words, count."""

    def __init__(self, page: Page, parent: QWidget) -> None:
        """Stand for a page."""
        super().__init__(parent)
        self.key, self._icon, self.folded = page.key, page.icon, False
        self.count, self.urgent = 0, False
        self._shortcut = page.shortcut
        self.setText(_(page.title))
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.describe()

    def set_count(self, count: int, urgent: bool) -> None:
        """Show a number right of the words; an urgent one in carmine."""
        self.count, self.urgent = count, urgent
        self.describe()
        self.update()

    def describe(self) -> None:
        """Say name, count and key to those who do not see the line."""
        name = self.text()
        if self.count:
            name = _("{area}, {count}").format(area=name, count=language.number(self.count))
        self.setAccessibleName(name)
        key = keymap.native(self._shortcut) if self._shortcut else ""
        tip = _("{name} ({key})").format(name=self.text(), key=key) if key else self.text()
        self.setToolTip(tip if self.folded or key else "")

    def sizeHint(self) -> QSize:
        """Be as high as a line of navigation."""
        return QSize(theme.px(40), theme.row("nav"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, open with Enter."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line for the state it is in."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        corner = theme.radius("control")
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.colour("select"))
            painter.drawRoundedRect(box, corner, corner)
        elif self.underMouse():
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(box, corner, corner)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.colour("focus"))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), corner, corner)
        size = theme.icon_size("nav")
        tone = "accent" if self.isChecked() else "muted"
        left = (self.width() - size) // 2 if self.folded else theme.space(2)
        top = (self.height() - size) // 2
        if self._icon:
            painter.drawPixmap(left, top, icons.pixmap(self._icon, tone, size))
        if not self.folded:
            self._words(painter)
        painter.end()

    def _room(self) -> tuple[int, int, str]:
        """Tell where the words begin, where they must end, and the number after them."""
        left = theme.space(2) + theme.icon_size("nav") + theme.px(6)
        right = self.width() - theme.px(6)
        number = language.number(self.count) if self.count else ""
        if number:
            right -= theme.metrics("caption").horizontalAdvance(number) + theme.space(1)
        return left, right, number

    @property
    def shown(self) -> str:
        """The words as they are drawn; cut where the line is too narrow."""
        left, right, _number = self._room()
        return theme.metrics("body").elidedText(
            self.text(), Qt.TextElideMode.ElideRight, right - left
        )

    def _words(self, painter: QPainter) -> None:
        left, right, number = self._room()
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        if number:
            place = QRect(right, 0, self.width() - theme.px(6) - right, self.height())
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.colour("carmine" if self.urgent else "muted"))
            painter.drawText(place, flags | int(Qt.AlignmentFlag.AlignRight), number)
        # The same weight whether chosen or not: bold words would be wider and be cut.
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("ink"))
        painter.drawText(QRect(left, 0, right - left, self.height()), flags, self.shown)


class Mark(QWidget):
    """The mark of the program."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Read the drawing."""
        super().__init__(parent)
        self._drawing = QSvgRenderer(str(resource("icons/mark.svg")), self)
        self.setFixedSize(theme.px(22), theme.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._drawing.render(painter, QRectF(self.rect()))
        painter.end()


class Sidebar(QWidget):
    """The areas, and Settings at the foot."""

    chosen = Signal(str)

    def __init__(self, pages: list[Page], parent: QWidget | None = None) -> None:
        """Make a line for each page that has one."""
        super().__init__(parent)
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Areas"))
        self.lines: dict[str, NavigationLine] = {}
        layout = QVBoxLayout(self)
        side = theme.space(2)
        layout.setContentsMargins(side, theme.space(3), side, theme.space(3))
        layout.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(theme.space(2), 0, 0, theme.space(3))
        head.setSpacing(theme.space(2))
        head.addWidget(Mark())
        self._name = label(NAME, "lead")
        head.addWidget(self._name)
        head.addStretch(1)
        layout.addLayout(head)
        for page in [p for p in pages if p.area and not p.bottom]:
            layout.addWidget(self._line(page))
        layout.addStretch(1)
        for page in [p for p in pages if p.area and p.bottom]:
            layout.addWidget(self._line(page))
        self.fold(False)

    def _line(self, page: Page) -> NavigationLine:
        line = NavigationLine(page, self)
        line.clicked.connect(lambda: self.chosen.emit(page.key))
        page.count_changed.connect(line.set_count)
        self.lines[page.key] = line
        return line

    def select(self, key: str) -> None:
        """Mark the line of the page in front; a page without a line leaves the mark where it is."""
        if key in self.lines:
            for own, line in self.lines.items():
                line.setChecked(own == key)
        else:
            for line in self.lines.values():
                line.setChecked(line.isChecked())

    def fold(self, on: bool) -> None:
        """Show icons alone, with tooltips."""
        wide = theme.control("sidebar") if language.current() == "en" else theme.px(236)
        self.setFixedWidth(theme.px(52) if on else wide)
        self._name.setVisible(not on)
        for line in self.lines.values():
            line.folded = on
            line.describe()
            line.update()


class FindField(QAbstractButton):
    """Looks like a field and opens the palette, which is the field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show what can be found, and the key."""
        super().__init__(parent)
        self.setText(_("Find a person, case or call"))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(keymap.native(keymap.key("palette")))
        self.setFixedSize(theme.px(300), theme.control("input"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter as well as Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as a field at rest."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        hot = self.underMouse() or self.hasFocus()
        line = "focus" if self.hasFocus() else "ink" if hot else "border_control"
        painter.setBrush(theme.colour("surface"))
        painter.setPen(theme.colour(line))
        painter.drawRoundedRect(box, theme.radius("control"), theme.radius("control"))
        size, gap = theme.icon_size("button"), theme.space(2)
        top = (self.height() - size) // 2
        painter.drawPixmap(gap, top, icons.pixmap("search", "muted", size))
        key = keymap.native(keymap.key("palette"))
        wide, tall = KeyHint.width_of(key), theme.control("kbd")
        place = QRect(self.width() - gap - wide, (self.height() - tall) // 2, wide, tall)
        KeyHint.draw(painter, place, key)
        left = gap + size + gap
        room = QRect(left, 0, place.left() - gap - left, self.height())
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("faint"))
        words = theme.metrics("body").elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        painter.drawText(room, flags, words)
        painter.end()


class StatusBar(QWidget):
    """Which file, whether all is saved, what was just done, and who works here."""

    def __init__(
        self, desk: Desk, backup: Backup, *, encrypted: bool, parent: QWidget | None = None
    ) -> None:
        """Say what holds now, and follow it."""
        super().__init__(parent)
        self._desk, self._backup = desk, backup
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("State"))
        self.setFixedHeight(theme.control("statusbar"))
        words = _("{file}, encrypted") if encrypted else _("{file}, not encrypted")
        # The bar elides a long name; the folder would tell more than a glance should.
        self.file = ElidedLabel(
            words.format(file=desk.store.path.name), "small", mode=Qt.TextElideMode.ElideMiddle
        )
        self.saved = label(_("All saved"), "small")
        self.said = ElidedLabel("", "small")
        self.undo = button(_("Undo"), kind="link")
        self.undo.clicked.connect(desk.notices.undo_asked)
        self.backup = label("", "small")
        self.actor = label("", "small")
        self.locks = label("", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(4), 0, theme.space(4), 0)
        row.setSpacing(theme.space(4))
        row.addWidget(self.file)
        row.addWidget(self.saved)
        row.addWidget(self.backup)
        row.addWidget(self.said, 1)
        row.addWidget(self.undo)
        row.addStretch(1)
        if desk.illustrative:
            row.addWidget(Tag(_("Illustrative data"), "amber"))
        row.addWidget(self.actor)
        if encrypted:
            row.addWidget(self.locks)
        self._hush = QTimer(self)
        self._hush.setSingleShot(True)
        self._hush.setInterval(SAID_MS)
        self._hush.timeout.connect(self.hush)
        desk.saving_changed.connect(self._saving)
        desk.notices.said.connect(self.say)
        desk.settings_changed.connect(self._follow)
        backup.changed.connect(self._backed_up)
        self._backed_up()
        self.hush()
        self._follow()

    def say(self, text: str, undo: bool) -> None:
        """Say what was done, for six seconds."""
        self.said.setText(text)
        self.said.setVisible(True)
        self.undo.setVisible(undo and bool(self._desk.undoable))
        self._hush.start()

    def hush(self) -> None:
        """Say nothing more about what was done."""
        self._hush.stop()
        self.said.setText("")
        self.said.setVisible(False)
        self.undo.setVisible(False)

    def _saving(self, on: bool) -> None:
        self.saved.setText(_("Saving") if on else _("All saved"))

    def _backed_up(self) -> None:
        self.backup.setText(self._backup.words)
        self.backup.set_tone("amber" if self._backup.late else "")

    def _follow(self, _name: str = "") -> None:
        self.actor.setText(self._desk.actor)
        minutes = self._desk.settings.lock_minutes
        words = ngettext("Locks after {count} minute", "Locks after {count} minutes", minutes)
        self.locks.setText(words.format(count=minutes))


class Idle(QObject):
    """Hears every key and mouse event of the application, and tells when there were none.

    The time counts also while the computer sleeps, where the system can tell it: the first key
    after a long sleep locks instead of being heard.
    """

    over = Signal()

    _HEARD = frozenset(
        {
            QEvent.Type.ShortcutOverride,
            QEvent.Type.KeyPress,
            QEvent.Type.MouseButtonPress,
            QEvent.Type.MouseMove,
            QEvent.Type.Wheel,
            QEvent.Type.TouchBegin,
            QEvent.Type.InputMethod,
        }
    )

    def __init__(
        self,
        seconds: Callable[[], int],
        handle: Callable[[QKeyEvent], bool],
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Lock after `seconds()`; 0 is never. `handle` may take a key that no shortcut took."""
        super().__init__(parent)
        self._seconds, self._handle, self._clock = seconds, handle, clock or _awake
        self._last = self._clock()
        self._palette = keymap.combination("palette")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.check)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]
        self.restart()

    def restart(self) -> None:
        """Count from now."""
        self._last = self._clock()
        self._timer.stop()
        if (seconds := self._seconds()) > 0:
            self._timer.start(seconds * 1000)

    def check(self) -> None:
        """Tell when the time is over, or wait for what is left of it."""
        seconds = self._seconds()
        if seconds <= 0:
            return
        left = seconds - (self._clock() - self._last)
        if left <= 0:
            self.over.emit()
        else:
            self._timer.start(int(left * 1000) + 1)

    def stop(self) -> None:
        """Hear nothing any more."""
        self._timer.stop()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that somebody is here; keep the palette's key from the fields.

        On some desktops Ctrl+K deletes to the end of the line, and a field would claim it.
        """
        kind = event.type()
        if kind not in self._HEARD:  # nearly all events are of other kinds
            return False
        if kind == QEvent.Type.ShortcutOverride:
            if not isinstance(event, QKeyEvent) or event.keyCombination() != self._palette:
                return False
            event.ignore()
            return True
        now = self._clock()
        seconds = self._seconds()
        if 0 < seconds <= now - self._last:
            self._last = now
            self.over.emit()
        self._last = now
        return isinstance(event, QKeyEvent) and self._handle(event)


def _awake() -> float:
    boot = getattr(time, "CLOCK_BOOTTIME", None)  # counts sleep; Linux alone has it
    return time.monotonic() if boot is None else time.clock_gettime(boot)
