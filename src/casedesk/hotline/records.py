"""Enquiries reaching the desk by telephone, online, letter or visit, and whom they are about."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import field_validator, model_validator
from sqlmodel import Field, SQLModel

from casedesk.kernel.fields import Ui, enum_column
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Draft, Record
from casedesk.people.records import TEXT, name_text, not_future, plain_text

PLACE = 500
PROMISE = 500


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Channel(StrEnum):
    PHONE = "phone"
    ONLINE = "online"
    LETTER = "letter"
    VISIT = "visit"


class Reason(StrEnum):
    SEEKING_RELATIVE = "seeking_relative"
    PRISONER_NEWS = "prisoner_news"
    MESSAGE = "message"
    CASE_STATUS = "case_status"
    REMAINS = "remains"
    REUNIFICATION = "reunification"
    ASSISTANCE = "assistance"
    SCAM = "scam"
    DOCUMENT = "document"
    COMPLAINT = "complaint"
    OTHER = "other"


class EnquiryStatus(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CALL_BACK = "call_back"
    LINKED = "linked"
    REFERRED = "referred"
    SPAM = "spam"


class Consent(StrEnum):
    YES = "yes"
    STATISTICS_ONLY = "statistics_only"
    UNKNOWN = "unknown"


class EnquiryFields(SQLModel):
    """One call, letter, online request or visit."""

    received_on: Annotated[dt.date, Ui(N_("Received"), N_("Enquiry"), 90)] = Field(index=True)
    received_at: Annotated[str, Ui(N_("Time"), N_("Enquiry"), 60)] = Field(default="", max_length=5)
    direction: Annotated[Direction, Ui(N_("Direction"), N_("Enquiry"), 70)] = Field(
        default=Direction.IN, sa_type=enum_column(Direction)
    )
    channel: Annotated[Channel, Ui(N_("Channel"), N_("Enquiry"), 80)] = Field(
        default=Channel.PHONE, sa_type=enum_column(Channel)
    )
    answered: Annotated[bool, Ui(N_("Answered"), N_("Enquiry"), 70)] = True
    operator: Annotated[str, Ui(N_("Operator"), N_("Enquiry"), 110)] = Field(
        default="", max_length=100
    )
    language: Annotated[str, Ui(N_("Language"), N_("Enquiry"), 70)] = Field(
        default="", max_length=40
    )
    number_typed: Annotated[str, Ui(N_("Number as typed"), N_("Caller"), 130)] = Field(
        default="", max_length=100
    )
    number_e164: Annotated[str | None, Ui(N_("Number"), N_("Caller"), 130)] = Field(
        default=None, max_length=20, index=True
    )
    caller_id: Annotated[int | None, Ui(N_("Caller"), N_("Caller"), 160)] = Field(
        default=None, foreign_key="person.id", index=True
    )
    reason: Annotated[Reason, Ui(N_("Reason"), N_("Enquiry"), 130)] = Field(
        default=Reason.OTHER, sa_type=enum_column(Reason)
    )
    status: Annotated[EnquiryStatus, Ui(N_("Status"), N_("Enquiry"), 90)] = Field(
        default=EnquiryStatus.NEW, sa_type=enum_column(EnquiryStatus)
    )
    summary: Annotated[str, Ui(N_("Summary"), N_("Enquiry"), 260)] = Field(
        default="", max_length=TEXT
    )
    call_back_on: Annotated[dt.date | None, Ui(N_("Call back on"), N_("Result"), 90)] = Field(
        default=None, index=True
    )
    call_back_at: Annotated[str, Ui(N_("Call back at"), N_("Result"), 60)] = Field(
        default="", max_length=5, sa_column_kwargs={"default": ""}
    )
    promised: Annotated[str, Ui(N_("Promised"), N_("Result"), 200)] = Field(
        default="", max_length=PROMISE, sa_column_kwargs={"default": ""}
    )
    consent: Annotated[Consent, Ui(N_("Consent to keep data"), N_("Result"), 90)] = Field(
        default=Consent.UNKNOWN, sa_type=enum_column(Consent)
    )
    minutes: Annotated[int, Ui(N_("Minutes"), N_("Enquiry"), 60)] = Field(default=0, ge=0, le=1440)


class EnquiryDraft(Draft, EnquiryFields):
    """What the operator typed."""

    @field_validator("operator", "language", "number_typed", "promised", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("summary", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_text(value)

    @field_validator("received_on")
    @classmethod
    def _happened(cls, value: dt.date) -> dt.date:
        not_future(value)
        return value

    @field_validator("received_at", "call_back_at")
    @classmethod
    def _clock_time(cls, value: str) -> str:
        if not value:
            return value
        try:
            return dt.datetime.strptime(value, "%H:%M").strftime("%H:%M")
        except ValueError:
            raise ValueError(_("Write the time as 09:30.")) from None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.call_back_on is not None and self.call_back_on < self.received_on:
            raise ValueError(_("The call-back lies before the enquiry."))
        if self.status is EnquiryStatus.CALL_BACK and self.call_back_on is None:
            raise ValueError(_("Say when to call back."))
        if self.call_back_at and self.call_back_on is None:
            raise ValueError(_("Say on which day to call back."))
        if self.consent is Consent.STATISTICS_ONLY and self.caller_id is not None:
            raise ValueError(_("The caller agreed to statistics only: record no caller."))
        return self


class Enquiry(Record, EnquiryFields, table=True):
    """One enquiry; without a caller it is anonymous."""

    __tablename__ = "enquiry"
    Draft: ClassVar[type[EnquiryDraft]] = EnquiryDraft


class EnquirySoughtFields(SQLModel):
    """A person an enquiry is about."""

    enquiry_id: Annotated[int, Ui(N_("Enquiry"), N_("Sought person"), 80)] = Field(
        default=0, foreign_key="enquiry.id", index=True
    )
    person_id: Annotated[int, Ui(N_("Sought person"), N_("Sought person"), 180)] = Field(
        foreign_key="person.id", index=True
    )
    relation: Annotated[str, Ui(N_("Relation to caller"), N_("Sought person"), 110)] = Field(
        default="", max_length=100
    )
    case_number: Annotated[str | None, Ui(N_("Case number"), N_("Sought person"), 120)] = Field(
        default=None, max_length=20, index=True
    )
    last_place: Annotated[str, Ui(N_("Last known place"), N_("Sought person"), 160)] = Field(
        default="", max_length=PLACE, sa_column_kwargs={"default": ""}
    )
    last_contact_first: Annotated[
        dt.date | None, Ui(N_("Last contact, from"), N_("Sought person"), 90)
    ] = None
    last_contact_last: Annotated[
        dt.date | None, Ui(N_("Last contact, to"), N_("Sought person"), 90)
    ] = None


class EnquirySoughtDraft(Draft, EnquirySoughtFields):
    """Whom the caller asks about; ``enquiry_id`` may stay 0 until the call is logged."""

    @field_validator("relation", "last_place", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("last_contact_first")
    @classmethod
    def _happened(cls, value: dt.date | None) -> dt.date | None:
        return not_future(value)

    @model_validator(mode="after")
    def _interval(self) -> Self:
        first, last = self.last_contact_first, self.last_contact_last
        if (first is None) is not (last is None):
            raise ValueError(_("An interval has a first and a last day."))
        if first is not None and last is not None and last < first:
            raise ValueError(_("The interval ends before it begins."))
        return self


class EnquirySought(Record, EnquirySoughtFields, table=True):
    """One sought person of one enquiry, with the case once there is one."""

    __tablename__ = "enquiry_sought"
    Draft: ClassVar[type[EnquirySoughtDraft]] = EnquirySoughtDraft
