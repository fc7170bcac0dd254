"""The list of follow-ups: promised calls and awaited answers as rows, drawn and asked about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPen, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from casedesk.desk import icons, keymap, theme
from casedesk.desk.painting import draw_check
from casedesk.desk.today import FollowUp
from casedesk.kernel.language import _, ngettext, number

Index = QModelIndex | QPersistentModelIndex


class FollowUps(QAbstractListModel):
    """The promises, the late ones on top under a heading of their own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hold nothing yet."""
        super().__init__(parent)
        self.rows: list[str | FollowUp] = []
        self.ticked: set[tuple[int, int]] = set()
        self._day = dt.date.min

    def show_rows(self, found: tuple[FollowUp, ...], day: dt.date) -> None:
        """Show these, as seen from a day."""
        late = [item for item in found if item.day < day]
        due = [item for item in found if item.day >= day]
        self.beginResetModel()
        self.rows, self._day, self.ticked = [], day, set()
        if late:
            self.rows += [_("Overdue"), *late]
        if due:
            self.rows += [_("Today"), *due]
        self.endResetModel()

    def when(self, item: FollowUp) -> str:
        """Say for when it was promised."""
        if item.day < self._day:
            days = (self._day - item.day).days
            return ngettext("{count} day late", "{count} days late", days).format(
                count=number(days)
            )
        return item.time or (_("During the day") if item.enquiry_id else _("Due today"))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if isinstance(row, str):
            return row
        # one sentence, which is what a screen reader speaks
        return _("{name}, {promise}, {when}").format(
            name=row.name, promise=row.promise, when=self.when(row)
        )

    def item(self, index: Index) -> FollowUp | None:
        """Give the promise of a row, or nothing for a heading."""
        row = self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None
        return row if isinstance(row, FollowUp) else None


class RowPainter(QStyledItemDelegate):
    """Draws headings and promises, 44 high: tick, who and what, when, Call now and Open."""

    def __init__(self, view: FollowUpList) -> None:
        """Paint for this view."""
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        heading = self._view.promises.item(index) is None
        return QSize(theme.px(200), theme.row("menu") if heading else theme.row("list_two_line"))

    @staticmethod
    def parts(row: QRect) -> dict[str, QRect]:
        """Tell where the tick and the two buttons of a row are."""
        side = theme.control("chip")
        metrics = theme.metrics("strong")
        open_wide = metrics.horizontalAdvance(_("Open")) + 2 * theme.space(2)
        call_wide = metrics.horizontalAdvance(_("Call now")) + 2 * theme.space(2)
        middle = row.center().y() - side // 2
        right = row.right() - theme.space(2)
        opens = QRect(right - open_wide, middle, open_wide, side)
        calls = QRect(opens.left() - theme.space(2) - call_wide, middle, call_wide, side)
        tick = QRect(row.left() + theme.space(2), middle, side, side)
        return {"done": tick, "call": calls, "open": opens}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        row = self._view.promises.rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, str):
            self._heading(painter, rect, row, late=index.row() == 0 and row == _("Overdue"))
        else:
            self._promise(painter, rect, index, row)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, text: str, *, late: bool) -> None:
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("carmine" if late else "muted"))
        box = rect.adjusted(theme.space(3), 0, -theme.space(3), 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _promise(self, painter: QPainter, rect: QRect, index: Index, row: FollowUp) -> None:
        view = self._view
        at = view.currentIndex().row() == index.row()
        ticked = row.key in view.promises.ticked
        if at and view.hasFocus():
            painter.fillRect(rect, theme.colour("select"))
            painter.fillRect(
                QRect(rect.left(), rect.top(), 2, rect.height()), theme.colour("accent")
            )
        elif view.hover == index.row():
            painter.fillRect(rect, theme.colour("hover"))
        painter.setPen(QPen(theme.colour("border_soft"), 0))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        parts = self.parts(rect)
        side = theme.px(14)
        tick = QRect(0, 0, side, side)
        tick.moveCenter(parts["done"].center())
        hover = view.hover == index.row()
        if row.enquiry_id:
            draw_check(painter, tick, ticked, hover=hover and view.over == "done")
        else:
            painter.drawPixmap(tick.topLeft(), icons.pixmap("hourglass", "muted", side))
        ink = "disabled" if ticked else "ink"
        first = parts["open" if row.call is None else "call"]
        left, right = parts["done"].right() + theme.space(2), first.left() - theme.space(3)
        when = view.promises.when(row)
        wide = theme.metrics("small").horizontalAdvance(when) + theme.space(2)
        upper = QRect(left, rect.top() + theme.space(1), right - left - wide, rect.height() // 2)
        lower = QRect(left, rect.center().y(), right - left - wide, rect.height() // 2)
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        for box, style, token, text in (
            (upper, "strong", ink, row.name),
            (lower, "small", "disabled" if ticked else "muted", row.promise),
        ):
            painter.setFont(theme.font(style))
            painter.setPen(theme.colour(token))
            cut = theme.metrics(style).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, flags, cut)
        painter.setFont(theme.font("small"))
        late = row.day < view.day and not ticked
        painter.setPen(theme.colour("carmine" if late else "disabled" if ticked else "muted"))
        place = QRect(right - wide, rect.top(), wide, rect.height())
        painter.drawText(place, flags | int(Qt.AlignmentFlag.AlignRight), when)
        for name, text, target in (
            ("call", _("Call now"), row.call),
            ("open", _("Open"), row.open),
        ):
            if target is not None:
                self._button(painter, parts[name], text, hover and view.over == name, ticked)

    def _button(
        self, painter: QPainter, box: QRect, text: str, hover: bool, disabled: bool
    ) -> None:
        painter.setBrush(theme.colour("hover" if hover and not disabled else "surface"))
        painter.setPen(QPen(theme.colour("border" if disabled else "border_control"), 1))
        corner = theme.radius("control")
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.colour("disabled" if disabled else "ink"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


class FollowUpList(QListView):
    """What is due. Enter opens; Space ticks a promised call off, Ctrl+Shift+C makes it."""

    asked = Signal(str, object)  # done, call or open; the FollowUp

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.promises = FollowUps(self)
        self.day = dt.date.min
        self.hover, self.over = -1, ""
        self.setModel(self.promises)
        self.setItemDelegate(RowPainter(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Follow-ups"))
        # a real shortcut, so that it is found under a Cyrillic layout too
        call = QShortcut(QKeySequence("Ctrl+Shift+C"), self)
        call.setContext(Qt.ShortcutContext.WidgetShortcut)
        call.activated.connect(self._call)

    def show_rows(self, found: tuple[FollowUp, ...], day: dt.date) -> None:
        """Show these; the row that was current stays so where it is still there."""
        before = self.current()
        self.day = day
        self.hover = -1
        self.promises.show_rows(found, day)
        rows = self.promises.rows
        wanted = [
            row
            for row, item in enumerate(rows)
            if isinstance(item, FollowUp) and before and item.key == before.key
        ]
        first = [row for row, item in enumerate(rows) if isinstance(item, FollowUp)]
        for row in (wanted or first)[:1]:
            self.setCurrentIndex(self.promises.index(row))

    def current(self) -> FollowUp | None:
        """Give the promise of the current row."""
        return self.promises.item(self.currentIndex())

    def tick(self, item: FollowUp, on: bool) -> None:
        """Draw a promise as kept while the act is under way, or as open again."""
        (self.promises.ticked.add if on else self.promises.ticked.discard)(item.key)
        self.viewport().update()

    def _at(self, spot: QPoint) -> tuple[QModelIndex, str]:
        index = self.indexAt(spot)
        item = self.promises.item(index)
        if item is None:
            return index, ""
        if not item.enquiry_id:
            return index, "open"  # there is one thing to do with it, so the whole row does it
        parts = RowPainter.parts(self.visualRect(index))
        return index, next((name for name, box in parts.items() if box.contains(spot)), "")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index, over = self._at(event.position().toPoint())
        if (index.row(), over) != (self.hover, self.over):
            self.hover, self.over = index.row(), over
            self.viewport().update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hover, self.over = -1, ""
        self.viewport().update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index, over = self._at(event.position().toPoint())
        item = self.promises.item(index)
        if over and item is not None and event.button() == Qt.MouseButton.LeftButton:
            self._ask(over, item)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index, over = self._at(event.position().toPoint())
        item = self.promises.item(index)
        if item is not None and not over:
            self._ask("open", item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item, pressed = self.current(), keymap.latin(event.key()) or event.key()
        if item is not None and pressed in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask("open", item)
        elif item is not None and pressed in (Qt.Key.Key_Space, Qt.Key.Key_X):
            if item.enquiry_id:
                self._ask("done", item)
        else:
            super().keyPressEvent(event)

    def _call(self) -> None:
        item = self.current()
        if item is not None and item.call is not None:
            self._ask("call", item)

    def _ask(self, what: str, item: FollowUp) -> None:
        if item.key not in self.promises.ticked:
            self.asked.emit(what, item)
