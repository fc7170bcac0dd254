"""The head of a round: where it stands, how far it is, its figures, and what comes next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from casedesk.assistance import wording
from casedesk.assistance.reading import RoundSummary
from casedesk.assistance.records import RoundStatus
from casedesk.desk import theme
from casedesk.desk.widgets import (
    Button,
    ElidedLabel,
    Tag,
    button,
    has_ring,
    label,
    set_ring,
)
from casedesk.kernel.language import N_, _, number

STEPS: dict[RoundStatus, tuple[tuple[str, str], ...]] = {
    RoundStatus.OPEN: (("lock", N_("Lock list")), ("fill", N_("Put on the list"))),
    RoundStatus.LOCKED: (("approve", N_("Approve")), ("unlock", N_("Unlock list"))),
    RoundStatus.APPROVED: (("start", N_("Begin distribution")), ("unlock", N_("Unlock list"))),
    RoundStatus.UNDER_WAY: (("hand_over", N_("Hand over")), ("reconcile", N_("Reconcile"))),
    RoundStatus.RECONCILED: (("close", N_("Close round")),),
    RoundStatus.CLOSED: (),
}
"""What may be done to a round, by its status; the first is the main action."""
STEP_KEYS = {
    "hand_over": "F7",
    "fill": "Alt+I",
    "unlock": "Ctrl+Shift+U",
    "reconcile": "Ctrl+Shift+R",
}
"""Keys of their own; the main step of the others is Ctrl+Enter."""
SECOND = N_("Approve as second person")


def steps(summary: RoundSummary) -> tuple[tuple[str, str], ...]:
    """Give the steps of a round with their words; a first approval makes the next one another."""
    found = STEPS[summary.status]
    if summary.status is RoundStatus.LOCKED and summary.first_approver:
        found = (("approve_second", SECOND), *found[1:])
    return tuple((key, _(words)) for key, words in found)


class FigureLink(QFrame):
    """A number that opens its rows: click, Enter or Space."""

    chosen = Signal(str)

    def __init__(self, key: str, words: str) -> None:
        """`key` says which rows; `words` stand under the number."""
        super().__init__()
        self.key, self._words = key, words
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        column = QVBoxLayout(self)
        side = theme.space(2)
        column.setContentsMargins(side, theme.space(1), side, theme.space(1))
        column.setSpacing(0)
        self.value = label("", "lead", self)
        self._name = label(words, "small", self)
        for part in (self.value, self._name):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(part)

    def show_value(self, text: str, *, tone: str = "") -> None:
        """Show a number."""
        self.value.setText(text)
        self.value.set_tone(tone)
        words = _("{label}, {value}, opens the list")
        self.setAccessibleName(words.format(label=self._words, value=text))

    def _choose(self) -> None:
        self.chosen.emit(self.key)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._name.set_tone("accent")

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._name.set_tone("")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        set_ring(self, event.reason())
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        set_ring(self, None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if has_ring(self):
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = painter.pen()
            pen.setColor(theme.colour("focus"))
            pen.setWidth(theme.control("focus_ring"))
            painter.setPen(pen)
            corner = theme.radius("control")
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), corner, corner)
            painter.end()


FIGURES: tuple[tuple[str, str], ...] = (
    ("households", N_("Households served")),
    ("persons", N_("People served")),
    ("received", N_("Received")),
    ("amount", N_("Paid out")),
    ("decide", N_("To decide")),
)


class RoundHead(QWidget):
    """The round that is open: name, status, place, days, progress, steps and five figures."""

    step = Signal(str)
    figure = Signal(str)

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.summary: RoundSummary | None = None
        self.setAccessibleName(_("Round"))
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, theme.space(3), side, theme.space(2))
        column.setSpacing(theme.space(2))
        top = QHBoxLayout()
        top.setSpacing(theme.space(3))
        words = QVBoxLayout()
        words.setSpacing(theme.space(0))
        first = QHBoxLayout()
        first.setSpacing(theme.space(2))
        self.name = ElidedLabel("", "lead", self)
        self.tag = Tag("", "neutral", self)
        first.addWidget(self.name, 1)
        first.addWidget(self.tag)
        words.addLayout(first)
        self.where = ElidedLabel("", "muted", self)
        self.approvals = ElidedLabel("", "small", self)
        words.addWidget(self.where)
        words.addWidget(self.approvals)
        top.addLayout(words, 1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.space(2))
        top.addLayout(self._buttons)
        column.addLayout(top)
        bar = QHBoxLayout()
        bar.setSpacing(theme.space(3))
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(theme.px(6))
        self.progress = label("", "small", self)
        bar.addWidget(self.bar, 1)
        bar.addWidget(self.progress)
        column.addLayout(bar)
        line = QHBoxLayout()
        line.setSpacing(theme.space(2))
        self.figures: dict[str, FigureLink] = {}
        for key, name in FIGURES:
            made = FigureLink(key, _(name))
            made.chosen.connect(self.figure)
            self.figures[key] = made
            line.addWidget(made, 1)
        column.addLayout(line)
        self.made: dict[str, Button] = {}

    def show_round(self, summary: RoundSummary) -> None:
        """Show a round; the buttons are made anew where the steps are others."""
        before = None if self.summary is None else (self.summary.id, steps(self.summary))
        self.summary = summary
        self.name.setText(
            _("{programme}: {round}").format(programme=summary.programme, round=summary.name)
        )
        self.tag.set(summary.tag.text, summary.tag.tone)
        days = _("{first} to {last}").format(
            first=wording.short_date(summary.first_day), last=wording.short_date(summary.last_day)
        )
        self.where.setText(" · ".join([days, *(site.name for site in summary.sites)]))
        self.approvals.setText(approval_words(summary))
        self.approvals.setVisible(bool(self.approvals.text()))
        said = _("{received} of {lines} received").format(
            received=number(summary.received), lines=number(summary.lines)
        )
        self.progress.setText(said)
        self.bar.setRange(0, max(1, summary.lines))
        self.bar.setValue(summary.received)
        self.bar.setAccessibleName(said)
        self._show_figures(summary)
        if before != (summary.id, steps(summary)):
            self._make_buttons(summary)

    def _show_figures(self, summary: RoundSummary) -> None:
        self.figures["households"].show_value(number(summary.households))
        self.figures["persons"].show_value(number(summary.persons))
        self.figures["received"].show_value(number(summary.received))
        paid = wording.money(summary.amount, summary.currency)
        self.figures["amount"].show_value(paid)
        waiting = summary.to_decide
        self.figures["decide"].show_value(number(waiting), tone="amber" if waiting else "")

    def _make_buttons(self, summary: RoundSummary) -> None:
        focused = any(made.hasFocus() for made in self.made.values())
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.made = {}
        for at, (key, words) in enumerate(steps(summary)):
            shortcut = STEP_KEYS.get(key, "Ctrl+Return" if at == 0 else "")
            kind = "plain" if at else "primary"
            made = button(words, kind=kind, key=shortcut, listens=False)  # type: ignore[arg-type]
            made.clicked.connect(lambda _on=False, key=key: self.step.emit(key))
            self.made[key] = made
            self._buttons.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        if focused and self.made:
            next(iter(self.made.values())).setFocus(Qt.FocusReason.OtherFocusReason)


def approval_words(summary: RoundSummary) -> str:
    """Say who locked and who approved."""
    if summary.second_approver:
        return _("Locked by {lock}, approved by {first} and {second}").format(
            lock=summary.locked_by, first=summary.first_approver, second=summary.second_approver
        )
    if summary.first_approver:
        return _("Locked by {lock}, approved by {first}; a second person has to approve").format(
            lock=summary.locked_by, first=summary.first_approver
        )
    if summary.locked_by:
        return _("Locked by {lock}; two persons have to approve").format(lock=summary.locked_by)
    return ""
