"""The sheet says what the records hold: sentences, lists behind figures, both languages."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader

from casedesk import catalog
from casedesk.hotline.records import Enquiry, EnquiryDraft
from casedesk.kernel import clock
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.figures import Period
from casedesk.kernel.store import insert_rows
from casedesk.reports import external, sheet

PERIOD = Period(dt.date(2025, 5, 1), dt.date(2025, 8, 31))
KNOWN = dt.date(2025, 9, 11)


@act("test.calls", "Calls")
def calls(session, count, **values):
    """Log many calls of one day."""
    draft = EnquiryDraft(
        received_on=dt.date(2025, 6, 3),
        received_at="10:00",
        operator="anna",
        direction="in",
        channel="phone",
        answered=True,
        reason="seeking_relative",
    )
    row = {**draft.model_dump(), "revision": 0, **values}
    insert_rows(session, Enquiry, [dict(row) for _ in range(count)])


@pytest.fixture(scope="module")
def full(template, tmp_path_factory):
    """Fill a file with what the published period holds of calls, once: they are only read."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("full") / "full.cdk"))
    with catalog.open_store(path, None) as store:
        with clock.frozen(KNOWN):
            store.write(external.record, external.published(), actor="t")
            store.write(calls, 15_327, actor="t", bulk=True)
        yield store


def text_of(pdf: bytes) -> str:
    """Read a PDF's words in their order."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_sheet_prints_the_published_words(full):
    with full.read() as session:
        pdf = sheet.facts_and_figures(session, PERIOD, "en", "public", KNOWN)
    text = text_of(pdf)
    for words in ("over 15,000 calls", "154,200 open cases", "14,800 families"):
        assert words in text
    assert "15,327" not in text


def test_russian_sheet_governs_its_numbers(full):
    with full.read() as session:
        pdf = sheet.facts_and_figures(session, PERIOD, "ru", "public", KNOWN)
    text = text_of(pdf)
    assert "более чем на 15 000 звонков" in text
    assert "более 7 100 военнопленных" in text
    assert "154 200 открытых дел" in text


def test_internal_edition_tells_exact_values_and_sources(full):
    with full.read() as session:
        pdf = sheet.facts_and_figures(session, PERIOD, "en", "internal", KNOWN)
    text = text_of(pdf)
    assert "15,327" in text
    assert "Published sheet, September 2025" in text


def test_every_counted_figure_is_as_long_as_its_list(full):
    with full.read() as session:
        rows = sheet.figures(session, PERIOD, "en", KNOWN)
        assert {row.kind for row in rows} == {"counted", "external"}
        for row in rows:
            if row.kind == "counted":
                ids = sheet.records_of(session, row.id, PERIOD, KNOWN)
                assert row.exact == row.records == len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "spam"},
        {"answered": False},
        {"channel": "letter"},
        {"direction": "out"},
        {"received_on": dt.date(2025, 4, 30)},
        {"received_on": dt.date(2025, 9, 1)},
    ],
)
def test_what_is_not_an_answered_call_of_the_period_is_not_counted(store, wrong):
    store.write(calls, 20, actor="t", bulk=True)
    store.write(calls, 5, actor="t", bulk=True, **wrong)
    with store.read() as session:
        assert len(sheet.records_of(session, "001-13", PERIOD, KNOWN)) == 20


def test_small_count_is_suppressed_before_it_is_rounded(store):
    store.write(calls, 3, actor="t", bulk=True)
    with store.read() as session:
        (row,) = [r for r in sheet.figures(session, PERIOD, "en", KNOWN) if r.id == "001-13"]
    assert row.suppressed
    assert "3" not in row.sentence.replace("2025", "")


def test_majority_is_claimed_only_from_four_fifths(store):
    store.write(calls, 79, actor="t", bulk=True)
    store.write(calls, 21, actor="t", bulk=True, reason="other")
    with store.read() as session:
        rows = sheet.figures(session, PERIOD, "en", KNOWN)
    assert not any(row.printed == "The vast majority" for row in rows)


def test_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(Refused, match="before it begins"):
        Period(PERIOD.last, PERIOD.first)


def test_unknown_figure_is_named(store):
    with store.read() as session, pytest.raises(NotFound):
        sheet.records_of(session, "999-99", PERIOD, KNOWN)
