"""Persons, their names and their contacts: the tables every feature points at."""

import datetime as dt
import unicodedata
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import field_validator, model_validator
from sqlmodel import Field, SQLModel

from casedesk.kernel import clock
from casedesk.kernel.fields import Ui, enum_column
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Draft, Record

NAME_PART = 200
TEXT = 20_000


class Sex(StrEnum):
    F = "f"
    M = "m"
    UNKNOWN = "unknown"
    OTHER = "other"


class NameKind(StrEnum):
    OFFICIAL = "official"
    PASSPORT = "passport"
    MAIDEN = "maiden"
    PREVIOUS = "previous"
    NICKNAME = "nickname"
    HEARD = "heard"


class Script(StrEnum):
    CYRILLIC = "cyrillic"
    LATIN = "latin"


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    MESSENGER = "messenger"
    ADDRESS = "address"


def name_text(value: Any) -> Any:
    """One line of visible characters: marks that only steer display go, controls are refused.

    Direction marks and zero-width characters come along when a name is pasted from a phone or a
    web page; they make two equal names differ, or one name read as another.
    """
    if not isinstance(value, str):
        return value
    if value.isprintable():  # nearly every text: no mark, no control, no half of a letter
        return " ".join(value.split())
    shown = "".join(c for c in value if unicodedata.category(c) != "Cf")
    line = " ".join(shown.split())
    _refuse_controls(line, allowed="")
    return line


def plain_text(value: Any) -> Any:
    """Free text as typed, line breaks kept; never markup, never invisible direction marks."""
    if not isinstance(value, str) or value.replace("\n", "").isprintable():
        return value
    # the joiners stay: emoji and some scripts need them in running text
    shown = "".join(c for c in value if unicodedata.category(c) != "Cf" or c in "\u200c\u200d")
    _refuse_controls(shown, allowed="\n\r\t")
    return shown


def _refuse_controls(text: str, *, allowed: str) -> None:
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in allowed for c in text):
        raise ValueError(_("Contains a control character. Type the text again by hand."))


def not_future(value: dt.date | None) -> dt.date | None:
    """A date on which something has happened cannot lie after today."""
    if value is not None and value > clock.today():
        raise ValueError(_("The date lies in the future."))
    return value


class PersonFields(SQLModel):
    """A person known to the desk: caller, relative, sought or found."""

    code: Annotated[str, Ui(N_("Code"), N_("Person"), 90)] = Field(
        default="", max_length=20, unique=True
    )
    sex: Annotated[Sex, Ui(N_("Sex"), N_("Person"), 60)] = Field(
        default=Sex.UNKNOWN, sa_type=enum_column(Sex)
    )
    born_first: Annotated[dt.date | None, Ui(N_("Born from"), N_("Birth"), 90)] = None
    born_last: Annotated[dt.date | None, Ui(N_("Born until"), N_("Birth"), 90)] = None
    father_name: Annotated[str, Ui(N_("Father's full name"), N_("Family"), 180)] = Field(
        default="", max_length=NAME_PART
    )
    mother_name: Annotated[str, Ui(N_("Mother's full name"), N_("Family"), 180)] = Field(
        default="", max_length=NAME_PART
    )
    birth_place: Annotated[str, Ui(N_("Birth place"), N_("Birth"), 160)] = Field(
        default="", max_length=NAME_PART
    )
    external_ref: Annotated[str | None, Ui(N_("External reference"), N_("Person"), 120)] = Field(
        default=None, max_length=100, index=True
    )
    merged_into_id: Annotated[int | None, Ui(N_("Merged into"), N_("Person"), 90)] = Field(
        default=None, foreign_key="person.id", index=True
    )


