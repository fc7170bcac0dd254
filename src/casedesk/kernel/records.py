"""Drafts and records: what may be typed, and what is kept.

A SQLModel table class does not validate, so nothing is built from raw values: a frozen `Draft`
that exists is valid, a `Record` is made from a draft, and the store's flush gate puts every new
or changed record through its draft once more.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import ConfigDict, ValidationError
from sqlmodel import Field, SQLModel

from casedesk.kernel.errors import InvalidDraft, StaleRecord
from casedesk.kernel.language import _

# Names for every constraint, so that a migration can speak of them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


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
            raise invalid(error) from None


def invalid(error: ValidationError) -> InvalidDraft:
    """Turn pydantic's report into sentences by field; the typed values are left out of it."""
    fields: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        name = ".".join(str(part) for part in item["loc"]) or "record"
        fields.setdefault(name, item["msg"].removeprefix("Value error, "))
    listed = "; ".join(f"{name}: {text}" for name, text in fields.items())
    return InvalidDraft(_("Some fields need a look: {fields}").format(fields=listed), fields)


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
