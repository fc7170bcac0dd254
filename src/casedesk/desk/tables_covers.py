"""What a list shows in place of its rows: being read, empty, failed."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QStackedLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Banner, EmptyState, Skeleton, button, label
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.language import _


class Covers(QWidget):
    """What lies over the rows: being read, empty, failed."""

    stop = Signal()
    again = Signal()

    def __init__(self, table: QAbstractScrollArea) -> None:
        """Lie over this table, and show nothing yet."""
        super().__init__(table)  # not on the viewport, which moves its children when it scrolls
        self._table = table
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = _("Reading the list")
        self._stack = QStackedLayout(self)
        self._loading = QWidget()
        self._loading_words = label(self.text, "muted")
        self._skeleton = Skeleton(8)
        self._stack.addWidget(self._make_loading())
        self._fault = EmptyState("circle-minus", _("The list could not be read"), "")
        self._nothing: QWidget = EmptyState("", _("Nothing here yet"))
        self._no_result: QWidget = EmptyState("search", _("Nothing fits these filters"))
        self._fault_page = self._make_fault()
        for page in (self._fault_page, self._nothing, self._no_result):
            self._stack.addWidget(page)
        self._delay = QTimer(self, singleShot=True, interval=theme.delay("busy_delay"))
        self._delay.timeout.connect(self._show_loading)
        self.hide()

    def _make_loading(self) -> QWidget:
        column = QVBoxLayout(self._loading)
        column.setContentsMargins(theme.space(3), theme.space(3), theme.space(3), 0)
        column.addWidget(self._loading_words)
        stop = button(_("Stop"), kind="quiet")
        stop.clicked.connect(self._stop)
        column.addWidget(stop)
        column.addWidget(self._skeleton)
        column.addStretch(1)
        return self._loading

    def _make_fault(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        again = button(_("Read again"))
        again.clicked.connect(self._again)
        self._banner = Banner("carmine", _("The list could not be read"), "", [again])
        column.addWidget(self._banner)
        column.addStretch(1)
        return page

    def set_empty(self, nothing: QWidget, no_result: QWidget) -> None:
        """Show these where there is no row at all, and where a filter left none."""
        for old in (self._nothing, self._no_result):
            self._stack.removeWidget(old)
            old.deleteLater()
        self._nothing, self._no_result = nothing, no_result
        self._stack.addWidget(nothing)
        if no_result is not nothing:
            self._stack.addWidget(no_result)

    def place(self) -> None:
        """Take the room of the rows."""
        self.setGeometry(self._table.viewport().geometry())

    def reading(self, on: bool) -> None:
        """Say that rows are being read, once that takes long; or say it no more."""
        if on:
            self._delay.start()
        else:
            self._delay.stop()
            self.hide()

    def _show_loading(self) -> None:
        self._loading_words.setText(self.text)
        self._raise(self._loading)

    def counted(self, total: int, *, filtered: bool) -> None:
        """Say that there is no row, where there is none."""
        if total:
            self.hide()
        else:
            self._raise(self._no_result if filtered else self._nothing)

    def failed(self, error: object) -> None:
        """Say why nothing could be read, and offer to read again."""
        known = isinstance(error, CaseDeskError)
        self._banner.set(
            _("The list could not be read"),
            str(error) if known else _("Nothing was changed. Read it again."),
        )
        self._raise(self._fault_page)

    def _raise(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self.place()
        self.show()
        self.raise_()

    def _stop(self) -> None:
        self.stop.emit()
        self._banner.set(_("Reading was stopped"), _("The list may not be whole."))
        self._raise(self._fault_page)

    def _again(self) -> None:
        self.hide()
        self.again.emit()
