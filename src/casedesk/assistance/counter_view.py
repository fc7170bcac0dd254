"""Handing over at a table: a number, Enter, who it is in large letters, Enter, the next.

Made for cold hands: one field that always has the cursor, no mouse, and a reason whenever
nothing can be handed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.assistance import asking, rounds, rules
from casedesk.assistance.asking import Lookup, Told
from casedesk.assistance.double_view import DoublePanel
from casedesk.assistance.doubles import DoubleFound
from casedesk.assistance.reading import LineReading, RoundSummary
from casedesk.assistance.rounds import Collected
from casedesk.desk import theme
from casedesk.desk.page import Page
from casedesk.desk.widgets import (
    Card,
    ElidedLabel,
    Field,
    LineEdit,
    PlainLabel,
    Scroll,
    announce,
    button,
    label,
)
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.language import _, ngettext, number
from casedesk.names.romanise import romanise

LAST = 5
CHANNEL = "assistance.table"


class NumberField(LineEdit):
    """The field of the table: Ctrl+Z belongs to the round where nothing is typed."""

    entered = Signal()

    def __init__(self) -> None:
        """Be large and ready."""
        super().__init__(placeholder=_("Scan or type, then Enter"))
        self.setProperty("call", True)
        self._enlarge()
        theme.watch.changed.connect(self._enlarge)

    def _enlarge(self) -> None:
        self.setFont(theme.font("page"))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        # not a minimum height: the style sheet gives one to every field, and would win
        return QSize(super().sizeHint().width(), theme.px(48))

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not self.text()
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            and event.key() != Qt.Key.Key_V
        ):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not (
            event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            # A key that is held down must not hand over what nobody has looked at yet.
            if not event.isAutoRepeat():
                self.entered.emit()
            event.accept()
            return
        super().keyPressEvent(event)


@dataclass(frozen=True)
class Given:
    """What was handed over in this sitting."""

    line_ids: tuple[int, ...]
    words: str


class CounterView(QWidget):
    """The table of a round: number, household, hand over, next."""

    left = Signal()

    def __init__(self, page: Page, make_panel: Callable[[Told], DoublePanel]) -> None:
        """Read and write through the page; panels it makes carry decisions out."""
        super().__init__()
        self._page, self._make_panel = page, make_panel
        self.summary: RoundSummary | None = None
        self.lookup: Lookup | None = None
        self.panel: DoublePanel | None = None
        self.given: list[Given] = []
        self._received: set[int] = set()
        self._busy = False
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(self)
        side = theme.space(5)
        line.setContentsMargins(side, side, side, side)
        line.setSpacing(theme.space(5))
        line.addWidget(self._make_middle(), 1)
        line.addWidget(self._make_side())
        leave = QShortcut(QKeySequence("Esc"), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.escape)

    # -- the parts ------------------------------------------------------------------------------

    def _make_middle(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(4))
        self.title = ElidedLabel("", "lead", whole)
        column.addWidget(self.title)
        self.number = NumberField()
        column.addWidget(Field(_("Card or household number"), self.number))
        self.number.entered.connect(self.enter_pressed)
        self.said = label("", "lead", whole, wrap=True)
        self.said.hide()
        column.addWidget(self.said)
        self.card = Card()
        self.who = label("", "figure", self.card, wrap=True)
        self.latin = label("", "muted", self.card, wrap=True)
        self.what = label("", "page", self.card, wrap=True)
        self.people = label("", "body", self.card, wrap=True)
        self.about = label("", "muted", self.card, wrap=True)
        self.against = label("", "lead", self.card, wrap=True)
        self.against.set_tone("carmine")
        for part in (self.who, self.latin, self.what, self.people, self.about, self.against):
            self.card.body.addWidget(part)
        self.proxy = LineEdit(placeholder=_("Only if somebody else came"))
        self.proxy_field = Field(_("Collected by, not of the household"), self.proxy)
        self.proxy.returnPressed.connect(self.hand_over)
        self.card.body.addWidget(self.proxy_field)
        self.go = button(_("Hand over"), kind="primary", key="Return", listens=False)
        self.go.clicked.connect(self.hand_over)
        self.card.body.addWidget(self.go)
        self.card.hide()
        inner = QWidget()
        self._lower = QVBoxLayout(inner)
        self._lower.setContentsMargins(0, 0, 0, 0)
        self._lower.setSpacing(theme.space(3))
        self._lower.addWidget(self.card)
        self._lower.addStretch(1)
        column.addWidget(Scroll(inner), 1)
        return whole

    def _make_side(self) -> QWidget:
        whole = QWidget()
        whole.setFixedWidth(theme.px(300))
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addWidget(label(_("This sitting"), "section", whole))
        self.count = label("", "figure", whole)
        self.count_words = label(_("handed over"), "muted", whole)
        self.whole = label("", "muted", whole, wrap=True)
        column.addWidget(self.count)
        column.addWidget(self.count_words)
        column.addWidget(self.whole)
        column.addSpacing(theme.space(3))
        column.addWidget(label(_("Last handed over"), "section", whole))
        self.last: list[PlainLabel] = []
        for _at in range(LAST):
            made = label("", "body", whole, wrap=True)
            self.last.append(made)
            column.addWidget(made)
        column.addStretch(1)
        self.back = button(_("Undo the last"), key="Ctrl+Z", listens=False)
        self.back.clicked.connect(self._page.desk.undo)
        column.addWidget(self.back)
        close = button(_("Leave the table"), key="Esc", listens=False)
        close.clicked.connect(self.left)
        column.addWidget(close)
        return whole

    # -- coming and going -----------------------------------------------------------------------

    def begin(self, summary: RoundSummary) -> None:
        """Sit down at a round; one sitting lasts while the round stays the same."""
        if self.summary is None or self.summary.id != summary.id:
            self.given, self._received = [], set()
        self.show_round(summary)
        self.clear()
        self._show_given()
        self.number.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_round(self, summary: RoundSummary) -> None:
        """Show how far the round is."""
        self.summary = summary
        self.title.setText(
            _("{programme}: {round}").format(programme=summary.programme, round=summary.name)
        )
        self.whole.setText(
            _("{received} of {lines} received in the whole round").format(
                received=number(summary.received), lines=number(summary.lines)
            )
        )

    def escape(self) -> None:
        """Let go of what is on the table; with nothing there, leave."""
        if self.number.text():
            self.number.clear()
        elif self.lookup is not None or not self.said.isHidden():
            self.clear()
        else:
            self.left.emit()
            return
        self.number.setFocus(Qt.FocusReason.OtherFocusReason)

    def wipe(self) -> None:
        """Take names off the screen."""
        self.clear()
        for line in self.last:
            line.setText("")

    def clear(self) -> None:
        """Be ready for the next."""
        self.lookup = None
        self.number.clear()
        self.proxy.clear()
        self._say("")
        self._clear_card()
        self._drop_panel()

    def _clear_card(self) -> None:
        for part in (self.who, self.latin, self.what, self.people, self.about, self.against):
            part.setText("")
        self.card.setAccessibleName("")
        self.card.setAccessibleDescription("")
        self.card.hide()

    def _drop_panel(self) -> None:
        if self.panel is not None:
            self.panel.hide()
            self.panel.deleteLater()
            self.panel = None

    # -- the number -----------------------------------------------------------------------------

    def enter_pressed(self) -> None:
        """Look the number up; with an empty field, hand over who stands there."""
        if self.number.value:
            self.look_up(self.number.value)
        elif self.lookup is not None:
            self.hand_over()
        else:
            self._say(_("Type a card or household number."), tone="muted")

    def look_up(self, typed: str) -> None:
        """Show whose number it is."""
        if self.summary is None:
            return
        self._page.read(asking.look_up, self.summary.id, typed, channel=CHANNEL, then=self._found)

    def _found(self, lookup: Lookup) -> None:
        if self.number.value == lookup.typed:
            self.number.clear()
        self.proxy.clear()
        if not lookup.lines:
            self.lookup = None
            self._clear_card()
            self._drop_panel()
            self._say(
                _("{typed}: {problem}").format(typed=lookup.typed, problem=lookup.problem),
                tone="carmine",
            )
            self.number.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._say("")
        self.show_lookup(lookup)

    def show_lookup(self, lookup: Lookup) -> None:
        """Show who stands at the table, and what there is against it."""
        self.lookup = lookup
        first = lookup.lines[0].line
        ready = [one.line for one in lookup.lines if one.line.id in lookup.ready]
        shown = ready or [one.line for one in lookup.lines]
        self.who.setText("\n".join(dict.fromkeys(line.head for line in shown)))
        self.latin.setText(romanise(self.who.text().replace("\n", ", ")))
        self.what.setText("\n".join(dict.fromkeys(_what(line) for line in shown)))
        people = asking.people_words(len(first.people))
        self.people.setText(
            _("{people}: {names}").format(people=people, names=", ".join(first.people))
        )
        about = (first.code, first.card, first.address, first.site)
        self.about.setText(" · ".join(part for part in about if part))
        against = "" if ready else first.against
        self.against.setText(against)
        self.against.setVisible(bool(against))
        self.proxy_field.setVisible(bool(ready))
        self.go.setVisible(bool(ready))
        if len(ready) > 1:
            words = ngettext("Hand over {count} line", "Hand over {count} lines", len(ready))
            self.go.set_text(words.format(count=number(len(ready))))
        else:
            self.go.set_text(_("Hand over"))
        self.card.setAccessibleName(self.who.text())
        self.card.setAccessibleDescription(
            ". ".join(part for part in (self.what.text(), against) if part)
        )
        self.card.show()
        announce(self.card)
        self._show_warning(lookup)

    def _show_warning(self, lookup: Lookup) -> None:
        told = lookup.undecided
        if told is None:
            self._drop_panel()
            self.number.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if self.panel is not None and self.panel.told == told:
            return
        self._drop_panel()
        self.panel = self._make_panel(told)
        self._lower.insertWidget(1, self.panel)
        self.panel.show()
        self.panel.focus_first()

    def _say(self, words: str, *, tone: str = "") -> None:
        self.said.setText(words)
        self.said.set_tone(tone)
        self.said.setVisible(bool(words))
        if words:
            self.said.setAccessibleDescription(words)
            announce(self.said)

    # -- handing over ---------------------------------------------------------------------------

    def hand_over(self) -> None:
        """Note that who stands here received; a possible double has to be decided first."""
        lookup = self.lookup
        if lookup is None or self._busy:
            return
        if not lookup.ready:
            if self.panel is not None:
                self.panel.focus_first()
            return
        names = dict.fromkeys(one.line.head for one in lookup.lines if one.line.id in lookup.ready)
        whats = dict.fromkeys(_what(one.line) for one in lookup.lines)
        words = _("{names}: {what}").format(names=", ".join(names), what=", ".join(whats))
        self._busy = True

        def done(_receipts: object) -> None:
            self._busy = False
            self.given.insert(0, Given(lookup.ready, words))
            self._received |= set(lookup.ready)
            if self.lookup is not None and self.lookup.typed == lookup.typed:
                typed = self.number.text()  # of the next one, who is quick
                self.clear()
                self.number.setText(typed)
                self._say(_("Handed over. {words}").format(words=words), tone="green")
            self._show_given()
            self.number.setFocus(Qt.FocusReason.OtherFocusReason)

        def failed(error: Exception) -> None:
            self._busy = False
            if isinstance(error, DoubleFound):
                self._note(lookup)
            elif isinstance(error, CaseDeskError):
                self._say(str(error), tone="carmine")
                self.number.setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self._page.desk.notices.problem(error)

        collected = Collected(proxy=self.proxy.value)
        self._page.write(rounds.hand_over, lookup.ready, collected, then=done, failed=failed)

    def _note(self, lookup: Lookup) -> None:
        """Keep what handing over has found, so that there is something to decide."""

        def noted(_doubles: object) -> None:
            self.read_again()

        self._page.desk.note(self._page, rules.note_double, lookup.ready[0], then=noted)

    def read_again(self) -> None:
        """Read who stands at the table again: something was decided, or undone."""
        if self.lookup is None:
            return
        ids = [one.line.id for one in self.lookup.lines]
        self._page.read(asking.again, self.lookup.typed, ids, channel=CHANNEL, then=self._again)

    def _again(self, lookup: Lookup) -> None:
        if self.lookup is not None and self.lookup.typed == lookup.typed:
            self.show_lookup(lookup)

    # -- this sitting ---------------------------------------------------------------------------

    def count_again(self) -> None:
        """Read what of this sitting still holds, after an act or its undoing."""
        ids = [i for given in self.given for i in given.line_ids]
        if ids:
            self._page.read(
                asking.received_of, ids, channel="assistance.sitting", then=self._counted
            )

    def _counted(self, received: set[int]) -> None:
        self._received = received
        self._show_given()

    @property
    def holding(self) -> list[Given]:
        """What was handed over here and still holds, newest first."""
        return [one for one in self.given if set(one.line_ids) <= self._received]

    def _show_given(self) -> None:
        holding = self.holding
        self.count.setText(number(sum(len(one.line_ids) for one in holding)))
        self.count.setAccessibleName(_("{count} handed over").format(count=self.count.text()))
        for at, line in enumerate(self.last):
            line.setText(holding[at].words if at < len(holding) else "")
        if not holding:
            self.last[0].setText(_("None yet"))
        self.last[0].set_tone("" if holding else "muted")
        self.back.setEnabled(bool(holding))


def _what(line: LineReading) -> str:
    return line.what
