"""What each sheet says: published ids, changed definitions, small counts, invented data."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil

import pytest
from pypdf import PdfReader

from casedesk import catalog
from casedesk.hotline.records import Enquiry, EnquiryDraft
from casedesk.kernel import clock
from casedesk.kernel.acts import act
from casedesk.kernel.figures import Period
from casedesk.kernel.settings import change_setting
from casedesk.kernel.store import insert_rows
from casedesk.reports import external, sheet
from casedesk.reports.sentences import ROWS

MAY = Period(dt.date(2025, 5, 1), dt.date(2025, 8, 31))
YEAR = {n: Period(dt.date(n, 1, 1), dt.date(n, 12, 31)) for n in (2023, 2024, 2025)}
KNOWN = dt.date(2026, 2, 1)


@act("test.some_calls", "Calls")
def some_calls(session, count, on, reason="seeking_relative"):
    """Log many calls of one day."""
    draft = EnquiryDraft(
        received_on=dt.date(2025, 6, 3),
        received_at="10:00",
        operator="anna",
        direction="in",
        channel="phone",
        answered=True,
        reason=reason,
    )
    row = {**draft.model_dump(), "revision": 0, "received_on": on}
    insert_rows(session, Enquiry, [dict(row) for _ in range(count)])


@pytest.fixture(scope="module")
def years_file(template, tmp_path_factory):
    """Fill a file with the calls of two published years, once: they are many."""
    path = tmp_path_factory.mktemp("years") / "years.cdk"
    shutil.copy(template, path)
    with clock.frozen(KNOWN), catalog.open_store(path, None) as store:
        store.write(external.record, external.published(), actor="t")
        for count, on in (
            (36_412, dt.date(2024, 3, 5)),
            (15_327, dt.date(2025, 6, 3)),
            (30_201, dt.date(2025, 11, 3)),
        ):
            store.write(some_calls, count, on, actor="t", bulk=True)
    return path


@pytest.fixture
def years(years_file, tmp_path):
    """Open a copy of the filled file."""
    path = tmp_path / "years.cdk"
    shutil.copy(years_file, path)
    with catalog.open_store(path, None) as opened:
        yield opened


def rows_of(store, period, lang="en"):
    with store.read() as session:
        return {row.id: row for row in sheet.figures(session, period, lang, KNOWN)}


def text_of(store, period, lang="en", edition="public", **more):
    with store.read() as session:
        data = sheet.facts_and_figures(session, period, lang, edition, KNOWN, **more)
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_year_2025_has_its_highlight_under_its_own_id(years):
    rows = rows_of(years, YEAR[2025])
    assert rows["000-01"].printed == "over 45,000 calls"
    said = "In 2025, our teams in Moscow answered over 45,000 calls from families enquiring on"
    assert rows["000-01"].sentence.startswith(said)
    assert "002-07" not in rows
    text = text_of(years, YEAR[2025])
    assert text.index("MAIN HIGHLIGHTS") < text.index(said) < text.index("MISSING PEOPLE")


def test_highlight_of_2024_says_what_its_section_says(years):
    rows = rows_of(years, YEAR[2024])
    assert "000-01" not in rows
    clause = "the vast majority related to families looking for their relatives."
    for key in ("002-07", "002-14"):
        assert "over 36,000 calls" in rows[key].sentence.lower()
        assert rows[key].sentence.endswith(clause)
        assert rows[key].sentence in text_of(years, YEAR[2024])
    assert rows["002-07"].printed.lower() == rows["002-14"].printed.lower()


def test_majority_stands_in_no_sentence_where_it_is_not_true(years):
    years.write(some_calls, 12_000, dt.date(2024, 3, 6), "other", actor="t", bulk=True)
    rows = rows_of(years, YEAR[2024])
    assert "002-08" not in rows
    assert rows["002-07"].sentence == "Over 48,000 calls were answered by the hotline in Moscow."


def test_records_behind_a_highlight_are_those_of_its_section(years):
    with years.read() as session:
        highlight = sheet.records_of(session, "000-01", YEAR[2025], KNOWN)
        section = sheet.records_of(session, "002-14", YEAR[2025], KNOWN)
    assert highlight == section
    assert len(section) == 45_528


@pytest.mark.parametrize("period", [MAY, YEAR[2024], YEAR[2025]], ids=["may", "2024", "2025"])
def test_ids_are_of_one_sheet_and_unlike(years, period):
    ids = list(rows_of(years, period))
    assert len(ids) == len(set(ids))
    forms = {key[:3] for key in ids}
    assert forms <= ({"001"} if period is MAY else {"000", "002"})


def test_every_id_is_one_of_a_published_figure():
    ours = {key.removesuffix("-own") for row in ROWS for key in row.ids if key}
    assert ours == {
        *("000-01", "001-09", "001-11", "001-12", "001-13"),
        *("002-07", "002-08", "002-12", "002-13", "002-14"),
        *("000-09", "000-10", "001-17", "001-18", "001-19", "001-20", "001-21", "002-01"),
        *("002-19", "002-20", "002-21", "002-22", "002-23", "002-24"),
    }


def test_open_cases_say_both_sides_only_since_that_is_counted(years):
    assert "both sides" not in rows_of(years, YEAR[2024])["002-12"].sentence
    assert "both sides of the front line" in rows_of(years, MAY)["001-11"].sentence
    assert "линии фронта" not in rows_of(years, YEAR[2024], "ru")["002-12"].sentence


def test_changed_definition_is_told_as_a_caveat(years):
    text = text_of(years, MAY, edition="internal")
    caveats = text[text.index("CAVEATS") :]
    assert "43,000" in caveats
    assert "154,200" in caveats
    assert "not growth" in caveats
    assert "not growth" not in text_of(years, YEAR[2024], edition="internal")


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("edition", ["public", "internal"])
def test_sentences_end_with_one_full_stop(years, store, lang, edition):
    for file in (years, store):
        text = text_of(file, MAY, lang, edition)
        assert ".." not in text
        assert " ." not in text
        assert "{" not in text


def test_figure_without_a_value_yet_is_named_as_left_out(store):
    text = text_of(store, MAY, edition="internal")
    assert "Prisoners of war visited: left out" in text


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize(
    ("lang", "words"), [("en", "fewer than five calls"), ("ru", "менее чем на 5 звонков")]
)
def test_small_counts_read_alike_and_show_no_number(store, count, lang, words):
    store.write(some_calls, count, dt.date(2025, 6, 3), actor="t", bulk=True)
    assert words in rows_of(store, MAY, lang)["001-13"].sentence
    text = text_of(store, MAY, lang)
    assert words in text
    with store.read() as session:
        made = sheet.composed(session, MAY, lang, "public", KNOWN)
    assert [row.id for row in made.small] == ["001-13"]


def fingerprint(text: str) -> str:
    found = re.search(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", text)
    assert found is not None
    return found.group()


def test_fingerprint_is_of_the_records_that_were_counted(years):
    before = fingerprint(text_of(years, MAY, edition="internal"))
    assert fingerprint(text_of(years, MAY, "ru", edition="internal")) == before
    years.write(some_calls, 1, dt.date(2025, 9, 1), actor="t")
    assert fingerprint(text_of(years, MAY, edition="internal")) == before
    years.write(some_calls, 1, dt.date(2025, 8, 31), actor="t")
    assert fingerprint(text_of(years, MAY, edition="internal")) != before


@pytest.mark.parametrize("edition", ["public", "internal"])
def test_only_invented_data_are_called_so(years, edition):
    assert "ILLUSTRATIVE" in text_of(years, MAY, edition=edition, illustrative=True)
    real = text_of(years, MAY, edition=edition, illustrative=False, delegation="Minsk office")
    assert "llustrative data" not in real.replace("ILLUSTRATIVE DATA", "illustrative data")
    assert "Sample City" not in real
    if edition == "public":
        assert "MINSK OFFICE" in real


def test_file_itself_tells_whether_its_data_are_invented(store):
    assert "ILLUSTRATIVE" not in text_of(store, MAY)
    store.write(change_setting, "delegation", "Minsk office", actor="t")
    assert "MINSK OFFICE" in text_of(store, MAY)
    store.write(change_setting, "trial_day", "2025-12-30", actor="t")
    assert "ILLUSTRATIVE DATA" in text_of(store, MAY)


@pytest.mark.parametrize(
    ("first", "last", "lang", "words"),
    [
        ((2025, 5, 5), (2025, 8, 20), "en", "From 5 May to 20 August 2025, "),
        ((2025, 5, 5), (2025, 8, 20), "ru", "С 5 мая по 20 августа 2025 года "),
        ((2025, 6, 1), (2025, 6, 30), "en", "In June 2025, "),
        ((2025, 6, 1), (2025, 6, 30), "ru", "В июне 2025 года "),
        ((2024, 11, 1), (2025, 1, 31), "en", "From November 2024 to January 2025, "),
        ((2024, 1, 1), (2025, 12, 31), "en", "From January 2024 to December 2025, "),
    ],
)
def test_period_is_said_as_it_is(years, first, last, lang, words):
    period = Period(dt.date(*first), dt.date(*last))
    said = rows_of(years, period, lang)["001-13"].sentence
    assert said.replace("\xa0", " ").startswith(words)
