"""Displaced people on the sheet: counted, said as published, and never added where they overlap."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from casedesk import catalog
from casedesk.assistance import figures as assistance
from casedesk.illustrative.assistance import fill_assistance
from casedesk.illustrative.people import People
from casedesk.kernel import clock, language, query
from casedesk.kernel.figures import Period
from casedesk.reports import sheet
from casedesk.reports.sentences import PROGRAMMES, ROWS

DAY = dt.date
YEAR_2024 = Period(DAY(2024, 1, 1), DAY(2024, 12, 31))
SUMMER = Period(DAY(2025, 5, 1), DAY(2025, 8, 31))
YEAR_2025 = Period(DAY(2025, 1, 1), DAY(2025, 12, 31))
KNOWN = DAY(2026, 1, 15)
SCALE = 0.02
PUBLISHED = {
    (YEAR_2024, "en"): (
        "Following the escalation of hostilities in the Kursk region in August, in collaboration "
        "with the Russian Red Cross (RRC), assistance was provided to 31,000 vulnerable people.",
        "In partnership with the Russian Red Cross:",
        "Over 14,500 vulnerable people in Russia benefitted from cash assistance",
        "4,218 children from 1-4 grades received school kits and clothes vouchers",
        "As a response to escalation of hostilities in Kursk, 25,000 vulnerable people received "
        "pharmacy vouchers. On top of that, 31,000 vulnerable people also received prepaid bank "
        "cards.",
        "192 persons benefitted from a vocational training programme",
        "In Belarus, cash assistance delivered to 2,353 vulnerable displaced people",
    ),
    (YEAR_2024, "ru"): (
        "помощь получили 31 000 уязвимых людей",
        "получили более 14 500 уязвимых людей",
        "получили 4 218 детей",
        "Ваучеры в аптеку получили 25 000 уязвимых людей. Кроме того, предоплаченные банковские "
        "карты получили 31 000 уязвимых людей.",
        "участвовали 192 человека",
        "дошла до 2 353 уязвимых перемещённых людей",
    ),
    (SUMMER, "en"): (
        "Over 11,870 vulnerable people in Russia benefitted from cash assistance",
        "68 persons benefitted from a vocational training programme",
        "31 persons benefitted from the pilot Micro-Economic Initiatives programme, receiving a "
        "grant",
        "In Belarus, over 1,090 vulnerable people displaced",
        "In July, a pilot Micro-Economic Initiatives programme was launched",
    ),
    (SUMMER, "ru"): (
        "получили более 11 870 уязвимых людей",
        "участвовали 68 человек",
        "получили 31 человек",
        "получили более 1 090 уязвимых людей, перемещённых",
        "В июле началась пилотная программа",
    ),
    (YEAR_2025, "en"): (
        "In June 2025, 1 billion RUB of direct cash assistance provided since 2022 to displaced "
        "persons in Russia was reached.",
        "In 2025, a new programme, the micro-economic initiatives, was launched in Belarus and "
        "Russia.",
    ),
    (YEAR_2025, "ru"): ("В июне 2025 года прямая денежная помощь", "достигла 1 млрд рублей."),
}


def filled(path, scale):
    """Make a file that holds the assistance of all years at a scale."""
    language.use("en")
    with clock.frozen(KNOWN), catalog.create_store(path, None) as store:
        fill_assistance(store, scale, 5, People(5))
        yield store


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """A fiftieth of the assistance; trainings and grants are whole at every scale."""
    yield from filled(tmp_path_factory.mktemp("displaced") / "small.cdk", SCALE)


def text_of(store, period, lang, edition="public"):
    """Read the words of a sheet in their order."""
    with store.read() as session:
        made = sheet.facts_and_figures(session, period, lang, edition, KNOWN)
    pages = PdfReader(io.BytesIO(made)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    return text.replace("\u00a0", " ")


def rows_of(store, period, lang="en"):
    with store.read() as session:
        return {row.id: row for row in sheet.figures(session, period, lang, KNOWN)}


@pytest.mark.scale
def test_sheets_say_what_was_published(tmp_path):
    for store in filled(tmp_path / "full.cdk", 1.0):
        for (period, lang), sentences in PUBLISHED.items():
            text = text_of(store, period, lang)
            for sentence in sentences:
                assert sentence in text


@pytest.mark.parametrize("period", [YEAR_2024, SUMMER, YEAR_2025])
def test_each_figure_is_as_long_as_its_list(invented, period):
    found = [row for row in rows_of(invented, period).values() if row.kind == "counted"]
    assert found
    with invented.read() as session:
        for row in found:
            ids = sheet.records_of(session, row.id, period, KNOWN)
            assert row.exact == row.records == len(ids) == len(set(ids))


def test_what_scales_is_scaled_and_what_is_whole_stays_whole(invented):
    year, summer = rows_of(invented, YEAR_2024), rows_of(invented, SUMMER)
    assert year["002-01"].exact == year["002-22"].exact == round(31_000 * SCALE)
    assert year["002-21"].exact == round(25_000 * SCALE)
    assert year["002-19"].exact == round(14_538 * SCALE)
    assert year["002-20"].exact == round(4_218 * SCALE)
    assert summer["001-17"].exact == round(11_874 * SCALE)
    assert (year["002-23"].exact, summer["001-18"].exact) == (192, 68)
    assert summer["001-19"].printed == "31 persons"


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("period", [YEAR_2024, SUMMER])
def test_every_sentence_stands_on_the_sheet(invented, period, lang):
    text = text_of(invented, period, lang)
    for row in rows_of(invented, period, lang).values():
        if row.on_sheet and row.register:
            assert row.sentence.replace("\u00a0", " ").rstrip(".") in text


def test_lead_is_said_once_and_vouchers_and_cards_are_one_bullet(invented):
    text = text_of(invented, YEAR_2024, "en")
    assert text.count("In partnership with the Russian Red Cross:") == 1
    one = text[text.index("escalation of hostilities in Kursk,") :]
    assert "pharmacy vouchers. On top of that," in one
    assert "•" not in one[: one.index("prepaid bank cards")]


def test_month_of_the_milestone_is_that_of_the_receipts(invented, monkeypatch):
    assert "000-10" not in rows_of(invented, YEAR_2025)
    monkeypatch.setattr(assistance, "MILESTONE", round(assistance.MILESTONE * SCALE))
    sentence = PUBLISHED[YEAR_2025, "en"][0]
    assert sentence in text_of(invented, YEAR_2025, "en")
    for words in PUBLISHED[YEAR_2025, "ru"]:
        assert words in text_of(invented, YEAR_2025, "ru")
    with invented.read() as session:
        before = Period(DAY(2025, 1, 1), DAY(2025, 12, 31))
        rows = sheet.figures(session, before, "en", DAY(2025, 5, 1))
    assert "000-10" not in {row.id for row in rows}  # as it was known in May


def test_pilot_that_did_not_begin_is_not_said(invented):
    later = Period(DAY(2025, 8, 1), DAY(2025, 8, 31))
    assert "001-21" in rows_of(invented, SUMMER)
    assert "001-21" not in rows_of(invented, later)


def test_nothing_is_said_of_help_that_nobody_got(store):
    assert "DISPLACED PEOPLE" not in text_of(store, SUMMER, "en")
    assert not {"001-17", "001-18", "001-21"} & set(rows_of(store, SUMMER))


def test_notes_warn_against_adding_what_overlaps(invented):
    notes = text_of(invented, YEAR_2024, "en", "internal")
    assert "they are one union and are never added" in notes
    assert "never added" not in text_of(invented, SUMMER, "en", "internal")


@pytest.mark.parametrize("period", [YEAR_2024, SUMMER])
def test_studio_lists_the_records_of_each_figure(invented, period):
    from casedesk.reports.page import LISTINGS

    for row in rows_of(invented, period).values():
        if not row.register or row.register == PROGRAMMES:
            continue
        statement = sheet.statement_of(row.id, period, KNOWN)
        with invented.read() as session:
            asked = query.Filter(statement=statement)
            assert query.count(session, LISTINGS[row.register], asked) == row.exact
    assert {row.register for row in ROWS if row.count is not None} - {PROGRAMMES} <= set(LISTINGS)
