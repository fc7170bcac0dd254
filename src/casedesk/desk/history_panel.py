"""The history of a record: who changed what and when, what stood there before, what stands now."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.desk import theme
from casedesk.desk.widgets import Divider, Scroll, label
from casedesk.kernel import journal
from casedesk.kernel.acts import Act
from casedesk.kernel.fields import Ui
from casedesk.kernel.language import N_, _, date_text
from casedesk.kernel.records import Record

Say = Callable[[type[Record], str, Any], str]
LIMIT = 60
_UNDO, _OTHER = N_("Undo"), N_("Changed elsewhere in CaseDesk")


@dataclass(frozen=True)
class HistoryLine:
    """One field that one act changed; a record that was made or removed has no field."""

    entry: int
    act: str
    actor: str
    at: dt.datetime
    field: str
    before: str
    after: str


def act_labels(*modules: ModuleType) -> dict[str, str]:
    """Collect the words of the acts that some modules declare, by the key the journal keeps."""
    found = {"kernel.undo": _UNDO}
    for module in modules:
        for value in vars(module).values():
            declared = getattr(value, "act", None)
            if isinstance(declared, Act):
                found[declared.key] = declared.label
    return found


def history_lines(
    session: Session,
    subjects: Sequence[tuple[type[Record], Iterable[int]]],
    *,
    say: Say,
    labels: Mapping[str, str],
) -> list[HistoryLine]:
    """Read what happened to some records, newest first, in the words of their fields."""
    found: list[tuple[int, HistoryLine]] = []
    for record, ids in subjects:
        table = str(record.__tablename__)
        for record_id in ids:
            for row in journal.history(session, table, record_id):
                head = (row.entry_id, _(labels.get(row.act, _OTHER)), row.actor, _instant(row.at))
                for field, before, after in _changes(record, row, say):
                    found.append((row.id_1, HistoryLine(*head, field, before, after)))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [line for _number, line in found[:LIMIT]]


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone()


def _changes(record: type[Record], row: Any, say: Say) -> list[tuple[str, str, str]]:
    if row.action != "update":
        return [("", "", "")]
    before, after = json.loads(row.before), json.loads(row.after)
    made = []
    for name, info in record.Draft.model_fields.items():
        if name in after or name in before:
            shown = next((item.label for item in info.metadata if isinstance(item, Ui)), name)
            made.append(
                (_(shown), _words(record, name, before, say), _words(record, name, after, say))
            )
    return made


def _words(record: type[Record], name: str, values: dict[str, Any], say: Say) -> str:
    value = values.get(name)
    if value is None or value == "":
        return _("None noted")
    if isinstance(value, int) and record.__table__.columns[name].type.python_type is bool:  # type: ignore[attr-defined]
        return _("Yes") if value else _("No")
    return say(record, name, value)


class HistoryPanel(QWidget):
    """Shows lines of history, one act after the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin empty."""
        super().__init__(parent)
        self.setAccessibleName(_("History"))
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, theme.space(2), theme.space(2), theme.space(2))
        self._column.setSpacing(theme.space(1))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Scroll(self._inner))
        self._lines: list[HistoryLine] = []

    @property
    def lines(self) -> list[HistoryLine]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: Sequence[HistoryLine]) -> None:
        """Show these lines in place of others."""
        self._lines = list(lines)
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for entry, group in itertools.groupby(self._lines, key=lambda line: line.entry):
            lines = list(group)
            if entry != self._lines[0].entry:
                self._column.addWidget(Divider())
            self._column.addWidget(label(lines[0].act, "strong", self._inner, wrap=True))
            self._column.addWidget(label(_head(lines[0]), "caption", self._inner, wrap=True))
            # one label for all fields of an act: sixty of them would hold the window up
            words = [
                _("{field}: {before} → {after}").format(
                    field=line.field, before=line.before, after=line.after
                )
                for line in lines
                if line.field
            ]
            if words:
                self._column.addWidget(label("\n".join(words), "body", self._inner, wrap=True))
        if not self._lines:
            self._column.addWidget(label(_("Nothing noted yet"), "muted", wrap=True))
        self._column.addStretch(1)


def _head(line: HistoryLine) -> str:
    return _("{name}, {day}, {time}").format(
        name=line.actor, day=date_text(line.at.date()), time=f"{line.at:%H:%M}"
    )
