"""A possible double: one sentence why, two households line by line, and three ways on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from casedesk.assistance.asking import Told
from casedesk.assistance.doubles import Signal as Shared
from casedesk.assistance.records import UNDECIDED, Decision, same_name
from casedesk.desk import theme
from casedesk.desk.widgets import (
    Card,
    CheckBox,
    ChipRow,
    Divider,
    ElidedLabel,
    Field,
    LineEdit,
    PlainLabel,
    Tag,
    button,
    label,
)
from casedesk.kernel.language import _, date_text


class Compared(QWidget):
    """Two households side by side: what is equal stands in amber, and is said in words."""

    def __init__(self, told: Told) -> None:
        """Lay the lines of a warning out."""
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(3))
        grid.setVerticalSpacing(theme.space(0))
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        heads = (_("This household"), _("The other household"))
        for column, words in enumerate(heads):
            grid.addWidget(label(words, "strong", self, wrap=True), 0, column)
        spoken = []
        row = 1
        for line in told.finding.lines:
            name = label(line.label, "caption", self)
            grid.addWidget(name, row, 0, 1, 2)
            for column, words in enumerate((line.here, line.there)):
                cell = self._cell(words, equal=line.equal is True)
                grid.addWidget(cell, row + 1, column, Qt.AlignmentFlag.AlignTop)
            spoken.append(self.spoken(line.label, line.here, line.there, line.equal))
            row += 2
        self.setAccessibleName(_("The two households"))
        self.setAccessibleDescription("\n".join(spoken))

    def _cell(self, words: str, *, equal: bool) -> PlainLabel:
        made = label(words or _("Not known"), "strong" if equal else "body", self, wrap=True)
        if equal:
            made.set_tone("amber")
        elif not words:
            made.set_tone("muted")
        return made

    @staticmethod
    def spoken(name: str, here: str, there: str, equal: bool | None) -> str:
        """Say a line as it is read out."""
        unknown = _("Not known")
        alike, apart = _("{name}: equal, {here} and {there}"), _("{name}: {here} and {there}")
        words = alike if equal else apart
        return words.format(name=name, here=here or unknown, there=there or unknown)


class Beside(QWidget):
    """Two households as two lines of a row, field by field: what is equal stands in amber."""

    def __init__(self, told: Told) -> None:
        """Lay the lines of a warning out; a field nobody knows anything of is left out."""
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(3))
        grid.setVerticalSpacing(theme.space(0))
        shown = [line for line in told.finding.lines if line.here or line.there]
        rows = ("", _("This household"), _("The other household"))
        for row, words in enumerate(rows):
            grid.addWidget(label(words, "caption", self), row, 0)
        for at, line in enumerate(shown, start=1):
            grid.addWidget(label(line.label, "caption", self), 0, at)
            for row, words in ((1, line.here), (2, line.there)):
                grid.addWidget(self._cell(words, equal=line.equal is True), row, at)
            # A little for each besides its letters, or short numbers are cut beside long names.
            grid.setColumnStretch(at, max(len(line.here), len(line.there)) + 6)
        self.setAccessibleName(_("The two households"))
        spoken = [Compared.spoken(x.label, x.here, x.there, x.equal) for x in shown]
        self.setAccessibleDescription("\n".join(spoken))

    def _cell(self, words: str, *, equal: bool) -> ElidedLabel:
        style = "strong" if equal else "body"
        made = ElidedLabel(words or _("Not known"), style, self)
        made.set_tone("amber" if equal else "" if words else "muted")
        return made


Words = dict[int, tuple[str, str]]
"""Reason and second person as typed, by the double they are about."""


Way = tuple[str, str, str, Callable[[], None]]
"""Words, key and kind of a button, and what it does."""


class DoublePanel(Card):
    """Decides a possible double; the cursor stands in the reason, never on a button."""

    give = Signal(int, str, str)  # id, reason, second person or nothing
    confirm = Signal(int, str)  # id, second person
    merge = Signal(int, str, object)  # id, reason, pairs of persons who are one
    stop = Signal(int, str)  # id, reason
    reopen = Signal(int)

    def __init__(
        self,
        told: Told,
        actor: str,
        kept: Words | None = None,
        *,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Show a warning; `actor` decides, and is not the second person.

        `kept` holds the words that were typed and not sent yet, also of panels that are gone.
        A wide one lies under its row in the list, all of it in a few lines.
        """
        super().__init__("" if wide else _("Double assistance?"), parent=parent)
        self.told, self._actor, self.wide = told, actor, wide
        self.setAccessibleName(_("Double assistance?"))
        warning = told.warning
        self.id = warning.double_id
        self._kept: Words = {} if kept is None else kept
        why = label(told.finding.why, "strong", self, wrap=True)
        why.setAccessibleName(told.finding.why)
        if wide:
            self._top = QHBoxLayout()
            self._top.setSpacing(theme.space(3))
            self._top.addWidget(why, 3)
            self._top.addWidget(ElidedLabel(told.finding.rule_text, "muted", self), 2)
            self.body.addLayout(self._top)
            self.body.setSpacing(theme.space(1))
        else:
            self.body.addWidget(why)
            self.body.addWidget(label(told.finding.rule_text, "muted", self, wrap=True))
        self.body.addWidget(Beside(told) if wide else Compared(told))
        if not wide:
            self.body.addWidget(Divider(self))
        self.reason = LineEdit(placeholder=_("Why it is right to decide so"), parent=self)
        self.second = LineEdit(placeholder=_("Family and given name"), parent=self)
        for editor in (self.reason, self.second):
            editor.hide()  # until a field shows it
        self.same: CheckBox | None = None
        self.reason_field: Field | None = None
        self.second_field: Field | None = None
        if warning.decision is Decision.OPEN:
            self._make_open()
        elif warning.decision is Decision.TO_CONFIRM:
            self._make_to_confirm()
        else:
            self._make_decided()
        if self.undecided:
            reason, name = self._kept.get(self.id, ("", ""))
            self.reason.setText(reason)
            self.second.setText(name)
            for editor in (self.reason, self.second):
                editor.textEdited.connect(self._keep)

    @property
    def undecided(self) -> bool:
        """Whether there is something to decide here."""
        return self.told.warning.decision in UNDECIDED

    def focus_first(self) -> None:
        """Put the cursor into the reason, or into the name of the second person."""
        field = self.reason if self.reason_field is not None else self.second
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_open(self) -> None:
        self.reason_field = Field(_("Reason"), self.reason)
        hint = _("Giving anyway holds when a second person has confirmed it.")
        words = _("Second person, if both are served")
        self.second_field = Field(words, self.second, hint="" if self.wide else hint)
        self.reason.show()
        self.second.show()
        if self.told.heads is not None and self._alike():
            self.same = CheckBox(_("The two heads are one person"))
        self.reason.returnPressed.connect(self.second.setFocus)
        self.second.returnPressed.connect(self.give_anyway)
        ways: tuple[Way, ...] = (
            (_("Give anyway"), "Alt+G", "primary", self.give_anyway),
            (_("Merge households"), "Alt+M", "plain", self.merge_households),
            (_("Stop"), "Alt+S", "danger", self.stop_here),
        )
        self._put((self.reason_field, self.second_field), ways)

    def _put(self, fields: tuple[Field, ...], ways: tuple[Way, ...]) -> None:
        """Put the fields and the buttons: below each other, or in the one line of an open row."""
        row = ChipRow(self)
        for words, key, kind, run in ways:
            made = button(words, key=key, kind=kind)  # type: ignore[arg-type]
            made.clicked.connect(run)
            row.add(made)
        if not self.wide:
            for field in fields:
                self.body.addWidget(field)
            if self.same is not None:
                self.body.addWidget(self.same)
            self.body.addWidget(row)
            return
        if self.same is not None:
            self._top.addWidget(self.same)
        line = QHBoxLayout()
        line.setSpacing(theme.space(3))
        for field, share in zip(fields, (3, 2), strict=False):
            line.addWidget(field, share, Qt.AlignmentFlag.AlignTop)
        ends = QVBoxLayout()
        ends.addSpacing(theme.metrics("small").height() + theme.px(3))  # beside the editors
        ends.addWidget(row)
        ends.addStretch(1)
        line.addLayout(ends, 4)
        self.body.addLayout(line)

    def _alike(self) -> bool:
        return bool({Shared.NAME, Shared.DOCUMENT, Shared.PHONE} & set(self.told.finding.signals))

    def _make_to_confirm(self) -> None:
        self._tell_decision()
        self.second_field = Field(_("Second person"), self.second)
        self.second.show()
        self.second.returnPressed.connect(self.confirm_it)
        ways: tuple[Way, ...] = (
            (_("Confirm giving anyway"), "Alt+G", "primary", self.confirm_it),
            (_("Decide again"), "Alt+J", "plain", lambda: self.reopen.emit(self.id)),
        )
        self._put((self.second_field,), ways)

    def _make_decided(self) -> None:
        self._tell_decision()

    def _tell_decision(self) -> None:
        warning = self.told.warning
        column = QVBoxLayout()
        column.setSpacing(theme.space(1))
        column.addWidget(Tag(warning.tag.text, warning.tag.tone, self))
        column.addWidget(label(decided_words(self.told), "body", self, wrap=True))
        column.addWidget(
            label(_("Reason: {reason}").format(reason=warning.reason), "body", self, wrap=True)
        )
        self.body.addLayout(column)

    def _keep(self, _text: str) -> None:
        self._kept[self.id] = (self.reason.text(), self.second.text())

    def sent(self) -> None:
        """Let go of the words: they are in the file now."""
        self._kept.pop(self.id, None)
        self.reason.clear()
        self.second.clear()

    # -- the three ways -------------------------------------------------------------------------

    def main_action(self) -> None:
        """Do what the main button does."""
        if self.told.warning.decision is Decision.OPEN:
            self.give_anyway()
        elif self.told.warning.decision is Decision.TO_CONFIRM:
            self.confirm_it()

    def _reasoned(self) -> str:
        """Give the reason, or say under the field that there is none."""
        words = self.reason.value
        missing = None if words else _("Give the reason: it is kept with your name.")
        if self.reason_field is not None:
            self.reason_field.error(missing)
        if not words:
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        return words

    def _another(self, *, needed: bool) -> str | None:
        """Give the second person; None where it is nobody, or the first one again."""
        name = " ".join(self.second.value.split())
        wrong = None
        if same_name(name, self.told.warning.decided_by or self._actor):
            wrong = _("The second person is another one.")
        elif needed and not name:
            wrong = _("Write the name of the second person.")
        if self.second_field is not None:
            self.second_field.error(wrong)
        if wrong:
            self.second.setFocus(Qt.FocusReason.OtherFocusReason)
            return None
        return name

    def give_anyway(self) -> None:
        """Serve both, with a reason; without a second person it waits for one."""
        reason = self._reasoned()
        if reason and (second := self._another(needed=False)) is not None:
            self.give.emit(self.id, reason, second)

    def confirm_it(self) -> None:
        """Confirm as the second person."""
        if second := self._another(needed=True):
            self.confirm.emit(self.id, second)

    def merge_households(self) -> None:
        """Say that both are one household."""
        if reason := self._reasoned():
            heads = self.told.heads
            one = self.same is not None and self.same.isChecked() and heads is not None
            self.merge.emit(self.id, reason, (heads,) if one else ())

    def stop_here(self) -> None:
        """Do not serve the registration."""
        if reason := self._reasoned():
            self.stop.emit(self.id, reason)


def decided_words(told: Told) -> str:
    """Say who decided, and when."""
    warning = told.warning
    day = date_text(warning.decided_on) if warning.decided_on else ""
    if warning.confirmed_by:
        return _("{first}, confirmed by {second}, {date}").format(
            first=warning.decided_by, second=warning.confirmed_by, date=day
        )
    return _("{name}, {date}").format(name=warning.decided_by, date=day)
