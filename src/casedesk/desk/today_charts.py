"""How the weeks go, beside the first page: three charts in cards, whose points open records."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.charts import Bars, Canvas, Chart, Line, SideBars
from casedesk.desk.today import Point, Today
from casedesk.desk.widgets import Card, label
from casedesk.kernel.language import _

WIDE = 408


class Charts(QWidget):
    """Calls by hour, reasons of the week, open cases by month."""

    chosen = Signal(object)  # the Target of a point

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.setFixedWidth(theme.px(WIDE))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(3))
        self.hours = self._chart(
            Bars(), _("Calls by hour"), (_("Hour"), _("Today"), _("Usual")), column, _legend()
        )
        self.reasons = self._chart(
            SideBars(), _("Reasons of the week, calls"), (_("Reason"), _("Calls")), column
        )
        self.months = self._chart(
            Line(), _("Open cases by month"), (_("Month"), _("Open cases")), column
        )
        self.each = (self.hours, self.reasons, self.months)
        column.addStretch(1)

    def show_day(self, today: Today) -> None:
        """Show the charts as of a day."""
        self.hours.set_points(today.hours)
        self.reasons.set_points(today.reasons)
        self.months.set_points(today.months)

    def wipe(self) -> None:
        """Show no values."""
        for chart in self.each:
            chart.set_points(())

    def _chart(
        self,
        canvas: Canvas,
        title: str,
        columns: tuple[str, str] | tuple[str, str, str],
        column: QVBoxLayout,
        extra: QWidget | None = None,
    ) -> Chart:
        chart = Chart(canvas, title, columns)
        chart.chosen.connect(self._choose)
        card = Card(title, extra)
        card.body.addWidget(chart)
        column.addWidget(card)
        return chart

    def _choose(self, point: Point) -> None:
        if point.open is not None:
            self.chosen.emit(point.open)


def _legend() -> QWidget:
    """Name the two colours of the bars, each behind a spot of its colour."""
    legend = QWidget()
    row = QHBoxLayout(legend)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.space(1))
    for token, text in (("chart_1", _("Today")), ("chart_2", _("Usual"))):
        row.addWidget(Spot(token))
        row.addWidget(label(text, "caption"))
    return legend


class Spot(QLabel):
    """A small square in a colour of the charts."""

    def __init__(self, token: str, parent: QWidget | None = None) -> None:
        """Draw in this token's colour."""
        super().__init__(parent)
        self._token = token
        self.setFixedSize(theme.px(10), theme.px(10))
        theme.watch.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour(self._token))
        painter.end()
