"""The card that leads from page to page: the list of steps, Continue, and why it is off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.run import Lane
from casedesk.desk.unlock import Mark
from casedesk.desk.widgets import Button, Divider, LineEdit, button, clear_layout, label
from casedesk.desk.wizard_keys import OpenStep
from casedesk.desk.wizard_steps import StartStep, Step
from casedesk.kernel.errors import Cancelled, CaseDeskError
from casedesk.kernel.language import N_, _

SIZE = (940, 560)
MOST = (1100, 680)  # with large text, still inside the smallest window
LEFT = 248


class _Side(QWidget):
    """The ground of the list of steps; it follows the round corners of the card."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the window, inside the line of the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("window"))
        corner = theme.radius("panel")
        # the right corners lie beyond the edge, so only the left ones are round
        box = QRectF(self.rect()).adjusted(1, 1, corner, -1)
        painter.drawRoundedRect(box, corner - 1, corner - 1)
        painter.end()


class StepLine(QWidget):
    """One step in the list: number and name, a line about it, and a bar where one is."""

    def __init__(
        self, number: int, name: str, about: str, way: int, parent: QWidget | None = None
    ) -> None:
        """Show a step; `way` is 0 for the one in front, less for those behind."""
        super().__init__(parent)
        self.here = way == 0
        edge = theme.space(5)
        column = QVBoxLayout(self)
        column.setContentsMargins(edge, theme.space(2), theme.space(3), theme.space(2))
        column.setSpacing(1)
        title = label(
            _("{number}. {step}").format(number=number, step=name),
            "strong" if self.here else "body",
            wrap=True,
        )
        title.set_tone("accent" if self.here else "" if way < 0 else "muted")
        column.addWidget(title)
        column.addWidget(label(about, "small", wrap=True))
        said = _("{step}, this is where you are") if self.here else _("{step}")
        self.setAccessibleName(said.format(step=name))
        theme.watch.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar of the step in front."""
        if self.here:
            painter = QPainter(self)
            painter.fillRect(QRect(1, 0, self.width(), self.height()), theme.colour("select"))
            painter.fillRect(QRect(1, 0, 3, self.height()), theme.colour("accent"))
            painter.end()


class Guide(QWidget):
    """A card of steps in the middle of the window ground: a list at the left, a page at the right.

    Continue is off until the page has what it needs, and the reason stands beside it.
    """

    busy_words: ClassVar[str] = N_("A moment, the key is being made.")

    def __init__(self, lane: Lane, parent: QWidget | None = None) -> None:
        """Build the empty card; `_begin` fills it."""
        super().__init__(parent)
        self._lane = lane
        self._busy = False
        self._steps: list[Step] = []
        self._at = 0
        self._listed: tuple[object, ...] = ()
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.card = QFrame()
        self.card.setProperty("card", True)
        wide, tall = (min(theme.px(side), most) for side, most in zip(SIZE, MOST, strict=True))
        self.card.setFixedSize(wide, tall)
        row = QHBoxLayout(self.card)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        side = _Side()
        side.setFixedWidth(theme.px(LEFT))
        self._side = QVBoxLayout(side)
        margin = theme.space(5)
        self._side.setContentsMargins(0, margin, 0, margin)
        self._side.setSpacing(theme.space(3))
        row.addWidget(side)
        row.addWidget(Divider(vertical=True))
        main = QVBoxLayout()
        main.setContentsMargins(margin, margin, margin, margin)
        main.setSpacing(theme.space(3))
        self.pages = QStackedWidget()
        main.addWidget(self.pages, 1)
        self.problem = label("", "small", wrap=True)
        self.problem.set_tone("carmine")
        self.problem.hide()
        main.addWidget(self.problem)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.space(2))
        main.addLayout(self._buttons)
        row.addLayout(main, 1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    @property
    def step(self) -> Step:
        """The page that is in front."""
        return self._steps[self._at]

    def _planned(self) -> list[tuple[str, str]]:
        """Name all steps, each with its line, for the list at the left."""
        raise NotImplementedError

    def _act(self) -> None:
        """Do what the page in front asks for, and go on."""
        raise NotImplementedError

    def _begin(self, steps: Sequence[Step]) -> None:
        """Make everything anew, in the language that holds now."""
        clear_layout(self._side)
        clear_layout(self._buttons)
        while (old := self.pages.currentWidget()) is not None:
            self.pages.removeWidget(old)
            old.deleteLater()
        head = QHBoxLayout()
        head.setContentsMargins(theme.space(5), 0, 0, theme.space(2))
        head.addWidget(Mark(theme.px(32)))
        head.addStretch(1)
        self._side.addLayout(head)
        self._marks = QVBoxLayout()
        self._marks.setSpacing(0)
        self._side.addLayout(self._marks)
        self._side.addStretch(1)
        self.why = label("", "small", wrap=True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = button(_("Back"), key="Alt+Left", hint=False)
        self.back.clicked.connect(self._back)
        self.forward: Button = button(_("Continue"), key="Ctrl+Return", kind="primary")
        self.forward.clicked.connect(self._forward)
        self._buttons.addWidget(self.back)
        self._buttons.addWidget(self.why, 1)
        self._buttons.addWidget(self.forward)
        self._steps, self._listed, self._at = [], (), 0
        for step in steps:
            self._append(step)
        self._show(0)

    def _append(self, step: Step) -> None:
        self._steps.append(step)
        self.pages.addWidget(step)
        step.changed.connect(self._update)
        for editor in step.findChildren(LineEdit):
            editor.returnPressed.connect(self._forward)

    def _cut(self) -> None:
        """Forget the pages after this one: another choice was made."""
        for step in self._steps[self._at + 1 :]:
            self.pages.removeWidget(step)
            step.deleteLater()
        del self._steps[self._at + 1 :]

    def _next(self, step: Step) -> None:
        """Put this page after the one in front, and go there."""
        self._cut()
        self._append(step)
        self._show(self._at + 1)

    def _show(self, at: int) -> None:
        self._at = at
        self.pages.setCurrentWidget(self.step)
        self._say(None)
        self._update()
        first = self.step.first()
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _may_go_back(self) -> bool:
        return self._at > 0

    def _update(self) -> None:
        """Say why one cannot go on, and where one is."""
        why = self.step.reason()
        last = isinstance(self.step, StartStep)
        self.forward.set_text(_("Start") if last else _("Continue"))
        self.forward.setEnabled(not why and not self._busy)
        self.forward.setAccessibleDescription(why)
        self.why.setText(_(self.busy_words) if self._busy else why)
        self.back.setVisible(self._may_go_back())
        self.back.setEnabled(not self._busy)
        self.step.setEnabled(not self._busy)
        self._list()

    def _list(self) -> None:
        planned = (self._at, *self._planned())
        if planned == self._listed:
            return
        self._listed = planned
        clear_layout(self._marks)
        for index, (name, about) in enumerate(self._planned()):
            self._marks.addWidget(StepLine(index + 1, _(name), _(about), index - self._at))

    def _say(self, problem: Exception | None) -> None:
        if problem is None:
            self.problem.hide()
            return
        told = isinstance(problem, CaseDeskError)
        self.problem.setText(str(problem) if told else _("This did not work: a fault in CaseDesk."))
        self.problem.show()

    def _back(self) -> None:
        if not self._busy and self._may_go_back():
            self._show(self._at - 1)

    def _forward(self) -> None:
        """Go on, doing what the page asks for first."""
        if not self._busy and not self.step.reason():
            self._say(None)
            self._act()

    def _work(self, fn: Callable[..., object], *args: object, then: Callable[..., None]) -> None:
        """Run in the lane what derives a key; the page stays alive."""
        self._busy = True
        self._update()

        def done(result: object) -> None:
            self._busy = False
            self.step.setEnabled(True)
            then(result)

        self._lane.do(fn, *args, then=done, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._update()
        if isinstance(self.step, OpenStep) and isinstance(error, CaseDeskError):
            self.step.refuse(error)
        elif not isinstance(error, Cancelled):
            self._say(error)
        first = self.step.first()
        if first is not None:  # it lost the focus while it was switched off
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Let the person type at once."""
        super().showEvent(event)
        first = self.step.first()
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
