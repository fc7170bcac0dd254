"""Assistance: programmes, households, registrations, rounds, entitlements and receipts."""

import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

import sqlalchemy as sa
from pydantic import field_validator, model_validator
from sqlmodel import Field, SQLModel

from casedesk.kernel.fields import Ui, enum_column
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Draft, Record
from casedesk.kernel.status import StatusInterval
from casedesk.partners import records as _partners  # noqa: F401  (a programme points at its table)
from casedesk.people.records import TEXT, name_text, not_future, plain_text

AMOUNT_MAX = 10**13
"""A hundred thousand million of a currency, in its hundredths: more is a slip of the finger."""


class Modality(StrEnum):
    CASH = "cash"
    PREPAID_CARD = "prepaid_card"
    VALUE_VOUCHER = "value_voucher"
    COMMODITY_VOUCHER = "commodity_voucher"
    PHARMACY_VOUCHER = "pharmacy_voucher"
    IN_KIND_PARCEL = "in_kind_parcel"
    SCHOOL_KIT = "school_kit"
    GRANT = "grant"
    VOCATIONAL_TRAINING = "vocational_training"


class Country(StrEnum):
    RUSSIA = "ru"
    BELARUS = "by"


class Target(StrEnum):
    DISPLACED = "displaced"
    EMERGENCY = "emergency"
    SCHOOL_CHILDREN = "school_children"
    LIVELIHOOD = "livelihood"
    OTHER = "other"


class Per(StrEnum):
    """What one entitlement is for: the household as a whole, or one person of it."""

    HOUSEHOLD = "household"
    PERSON = "person"


class RegistrationStatus(StrEnum):
    NEW = "new"
    VALIDATED = "validated"
    INCLUDED = "included"
    PAUSED = "paused"
    COMPLETED = "completed"
    DECLINED = "declined"
    EXITED = "exited"


LIVE = (
    RegistrationStatus.NEW,
    RegistrationStatus.VALIDATED,
    RegistrationStatus.INCLUDED,
    RegistrationStatus.PAUSED,
)


class RoundStatus(StrEnum):
    OPEN = "open"
    LOCKED = "locked"
    APPROVED = "approved"
    UNDER_WAY = "under_way"
    RECONCILED = "reconciled"
    CLOSED = "closed"


class EntitlementStatus(StrEnum):
    """Received exactly while a receipt is in force; `rules` and `guard` hold the two together."""

    PLANNED = "planned"
    RECEIVED = "received"
    STOPPED = "stopped"
    NOT_COLLECTED = "not_collected"


class ReceiptKind(StrEnum):
    GIVEN = "given"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"


class Via(StrEnum):
    """How a receipt came about: over the table, at the door, or through a provider's file."""

    TABLE = "table"
    VISIT = "visit"
    PROVIDER = "provider"


