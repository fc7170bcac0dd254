"""Which column holds what: each column of the table with its first values and a choice."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Banner, ComboBox, Divider, ElidedLabel, Scroll, label, restyle
from casedesk.exchange import wording
from casedesk.exchange.preview import Opened, complaint
from casedesk.kernel.language import _, ngettext, number

ROUND_ONLY = ("site", "quantity", "amount")


class ColumnsView(QWidget):
    """The columns of a table, and what each of them holds."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin without a table."""
        super().__init__(parent)
        self._kind = ""
        self._titles: tuple[str, ...] = ()
        self._guessed: tuple[str, ...] = ()
        self._kept = self._has_round = False
        self.combos: list[ComboBox] = []
        self.setAccessibleName(_("Columns of the table"))
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, 0)
        column.setSpacing(theme.space(3))
        self.banner = Banner("accent", "", "", parent=self)
        column.addWidget(self.banner)
        self._inner = QWidget()
        self._grid = QGridLayout(self._inner)
        column.addWidget(Scroll(self._inner), 1)

    def show_columns(
        self, kind: str, opened: Opened, chosen: dict[str, str], has_round: bool
    ) -> None:
        """Show the columns of a table with what was guessed, and what a person chose before."""
        self.clear()
        self._kind, self._kept, self._has_round = kind, opened.kept, has_round
        self._titles, self._guessed = opened.table.columns, opened.fields
        self._grid.setContentsMargins(0, 0, theme.space(2), theme.space(4))
        self._grid.setHorizontalSpacing(theme.space(4))
        self._grid.setVerticalSpacing(theme.space(1))
        for at, words in enumerate((_("Column"), _("First values"), _("Holds"))):
            self._grid.addWidget(label(words, "small", self._inner), 0, at)
        self._grid.addWidget(Divider(self._inner), 1, 0, 1, 3)
        choices = wording.field_choices(kind)
        fields = {name for name, _words in choices}
        for at, title in enumerate(self._titles):
            row = at + 2
            name = ElidedLabel(title, "strong", self._inner)
            name.setMinimumWidth(theme.px(140))
            values = ElidedLabel(" · ".join(opened.samples[at]), "muted", self._inner)
            combo = ComboBox(choices, name=_("{column} holds").format(column=title))
            field = chosen.get(title, opened.fields[at])
            combo.set_value(field if field in fields else "")
            combo.setAccessibleDescription(values.text())
            combo.setMinimumWidth(theme.px(220))
            combo.chosen.connect(self._chosen)
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(values, row, 1)
            self._grid.addWidget(combo, row, 2)
            self.combos.append(combo)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 2)
        self._grid.setColumnStretch(2, 1)
        self._grid.setRowStretch(len(self._titles) + 2, 1)
        self._tell()

    def tell_place(self, has_round: bool) -> None:
        """Amounts and points are used where the rows come onto the list of a round."""
        self._has_round = has_round
        if self.combos:
            self._tell()

    def clear(self) -> None:
        """Show nothing: the first values are about people."""
        self._grid.setRowStretch(len(self._titles) + 2, 0)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.combos = []
        self._titles = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """What each column holds; empty where it is not used."""
        return tuple(str(combo.value or "") for combo in self.combos)

    def typed(self) -> dict[str, str]:
        """Give the choices that are not what was guessed, by the title of the column."""
        rows = zip(self._titles, self.fields, self._guessed, strict=False)
        return {title: field for title, field, guess in rows if field != guess}

    def complain(self) -> bool:
        """Say what is wrong with the choices; False where nothing is."""
        words, at = self._tell()
        if not words:
            return False
        wanted = self.combos[at] if at >= 0 else self._free()
        if wanted is not None:
            wanted.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def focus_first(self) -> None:
        """Put the cursor where something has to be chosen, else at the first column."""
        _words, at = complaint(self._kind, self._titles, self.fields)
        wanted = self.combos[at] if at >= 0 else self._free() or next(iter(self.combos), None)
        if wanted is not None:
            wanted.setFocus(Qt.FocusReason.OtherFocusReason)

    def _free(self) -> ComboBox | None:
        return next((combo for combo in self.combos if not combo.value), None)

    def _chosen(self, _value: object) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> tuple[str, int]:
        """Say what is wrong, what is not used, or that all is as the last time."""
        words, at = complaint(self._kind, self._titles, self.fields)
        for place, combo in enumerate(self.combos):
            wrong = place == at
            if bool(combo.property("wrong")) is not wrong:
                combo.setProperty("wrong", wrong)
                combo.setAccessibleDescription(words if wrong else "")
                restyle(combo)
        pairs = zip(self._titles, self.fields, strict=False)
        waits = () if self._has_round or self._kind != "registrations" else ROUND_ONLY
        unused = [title for title, field in pairs if not field or field in waits]
        below = ""
        if unused:
            several = ngettext(
                "{count} column is not used: {names}",
                "{count} columns are not used: {names}",
                len(unused),
            )
            below = several.format(count=number(len(unused)), names=", ".join(unused[:12]))
        if set(waits) & set(self.fields):
            below += "\n" + _("Points, quantities and amounts need a round.")
        if words:
            self.banner.set(words, below, tone="amber")
        elif self._kept:
            title = _("A table with these columns came in before. They are as they were then.")
            self.banner.set(title, below, tone="green")
        else:
            title = _("Look whether each column holds what stands beside it.")
            self.banner.set(title, below, tone="accent")
        return words, at
