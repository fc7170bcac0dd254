"""Two persons side by side, with the choice of whose value is kept where they differ."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Chip, ElidedLabel, Tag, label
from casedesk.kernel.language import _
from casedesk.tracing.comparing import Comparison, Line


class CompareGrid(QWidget):
    """Both persons field by field; where they differ, a press chooses whose value is kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin empty."""
        super().__init__(parent)
        self._grid = QGridLayout(self)
        side = theme.space(4)
        self._grid.setContentsMargins(side, theme.space(3), side, theme.space(3))
        self._grid.setHorizontalSpacing(theme.space(3))
        self._grid.setVerticalSpacing(theme.space(2))
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        self.choices: dict[str, tuple[Chip, Chip]] = {}
        self._lines: tuple[Line, ...] = ()

    def show_pair(self, comparison: Comparison | None) -> None:
        """Show a pair, the first one's values chosen where both are known."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.choices = {}
        self._lines = comparison.lines if comparison is not None else ()
        if comparison is None:
            return
        for column, title in enumerate(comparison.titles, 1):
            self._grid.addWidget(ElidedLabel(title, "strong"), 0, column)
        for row, line in enumerate(self._lines, 1):
            self._grid.addWidget(label(line.label, "muted"), row, 0)
            if line.merged and line.first and line.second and line.first != line.second:
                self._grid_choice(row, line)
            else:
                for column, text in ((1, line.first), (2, line.second)):
                    known = text or _("Not known")
                    style = "body" if text else "muted"
                    self._grid.addWidget(label(known, style, wrap=True), row, column)
            if line.result:
                top = Qt.AlignmentFlag.AlignTop
                self._grid.addWidget(Tag(line.result, line.tone), row, 3, top)
        self._grid.setRowStretch(len(self._lines) + 1, 1)

    def _grid_choice(self, row: int, line: Line) -> None:
        left = Chip(line.first, checkable=True, checked=True)
        right = Chip(line.second, checkable=True)
        left.setAccessibleDescription(_("Keep this value: {field}").format(field=line.label))
        right.setAccessibleDescription(_("Keep this value: {field}").format(field=line.label))
        left.clicked.connect(lambda: self._choose(line.merged, second=False))
        right.clicked.connect(lambda: self._choose(line.merged, second=True))
        self.choices[line.merged] = (left, right)
        for column, chip in ((1, left), (2, right)):
            self._grid.addWidget(chip, row, column, Qt.AlignmentFlag.AlignLeft)

    def _choose(self, field: str, *, second: bool) -> None:
        left, right = self.choices[field]
        left.set_checked(not second)
        right.set_checked(second)

    def taken(self) -> tuple[str, ...]:
        """Name the fields whose value comes from the second person."""
        return tuple(field for field, (_left, right) in self.choices.items() if right.checked)

    def texts(self) -> list[tuple[str, str, str, str]]:
        """Give what stands in the rows."""
        return [(line.label, line.first, line.second, line.result) for line in self._lines]
