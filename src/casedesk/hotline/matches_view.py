"""The right side of the call form: who in the file may be the person sought, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QRect, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import draw_tag, draw_text, fit, key_text, plain_tip, tag_width
from casedesk.desk.tables import Candidate, CandidateList
from casedesk.desk.widgets import (
    Chip,
    Divider,
    EmptyState,
    announce,
    button,
    label,
)
from casedesk.hotline.door import CandidateRow, FieldMatch, Found, case_words
from casedesk.hotline.parts_view import HintButton
from casedesk.kernel.language import _, ngettext, number
from casedesk.kernel.query import Tagged

FEW = 5
"""So many are shown even if hardly likely, unless something speaks against them."""
LEAST_SAID = 0.005
"""A score below this is not said."""
SPOKEN_MS = 800
HELD_MS = 60

_Parted = tuple[list[CandidateRow], list[CandidateRow]]


class MatchPanel(QWidget):
    """Candidates, the comparison with one of them, and what may be done with it."""

    marked = Signal(object)  # the CandidateRow to link, or the one linked, to undo it
    refused = Signal(object)  # the CandidateRow who is somebody else, or is not any more
    scope_changed = Signal(bool)  # all persons, not only those with an open case
    new_case = Signal()
    case_asked = Signal(int)  # the case of the match that is compared

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin without candidates."""
        super().__init__(parent)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._found = Found()
        self._parts: _Parted = ([], [])
        self._waiting: Found | None = None
        self._linked = 0
        self._refused: frozenset[int] = frozenset()
        self._weak = False
        self._asked = False
        self._cases = True
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_head())
        self.list = CandidateList()
        self.list.current_changed.connect(lambda _key: self._compare())
        self.list.chosen.connect(self._mark_key)
        self.first_button = HintButton(_("New case"), "Ctrl+N")
        self.first_button.clicked.connect(self.new_case)
        self.nothing = EmptyState("user-search", " ", " ", self.first_button)
        column.addWidget(Divider())
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing, 1)
        column.addWidget(self._make_weak())
        self.table = CompareTable()
        self.table.open_button.clicked.connect(self._open_case)
        column.addWidget(self.table)
        self._rule = Divider()
        column.addWidget(self._rule)
        column.addWidget(self._make_bar())
        theme.watch.changed.connect(self._measure)
        self._measure()
        self._hold = QTimer(self, singleShot=True, interval=HELD_MS)
        self._hold.timeout.connect(self._let_in)
        self._speak = QTimer(self, singleShot=True, interval=SPOKEN_MS)
        self._speak.timeout.connect(lambda: announce(self.list))
        for place in range(1, 10):
            for keys, act in ((f"Alt+{place}", self.mark), (f"Alt+Shift+{place}", self.refuse)):
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
                shortcut.setAutoRepeat(False)
                shortcut.activated.connect(lambda act=act, place=place: act(place))
        self._show()

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        side = theme.space(4)
        head.setContentsMargins(side, theme.space(2), side, theme.space(2))
        head.setSpacing(theme.space(2))
        head.addWidget(label(_("Possible matches"), "lead"))
        self.count = label("", "muted")
        head.addWidget(self.count)
        head.addStretch(1)
        self._open = Chip(_("Missing persons"), checkable=True, checked=True)
        self._all = Chip(_("All persons"), checkable=True)
        for chip, everybody in ((self._open, False), (self._all, True)):
            chip.clicked.connect(lambda everybody=everybody: self._scope(everybody))
            head.addWidget(chip)
        return head

    def _make_weak(self) -> QWidget:
        self._weak_row = QWidget()
        self._weak_row.setProperty("ground", "window")
        self._weak_row.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(self._weak_row)
        line.setContentsMargins(theme.space(4), 0, theme.space(4), 0)
        self._weak_words = label("", "muted")
        self._weak_button = button(_("Show"), key="Alt+M", kind="link")
        self._weak_button.clicked.connect(self.toggle_weak)
        line.addWidget(self._weak_words)
        line.addStretch(1)
        line.addWidget(self._weak_button)
        return self._weak_row

    def _make_bar(self) -> QWidget:
        self._bar = bar = QWidget()
        line = QHBoxLayout(bar)
        line.setContentsMargins(theme.space(4), 0, theme.space(4), 0)
        line.setSpacing(theme.space(2))
        self.link_button = HintButton(_("Link call to this case"), "Alt+1", kind="primary")
        self.link_button.clicked.connect(self._mark_current)
        self.refuse_button = HintButton(_("Not the same"), "Alt+Shift+1", kind="quiet", hint=False)
        self.refuse_button.clicked.connect(self._refuse_current)
        self.new_button = HintButton(_("New case"), "Ctrl+N")
        self.new_button.clicked.connect(self.new_case)
        line.addWidget(self.link_button)
        line.addWidget(self.refuse_button)
        line.addStretch(1)
        line.addWidget(self.new_button)
        return bar

    def _measure(self) -> None:
        self._bar.setFixedHeight(theme.px(48))
        self._weak_row.setFixedHeight(theme.px(32))

    # -- what is shown --------------------------------------------------------------------------

    def set_cases(self, on: bool) -> None:
        """Say whether there are cases at all; without them none can be opened from here."""
        self._cases = on
        self.new_button.setVisible(on)
        self._show()

    @property
    def everybody(self) -> bool:
        """Whether all persons are looked at."""
        return self._all.checked

    def set_link(self, key: int, refused: Collection[int]) -> None:
        """Say which candidate the call is linked to (0 for none), and who is somebody else."""
        if (key, frozenset(refused)) != (self._linked, self._refused):
            self._linked, self._refused = key, frozenset(refused)
            self._show()

    def set_found(self, found: Found, *, asked: bool) -> None:
        """Show other candidates; while Alt is held the list waits, so that it never jumps."""
        self._asked = asked
        if self.alt_held():
            self._waiting = found
            self._hold.start()
            return
        self._waiting = None
        self._found = found
        self._show()
        self._speak.start()

    def alt_held(self) -> bool:
        """Whether a finger lies on Alt: the numbers beside the candidates must hold still."""
        held = QGuiApplication.queryKeyboardModifiers()
        return bool(held & Qt.KeyboardModifier.AltModifier)

    def _let_in(self) -> None:
        if self._waiting is not None:
            self.set_found(self._waiting, asked=self._asked)

    def clear(self) -> None:
        """Show nobody."""
        self._waiting = None
        self._weak = False
        self._asked = False
        self._found = Found()
        self._show()

    def rows(self) -> list[CandidateRow]:
        """List the candidates as they are numbered: the strong ones, then the weak if unfolded."""
        shown, folded = self._parts
        return shown + folded if self._weak else shown

    def _parted(self) -> _Parted:
        """Who is shown and who is folded away, both in their order.

        A name alone makes hardly anybody likely, and yet those who bear it, or one near it, are to
        be seen.
        """
        shown: list[CandidateRow] = []
        folded: list[CandidateRow] = []
        for row in self._found.rows:
            tones = {tone for _chip, tone in row.chips}
            near = not tones.isdisjoint({"green", "accent"})
            free = len(shown) < FEW and near and "carmine" not in tones
            seen = free or not row.weak or row.key == self._linked
            (shown if seen else folded).append(row)
        return shown, folded

    def _show(self) -> None:
        """Show what is known now, in one go.

        Else each part that comes or goes has the whole form laid out once more, and the comparison
        is made for whoever stands first meanwhile.
        """
        self._parts = self._parted()
        self._column.setEnabled(False)
        with QSignalBlocker(self.list):
            self._show_rows()
        self._compare()
        self._column.setEnabled(True)
        if self.isVisible():
            self._column.activate()

    def _show_rows(self) -> None:
        rows = self.rows()
        kept = self.list.current_key()
        shown = [self._candidate(place, row) for place, row in enumerate(rows, 1)]
        if shown != self.list.rows():  # the same answer again leaves the list as it is
            self.list.set_rows(shown)
        if rows and not any(row.key == kept for row in rows):
            self.list.select(rows[0].key)
        weak = len(self._parts[1])
        self._weak_row.setVisible(weak > 0)
        self._weak_words.setText(
            ngettext("{count} weaker match", "{count} weaker matches", weak).format(count=weak)
        )
        self._weak_button.set_text(_("Hide") if self._weak else _("Show"))
        self.count.setText(
            _("{count} of {among}").format(count=number(len(rows)), among=number(self._found.among))
            if self._asked
            else ""
        )
        self.list.setVisible(bool(rows))
        self.nothing.setVisible(not rows)
        for part in (self._rule, self._bar):
            part.setVisible(bool(rows))
        if not rows:
            self._say_nothing()

    def _say_nothing(self) -> None:
        self.first_button.setVisible(self._asked and self._cases)
        if not self._asked:
            self.nothing.set(
                _("Matches come up here"), _("Type the name of the person sought to begin.")
            )
        elif self._found.rows:
            self.nothing.set(
                _("No likely match"),
                _("The weaker ones are folded away: {key} shows them.").format(
                    key=key_text("Alt+M")
                ),
            )
        else:
            self.nothing.set(
                _("Nobody of this name yet"),
                _("Nobody in the file fits what is typed so far.")
                if self.everybody
                else _("No open case fits what is typed so far. Look among all persons too."),
            )

    def _candidate(self, place: int, row: CandidateRow) -> Candidate:
        chips = tuple(Tagged(text, tone) for text, tone in row.chips)
        if row.key == self._linked:
            chips = (Tagged(_("linked"), "green"), *chips)
        return Candidate(
            key=row.key,
            title=row.name or row.latin or _("Name not known"),
            latin=row.latin if row.name else "",
            line=self._line(row),
            chips=chips,
            # Two digits would call it impossible; what speaks for and against stands in the chips.
            score=f"{row.score:.2f}" if row.score >= LEAST_SAID else "",
            hint=f"Alt+{place}" if place < 10 else "",
            refused=row.key in self._refused,
            tip=plain_tip(_tip(row)),
        )

    def _line(self, row: CandidateRow) -> str:
        parts = [
            _("Born {date}").format(date=row.born) if row.born else _("Birth not known"),
            row.place,
            _("since {month}").format(month=row.since) if row.since else "",
        ]
        known = ", ".join(part for part in parts if part)
        case = case_words(row.case_number) if row.case_number else _("No case")
        return f"{known}   {case}"

    def current(self) -> CandidateRow | None:
        """Give the candidate that is compared: the current one, else the first."""
        rows = self.rows()
        key = self.list.current_key()
        return next((row for row in rows if row.key == key), rows[0] if rows else None)

    def _compare(self) -> None:
        row = self.current()
        rows = self.rows()
        place = rows.index(row) + 1 if row is not None else 0
        self.table.set_row(row, place)
        linked = row is not None and row.key == self._linked
        refused = row is not None and row.key in self._refused
        has_case = row is not None and row.case_id is not None
        link = _("Link call to this case") if has_case else _("This is the person")
        key = f"Alt+{place}" if 0 < place < 10 else ""
        if linked and key:
            link = _("Linked, {key} takes it back").format(key=key_text(key))
        elif linked:
            link = _("Linked, take it back")
        self.link_button.set_text(link)
        self.link_button.set_kind("plain" if linked else "primary")
        self.refuse_button.set_text(_("May be the same") if refused else _("Not the same"))
        for made in (self.link_button, self.refuse_button):
            made.setEnabled(row is not None)
        if place:
            self.link_button.set_key("" if linked else key)
            self.refuse_button.set_key(f"Alt+Shift+{place}" if place < 10 else "")

    # -- what the user does ---------------------------------------------------------------------

    def _scope(self, everybody: bool) -> None:
        changed = everybody is not self._scoped
        self._scoped = everybody
        self._open.set_checked(not everybody)
        self._all.set_checked(everybody)
        if changed:
            self.scope_changed.emit(everybody)

    _scoped = False

    def toggle_weak(self) -> None:
        """Show the weaker matches too, or fold them away."""
        self._weak = not self._weak
        self._show()

    def mark(self, place: int) -> None:
        """Link the call to the candidate with this number, or undo that."""
        rows = self.rows()
        if self.isVisible() and 1 <= place <= len(rows):
            self.list.select(rows[place - 1].key)
            self.marked.emit(rows[place - 1])

    def refuse(self, place: int) -> None:
        """Say that the candidate with this number is somebody else, or may not be."""
        rows = self.rows()
        if self.isVisible() and 1 <= place <= len(rows):
            self.list.select(rows[place - 1].key)
            self.refused.emit(rows[place - 1])

    def _mark_key(self, key: int) -> None:
        row = next((row for row in self.rows() if row.key == key), None)
        if row is not None:
            self.marked.emit(row)

    def _open_case(self) -> None:
        row = self.current()
        if row is not None and row.case_id is not None:
            self.case_asked.emit(row.case_id)

    def _mark_current(self) -> None:
        if (row := self.current()) is not None:
            self.marked.emit(row)

    def _refuse_current(self) -> None:
        if (row := self.current()) is not None:
            self.refused.emit(row)


