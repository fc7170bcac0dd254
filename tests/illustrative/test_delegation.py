"""Invented rows are rows like any other: drafts accept them, and their lives make sense."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import col, select

from casedesk import catalog
from casedesk.hotline.records import Enquiry, EnquirySought
from casedesk.illustrative.people import feminine
from casedesk.kernel import clock
from casedesk.people.records import Contact, Person, PersonName
from casedesk.tracing.records import (
    CaseAction,
    CaseEnquirer,
    CaseStatus,
    FamilyInformed,
    InformationReceived,
    TracingCase,
)


@pytest.fixture(scope="module")
def invented(demo):
    with catalog.open_store(demo.file, demo.phrase) as store:
        yield store


@pytest.mark.parametrize(
    "cls",
    [
        Person, PersonName, Contact, TracingCase, CaseStatus, CaseEnquirer, CaseAction,
        InformationReceived, FamilyInformed, Enquiry, EnquirySought,
    ],
)  # fmt: skip
def test_every_kind_of_row_passes_its_draft(invented, cls):
    with clock.frozen(dt.date(2026, 1, 15)), invented.read() as session:
        rows = session.exec(select(cls).order_by(col(cls.id).desc()).limit(3000)).all()
        assert rows
        for row in rows:
            row.draft()


def test_nobody_calls_about_a_closed_case_and_every_case_has_an_enquirer(invented):
    with invented.read() as session:
        late = session.exec(
            select(Enquiry.id)
            .join(EnquirySought, col(EnquirySought.enquiry_id) == Enquiry.id)
            .join(TracingCase, col(TracingCase.number) == EnquirySought.case_number)
            .where(col(TracingCase.closed_on) < Enquiry.received_on)
        ).all()
        assert late == []
        with_enquirer = set(session.exec(select(CaseEnquirer.case_id)).all())
        assert with_enquirer == set(session.exec(select(TracingCase.id)).all())


def test_three_languages_are_spoken(invented):
    with invented.read() as session:
        families = session.exec(
            select(PersonName.family).where(PersonName.script == "cyrillic")
        ).all()
    ukrainian = sum(family.endswith(("енко", "чук", "ський", "ська")) for family in families)
    russian = sum(family.endswith(("ов", "ова", "ев", "ева", "ин", "ина")) for family in families)
    belarusian = sum(family.endswith(("скі", "ская", "оў", "віч", "ка")) for family in families)
    assert ukrainian > 0.15 * len(families)
    assert russian > 0.25 * len(families)
    assert belarusian > 0.01 * len(families)


@pytest.mark.parametrize(
    ("male", "language", "female"),
    [
        ("Иванов", "ru", "Иванова"),
        ("Чёрный", "ru", "Чёрная"),
        ("Вербицький", "uk", "Вербицька"),
        ("Чорний", "uk", "Чорна"),
        ("Коваленко", "uk", "Коваленко"),
        ("Навіцкі", "be", "Навіцкая"),
        ("Казлоў", "be", "Казлова"),
    ],
)
def test_female_surnames(male, language, female):
    assert feminine(male, language) == female
