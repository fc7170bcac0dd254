"""Whom the call is about: the fields of one person sought, and chips that lead to the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import plain_tip
from casedesk.desk.widgets import (
    Chip,
    ChipRow,
    DateField,
    Field,
    LineEdit,
    Segments,
    button,
    label,
)
from casedesk.hotline.call import Link, SoughtText
from casedesk.hotline.parts_view import BornEdit, CallCombo, CallField, NameEdit, field_row
from casedesk.kernel.language import _
from casedesk.people.records import Sex
from casedesk.people.wording import RELATIONS


class SoughtView(QWidget):
    """The persons sought in one call, one of them in the fields; the others wait behind chips."""

    edited = Signal()  # something of the call is other than before
    described = Signal()  # what is said of the person shown is other than before
    turned = Signal()  # somebody else, or the same person read anew, stands in the fields

    def __init__(self) -> None:
        """Begin with nobody."""
        super().__init__()
        self._persons: list[SoughtText] = []
        self._at = 0
        self._removed: SoughtText | None = None
        self._filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(3))
        column.addLayout(self._make_head())
        for row in self._make_fields():
            column.addLayout(row)
        self._connect()

    # -- widgets --------------------------------------------------------------------------------

    def _make_head(self) -> QVBoxLayout:
        whole = QVBoxLayout()
        whole.setSpacing(theme.space(1))
        head = QHBoxLayout()
        head.setSpacing(theme.space(2))
        head.addWidget(label(_("Person sought"), "section"))
        head.addStretch(1)
        self._another = button(_("Another person"), key="Ctrl+Shift+N", kind="link")
        head.addWidget(self._another)
        whole.addLayout(head)
        self._several = QWidget()
        line = QHBoxLayout(self._several)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        self._chips = ChipRow()
        line.addWidget(self._chips, 1)
        self._take_away = button(_("Take away"), kind="link")
        self._bring_back = button(_("Bring back"), kind="link")
        line.addWidget(self._take_away)
        line.addWidget(self._bring_back)
        whole.addWidget(self._several)
        return whole

    def _make_fields(self) -> list[QHBoxLayout]:
        self.name = NameEdit()
        self.relation = CallCombo([(k, _(w)) for k, w in RELATIONS.items()])
        self.born = BornEdit()
        self.sex = CallSegments(
            [(Sex.M, _("Man")), (Sex.F, _("Woman")), (Sex.UNKNOWN, _("?"))],
            value=Sex.UNKNOWN,
            name=_("Sex"),
        )
        self.mother = LineEdit(call=True)
        self.place = LineEdit(call=True)
        self.contact = DateField(partial=True, call=True)
        self.contact.setPlaceholderText(_("2024-03"))
        self.fields: dict[str, Field] = {
            "name": CallField(_("Family name, given name"), self.name),
            "relation": CallField(_("The caller is the"), self.relation),
            "born": CallField(_("Born about"), self.born),
            "sex": CallField(_("Sex"), self.sex),
            "mother": CallField(_("Mother's given name"), self.mother),
            "place": CallField(_("Last known place"), self.place),
            "contact": CallField(_("Last contact"), self.contact),
        }
        rows = (
            (("name", 11), ("relation", 4)),
            (("born", 4), ("sex", 4), ("mother", 7)),
            (("place", 11), ("contact", 4)),
        )
        return [field_row([(self.fields[name], part) for name, part in row]) for row in rows]

    def _connect(self) -> None:
        self._another.clicked.connect(self.add_person)
        self._take_away.clicked.connect(self.remove_person)
        self._bring_back.clicked.connect(self.return_person)
        for edit in (self.name, self.born, self.mother, self.place, self.contact):
            edit.textChanged.connect(self._described)
        self.sex.chosen.connect(self._described)
        self.relation.chosen.connect(self._edited)

    def stops(self) -> list[QWidget]:
        """List the fields in the order of Tab, which is the order people talk."""
        return [field.editor for field in self.fields.values()]

    # -- the persons of one call ----------------------------------------------------------------

    def show_persons(self, persons: list[SoughtText]) -> None:
        """Show the first of the persons; from now on they are written down in this list."""
        self._persons, self._removed = persons, None
        self._turn(0)

    def end_call(self) -> None:
        """Let go of the persons: what is typed from now on is said of nobody."""
        self._persons = []

    @property
    def at(self) -> int:
        """The place of the person shown among the others."""
        return self._at

    def collect(self) -> SoughtText:
        """Bring what stands in the fields into the person shown, and give it."""
        person = self._persons[self._at]
        person.name, person.mother = self.name.text(), self.mother.text()
        person.relation = self.relation.value or ""
        person.born, person.contact = self.born.text(), self.contact.text()
        person.sex, person.place = self.sex.value.value, self.place.text()
        return person

    def propose(self, name: str, link: Link) -> None:
        """Name and link the first person, unless something is said of it already."""
        self.collect()
        first = self._persons[0]
        if first.empty:
            first.name, first.link = name, link
            self._turn(0)

    def add_person(self) -> None:
        """Write down one more person the call is about."""
        if self._persons:
            self.collect()
            self._persons.append(SoughtText())
            self._turn(len(self._persons) - 1)
            self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to_person(self, index: int) -> None:
        """Show another of the persons sought."""
        if self._persons:
            self.collect()
            self._turn(max(0, min(index, len(self._persons) - 1)))

    def remove_person(self) -> None:
        """Take the person shown out of the call; Bring back undoes it."""
        if len(self._persons) > 1:
            self._removed = self.collect()
            del self._persons[self._at]
            self._turn(min(self._at, len(self._persons) - 1))
            self.edited.emit()

    def return_person(self) -> None:
        """Bring back the person that was taken out last."""
        if self._persons and self._removed is not None:
            self.collect()
            self._persons.append(self._removed)
            self._removed = None
            self._turn(len(self._persons) - 1)
            self.edited.emit()

    # -- inside ---------------------------------------------------------------------------------

    def _turn(self, index: int) -> None:
        self._at = index
        person = self._persons[index]
        self._filling = True
        self.name.set_value(person.name)
        relations = dict(RELATIONS)
        relations.setdefault(person.relation, person.relation)
        self.relation.set_choices([(k, _(w)) for k, w in relations.items()], value=person.relation)
        self.born.set_value(person.born)
        self.sex.set_value(Sex(person.sex) if person.sex in {s.value for s in Sex} else Sex.UNKNOWN)
        self.mother.set_value(person.mother)
        self.place.set_value(person.place)
        self.contact.set_value(person.contact)
        self._filling = False
        self._show_chips()
        self.turned.emit()

    def _show_chips(self) -> None:
        several = len(self._persons) > 1
        self._chips.clear()
        if several:
            for index, person in enumerate(self._persons):
                words = person.name.strip()[:24] or _("Person {number}").format(number=index + 1)
                chip = Chip(words, checkable=True, checked=index == self._at)
                chip.clicked.connect(lambda index=index: self.go_to_person(index))
                self._chips.add(chip)
        self._take_away.setVisible(several)
        self._bring_back.setVisible(self._removed is not None)
        self._several.setVisible(several or self._removed is not None)

    def _edited(self, *_values: Any) -> None:
        if self._persons and not self._filling:
            self.edited.emit()

    def _described(self, *_values: Any) -> None:
        if self._persons and not self._filling:
            self.described.emit()


class CallSegments(Segments):
    """Segments of the call form: high as its fields, with their first letters where narrow."""

    def __init__(self, options: Sequence[tuple[Any, str]], *, value: Any, name: str) -> None:
        """Show the options."""
        self._whole = list(options)
        self._letters = [(known, text[:1]) for known, text in options]
        super().__init__(options, value=value, name=name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def _describe(self) -> None:
        shown, self._options = self._options, self._whole
        super()._describe()
        self._options = shown

    def _width_of(self, options: list[tuple[Any, str]]) -> int:
        shown, self._options = self._options, options
        wide = sum(self._widths()) + 1
        self._options = shown
        return wide

    def sizeHint(self) -> QSize:
        return QSize(self._width_of(self._whole), theme.control("input_call"))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of(self._letters), theme.control("input_call"))

    def words(self) -> list[str]:
        """Give the words that stand in the segments."""
        return [text for _value, text in self._options]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fits = self.width() >= self._width_of(self._whole)
        self._options = self._whole if fits else self._letters
        whole = " / ".join(text for _value, text in self._whole)
        self.setToolTip("" if fits else plain_tip(whole))
