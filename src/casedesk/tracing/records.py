"""Tracing cases: who is sought by whom, what was done, what came back, what the family knows."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

import sqlalchemy as sa
from pydantic import field_validator, model_validator
from sqlmodel import Field, SQLModel

from casedesk.kernel.fields import Ui, enum_column
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Draft, Record
from casedesk.kernel.status import StatusInterval
from casedesk.partners import records as _partners  # noqa: F401  (an action points at its table)
from casedesk.people.records import TEXT, name_text, not_future, plain_text


class CaseKind(StrEnum):
    MISSING_COMBATANT = "missing_combatant"
    POW_ALLEGATION = "pow_allegation"
    MISSING_CIVILIAN = "missing_civilian"
    CHILD = "child"
    REMAINS_REQUEST = "remains_request"
    OTHER = "other"


class Status(StrEnum):
    DRAFT = "draft"
    RECEIVED = "received"
    NOT_ACCEPTED = "not_accepted"
    OPEN = "open"
    IN_TRACING = "in_tracing"
    INFORMATION_RECEIVED = "information_received"
    VERIFIED = "verified"
    FAMILY_INFORMED = "family_informed"
    CLOSED = "closed"
    PENDING = "pending"
    SUSPENDED = "suspended"
    TRANSFERRED = "transferred"
    MERGED = "merged"


OPEN_STATUSES = (
    Status.OPEN,
    Status.IN_TRACING,
    Status.INFORMATION_RECEIVED,
    Status.VERIFIED,
    Status.FAMILY_INFORMED,
    Status.PENDING,
    Status.SUSPENDED,
)
"""Open for figures: accepted, and neither closed nor merged nor transferred."""


class Priority(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Outcome(StrEnum):
    CONTACT_RESTORED = "contact_restored"
    ALIVE_NO_ADDRESS = "alive_no_address"
    DEPRIVED_OF_LIBERTY = "deprived_of_liberty"
    DEAD = "dead"
    RETURNED = "returned"
    REUNITED = "reunited"
    REUNITED_ELSEWHERE = "reunited_elsewhere"
    WITHDRAWN = "withdrawn"
    ENQUIRER_LOST = "enquirer_lost"
    NOT_ELIGIBLE = "not_eligible"
    NO_FURTHER_ACTION = "no_further_action"
    DUPLICATE = "duplicate"
    TRANSFERRED = "transferred"


class ActionKind(StrEnum):
    LIST_CHECK = "list_check"
    AUTHORITY_REQUEST = "authority_request"
    INDIVIDUAL_TRACING = "individual_tracing"
    MASS_TRACING = "mass_tracing"
    PHOTO_TRACING = "photo_tracing"
    FIELD_VISIT = "field_visit"
    FAMILY_CALL = "family_call"
    REFERRAL = "referral"
    OTHER = "other"


class ActionOutcome(StrEnum):
    PENDING = "pending"
    SUCCESSFUL = "successful"
    UNSUCCESSFUL = "unsuccessful"


class Reliability(StrEnum):
    CONFIRMED = "confirmed"
    PROBABLE = "probable"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"


class Fate(StrEnum):
    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Sharing(StrEnum):
    YES = "yes"
    NO = "no"
    AFTER_CONSENT = "after_consent"


class Means(StrEnum):
    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    ONLINE = "online"


class ToldBy(StrEnum):
    DELEGATION = "delegation"
    NATIONAL_SOCIETY = "national_society"


class TracingCaseFields(SQLModel):
    """One search for one person."""

    number: Annotated[str, Ui(N_("Case number"), N_("Case"), 120)] = Field(
        default="", max_length=20, unique=True
    )
    person_id: Annotated[int, Ui(N_("Sought person"), N_("Case"), 180)] = Field(
        foreign_key="person.id", index=True
    )
    kind: Annotated[CaseKind, Ui(N_("Kind of case"), N_("Case"), 130)] = Field(
        default=CaseKind.OTHER, sa_type=enum_column(CaseKind)
    )
    status: Annotated[Status, Ui(N_("Status"), N_("Case"), 110)] = Field(
        default=Status.OPEN, sa_type=enum_column(Status)
    )
    opened_on: Annotated[dt.date, Ui(N_("Opened"), N_("Case"), 90)]
    last_seen_on: Annotated[dt.date | None, Ui(N_("Last seen on"), N_("Circumstances"), 90)] = None
    last_seen_at: Annotated[str, Ui(N_("Last seen at"), N_("Circumstances"), 160)] = Field(
        default="", max_length=500
    )
    circumstances: Annotated[str, Ui(N_("Circumstances"), N_("Circumstances"), 260)] = Field(
        default="", max_length=TEXT
    )
    marks: Annotated[str | None, Ui(N_("Marks and clothing"), N_("Circumstances"), 200)] = Field(
        default=None, max_length=TEXT
    )
    owner: Annotated[str, Ui(N_("Owner"), N_("Case"), 110)] = Field(default="", max_length=100)
    priority: Annotated[Priority, Ui(N_("Priority"), N_("Case"), 80)] = Field(
        default=Priority.NORMAL, sa_type=enum_column(Priority)
    )
    closed_on: Annotated[dt.date | None, Ui(N_("Closed"), N_("Result"), 90)] = Field(
        default=None, index=True
    )
    outcome: Annotated[Outcome | None, Ui(N_("Outcome"), N_("Result"), 150)] = Field(
        default=None, sa_type=enum_column(Outcome)
    )
    external_ref: Annotated[str | None, Ui(N_("External reference"), N_("Case"), 120)] = Field(
        default=None, max_length=100, index=True
    )


class TracingCaseDraft(Draft, TracingCaseFields):
    """What a form or an import may say about a case."""

    @field_validator("last_seen_at", "owner", "external_ref", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("circumstances", "marks", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_text(value)

    @field_validator("opened_on", "last_seen_on", "closed_on")
    @classmethod
    def _happened(cls, value: dt.date | None) -> dt.date | None:
        return not_future(value)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.status is Status.CLOSED and (self.outcome is None or self.closed_on is None):
            raise ValueError(_("A closed case needs an outcome and the date of closing."))
        if self.status in OPEN_STATUSES and (self.outcome or self.closed_on):
            raise ValueError(_("A case that is not closed has no outcome yet."))
        if self.closed_on is not None and self.closed_on < self.opened_on:
            raise ValueError(_("The case closes before it opens."))
        return self


class TracingCase(Record, TracingCaseFields, table=True):
    """One tracing case; ``status`` repeats the interval in force today."""

    __tablename__ = "tracing_case"
    # Each index also holds what its list asks for besides, so that 154,200 cases are put in order
    # without reading the cases themselves. None begins with the status: so few different ones
    # select nothing, and SQLite would take it and then sort.
    __table_args__ = (
        sa.Index("ix_tracing_case_newest", "opened_on", "id", "status", "person_id"),
        sa.Index("ix_tracing_case_owner", "owner", "id", "status"),
        sa.Index(
            "ix_tracing_case_since",
            sa.func.coalesce(sa.column("last_seen_on"), sa.column("opened_on")),
            "id",
            "status",
        ),
    )
    Draft: ClassVar[type[TracingCaseDraft]] = TracingCaseDraft


class CaseStatusFields(StatusInterval):
    """A status interval of a case."""

    case_id: int = Field(foreign_key="tracing_case.id", index=True)


class CaseStatusDraft(Draft, CaseStatusFields):
    """What ``kernel.status`` writes; the status is one of `Status`."""

    @field_validator("status")
    @classmethod
    def _known_status(cls, value: str) -> str:
        return Status(value).value


class CaseStatus(Record, CaseStatusFields, table=True):
    """One status of one case, for a stretch of time, as known during a stretch of time."""

    __tablename__ = "case_status"
    # Holds all that "open on a day, as known on a day" asks for, so that it is read from here.
    __table_args__ = (
        sa.Index(
            "ix_case_status_in_force",
            "known_to",
            "status",
            "valid_from",
            "valid_to",
            "known_from",
            "case_id",
        ),
    )
    Draft: ClassVar[type[CaseStatusDraft]] = CaseStatusDraft


class CaseEnquirerFields(SQLModel):
    """A relative who asked for the search."""

    case_id: Annotated[int, Ui(N_("Case"), N_("Enquirer"), 80)] = Field(
        default=0, foreign_key="tracing_case.id", index=True
    )
    person_id: Annotated[int, Ui(N_("Enquirer"), N_("Enquirer"), 180)] = Field(
        foreign_key="person.id", index=True
    )
    relation: Annotated[str, Ui(N_("Relation"), N_("Enquirer"), 110)] = Field(
        default="", max_length=100
    )
    main: Annotated[bool, Ui(N_("Main contact"), N_("Enquirer"), 70)] = False
    consent: Annotated[bool, Ui(N_("Consent"), N_("Enquirer"), 70)] = False


class CaseEnquirerDraft(Draft, CaseEnquirerFields):
    """An enquirer as typed; ``case_id`` may stay 0 until the case is opened."""

    @field_validator("relation", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)


class CaseEnquirer(Record, CaseEnquirerFields, table=True):
    """One enquirer of one case."""

    __tablename__ = "case_enquirer"
    Draft: ClassVar[type[CaseEnquirerDraft]] = CaseEnquirerDraft


class CaseActionFields(SQLModel):
    """A step of the search."""

    case_id: Annotated[int, Ui(N_("Case"), N_("Action"), 80)] = Field(foreign_key="tracing_case.id")
    on_date: Annotated[dt.date, Ui(N_("Date"), N_("Action"), 90)]
    kind: Annotated[ActionKind, Ui(N_("Kind of action"), N_("Action"), 140)] = Field(
        default=ActionKind.OTHER, sa_type=enum_column(ActionKind)
    )
    note: Annotated[str, Ui(N_("Note"), N_("Action"), 240)] = Field(default="", max_length=TEXT)
    answer_due: Annotated[dt.date | None, Ui(N_("Answer due"), N_("Action"), 90)] = None
    outcome: Annotated[ActionOutcome, Ui(N_("Outcome"), N_("Action"), 100)] = Field(
        default=ActionOutcome.PENDING, sa_type=enum_column(ActionOutcome)
    )
    partner_id: Annotated[int | None, Ui(N_("Who was asked"), N_("Action"), 160)] = Field(
        default=None, foreign_key="organisation.id", index=True
    )


class CaseActionDraft(Draft, CaseActionFields):
    """A step as typed."""

    @field_validator("note", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_text(value)

    @field_validator("on_date")
    @classmethod
    def _happened(cls, value: dt.date) -> dt.date:
        not_future(value)
        return value

    @model_validator(mode="after")
    def _due_later(self) -> Self:
        if self.answer_due is not None and self.answer_due < self.on_date:
            raise ValueError(_("The answer is due before the action."))
        return self


class CaseAction(Record, CaseActionFields, table=True):
    """One step of one search."""

    __tablename__ = "case_action"
    __table_args__ = (
        sa.Index("ix_case_action_case", "case_id", "outcome", "answer_due"),
        sa.Index("ix_case_action_on_date", "on_date", "case_id"),
        sa.Index("ix_case_action_waiting", "outcome", "answer_due", "case_id"),
    )
    Draft: ClassVar[type[CaseActionDraft]] = CaseActionDraft


class InformationReceivedFields(SQLModel):
    """What came back about the sought person."""

    case_id: Annotated[int, Ui(N_("Case"), N_("Information"), 80)] = Field(
        foreign_key="tracing_case.id", index=True
    )
    on_date: Annotated[dt.date, Ui(N_("Date"), N_("Information"), 90)]
    source: Annotated[str, Ui(N_("Source"), N_("Information"), 160)] = Field(
        default="", max_length=500
    )
    reliability: Annotated[Reliability, Ui(N_("Reliability"), N_("Information"), 90)] = Field(
        default=Reliability.UNKNOWN, sa_type=enum_column(Reliability)
    )
    fate: Annotated[Fate, Ui(N_("Fate"), N_("Information"), 80)] = Field(
        default=Fate.UNKNOWN, sa_type=enum_column(Fate)
    )
    whereabouts: Annotated[str, Ui(N_("Whereabouts"), N_("Information"), 180)] = Field(
        default="", max_length=TEXT
    )
    verified_by: Annotated[str, Ui(N_("Verified by"), N_("Information"), 110)] = Field(
        default="", max_length=100
    )
    share_with_family: Annotated[
        Sharing, Ui(N_("May be shared with the family"), N_("Information"), 110)
    ] = Field(default=Sharing.NO, sa_type=enum_column(Sharing))


class InformationReceivedDraft(Draft, InformationReceivedFields):
    """Information as typed."""

    @field_validator("source", "verified_by", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("whereabouts", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_text(value)

    @field_validator("on_date")
    @classmethod
    def _happened(cls, value: dt.date) -> dt.date:
        not_future(value)
        return value


class InformationReceived(Record, InformationReceivedFields, table=True):
    """One piece of information about one case."""

    __tablename__ = "information_received"
    __table_args__ = (sa.Index("ix_information_received_on_date", "on_date", "case_id"),)
    Draft: ClassVar[type[InformationReceivedDraft]] = InformationReceivedDraft


class FamilyInformedFields(SQLModel):
    """The family was told."""

    case_id: Annotated[int, Ui(N_("Case"), N_("Family informed"), 80)] = Field(
        foreign_key="tracing_case.id", index=True
    )
    on_date: Annotated[dt.date, Ui(N_("Date"), N_("Family informed"), 90)] = Field(index=True)
    told: Annotated[str, Ui(N_("Who was told"), N_("Family informed"), 180)] = Field(
        default="", max_length=500
    )
    how: Annotated[Means, Ui(N_("How"), N_("Family informed"), 90)] = Field(
        default=Means.PHONE, sa_type=enum_column(Means)
    )
    by: Annotated[ToldBy, Ui(N_("By"), N_("Family informed"), 110)] = Field(
        default=ToldBy.DELEGATION, sa_type=enum_column(ToldBy)
    )
    fate: Annotated[Fate, Ui(N_("Fate"), N_("Family informed"), 80)] = Field(
        default=Fate.UNKNOWN, sa_type=enum_column(Fate)
    )


class FamilyInformedDraft(Draft, FamilyInformedFields):
    """The event as typed."""

    @field_validator("told", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("on_date")
    @classmethod
    def _happened(cls, value: dt.date) -> dt.date:
        not_future(value)
        return value


class FamilyInformed(Record, FamilyInformedFields, table=True):
    """One occasion on which a family was told."""

    __tablename__ = "family_informed"
    Draft: ClassVar[type[FamilyInformedDraft]] = FamilyInformedDraft


class ExportLogFields(SQLModel):
    """A list that left the house."""

    cases: Annotated[int, Ui(N_("Cases"), N_("Export"), 80)] = Field(ge=0)
    asked: Annotated[str, Ui(N_("Filter"), N_("Export"), 220)] = Field(default="", max_length=2000)
    reason: Annotated[str, Ui(N_("Reason"), N_("Export"), 220)] = Field(max_length=500)


class ExportLogDraft(Draft, ExportLogFields):
    """An export as it is asked for."""

    @field_validator("reason", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        text = name_text(value)
        if isinstance(text, str) and not text:
            raise ValueError(_("Say what the list is for."))
        return text


class ExportLog(Record, ExportLogFields, table=True):
    """One export of the list of cases; who wrote it and when stands in the journal."""

    __tablename__ = "export_log"
    Draft: ClassVar[type[ExportLogDraft]] = ExportLogDraft


class Verdict(StrEnum):
    SAME = "same"
    NOT_SAME = "not_same"
    UNSURE = "unsure"


class JudgementFields(SQLModel):
    """What somebody decided about two persons who may be one."""

    first_id: Annotated[int, Ui(N_("First person"), N_("Judgement"), 160)] = Field(
        foreign_key="person.id", index=True
    )
    second_id: Annotated[int, Ui(N_("Second person"), N_("Judgement"), 160)] = Field(
        foreign_key="person.id", index=True
    )
    verdict: Annotated[Verdict, Ui(N_("Judgement"), N_("Judgement"), 110)] = Field(
        sa_type=enum_column(Verdict)
    )
    why: Annotated[str, Ui(N_("Why"), N_("Judgement"), 240)] = Field(default="", max_length=2000)
    made_of: Annotated[str, Ui(N_("Data it was made on"), N_("Judgement"), 0)] = Field(
        max_length=64
    )


class JudgementDraft(Draft, JudgementFields):
    """A judgement; the person with the smaller number comes first, so each pair is there once."""

    @field_validator("why", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_text(value)

    @model_validator(mode="after")
    def _two_in_order(self) -> Self:
        if self.first_id >= self.second_id:
            raise ValueError(_("Choose two different persons."))
        return self


class Judgement(Record, JudgementFields, table=True):
    """One judgement; it holds until the data of one of the two persons change."""

    __tablename__ = "judgement"
    Draft: ClassVar[type[JudgementDraft]] = JudgementDraft


class Match(SQLModel, table=True):
    """A pair that was found; derived, `tracing.matching` finds it anew."""

    __tablename__ = "derived_match"
    # No foreign keys: the row of a person who is undone goes first, the match after it.
    first_id: int = Field(primary_key=True)
    second_id: int = Field(primary_key=True, index=True)
    bits: float
    found_on: dt.date
