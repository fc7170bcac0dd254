"""The head of a case: who is sought, how far the search is, and the acts on the whole case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Button, ElidedLabel, button
from casedesk.kernel.language import _
from casedesk.tracing import rules, wording
from casedesk.tracing.parts_view import Stepper, TagLine
from casedesk.tracing.reading import CaseFile

FOLDS = ("merge", "assign", "close")
"""The acts that go into the menu where the name needs their room, the first one first."""
_KEYS = {"call": "Ctrl+Shift+C", "print": "Ctrl+P"}


class CaseHead(QWidget):
    """Name, number and tags; the acts as buttons; the steps in one line below."""

    def __init__(
        self, acts: Mapping[str, Callable[[], None]], parent: QWidget | None = None
    ) -> None:
        """Make a button for each of the `acts` that there are."""
        super().__init__(parent)
        self._open = False
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(theme.px(96))
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, theme.space(2), side, theme.space(2))
        column.setSpacing(theme.space(1))
        line, second = QHBoxLayout(), QHBoxLayout()
        self.name = ElidedLabel("", "page")
        self.latin = ElidedLabel("", "muted")
        self.number = ElidedLabel("", "muted")
        self.tags = TagLine()
        self.owner = ElidedLabel("", "muted")
        for row, widgets in (
            (line, (self.name, self.latin, self.number)),
            (second, (self.tags, self.owner)),
        ):
            row.setSpacing(theme.space(2))
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
        words = {
            "status": _("Change status"),
            "assign": _("Assign"),
            "merge": _("Merge"),
            "reopen": _("Reopen case"),
            "close": _("Close case"),
            "call": _("Log a call"),
            "print": _("Print summary"),
        }
        self.buttons: dict[str, Button] = {}
        for key, run in acts.items():
            made = button(words[key], key=_KEYS.get(key, ""), hint=False)
            made.clicked.connect(run)
            self.buttons[key] = made
            line.addWidget(made)
        self.more = button(_("More"))
        self.more.clicked.connect(self._open_more)
        line.insertWidget(line.indexOf(self.buttons["status"]) + 1, self.more)
        column.addLayout(line)
        column.addLayout(second)
        self.stepper = Stepper()
        column.addWidget(self.stepper)
        theme.watch.changed.connect(self.fit)

    def show_case(self, file: CaseFile | None) -> None:
        """Show a case, or nothing."""
        self._open = file is not None and file.open
        self.name.setText(file.name if file else "")
        self.latin.setText(file.latin if file else "")
        self.number.setText(wording.case_title(file.number) if file else "")
        self.number.setToolTip(file.number if file else "")
        self.tags.set_tags(file.tags if file else ())
        self.stepper.set_steps(file.steps if file else ())
        if file is None:
            self.owner.setText("")
            return
        self.owner.setText(
            _("Owner {name}").format(name=file.owner) if file.owner else _("No owner")
        )
        self.buttons["status"].setVisible(bool(rules.STEPS.get(file.status)))
        self.buttons["reopen"].setVisible(file.status in rules.ENDED)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Give the name its room first: what may stand in the menu leaves the line for it."""
        gap, folded = theme.space(2), list[str]()
        offered = [key for key in FOLDS if self._open]
        stay = [self.buttons[key] for key in self.buttons if key not in FOLDS]
        kept = sum(made.sizeHint().width() + gap for made in stay if not made.isHidden())
        words = (self.name, self.latin, self.number)
        need = sum(part.sizeHint().width() + gap for part in words)
        line = self.width() - 2 * theme.space(4)
        room = line - kept
        for key in FOLDS:
            shown = [self.buttons[other] for other in offered if other not in folded]
            more = self.more.sizeHint().width() + gap if folded else 0
            if need + more + sum(made.sizeHint().width() + gap for made in shown) <= room:
                break
            folded.append(key)
        for key in FOLDS:
            self.buttons[key].setVisible(key in offered and key not in folded)
        self.more.setVisible(bool(offered and folded))
        beside = [self.buttons[key] for key in offered if key not in folded]
        beside += [self.more] if offered and folded else []
        room -= sum(made.sizeHint().width() + gap for made in beside)
        for part in (self.name, self.number):
            wide = max(0, min(part.sizeHint().width(), room - gap))
            part.setMinimumWidth(wide)
            room -= wide + gap
        self.latin.setVisible(room >= theme.px(48))  # less says nothing
        self.tags.setMinimumWidth(max(0, min(self.tags.sizeHint().width(), line)))

    def more_menu(self) -> QMenu:
        """Offer the acts that have no room in the line."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key in FOLDS[::-1]:
            made = self.buttons[key]
            if made.isHidden():
                menu.addAction(made.text()).triggered.connect(made.click)
        return menu

    def _open_more(self) -> None:
        self.popup(self.more_menu(), self.more)

    def popup(self, menu: QMenu, anchor: Button) -> None:
        """Open a menu below its button."""
        menu.popup(anchor.mapToGlobal(anchor.rect().bottomLeft()))
