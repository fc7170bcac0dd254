"""Organisations beside the delegation: national societies, authorities, hospitals and others."""

import re
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import field_validator, model_validator
from sqlmodel import Field, SQLModel

from casedesk.kernel.fields import Ui, enum_column
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Draft, Record
from casedesk.people.records import TEXT, name_text, plain_text


class OrganisationKind(StrEnum):
    NATIONAL_SOCIETY = "national_society"
    AUTHORITY = "authority"
    HOSPITAL = "hospital"
    PRISON_SERVICE = "prison_service"
    ARMED_FORCES = "armed_forces"
    NGO = "ngo"
    OTHER = "other"


KIND_WORDS: dict[OrganisationKind, str] = {
    OrganisationKind.NATIONAL_SOCIETY: N_("National Society"),
    OrganisationKind.AUTHORITY: N_("Authority"),
    OrganisationKind.HOSPITAL: N_("Hospital"),
    OrganisationKind.PRISON_SERVICE: N_("Prison service"),
    OrganisationKind.ARMED_FORCES: N_("Armed forces"),
    OrganisationKind.NGO: N_("Non-governmental organisation"),
    OrganisationKind.OTHER: N_("Other"),
}


class OrganisationFields(SQLModel):
    """An organisation the desk deals with."""

    name: Annotated[str, Ui(N_("Title"), N_("Organisation"), 220)] = Field(
        default="", max_length=300
    )
    latin_name: Annotated[str, Ui(N_("Latin name"), N_("Organisation"), 200)] = Field(
        default="", max_length=300
    )
    kind: Annotated[OrganisationKind, Ui(N_("Kind"), N_("Organisation"), 130)] = Field(
        default=OrganisationKind.OTHER, sa_type=enum_column(OrganisationKind)
    )
    country: Annotated[str, Ui(N_("Country"), N_("Organisation"), 120)] = Field(
        default="", max_length=100
    )
    phone: Annotated[str, Ui(N_("Phone"), N_("Contact"), 130)] = Field(default="", max_length=100)
    email: Annotated[str, Ui(N_("E-mail"), N_("Contact"), 160)] = Field(default="", max_length=200)
    note: Annotated[str, Ui(N_("Note"), N_("Organisation"), 240)] = Field(
        default="", max_length=TEXT
    )


class OrganisationDraft(Draft, OrganisationFields):
    """An organisation as typed."""

    @field_validator("name", "latin_name", "country", "phone", "email", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("note", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_text(value)

    @field_validator("phone")
    @classmethod
    def _can_be_called(cls, value: str) -> str:
        if value and len(re.sub(r"\D", "", value)) < 3:
            raise ValueError(_("A phone number has three digits or more."))
        return value

    @field_validator("email")
    @classmethod
    def _can_be_written(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value):
            raise ValueError(_("Write the address as name@place.org."))
        return value

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not (self.name or self.latin_name):
            raise ValueError(_("Give the organisation a name."))
        return self


class Organisation(Record, OrganisationFields, table=True):
    """One organisation."""

    __tablename__ = "organisation"
    Draft: ClassVar[type[OrganisationDraft]] = OrganisationDraft
