"""The heads of a list's columns."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from casedesk.desk import icons, theme
from casedesk.desk.painting import draw_check, draw_text
from casedesk.desk.tables_model import RecordModel
from casedesk.kernel.language import _


class Header(QHeaderView):
    """Column heads: words, an arrow at the sorted one, a tick for all."""

    def __init__(
        self, table: QWidget, model: RecordModel, all_ticked: Callable[[], bool | None]
    ) -> None:
        """`all_ticked` tells whether all rows are ticked, none (False), or some (None)."""
        super().__init__(Qt.Orientation.Horizontal, table)
        self._model, self._all_ticked = model, all_ticked
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(theme.px(28))
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.row("table_header"))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803
        model = self._model
        painter.fillRect(rect, theme.colour("surface"))
        line = theme.colour("border")
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), line)
        if logicalIndex < model.shift:
            side = theme.px(14)
            left = rect.left() + (rect.width() - side) // 2
            box = QRect(left, rect.top() + (rect.height() - side) // 2, side, side)
            draw_check(painter, box, self._all_ticked())
            return
        column = model.listing.columns[logicalIndex - model.shift]
        pad = theme.space(2)
        inner = rect.adjusted(pad, 0, -pad, -1)
        sorted_here = model.order.key == column.key
        mark = theme.icon_size("row")
        right = column.align == "right"
        if sorted_here:
            inner.setWidth(max(0, inner.width() - mark - 2))
        text = _(column.label)
        ink = theme.colour("ink" if sorted_here else "muted")
        draw_text(painter, inner, text, "small", ink, right=right)
        if sorted_here:
            wide = theme.metrics("small").horizontalAdvance(text)
            left = inner.right() + 3 if right else min(inner.left() + wide, inner.right()) + 3
            name = "arrow-down" if model.order.descending else "arrow-up"
            top = rect.top() + (rect.height() - mark) // 2
            painter.drawPixmap(left, top, icons.pixmap(name, "ink", mark))
        grip = QRect(rect.right(), rect.top() + pad, 1, rect.height() - 2 * pad)
        painter.fillRect(grip, theme.colour("border_soft"))
