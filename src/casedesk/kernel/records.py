"""Drafts and records: what may be typed, and what is kept.

A SQLModel table class does not validate, so nothing is built from raw values: a frozen `Draft`
that exists is valid, a `Record` is made from a draft, and the store's flush gate puts every new
or changed record through its draft once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, ValidationError
from sqlmodel import Field, SQLModel

from casedesk.kernel.errors import InvalidDraft, StaleRecord
from casedesk.kernel.fields import Ui
from casedesk.kernel.language import _, ngettext, number

# Names for every constraint, so that a migration can speak of them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


WHOLE = "record"
"""The name under which a complaint stands that is of no single field."""


class Draft(SQLModel):
    """What a form, an import or a command offers: frozen, complete, valid or not there at all."""

    # SQLModel narrows pydantic's type of this attribute without need.
    model_config = ConfigDict(  # type: ignore[assignment]
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    @classmethod
    def checked(cls, values: dict[str, Any]) -> Self:
        """Build a draft; say which field is wrong and why, without repeating what was typed."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise invalid(error, cls) from None


def invalid(error: ValidationError, draft: type[Draft]) -> InvalidDraft:
    """Turn pydantic's report into sentences by field; the typed values are left out of it."""
    fields: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in item["loc"]) or WHOLE
        fields.setdefault(name, _sentence(item["type"], item["msg"], item.get("ctx", {})))
    listed = "; ".join(
        text if name == WHOLE else _("{field}: {problem}").format(field=label, problem=text)
        for name, text in fields.items()
        for label in [field_label(draft, name)]
    )
    return InvalidDraft(_("Some fields need a look: {fields}").format(fields=listed), fields)


def field_label(draft: type[Draft], name: str) -> str:
    """Call a field as the screen does; one that no screen shows keeps its own name."""
    info = draft.model_fields.get(name.partition(".")[0])
    shown = next((item for item in info.metadata if isinstance(item, Ui)), None) if info else None
    return _(shown.label) if shown else name


def _sentence(kind: str, said: str, facts: Mapping[str, Any]) -> str:
    """Say what is wrong in words of the house; a sentence of our own validators stays as it is."""
    if kind in ("value_error", "assertion_error"):
        return said.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    words = next((make for start, make in _SENTENCES.items() if kind.startswith(start)), None)
    return words(facts) if words else _("This value does not fit here.")


def _at_most(facts: Mapping[str, Any]) -> str:
    most = int(facts.get("max_length", 0))
    words = ngettext(
        "This is too long: at most {count} character.",
        "This is too long: at most {count} characters.",
        most,
    )
    return words.format(count=number(most))


def _at_least(facts: Mapping[str, Any]) -> str:
    least = int(facts.get("min_length", 1))
    if least <= 1:
        return _("This is missing.")
    words = ngettext(
        "This is too short: at least {count} character.",
        "This is too short: at least {count} characters.",
        least,
    )
    return words.format(count=number(least))


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _facts: _("This is missing."),
    "string_too_long": _at_most,
    "string_too_short": _at_least,
    "string_type": lambda _facts: _("Write words here."),
    "string_pattern": lambda _facts: _("This is not written as it should be."),
    "int": lambda _facts: _("Write a whole number."),
    "float": lambda _facts: _("Write a number."),
    "decimal": lambda _facts: _("Write a number."),
    "bool": lambda _facts: _("Say yes or no."),
    # a date that pydantic reads as a moment ("date_from_datetime_parsing") is meant as a day too
    "datetime": lambda _facts: _("Write a date and a time."),
    "date": lambda _facts: _("Write a whole date, as 2025-09-03."),
    "time": lambda _facts: _("Write a time, as 14:30."),
    "enum": lambda _facts: _("Choose one of the offered values."),
    "literal": lambda _facts: _("Choose one of the offered values."),
    "greater_than_equal": lambda facts: _("Not less than {number}.").format(number=facts["ge"]),
    "greater_than": lambda facts: _("More than {number}.").format(number=facts["gt"]),
    "less_than_equal": lambda facts: _("Not more than {number}.").format(number=facts["le"]),
    "less_than": lambda facts: _("Less than {number}.").format(number=facts["lt"]),
    "extra_forbidden": lambda _facts: _("There is no such field."),
}
"""What pydantic's kinds of error mean, by how they begin; longer beginnings stand first."""


AnyDraft = Draft  # inside Record, the name Draft is each record's own


class Record(SQLModel):
    """A row of the file. Made by `of`, changed by `apply`, never by hand."""

    Draft: ClassVar[type[AnyDraft]]

    id: int | None = Field(default=None, primary_key=True)
    revision: int = Field(default=0)

    @classmethod
    def of(cls, draft: AnyDraft) -> Self:
        """Make a new record of a draft."""
        return cls(**{name: getattr(draft, name) for name in cls.Draft.model_fields})

    def draft(self) -> AnyDraft:
        """Read the record back as the draft that would make it; raise if it is not valid."""
        return self.Draft.checked({n: getattr(self, n) for n in self.Draft.model_fields})

    def apply(self, draft: AnyDraft, *, revision: int | None = None) -> None:
        """Take over a draft; refuse with `StaleRecord` where `revision` is no longer the record's.

        `revision` is the one that the form read. Leave it out only where the record was read in
        the same transaction.
        """
        if revision is not None and revision != self.revision:
            raise StaleRecord(
                _("Somebody changed this record while you were writing. Read it again first.")
            )
        for name in self.Draft.model_fields:
            value = getattr(draft, name)
            if getattr(self, name) != value:
                setattr(self, name, value)

    def __repr__(self) -> str:
        """Name class and id alone: a record's values never reach a log."""
        return f"<{type(self).__name__} {self.id}>"