class PersonDraft(Draft, PersonFields):
    """What a form or an import may say about a person."""

    @field_validator("father_name", "mother_name", "birth_place", "external_ref", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("born_first", "born_last")
    @classmethod
    def _already_born(cls, value: dt.date | None) -> dt.date | None:
        return not_future(value)

    @model_validator(mode="after")
    def _birth_in_order(self) -> Self:
        if (self.born_first is None) != (self.born_last is None):
            raise ValueError(_("Give both ends of the birth date, or none."))
        if self.born_first and self.born_last and self.born_first > self.born_last:
            raise ValueError(_("The birth date ends before it begins."))
        return self


class Person(Record, PersonFields, table=True):
    """One person; never deleted by a merge, only pointed elsewhere."""

    __tablename__ = "person"
    Draft: ClassVar[type[PersonDraft]] = PersonDraft


class PersonNameFields(SQLModel):
    """One of the names a person is known by."""

    person_id: Annotated[int, Ui(N_("Person"), N_("Name"), 80)] = Field(
        default=0, foreign_key="person.id", index=True
    )
    kind: Annotated[NameKind, Ui(N_("Kind of name"), N_("Name"), 90)] = Field(
        default=NameKind.OFFICIAL, sa_type=enum_column(NameKind)
    )
    script: Annotated[Script, Ui(N_("Script"), N_("Name"), 80)] = Field(
        default=Script.CYRILLIC, sa_type=enum_column(Script)
    )
    family: Annotated[str, Ui(N_("Family name"), N_("Name"), 150)] = Field(
        default="", max_length=NAME_PART
    )
    given: Annotated[str, Ui(N_("Given name"), N_("Name"), 130)] = Field(
        default="", max_length=NAME_PART
    )
    patronymic: Annotated[str, Ui(N_("Patronymic"), N_("Name"), 150)] = Field(
        default="", max_length=NAME_PART
    )


class PersonNameDraft(Draft, PersonNameFields):
    """A name as typed; ``person_id`` may stay 0 until an act registers the person."""

    @field_validator("family", "given", "patronymic", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.family or self.given or self.patronymic):
            raise ValueError(_("Give at least one part of the name."))
        return self


class PersonName(Record, PersonNameFields, table=True):
    """One name of one person."""

    __tablename__ = "person_name"
    Draft: ClassVar[type[PersonNameDraft]] = PersonNameDraft


class ContactFields(SQLModel):
    """One way to reach a person."""

    person_id: Annotated[int, Ui(N_("Person"), N_("Contact"), 80)] = Field(
        default=0, foreign_key="person.id", index=True
    )
    kind: Annotated[ContactKind, Ui(N_("Kind of contact"), N_("Contact"), 90)] = Field(
        default=ContactKind.PHONE, sa_type=enum_column(ContactKind)
    )
    typed: Annotated[str, Ui(N_("Contact"), N_("Contact"), 180)] = Field(
        min_length=1, max_length=500
    )
    e164: Annotated[str | None, Ui(N_("Number"), N_("Contact"), 130)] = Field(
        default=None, max_length=20, index=True
    )
    safe: Annotated[bool, Ui(N_("Safe to contact"), N_("Contact"), 70)] = True


class ContactDraft(Draft, ContactFields):
    """A contact as typed; ``person_id`` may stay 0 until an act registers the person."""

    @field_validator("typed", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)


class Contact(Record, ContactFields, table=True):
    """One contact of one person."""

    __tablename__ = "contact"
    Draft: ClassVar[type[ContactDraft]] = ContactDraft


class NameToken(SQLModel, table=True):
    """A key of a person's names, for the filters of lists; derived, ``people.index`` keeps it."""

    __tablename__ = "derived_name_token"
    token: str = Field(primary_key=True, max_length=80)
    # No foreign key: the row of a person who is undone goes first, its keys after it.
    person_id: int = Field(primary_key=True, index=True)


class NameIndexPiece(SQLModel, table=True):
    """A piece of the search index as it was last made; ``people.index`` makes it anew."""

    __tablename__ = "derived_name_index"
    name: str = Field(primary_key=True, max_length=40)
    data: bytes