class ProviderOutcome(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    DIFFERENT = "different"


class Stage(StrEnum):
    """When a possible double was found."""

    REGISTRATION = "registration"
    LOCK = "lock"
    HANDING_OVER = "handing_over"


class Decision(StrEnum):
    """What was decided of a possible double; `to_confirm` waits for the second person."""

    OPEN = "open"
    TO_CONFIRM = "to_confirm"
    GIVEN_ANYWAY = "given_anyway"
    MERGED = "merged"
    STOPPED = "stopped"


UNDECIDED = (Decision.OPEN, Decision.TO_CONFIRM)


def document_key(typed: str) -> str:
    """Give the form under which documents are compared: digits, and letters as they look."""
    letters = typed.upper().translate(str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX"))
    return re.sub(r"[\W_]+", "", letters)


def card_key(typed: str) -> str:
    """Give the form under which card numbers are kept: no spaces, no dashes, capital letters."""
    return re.sub(r"[\W_]+", "", typed.upper())


class LifeDraft(Draft):
    """What the drafts of dated statuses share: the status is one of a list."""

    statuses: ClassVar[type[StrEnum]]

    @field_validator("status", check_fields=False)
    @classmethod
    def _known_status(cls, value: str) -> str:
        return cls.statuses(value).value


class ProgrammeFields(SQLModel):
    """A programme: one kind of help, for one target, with one partner, for a time."""

    name: Annotated[str, Ui(N_("Title"), N_("Programme"), 220)] = Field(
        default="", max_length=200, unique=True
    )
    modality: Annotated[Modality, Ui(N_("Kind of help"), N_("Programme"), 130)] = Field(
        sa_type=enum_column(Modality)
    )
    per: Annotated[Per, Ui(N_("Given to"), N_("Programme"), 100)] = Field(
        default=Per.HOUSEHOLD, sa_type=enum_column(Per)
    )
    country: Annotated[Country, Ui(N_("Country"), N_("Programme"), 90)] = Field(
        default=Country.RUSSIA, sa_type=enum_column(Country)
    )
    area: Annotated[str, Ui(N_("Area"), N_("Programme"), 150)] = Field(default="", max_length=200)
    target: Annotated[Target, Ui(N_("For whom"), N_("Programme"), 130)] = Field(
        default=Target.DISPLACED, sa_type=enum_column(Target)
    )
    response: Annotated[str, Ui(N_("Emergency"), N_("Programme"), 120)] = Field(
        default="", max_length=60, index=True
    )
    pilot: Annotated[bool, Ui(N_("Pilot"), N_("Programme"), 60)] = False
    donor: Annotated[str, Ui(N_("Donor"), N_("Programme"), 150)] = Field(default="", max_length=200)
    partner_id: Annotated[int | None, Ui(N_("Partner"), N_("Programme"), 160)] = Field(
        default=None, foreign_key="organisation.id", index=True
    )
    starts_on: Annotated[dt.date, Ui(N_("Begins"), N_("Programme"), 90)]
    ends_on: Annotated[dt.date | None, Ui(N_("Ends"), N_("Programme"), 90)] = None
    currency: Annotated[str, Ui(N_("Currency"), N_("Programme"), 70)] = Field(
        default="RUB", max_length=3
    )
    ceiling: Annotated[int | None, Ui(N_("At most, per household"), N_("Programme"), 110)] = Field(
        default=None, ge=1, le=AMOUNT_MAX
    )
    """In hundredths of the currency, over all rounds of the programme."""


class ProgrammeDraft(Draft, ProgrammeFields):
    """A programme as typed."""

    @field_validator("name", "area", "response", "donor", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            raise ValueError(_("Give the programme a name."))
        return value

    @field_validator("currency")
    @classmethod
    def _code(cls, value: str) -> str:
        return currency_code(value)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(_("The programme ends before it begins."))
        return self


def currency_code(value: str) -> str:
    """Refuse what is not three capital letters."""
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError(_("A currency is written with three capital letters, as in RUB."))
    return value


class Programme(Record, ProgrammeFields, table=True):
    """One programme."""

    __tablename__ = "programme"
    Draft: ClassVar[type[ProgrammeDraft]] = ProgrammeDraft


class HouseholdFields(SQLModel):
    """People who live and are helped together."""

    code: Annotated[str, Ui(N_("Code"), N_("Household"), 90)] = Field(
        default="", max_length=20, unique=True
    )
    place: Annotated[str, Ui(N_("Place"), N_("Household"), 140)] = Field(default="", max_length=200)
    address: Annotated[str, Ui(N_("Address"), N_("Household"), 220)] = Field(
        default="", max_length=300
    )
    need: Annotated[str, Ui(N_("Need"), N_("Household"), 140)] = Field(default="", max_length=200)
    note: Annotated[str, Ui(N_("Note"), N_("Household"), 200)] = Field(default="", max_length=TEXT)
    merged_into_id: Annotated[int | None, Ui(N_("Merged into"), N_("Household"), 90)] = Field(
        default=None, foreign_key="household.id", index=True
    )


class HouseholdDraft(Draft, HouseholdFields):
    """A household as typed; who belongs to it is said beside."""

    @field_validator("place", "address", "need", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("note", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_text(value)


class Household(Record, HouseholdFields, table=True):
    """One household; never deleted by a merge, only pointed elsewhere."""

    __tablename__ = "household"
    Draft: ClassVar[type[HouseholdDraft]] = HouseholdDraft


class HouseholdMemberFields(SQLModel):
    """A person of a household, from a day until a day."""

    household_id: Annotated[int, Ui(N_("Household"), N_("Member"), 80)] = Field(
        default=0, foreign_key="household.id", index=True
    )
    person_id: Annotated[int, Ui(N_("Person"), N_("Member"), 180)] = Field(
        default=0, foreign_key="person.id", index=True
    )
    head: Annotated[bool, Ui(N_("Head of household"), N_("Member"), 80)] = False
    relation: Annotated[str, Ui(N_("Relation to the head"), N_("Member"), 120)] = Field(
        default="", max_length=100
    )
    document: Annotated[str, Ui(N_("Document number"), N_("Member"), 130)] = Field(
        default="", max_length=60
    )
    document_key: str = Field(default="", max_length=60, index=True)
    since: Annotated[dt.date | None, Ui(N_("Since"), N_("Member"), 90)] = None
    until: Annotated[dt.date | None, Ui(N_("Until"), N_("Member"), 90)] = None
    """The first day on which the person is no longer of the household."""


class HouseholdMemberDraft(Draft, HouseholdMemberFields):
    """A member as typed; ``household_id`` and ``person_id`` may stay 0 until an act knows them."""

    @field_validator("relation", "document", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError(_("The person leaves the household before joining it."))
        if self.document_key != document_key(self.document):
            raise ValueError(_("The document and the form it is compared by differ."))
        return self

    @model_validator(mode="before")
    @classmethod
    def _keyed(cls, values: Any) -> Any:
        if isinstance(values, dict) and isinstance(values.get("document", ""), str):
            return {**values, "document_key": document_key(values.get("document", ""))}
        return values


class HouseholdMember(Record, HouseholdMemberFields, table=True):
    """One person of one household."""

    __tablename__ = "household_member"
    Draft: ClassVar[type[HouseholdMemberDraft]] = HouseholdMemberDraft


class RegistrationFields(SQLModel):
    """A household asks for, and gets, the help of one programme."""

    programme_id: Annotated[int, Ui(N_("Programme"), N_("Registration"), 180)] = Field(
        foreign_key="programme.id"
    )
    household_id: Annotated[int, Ui(N_("Household"), N_("Registration"), 180)] = Field(
        default=0, foreign_key="household.id", index=True
    )
    status: Annotated[RegistrationStatus, Ui(N_("Status"), N_("Registration"), 110)] = Field(
        default=RegistrationStatus.NEW, sa_type=enum_column(RegistrationStatus)
    )
    registered_on: Annotated[dt.date, Ui(N_("Registered"), N_("Registration"), 90)]
    criteria: Annotated[str, Ui(N_("Criteria met"), N_("Registration"), 160)] = Field(
        default="", max_length=300
    )
    consent: Annotated[bool, Ui(N_("Consent"), N_("Registration"), 70)] = False
    card_number: Annotated[str, Ui(N_("Card number"), N_("Registration"), 130)] = Field(
        default="", max_length=40, index=True
    )
    external_ref: Annotated[str | None, Ui(N_("External reference"), N_("Registration"), 120)] = (
        Field(default=None, max_length=100, index=True)
    )


class RegistrationDraft(Draft, RegistrationFields):
    """A registration as typed; ``household_id`` may stay 0 until an act knows it."""

    @field_validator("criteria", "external_ref", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("card_number", mode="before")
    @classmethod
    def _card(cls, value: Any) -> Any:
        return card_key(value) if isinstance(value, str) else value

    @field_validator("registered_on")
    @classmethod
    def _happened(cls, value: dt.date) -> dt.date:
        not_future(value)
        return value


class Registration(Record, RegistrationFields, table=True):
    """One household in one programme; ``status`` repeats the interval in force today."""

    __tablename__ = "registration"
    __table_args__ = (sa.Index("ix_registration_programme", "programme_id", "status", "id"),)
    Draft: ClassVar[type[RegistrationDraft]] = RegistrationDraft


class RegistrationLifeFields(StatusInterval):
    """A status interval of a registration."""

    registration_id: int = Field(foreign_key="registration.id", index=True)


class RegistrationLifeDraft(LifeDraft, RegistrationLifeFields):
    """What ``kernel.status`` writes; the status is one of `RegistrationStatus`."""

    statuses: ClassVar[type[StrEnum]] = RegistrationStatus


class RegistrationLife(Record, RegistrationLifeFields, table=True):
    """One status of one registration, on both axes of time."""

    __tablename__ = "registration_life"
    Draft: ClassVar[type[RegistrationLifeDraft]] = RegistrationLifeDraft


class RoundFields(SQLModel):
    """One distribution of a programme: a list, two approvals, places and days."""

    programme_id: Annotated[int, Ui(N_("Programme"), N_("Round"), 180)] = Field(
        foreign_key="programme.id", index=True
    )
    name: Annotated[str, Ui(N_("Round"), N_("Round"), 180)] = Field(default="", max_length=120)
    status: Annotated[RoundStatus, Ui(N_("Status"), N_("Round"), 110)] = Field(
        default=RoundStatus.OPEN, sa_type=enum_column(RoundStatus)
    )
    first_day: Annotated[dt.date, Ui(N_("First day"), N_("Round"), 90)]
    last_day: Annotated[dt.date, Ui(N_("Last day"), N_("Round"), 90)]
    opened_on: Annotated[dt.date, Ui(N_("Opened"), N_("Round"), 90)]
    locked_by: Annotated[str, Ui(N_("Locked by"), N_("Round"), 110)] = Field(
        default="", max_length=120
    )
    first_approver: Annotated[str, Ui(N_("Approved by"), N_("Round"), 110)] = Field(
        default="", max_length=120
    )
    second_approver: Annotated[str, Ui(N_("Approved by, second"), N_("Round"), 110)] = Field(
        default="", max_length=120
    )
    approved_on: Annotated[dt.date | None, Ui(N_("Approved"), N_("Round"), 90)] = None


BEFORE_APPROVAL = (RoundStatus.OPEN, RoundStatus.LOCKED)
ENDED_ROUND = (RoundStatus.RECONCILED, RoundStatus.CLOSED)


class RoundDraft(Draft, RoundFields):
    """A round as typed."""

    @field_validator("name", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.name:
            raise ValueError(_("Give the round a name."))
        if self.last_day < self.first_day:
            raise ValueError(_("The round ends before it begins."))
        if self.status not in BEFORE_APPROVAL and not (
            self.first_approver and self.second_approver and self.approved_on
        ):
            raise ValueError(_("A round is approved by two persons before it begins."))
        if same_name(self.first_approver, self.second_approver):
            raise ValueError(_("The second approval is another person's."))
        return self


def same_name(one: str, other: str) -> bool:
    """Tell whether two names of officers are one; nobody is not one with nobody."""
    first, second = (" ".join(name.split()).casefold() for name in (one, other))
    return bool(first) and first == second


class Round(Record, RoundFields, table=True):
    """One round; ``status`` repeats the interval in force today."""

    __tablename__ = "assistance_round"
    __table_args__ = (sa.Index("ix_assistance_round_newest", "first_day", "id"),)
    Draft: ClassVar[type[RoundDraft]] = RoundDraft


class RoundLifeFields(StatusInterval):
    """A status interval of a round."""

    round_id: int = Field(foreign_key="assistance_round.id", index=True)


class RoundLifeDraft(LifeDraft, RoundLifeFields):
    """What ``kernel.status`` writes; the status is one of `RoundStatus`."""

    statuses: ClassVar[type[StrEnum]] = RoundStatus


class RoundLife(Record, RoundLifeFields, table=True):
    """One status of one round, on both axes of time."""

    __tablename__ = "round_life"
    Draft: ClassVar[type[RoundLifeDraft]] = RoundLifeDraft


class SiteFields(SQLModel):
    """A point of a round: a school, a hall, a mobile team."""

    round_id: Annotated[int, Ui(N_("Round"), N_("Point"), 80)] = Field(
        default=0, foreign_key="assistance_round.id", index=True
    )
    name: Annotated[str, Ui(N_("Point"), N_("Point"), 150)] = Field(default="", max_length=120)
    address: Annotated[str, Ui(N_("Address"), N_("Point"), 180)] = Field(default="", max_length=300)
    team: Annotated[str, Ui(N_("Team"), N_("Point"), 120)] = Field(default="", max_length=120)
    first_day: Annotated[dt.date | None, Ui(N_("First day"), N_("Point"), 90)] = None
    last_day: Annotated[dt.date | None, Ui(N_("Last day"), N_("Point"), 90)] = None


class SiteDraft(Draft, SiteFields):
    """A point as typed; ``round_id`` may stay 0 until the round is opened."""

    @field_validator("name", "address", "team", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.name:
            raise ValueError(_("Give the point a name."))
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError(_("The point closes before it opens."))
        return self


class Site(Record, SiteFields, table=True):
    """One point of one round."""

    __tablename__ = "round_site"
    Draft: ClassVar[type[SiteDraft]] = SiteDraft


class EntitlementFields(SQLModel):
    """What one registration gets in one round; of one person where the programme says so."""

    round_id: Annotated[int, Ui(N_("Round"), N_("Entitlement"), 150)] = Field(
        foreign_key="assistance_round.id"
    )
    registration_id: Annotated[int, Ui(N_("Registration"), N_("Entitlement"), 150)] = Field(
        foreign_key="registration.id", index=True
    )
    person_id: Annotated[int | None, Ui(N_("For"), N_("Entitlement"), 150)] = Field(
        default=None, foreign_key="person.id", index=True
    )
    site_id: Annotated[int | None, Ui(N_("Point"), N_("Entitlement"), 120)] = Field(
        default=None, foreign_key="round_site.id", index=True
    )
    status: Annotated[EntitlementStatus, Ui(N_("Status"), N_("Entitlement"), 110)] = Field(
        default=EntitlementStatus.PLANNED, sa_type=enum_column(EntitlementStatus)
    )
    quantity: Annotated[int, Ui(N_("Quantity"), N_("Entitlement"), 80)] = Field(
        default=1, ge=0, le=1_000_000
    )
    amount: Annotated[int, Ui(N_("Amount"), N_("Entitlement"), 100)] = Field(
        default=0, ge=0, le=AMOUNT_MAX
    )
    """In hundredths of the currency."""
    currency: Annotated[str, Ui(N_("Currency"), N_("Entitlement"), 70)] = Field(
        default="RUB", max_length=3
    )
    card_number: Annotated[str, Ui(N_("Card number"), N_("Entitlement"), 130)] = Field(
        default="", max_length=40, index=True
    )
    reason: Annotated[str, Ui(N_("Why it was stopped"), N_("Entitlement"), 160)] = Field(
        default="", max_length=300
    )


class EntitlementDraft(Draft, EntitlementFields):
    """An entitlement as typed."""

    @field_validator("card_number", mode="before")
    @classmethod
    def _card(cls, value: Any) -> Any:
        return card_key(value) if isinstance(value, str) else value

    @field_validator("reason", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("currency")
    @classmethod
    def _code(cls, value: str) -> str:
        return currency_code(value)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.quantity or self.amount):
            raise ValueError(_("Say how much is given: a quantity or an amount."))
        return self


class Entitlement(Record, EntitlementFields, table=True):
    """One line of the list of one round."""

    __tablename__ = "entitlement"
    __table_args__ = (
        sa.Index("ix_entitlement_round", "round_id", "status", "id"),
        # The floor under "once in a round": nobody stands twice on one list.
        sa.Index(
            "uq_entitlement_once",
            "round_id",
            "registration_id",
            sa.func.coalesce(sa.column("person_id"), 0),
            unique=True,
        ),
    )
    Draft: ClassVar[type[EntitlementDraft]] = EntitlementDraft


class ReceiptFields(SQLModel):
    """One fact of handing over, of correcting it or of taking it back; facts are only added."""

    entitlement_id: Annotated[int, Ui(N_("Entitlement"), N_("Receipt"), 80)] = Field(
        foreign_key="entitlement.id"
    )
    sequence: int = Field(default=1, ge=1)
    """Facts of one entitlement are a chain 1, 2, 3; the last one is in force unless it cancels."""
    kind: Annotated[ReceiptKind, Ui(N_("What"), N_("Receipt"), 100)] = Field(
        default=ReceiptKind.GIVEN, sa_type=enum_column(ReceiptKind)
    )
    on_date: Annotated[dt.date, Ui(N_("Date"), N_("Receipt"), 90)]
    noted_on: Annotated[dt.date, Ui(N_("Noted"), N_("Receipt"), 90)]
    quantity: Annotated[int, Ui(N_("Quantity"), N_("Receipt"), 80)] = Field(
        default=1, ge=0, le=1_000_000
    )
    amount: Annotated[int, Ui(N_("Amount"), N_("Receipt"), 100)] = Field(
        default=0, ge=0, le=AMOUNT_MAX
    )
    currency: Annotated[str, Ui(N_("Currency"), N_("Receipt"), 70)] = Field(
        default="RUB", max_length=3
    )
    via: Annotated[Via, Ui(N_("How"), N_("Receipt"), 90)] = Field(
        default=Via.TABLE, sa_type=enum_column(Via)
    )
    collected_by_id: Annotated[int | None, Ui(N_("Collected by"), N_("Receipt"), 150)] = Field(
        default=None, foreign_key="person.id", index=True
    )
    proxy: Annotated[str, Ui(N_("Collected by, not of the household"), N_("Receipt"), 150)] = Field(
        default="", max_length=200
    )
    place: Annotated[str, Ui(N_("Where"), N_("Receipt"), 120)] = Field(default="", max_length=200)
    noted_by: Annotated[str, Ui(N_("Noted by"), N_("Receipt"), 110)] = Field(
        default="", max_length=120
    )
    reason: Annotated[str, Ui(N_("Reason"), N_("Receipt"), 160)] = Field(default="", max_length=300)


class ReceiptDraft(Draft, ReceiptFields):
    """A fact as typed."""

    @field_validator("proxy", "place", "reason", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("on_date", "noted_on")
    @classmethod
    def _happened(cls, value: dt.date) -> dt.date:
        not_future(value)
        return value

    @field_validator("currency")
    @classmethod
    def _code(cls, value: str) -> str:
        return currency_code(value)

    @model_validator(mode="after")
    def _told_why(self) -> Self:
        if self.kind is not ReceiptKind.GIVEN and not self.reason:
            raise ValueError(_("Say why the receipt is corrected or cancelled."))
        if self.kind is not ReceiptKind.CANCELLED and not (self.quantity or self.amount):
            raise ValueError(_("Say how much was given: a quantity or an amount."))
        return self


class Receipt(Record, ReceiptFields, table=True):
    """One fact about one entitlement; never changed, never deleted."""

    __tablename__ = "receipt"
    __table_args__ = (
        # The floor under "paid once": two facts cannot both follow the same one.
        sa.Index("uq_receipt_chain", "entitlement_id", "sequence", unique=True),
        sa.Index("ix_receipt_on_date", "on_date", "entitlement_id"),
    )
    Draft: ClassVar[type[ReceiptDraft]] = ReceiptDraft


class ProviderFileFields(SQLModel):
    """A list of payments given to a bank or a shop, and what came back."""

    round_id: Annotated[int, Ui(N_("Round"), N_("Provider's file"), 150)] = Field(
        foreign_key="assistance_round.id", index=True
    )
    provider_id: Annotated[int, Ui(N_("Provider"), N_("Provider's file"), 160)] = Field(
        foreign_key="organisation.id", index=True
    )
    sent_on: Annotated[dt.date, Ui(N_("Sent"), N_("Provider's file"), 90)]
    back_on: Annotated[dt.date | None, Ui(N_("Came back"), N_("Provider's file"), 90)] = None


class ProviderFileDraft(Draft, ProviderFileFields):
    """A provider's file as typed."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.back_on is not None and self.back_on < self.sent_on:
            raise ValueError(_("The file comes back before it was sent."))
        return self


class ProviderFile(Record, ProviderFileFields, table=True):
    """One file out and back."""

    __tablename__ = "provider_file"
    Draft: ClassVar[type[ProviderFileDraft]] = ProviderFileDraft


class ProviderLineFields(SQLModel):
    """One payment of a provider's file."""

    file_id: Annotated[int, Ui(N_("Provider's file"), N_("Payment"), 90)] = Field(
        foreign_key="provider_file.id", index=True
    )
    entitlement_id: Annotated[int, Ui(N_("Entitlement"), N_("Payment"), 90)] = Field(
        foreign_key="entitlement.id", index=True
    )
    outcome: Annotated[ProviderOutcome, Ui(N_("Outcome"), N_("Payment"), 100)] = Field(
        default=ProviderOutcome.PENDING, sa_type=enum_column(ProviderOutcome)
    )
    amount_out: Annotated[int, Ui(N_("Amount sent"), N_("Payment"), 100)] = Field(
        default=0, ge=0, le=AMOUNT_MAX
    )
    amount_back: Annotated[int | None, Ui(N_("Amount paid"), N_("Payment"), 100)] = Field(
        default=None, ge=0, le=AMOUNT_MAX
    )
    paid_on: Annotated[dt.date | None, Ui(N_("Paid"), N_("Payment"), 90)] = None
    difference: Annotated[str, Ui(N_("Difference"), N_("Payment"), 200)] = Field(
        default="", max_length=300
    )


class ProviderLineDraft(Draft, ProviderLineFields):
    """A payment as sent, or as it came back."""

    @field_validator("difference", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)


class ProviderLine(Record, ProviderLineFields, table=True):
    """One payment of one file."""

    __tablename__ = "provider_line"
    Draft: ClassVar[type[ProviderLineDraft]] = ProviderLineDraft


class DoubleFields(SQLModel):
    """Two registrations that a rule does not let both be served, and what was decided."""

    registration_id: Annotated[int, Ui(N_("Registration"), N_("Double assistance"), 120)] = Field(
        foreign_key="registration.id", index=True
    )
    other_id: Annotated[int, Ui(N_("The other"), N_("Double assistance"), 120)] = Field(
        foreign_key="registration.id", index=True
    )
    round_id: Annotated[int | None, Ui(N_("Round"), N_("Double assistance"), 120)] = Field(
        default=None, foreign_key="assistance_round.id", index=True
    )
    rule: Annotated[str, Ui(N_("Rule"), N_("Double assistance"), 160)] = Field(max_length=60)
    signals: Annotated[str, Ui(N_("What is shared"), N_("Double assistance"), 160)] = Field(
        default="", max_length=120
    )
    """Keys of `doubles.Signal`, strongest first, with commas between."""
    stage: Annotated[Stage, Ui(N_("Found at"), N_("Double assistance"), 100)] = Field(
        default=Stage.REGISTRATION, sa_type=enum_column(Stage)
    )
    found_on: Annotated[dt.date, Ui(N_("Found"), N_("Double assistance"), 90)]
    decision: Annotated[Decision, Ui(N_("Decision"), N_("Double assistance"), 110)] = Field(
        default=Decision.OPEN, sa_type=enum_column(Decision)
    )
    reason: Annotated[str, Ui(N_("Reason"), N_("Double assistance"), 200)] = Field(
        default="", max_length=500
    )
    decided_by: Annotated[str, Ui(N_("Decided by"), N_("Double assistance"), 110)] = Field(
        default="", max_length=120
    )
    confirmed_by: Annotated[str, Ui(N_("Confirmed by"), N_("Double assistance"), 110)] = Field(
        default="", max_length=120
    )
    decided_on: Annotated[dt.date | None, Ui(N_("Decided"), N_("Double assistance"), 90)] = None


class DoubleDraft(Draft, DoubleFields):
    """A possible double, open or decided."""

    @field_validator("reason", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @model_validator(mode="after")
    def _decided_by_two(self) -> Self:
        if self.registration_id == self.other_id:
            raise ValueError(_("A registration is no double of itself."))
        if self.decision is Decision.OPEN:
            return self
        if not (self.reason and self.decided_by and self.decided_on):
            raise ValueError(_("A decision has a reason, a name and a date."))
        if self.decision is Decision.GIVEN_ANYWAY and not self.confirmed_by:
            raise ValueError(_("Giving anyway is confirmed by a second person."))
        if same_name(self.decided_by, self.confirmed_by):
            raise ValueError(_("The second person is another one."))
        return self


class Double(Record, DoubleFields, table=True):
    """One possible double assistance and its decision."""

    __tablename__ = "double_assistance"
    __table_args__ = (sa.Index("ix_double_assistance_decision", "decision", "registration_id"),)
    Draft: ClassVar[type[DoubleDraft]] = DoubleDraft