def _tip(row: CandidateRow) -> str:
    """Give both values of each field and how they compare, one line each."""
    lines = []
    for match in row.fields:
        if not match.label:
            lines.append(match.result or match.chip)
            continue
        said, kept = match.said or _("Not known"), match.kept or _("Not known")
        lines.append(
            _("{field}: {said} / {kept}: {result}").format(
                field=match.label, said=said[:80], kept=kept[:80], result=match.result
            )
        )
    return "\n".join(lines)


class CompareTable(QWidget):
    """What the caller says beside what a case says, field by field.

    The rows are painted, not made of labels: they change with every letter that is typed.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin without a candidate."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Divider())
        self._head = QWidget()
        line = QHBoxLayout(self._head)
        line.setContentsMargins(theme.space(4), 0, theme.space(4), 0)
        self.title = label("", "section")
        line.addWidget(self.title)
        line.addStretch(1)
        self.open_button = button(_("Open case"), key="F4", kind="link")
        line.addWidget(self.open_button)
        column.addWidget(self._head)
        self._rows = _CompareRows()
        column.addWidget(self._rows)
        theme.watch.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self._head.setFixedHeight(theme.px(40))

    def set_row(self, row: CandidateRow | None, place: int) -> None:
        """Compare with this candidate, the `place`-th of the list."""
        self.setVisible(row is not None)
        if row is None:
            self._rows.show_fields("", ())
            return
        title = (
            _("Compare with first match")
            if place == 1
            else _("Compare with match {number}").format(number=place)
        )
        if self.title.text() != title:
            self.title.setText(title)
        self.open_button.setVisible(row.case_id is not None)
        case = case_words(row.case_number) if row.case_number else _("In the file")
        self._rows.show_fields(case, [match for match in row.fields if match.label])

    def texts(self) -> list[tuple[str, str, str, str]]:
        """Give what stands in the rows."""
        return [cells for cells, _match in self._rows.lines]


class _CompareRows(QWidget):
    """The rows of the comparison: a head with a line below it, then one row for each field."""

    def __init__(self) -> None:
        super().__init__()
        self._case = ""
        self.lines: list[tuple[tuple[str, str, str, str], FieldMatch]] = []
        self.setAccessibleName(_("Comparison"))
        theme.watch.changed.connect(self._measure)

    def show_fields(self, case: str, matches: Sequence[FieldMatch]) -> None:
        before = len(self.lines)
        unknown = _("Not known")
        self._case = case
        self.lines = [
            ((m.label, m.said or unknown, m.kept or unknown, m.result), m) for m in matches
        ]
        self.setAccessibleDescription(
            "; ".join(", ".join(part for part in cells if part) for cells, _match in self.lines)
        )
        if len(self.lines) != before:
            self._measure()
        self.update()

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(26) * (len(self.lines) + 1) + theme.space(2))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(320), self.height())

    def places(self) -> list[tuple[int, int]]:
        """Give left edge and width of the four columns."""
        side, gap = theme.space(4), theme.space(2)
        room = self.width() - 2 * side
        results = [tag_width(cells[3]) for cells, _match in self.lines]
        last = min(max([theme.px(76), *results]), room // 3)
        names = [theme.metrics("body").horizontalAdvance(cells[0]) for cells, _m in self.lines]
        first = min(max([theme.px(92), *names]), room // 4)
        middle = (room - first - last - 3 * gap) // 2
        lefts = [side, side + first + gap, side + first + middle + 2 * gap]
        return [
            (lefts[0], first),
            (lefts[1], middle),
            (lefts[2], middle),
            (self.width() - side - last, last),
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tall, places = theme.px(26), self.places()
        muted, ink = theme.colour("muted"), theme.colour("ink")
        heads = ("", _("This call"), self._case, _("Result"))
        for (left, wide), words in zip(places, heads, strict=True):
            draw_text(painter, QRect(left, 0, wide, tall - 1), words, "small", muted)
        painter.fillRect(0, tall - 1, self.width(), 1, theme.colour("border"))
        for index, (cells, match) in enumerate(self.lines, 1):
            top = index * tall
            for column, (left, wide) in enumerate(places[:3]):
                known = ("", match.said, match.kept)[column]
                tone = ink if known else muted
                box = QRect(left, top, wide, tall - 1)
                draw_text(painter, box, cells[column], "body", tone)
            left, wide = places[3]
            high = theme.px(18)
            tag = QRect(left, top + (tall - 1 - high) // 2, min(tag_width(cells[3]), wide), high)
            draw_tag(painter, tag, cells[3], match.tone)
            line = theme.colour("border_soft")
            painter.fillRect(0, top + tall - 1, self.width(), 1, line)
        painter.end()

    def whole_at(self, x: int, y: int) -> str:
        """Give the whole text of a cell that is cut there, or nothing."""
        row = y // theme.px(26) - 1
        if not 0 <= row < len(self.lines):
            return ""
        for (left, wide), text in zip(self.places()[:3], self.lines[row][0], strict=False):
            if left <= x < left + wide:
                return text if fit(text, "body", wide) != text else ""
        return ""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            whole = self.whole_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), plain_tip(whole), self)
            return True
        return super().event(event)
