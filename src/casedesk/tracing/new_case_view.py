"""A new case beside the list: who is sought, since when and where, and who asks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QVBoxLayout,
)
from sqlmodel import Session

from casedesk.desk.forms import FindField, Form, Found
from casedesk.desk.page import Page
from casedesk.desk.widgets import (
    ComboBox,
    DateField,
    LineEdit,
    Segments,
    TextEdit,
    button,
    clear_layout,
    label,
)
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.language import _
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson
from casedesk.people.wording import relation_key
from casedesk.tracing import reading, wording
from casedesk.tracing.finding import find_people, new_person
from casedesk.tracing.parts_view import (
    choices,
)
from casedesk.tracing.records import CaseKind, Status, TracingCaseDraft


class NewCaseForm(Form):
    """A new case: who is sought, since when and where, and who asks."""

    case_asked = Signal(int)

    def __init__(self, page: Page, keep: Callable[[str], None]) -> None:
        """Look people up through the page."""
        super().__init__(_("New case"), _("Open case"), keep=keep)
        self._page = page
        self.sought = FindField(
            self._finder("cases.sought"),
            name=_("Person sought"),
            add=_("New person"),
            placeholder=_("Family name, given name, patronymic"),
        )
        self.add("sought", _("Person sought"), self.sought, wide=True)
        self._there = QVBoxLayout()
        self.body.insertLayout(1, self._there)
        self.add("latin", _("Latin name"), LineEdit())
        self.add("born", _("Born"), DateField(partial=True))
        self.add("mother_name", _("Mother"), LineEdit())
        self.add("birth_place", _("Birth place"), LineEdit())
        self.add("last_seen_on", _("Last seen"), DateField())
        self.add("last_seen_at", _("Last place"), LineEdit())
        self.add("circumstances", _("Circumstances"), TextEdit(lines=3), wide=True)
        self.add("marks", _("Marks and clothing"), TextEdit(lines=2), wide=True)
        kinds = choices(wording.KIND)
        self.add("kind", _("Kind of case"), ComboBox(kinds, value=str(CaseKind.MISSING_CIVILIAN)))
        self.add(
            "status",
            _("Status"),
            Segments([(str(Status.OPEN), _("Accepted")), (str(Status.RECEIVED), _("To accept"))]),
        )
        self.asking = FindField(
            self._finder("cases.asking"), name=_("Who asks"), add=_("New person")
        )
        self.add("asking", _("Who asks"), self.asking, wide=True)
        self.add("relation", _("Relation"), LineEdit())
        self.add("phone", _("Phone"), LineEdit())
        self.sought.picked.connect(self._known)
        self.sought.add_asked.connect(lambda _text: self.editor("latin").setFocus())
        self.asking.add_asked.connect(lambda _text: self.editor("relation").setFocus())
        for finder in (self.sought, self.asking):
            finder.typed.connect(self.typed)
        self.sought.typed.connect(self._unknown)

    def _finder(self, channel: str) -> Callable[[str, Callable[[Found], None]], None]:
        def find(text: str, show: Callable[[Found], None]) -> None:
            self._page.read(find_people, text, channel=channel, then=show)

        return find

    def values(self) -> dict[str, Any]:
        """Read all fields; of the persons what is typed, so that it can be kept."""
        found = super().values()
        return {**found, "sought": self.sought.text, "asking": self.asking.text}

    def set_values(self, values: dict[str, Any], *, fresh: bool = True) -> None:
        """Put values in; persons that were typed have to be chosen again."""
        super().set_values(values, fresh=fresh)
        for key, finder in (("sought", self.sought), ("asking", self.asking)):
            if key in values:
                finder.set_value(None, str(values[key]))

    def _known(self, person_id: int) -> None:
        """A known person has facts already; a case that is open should not be opened twice."""
        self._show_known(True)
        self._page.read(
            _open_cases, person_id, channel="cases.open_cases", then=self._show_open_cases
        )

    def _unknown(self) -> None:
        self._show_known(False)
        clear_layout(self._there)

    def _show_known(self, known: bool) -> None:
        for key in ("latin", "born", "mother_name", "birth_place"):
            self.fields[key].setVisible(not known)

    def _show_open_cases(self, cases: list[tuple[int, str]]) -> None:
        clear_layout(self._there)
        for case_id, case_number in cases:
            words = _("{case} about this person is open.").format(
                case=wording.case_title(case_number)
            )
            line = label(words, "body", wrap=True)
            line.set_tone("amber")
            self._there.addWidget(line)
            go = button(_("Open that case"), kind="link")
            go.clicked.connect(lambda _on=False, case_id=case_id: self.case_asked.emit(case_id))
            self._there.addWidget(go)

    def offered(self) -> tuple[Any, ...]:
        """Give the arguments of the act. Raises InvalidDraft with sentences by field."""
        values = self.values()
        if not self.sought.text:
            words = _("Say who is sought.")
            raise InvalidDraft(words, {"sought": words})
        born, seen = self.known("born"), self.day("last_seen_on")
        sought: NewPerson | int
        if self.sought.value is not None:
            sought = int(self.sought.value)
        else:
            first = new_person(self.sought.text)
            names = list(first.names)
            if values["latin"]:
                names.extend(new_person(values["latin"]).names)
            person = PersonDraft.checked(
                {
                    "mother_name": values["mother_name"],
                    "birth_place": values["birth_place"],
                    "born_first": born.first if born else None,
                    "born_last": born.last if born else None,
                }
            )
            sought = NewPerson(person, _distinct(names))
        own = ("last_seen_at", "circumstances", "kind", "status")
        draft = TracingCaseDraft.checked(
            {
                **{key: values[key] for key in own},
                "marks": values["marks"] or None,
                "person_id": 0,
                "opened_on": self._page.desk.today,
                "last_seen_on": seen,
                "owner": self._page.desk.actor,
            }
        )
        asking: NewPerson | int | None = self.asking.value
        if asking is None and self.asking.text:
            with _at_field("phone"):
                asking = new_person(self.asking.text, values["phone"])
        return sought, draft, asking, relation_key(values["relation"])


class _at_field(contextlib.AbstractContextManager[None]):  # noqa: N801  (reads like a verb)
    """Say what is wrong at this field of the form, whatever it is called below."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, InvalidDraft):
            words = next(iter(error.fields.values()), str(error))
            raise InvalidDraft(words, {self._key: words}) from None


def _distinct(names: list[PersonNameDraft]) -> tuple[PersonNameDraft, ...]:
    """Leave the second of two equal names out."""
    kept: list[PersonNameDraft] = []
    for name in names:
        if name not in kept:
            kept.append(name)
    return tuple(kept)


def _open_cases(session: Session, person_id: int) -> list[tuple[int, str]]:
    found = reading.other_cases(session, 0, [person_id])
    return [(case.id or 0, case.number) for case in found]
