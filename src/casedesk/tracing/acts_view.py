"""The forms of the acts on a case: each asks for what it needs, and says which act it orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from casedesk.desk.forms import FindField, Form, Found
from casedesk.desk.page import Page
from casedesk.desk.widgets import ComboBox, DateField, LineEdit, Segments, TextEdit, label
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.language import _
from casedesk.people.wording import relation_key, relation_words
from casedesk.tracing import listing, rules, wording
from casedesk.tracing.case_rows_view import OwnerField, awaited_words
from casedesk.tracing.finding import find_people, new_person
from casedesk.tracing.parting import Parting, part_persons
from casedesk.tracing.parts_view import choices
from casedesk.tracing.reading import Awaited, CaseFile, Enquirer
from casedesk.tracing.records import ActionOutcome, CaseEnquirerDraft, Outcome

_CLOSINGS = tuple(o for o in Outcome if o not in (Outcome.DUPLICATE, Outcome.TRANSFERRED))


@dataclass(frozen=True)
class Order:
    """An act with its arguments, and what is said when it is done."""

    words: str
    act: Callable[..., Any]
    args: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


class ActForm(Form):
    """A form whose fields make one act."""

    def order(self) -> Order:
        """Give the act. Raises InvalidDraft with a sentence for each field that is wrong."""
        raise NotImplementedError


class CloseForm(ActForm):
    """How a case ended; a death needs its source and a second person."""

    def __init__(self, page: Page, file: CaseFile) -> None:
        """Begin with today."""
        super().__init__(_("Close case"), _("Close case"))
        self._page, self._file = page, file
        self._outcome = ComboBox(choices(wording.OUTCOME, _CLOSINGS))
        self.add("outcome", _("Outcome"), self._outcome)
        self.add("on", _("Date"), DateField(page.desk.today))
        source = self.add("source", _("Where the death is known from"), LineEdit())
        other = LineEdit(placeholder=_("Somebody else than you"))
        second = self.add("confirmed_by", _("Second person who confirms"), other)
        self._of_death = (source, second)
        self._outcome.currentIndexChanged.connect(self._chosen)
        self._chosen()

    @property
    def _dead(self) -> bool:
        return bool(self._outcome.value == str(Outcome.DEAD))

    def _chosen(self, *_args: object) -> None:
        for shown in self._of_death:
            shown.setVisible(self._dead)

    def order(self) -> Order:
        """Close with the outcome that is chosen."""
        values, day = self.values(), self.day("on") or self._page.desk.today
        options = {
            "source": values["source"] if self._dead else "",
            "confirmed_by": values["confirmed_by"] if self._dead else "",
            "revision": self._file.revision,
        }
        args = (self._file.id, Outcome(self._outcome.value), day)
        return Order(_("Case closed"), rules.close, args, options)


class MergeForm(ActForm):
    """Which other case is the same search."""

    def __init__(self, page: Page, file: CaseFile) -> None:
        """Find cases by number or name."""
        super().__init__(_("Merge with another case"), _("Merge"), columns=1)
        self._page, self._file = page, file
        self._other = FindField(self._find, name=_("The other case"))
        self.add("other", _("The other case"), self._other)
        words = _("It becomes a duplicate of this one. Its families ask through this case.")
        self.body.insertWidget(0, label(words, "muted", wrap=True))

    def _find(self, text: str, show: Callable[[Found], None]) -> None:
        self._page.read(listing.find_cases, text, self._file.id, channel="case.merge", then=show)

    def order(self) -> Order:
        """Merge with the case that is chosen."""
        if self._other.value is None:
            words = _("Choose the other case from the list.")
            raise InvalidDraft(words, {"other": words})
        args = (self._file.id, self._other.value, self._page.desk.today)
        return Order(_("Cases merged"), rules.merge_with, args)


class AssignForm(ActForm):
    """Who works on the case from now on."""

    def __init__(self, page: Page, file: CaseFile) -> None:
        """Offer those who have cases."""
        super().__init__(_("Assign"), _("Assign"), columns=1)
        self._file, self._owner = file, OwnerField(page)
        self.add("owner", _("Owner"), self._owner)

    def order(self) -> Order:
        """Give the case to whoever is named."""
        return Order(_("Case assigned"), rules.assign, ([self._file.id], self._owner.text))


class AnswerForm(ActForm):
    """How an action ended."""

    def __init__(self, item: Awaited) -> None:
        """Begin with the note of the action."""
        super().__init__(_("Record answer"), _("Record answer"), columns=1)
        self._item = item
        ends = [
            (str(ActionOutcome.SUCCESSFUL), _("Answered")),
            (str(ActionOutcome.UNSUCCESSFUL), _("No result")),
        ]
        self.add("outcome", awaited_words(item), Segments(ends))
        self.add("note", _("Note"), TextEdit(item.note, lines=2))

    def order(self) -> Order:
        """Record the answer."""
        values, item = self.values(), self._item
        args = (item.id, ActionOutcome(values["outcome"]), values["note"], item.revision)
        return Order(_("Answer recorded"), rules.answer_action, args)


class AddEnquirerForm(ActForm):
    """Who else asks for the search: somebody of the file, or somebody new."""

    def __init__(self, page: Page, case_id: int) -> None:
        """Find persons by name or number."""
        super().__init__(_("Add enquirer"), _("Add"))
        self._page, self._case_id = page, case_id
        self._fresh = ""
        self._person = FindField(self._find, name=_("Person"), add=_("New person"))
        self.add("person_id", _("Person"), self._person)
        self.add("relation", _("Relation"), LineEdit(placeholder=_("for example mother")))
        self._phone = self.add("phone", _("Phone"), LineEdit())
        self._phone.hide()
        self._person.add_asked.connect(self._new)
        self._person.picked.connect(self._known)
        self.add_tick("main", _("Main contact"))
        self.add_tick("consent", _("Consent given"))

    def _find(self, text: str, show: Callable[[Found], None]) -> None:
        self._page.read(find_people, text, channel="case.people", then=show)

    def _new(self, name: str) -> None:
        self._fresh = name
        self._phone.show()
        self._phone.editor.setFocus()

    def _known(self, _person_id: object) -> None:
        self._fresh = ""
        self._phone.hide()

    def order(self) -> Order:
        """Add the person who is chosen, or register a new one on the way."""
        values, person = self.values(), self._person
        base = {
            "case_id": self._case_id,
            "relation": relation_key(values["relation"]),
            "main": values["main"],
            "consent": values["consent"],
        }
        done = _("Enquirer added")
        if person.value is not None:
            draft = CaseEnquirerDraft.checked({**base, "person_id": person.value})
            return Order(done, rules.add_enquirer, (draft,))
        if self._fresh and self._fresh == person.text:
            who = new_person(person.text, values["phone"])
            draft = CaseEnquirerDraft.checked({**base, "person_id": 0})
            return Order(done, rules.add_new_enquirer, (who, draft))
        words = _("Choose a person from the list, or add a new one.")
        raise InvalidDraft(words, {"person_id": words})


class EnquirerForm(ActForm):
    """What is different about somebody who asks."""

    def __init__(self, case_id: int, item: Enquirer) -> None:
        """Begin with what is noted."""
        super().__init__(item.name, _("Save"), columns=1)
        self._case_id, self._item = case_id, item
        self.add("relation", _("Relation"), LineEdit(relation_words(item.relation)))
        self.add_tick("main", _("Main contact")).setChecked(item.main)
        self.add_tick("consent", _("Consent given")).setChecked(item.consent)

    def order(self) -> Order:
        """Change the enquirer."""
        item = self._item
        values = {**self.values(), "case_id": self._case_id, "person_id": item.person_id}
        values["relation"] = relation_key(values["relation"])
        args = (item.id, CaseEnquirerDraft.checked(values), item.revision)
        return Order(_("Enquirer changed"), rules.change_enquirer, args)


class PartForm(ActForm):
    """Takes one file apart again, and says before what goes where."""

    def __init__(self, page: Page, parting: Parting) -> None:
        """Say it."""
        super().__init__(_("Separate {name}").format(name=parting.name), _("Separate"), columns=1)
        self._page, self.parting = page, parting
        for at, words in enumerate(parting.lines()):
            self.body.insertWidget(at, label(words, "body", wrap=True))

    def order(self) -> Order:
        """Make two files of the one."""
        args = (self.parting.person_id, self._page.desk.today)
        return Order(_("Two files again"), part_persons, args)
