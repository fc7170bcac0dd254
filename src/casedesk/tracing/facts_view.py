"""The facts of a case as fields: filled, read, and put right where somebody else was quicker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from casedesk.desk.forms import Form
from casedesk.desk.widgets import ComboBox, DateField, LineEdit, TextEdit
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _
from casedesk.names.parse import script as script_of
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing import rules, wording
from casedesk.tracing.parts_view import choices
from casedesk.tracing.reading import CaseFile
from casedesk.tracing.records import (
    CaseKind,
    Priority,
    TracingCaseDraft,
)


class FactsForm(Form):
    """What is known of the person and of the case, as fields."""

    def __init__(self, file: CaseFile, keep: Callable[[str], None]) -> None:
        """Begin with what is known."""
        super().__init__(_("What is known"), _("Save"), keep=keep)
        self.base = file
        self.add("family", _("Family name"), LineEdit())
        self.add("given", _("Given name"), LineEdit())
        self.add("patronymic", _("Patronymic"), LineEdit())
        self.add("born", _("Born"), DateField(partial=True))
        self.add("mother_name", _("Mother"), LineEdit())
        self.add("father_name", _("Father"), LineEdit())
        self.add("birth_place", _("Birth place"), LineEdit())
        self.add("last_seen_on", _("Last seen"), DateField())
        self.add("last_seen_at", _("Last place"), LineEdit(), wide=True)
        self.add("circumstances", _("Circumstances"), TextEdit(lines=3), wide=True)
        self.add("marks", _("Marks and clothing"), TextEdit(lines=2), wide=True)
        self.add("kind", _("Kind of case"), ComboBox(choices(wording.KIND)))
        self.add("priority", _("Priority"), ComboBox(choices(wording.PRIORITY)))
        self.add("external_ref", _("External reference"), LineEdit(), wide=True)
        self.set_values(typed(file))

    def change(self) -> rules.FileChange:
        """Give the act's argument. Raises InvalidDraft with a sentence for each wrong field."""
        return _change_of(self, self.base)

    def meet(self, theirs: CaseFile) -> None:
        """Show what somebody else changed; what is typed here stays, the rest becomes theirs."""
        before, now, mine = typed(self.base), typed(theirs), self.touched()
        lines = []
        for key, value in now.items():
            if value != before[key]:
                shown = _("{field}: {before} → {after}").format(
                    field=self.fields[key].name,
                    before=_shown(key, before[key]),
                    after=_shown(key, value),
                )
                lines.append(shown)
        self.set_values(now)
        self.set_values(mine, fresh=False)
        self.base = theirs
        self.problem.setText(
            "\n".join(
                (
                    _("Somebody else changed this case while you were writing."),
                    *lines,
                    _("What you typed is still here. Save again to keep it."),
                )
            )
        )
        self.problem.show()


def typed(file: CaseFile) -> dict[str, Any]:
    """The facts of a case as the form shows them."""
    person, case, name = file.person, file.draft, file.name_draft
    born = ""
    if person.born_first and person.born_last:
        born = PartialDate(person.born_first, person.born_last).text()
    return {
        "family": name.family if name else "",
        "given": name.given if name else "",
        "patronymic": name.patronymic if name else "",
        "born": born,
        "mother_name": person.mother_name,
        "father_name": person.father_name,
        "birth_place": person.birth_place,
        "last_seen_on": case.last_seen_on.isoformat() if case.last_seen_on else "",
        "last_seen_at": case.last_seen_at,
        "circumstances": case.circumstances,
        "marks": case.marks or "",
        "kind": str(case.kind),
        "priority": str(case.priority),
        "external_ref": case.external_ref or "",
    }


def _shown(key: str, value: Any) -> str:
    words: dict[str, Any] = {
        "kind": lambda: _(wording.KIND[CaseKind(value)]),
        "priority": lambda: _(wording.PRIORITY[Priority(value)]),
    }
    return str(words[key]()) if key in words else str(value) or _("None noted")


def _change_of(form: Form, base: CaseFile) -> rules.FileChange:
    """Make the act's argument of the fields. Raises InvalidDraft with sentences by field."""
    values = form.values()
    born = form.known("born")
    if values["born"] == typed(base)["born"] and base.person.born_first and base.person.born_last:
        # an interval that came from elsewhere may not be one that can be typed
        born = PartialDate(base.person.born_first, base.person.born_last)
    seen: dt.date | None = form.day("last_seen_on")
    own = ("last_seen_at", "circumstances", "kind", "priority")
    case = TracingCaseDraft.checked(
        {
            **base.draft.model_dump(),
            **{key: values[key] for key in own},
            "last_seen_on": seen,
            "marks": values["marks"] or None,
            "external_ref": values["external_ref"] or None,
        }
    )
    person = PersonDraft.checked(
        {
            **base.person.model_dump(),
            **{key: values[key] for key in ("mother_name", "father_name", "birth_place")},
            "born_first": born.first if born else None,
            "born_last": born.last if born else None,
        }
    )
    name = None
    parts = {key: values[key] for key in ("family", "given", "patronymic")}
    started = typed(base)
    if any(parts[key] != started[key] for key in parts):
        old = base.name_draft
        if old is not None:
            kept = old.model_dump()
        else:
            kept = {"person_id": base.person_id, "script": script_of(" ".join(parts.values()))}
        try:
            name = PersonNameDraft.checked({**kept, **parts})
        except InvalidDraft as error:
            words = error.fields.get("record", str(error))
            raise InvalidDraft(words, {"family": words}) from None
    return rules.FileChange(
        case=case,
        case_revision=base.revision,
        person=person,
        person_revision=base.person_revision,
        name_id=base.name_id,
        name=name,
        name_revision=base.name_revision,
    )
