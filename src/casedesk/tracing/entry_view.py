"""What is recorded on a case: an action, information that came, what the family was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.forms import FindField, Form, Found
from casedesk.desk.page import Page
from casedesk.desk.widgets import (
    ComboBox,
    DateField,
    LineEdit,
    Segments,
)
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.language import _
from casedesk.names.parse import script as script_of
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft, OrganisationKind
from casedesk.tracing import rules, wording
from casedesk.tracing.acts_view import Order
from casedesk.tracing.finding import find_organisations
from casedesk.tracing.parts_view import (
    choices,
)
from casedesk.tracing.records import (
    ActionKind,
    CaseActionDraft,
    FamilyInformedDraft,
    Fate,
    InformationReceivedDraft,
    Means,
    Reliability,
    Sharing,
    ToldBy,
)


class PartnerField(FindField):
    """Says who was asked: found by a name in either script, or noted on the spot."""

    def __init__(self, page: Page, name: str) -> None:
        """Look up and write through the page."""
        self._page = page
        super().__init__(self._look, name=name, add=_("Add organisation"))
        self.add_asked.connect(self._add_one)

    def _look(self, text: str, show: Callable[[Found], None]) -> None:
        self._page.read(find_organisations, text, channel="tracing.partners", then=show)

    def _add_one(self, text: str) -> None:
        kind = OrganisationKind.OTHER
        values = {"latin_name" if script_of(text) == "latin" else "name": text, "kind": kind}
        try:
            draft = OrganisationDraft.checked(values)
        except InvalidDraft as error:
            self._page.desk.notices.problem(error)
            return
        self._page.write(
            partners.add_organisation, draft, then=lambda made: self.set_value(made.id, text)
        )


class ActionForm(Form):
    """An action: what was done, who was asked, until when the answer is awaited."""

    def __init__(
        self,
        page: Page,
        *,
        title: str,
        main: str,
        cancel: bool,
        keep: Any,
        columns: int = 2,
        beside: bool = False,
    ) -> None:
        """Make the fields; `page` looks up organisations."""
        super().__init__(title, main, keep=keep, cancel=cancel, columns=columns, beside=beside)
        self._page = page
        self.add("note", _("What was done"), LineEdit(), wide=True)
        kinds = choices(wording.ACTION)
        self.add("kind", _("Kind"), ComboBox(kinds, value=str(ActionKind.LIST_CHECK)))
        self.add("partner_id", _("Who was asked"), PartnerField(page, _("Who was asked")))
        self.add("answer_due", _("Answer due"), DateField())
        self.add("on_date", _("Date"), DateField(page.desk.today))

    def draft(self, case_id: int) -> CaseActionDraft:
        """Give the action as typed. Raises InvalidDraft with a sentence for each wrong field."""
        values = self.values()
        values["on_date"] = self.day("on_date") or self._page.desk.today
        values["answer_due"] = self.day("answer_due")
        organisation = self.editor("partner_id")
        if organisation.text and organisation.value is None:
            words = _("Choose the organisation from the list, or add it.")
            raise InvalidDraft(words, {"partner_id": words})
        return CaseActionDraft.checked({**values, "case_id": case_id})

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.editor("partner_id").set_value(None)


class Entry(QWidget):
    """What is recorded next: one of three forms, chosen by the segments above them."""

    submitted = Signal()
    left = Signal()

    def __init__(self, page: Page, keeper: Callable[[str], Callable[[str], None]]) -> None:
        """`keeper` gives for the name of a form what keeps its words."""
        super().__init__()
        self._page = page
        self.what = Segments(
            [("action", _("Action")), ("information", _("Information")), ("informed", _("Told"))],
            name=_("What to record"),
        )
        self.what.chosen.connect(self.choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        column.addWidget(self.what)
        self.forms: dict[str, Form] = {
            "action": ActionForm(
                page,
                title="",
                main=_("Record action"),
                cancel=False,
                keep=keeper("action"),
                columns=4,
                beside=True,
            ),
            "information": self._information(keeper("information")),
            "informed": self._informed(keeper("informed")),
        }
        for key, form in self.forms.items():
            column.addWidget(form)
            if key != "action":
                form.hide()
            form.submitted.connect(self.submitted)
            form.cancelled.connect(self.left)

    def _information(self, keep: Callable[[str], None]) -> Form:
        form = Form("", _("Record information"), keep=keep, cancel=False, columns=3, beside=True)
        form.add("whereabouts", _("What is known now"), LineEdit(), wide=True)
        form.add("source", _("Source"), LineEdit())
        fates = choices(wording.FATE)
        form.add("fate", _("Fate"), ComboBox(fates, value=str(Fate.UNKNOWN)))
        reliable = choices(wording.RELIABILITY)
        form.add(
            "reliability", _("Reliability"), ComboBox(reliable, value=str(Reliability.UNKNOWN))
        )
        shared = choices(wording.SHARING)
        form.add("share_with_family", _("Family"), ComboBox(shared, value=str(Sharing.NO)))
        form.add("verified_by", _("Confirmed by"), LineEdit())
        form.add("on_date", _("Date"), DateField(self._page.desk.today))
        return form

    def _informed(self, keep: Callable[[str], None]) -> Form:
        form = Form("", _("Record"), keep=keep, cancel=False, columns=4, beside=True)
        form.add("told", _("Who was told"), LineEdit(), wide=True)
        form.add("fate", _("Fate told"), ComboBox(choices(wording.FATE), value=str(Fate.UNKNOWN)))
        form.add("how", _("How"), ComboBox(choices(wording.MEANS), value=str(Means.PHONE)))
        by = choices(wording.TOLD_BY)
        form.add("by", _("By"), ComboBox(by, value=str(ToldBy.DELEGATION)))
        form.add("on_date", _("Date"), DateField(self._page.desk.today))
        return form

    @property
    def kind(self) -> str:
        """What is chosen: action, information or informed."""
        return str(self.what.value)

    @property
    def form(self) -> Form:
        """The form of what is being recorded."""
        return self.forms[self.kind]

    def choose(self, chosen: str, *, focus: bool = True) -> None:
        """Show the form of this kind."""
        for key, form in self.forms.items():
            form.setVisible(key == chosen)
        if focus and not self.what.hasFocus():
            self.forms[chosen].focus_first()

    def restore(self, kept: Mapping[str, str]) -> None:
        """Bring back what was typed, by the name of the form; nobody who types is disturbed."""
        for name, form in self.forms.items():
            if not form.touched() and (text := kept.get(name)):
                form.restore(text)
                self.what.set_value(name)
                self.choose(name, focus=False)

    def clear(self) -> None:
        """Begin all forms anew."""
        for form in self.forms.values():
            form.clear()

    def order(self, case_id: int) -> Order:
        """Give the act that records what is typed. Raises InvalidDraft where it cannot be."""
        form = self.form
        if isinstance(form, ActionForm):
            return Order(_("Action recorded"), rules.record_action, (form.draft(case_id),))
        values = {**form.values(), "case_id": case_id}
        values["on_date"] = form.day("on_date") or self._page.desk.today
        if self.kind == "information":
            information = InformationReceivedDraft.checked(values)
            return Order(_("Information recorded"), rules.record_information, (information,))
        told = _("Recorded that the family was told")
        return Order(told, rules.inform_family, (FamilyInformedDraft.checked(values),))
