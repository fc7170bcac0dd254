"""What is counted of the hotline."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from casedesk.hotline.records import Channel, Direction, Enquiry, EnquiryStatus, Reason
from casedesk.kernel.figures import Indicator, Period
from casedesk.kernel.language import N_


def _calls(period: Period, known_on: dt.date) -> sa.Select[Any]:
    # a call is kept on the day it comes in: it has no second time axis to ask `known_on` about
    del known_on
    return sa.select(col(Enquiry.id)).where(
        col(Enquiry.direction) == Direction.IN,
        col(Enquiry.channel) == Channel.PHONE,
        col(Enquiry.answered).is_(True),
        col(Enquiry.status) != EnquiryStatus.SPAM,
        col(Enquiry.received_on).between(period.first, period.last),
    )


def _seeking(period: Period, known_on: dt.date) -> sa.Select[Any]:
    return _calls(period, known_on).where(col(Enquiry.reason) == Reason.SEEKING_RELATIVE)


CALLS_ANSWERED = Indicator("hotline.calls_answered", N_("Calls answered"), _calls)
CALLS_SEEKING_RELATIVES = Indicator(
    "hotline.calls_seeking_relatives", N_("… of which seeking a relative"), _seeking
)
INDICATORS = (CALLS_ANSWERED, CALLS_SEEKING_RELATIVES)
