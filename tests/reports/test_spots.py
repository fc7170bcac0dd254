"""Where figures stand on paper: the rectangle of a figure holds its words and nothing else."""

from __future__ import annotations

import datetime as dt

import pypdfium2
import pytest

from casedesk.kernel.figures import Period
from casedesk.reports import external, pdf, sheet
from casedesk.reports.layout import (
    CountedRow,
    CountedTable,
    Run,
    Section,
    SheetDocument,
    Spot,
    bullet,
    paragraph,
)

PERIOD = Period(dt.date(2025, 5, 1), dt.date(2025, 8, 31))
KNOWN = dt.date(2025, 9, 11)
BEFORE = "Families who lost contact may call, write or come in person, and "


def words_in(data: bytes, spot: Spot) -> str:
    """Read what the PDF prints inside a rectangle."""
    document = pypdfium2.PdfDocument(data)
    page = document[spot.page - 1]
    high = page.get_size()[1]
    text = page.get_textpage().get_text_bounded(
        left=spot.x + 0.5,
        bottom=high - spot.y - spot.height,
        right=spot.x + spot.width - 0.5,
        top=high - spot.y,
    )
    document.close()
    return " ".join(text.replace("\xa0", " ").split())


def figure(key: str, qualifier: str = "over ", number: str = "15,000 calls") -> tuple[Run, ...]:
    return Run(qualifier, figure=key), Run(number, bold=True, figure=key)


def document(*blocks, highlights=(), lang: str = "en", many: int = 1) -> SheetDocument:
    sections = tuple(Section(f"Section {n}", tuple(blocks), "mail") for n in range(many))
    return SheetDocument(
        "Facts",
        ("A delegation",),
        "June",
        sections,
        lang,
        highlights_label="Main highlights",
        highlights=tuple(highlights),
    )


@pytest.mark.parametrize("lead", range(0, len(BEFORE), 3))
@pytest.mark.parametrize("make", [paragraph, bullet], ids=["paragraph", "bullet"])
def test_rectangle_holds_the_words_wherever_the_line_breaks(lead, make):
    made = document(
        make(Run(BEFORE[:lead].rstrip() + " "), *figure("a"), Run(" were answered, and no more."))
    )
    drawn = pdf.drawn(made)
    assert drawn.spots
    for spot in drawn.spots:
        assert words_in(drawn.data, spot) == spot.words
    assert " ".join(spot.words for spot in drawn.spots) == "over 15,000 calls"


def test_each_figure_of_a_sentence_has_its_own_place():
    made = document(
        paragraph(*figure("a"), Run(", "), *figure("b", "the ", "vast majority"), Run(" of them."))
    )
    spots = pdf.spots(made)
    assert [(spot.figure, spot.words) for spot in spots] == [
        ("a", "over 15,000 calls"),
        ("b", "the vast majority"),
    ]


def test_highlight_and_section_are_both_found():
    sentence = (Run("The hotline took "), *figure("a"), Run("."))
    made = document(paragraph(*sentence), highlights=(sentence,))
    drawn = pdf.drawn(made)
    assert [spot.figure for spot in drawn.spots] == ["a", "a"]
    assert drawn.spots[0].y < drawn.spots[1].y
    assert {words_in(drawn.data, spot) for spot in drawn.spots} == {"over 15,000 calls"}


def test_places_are_right_on_every_page_and_in_both_columns():
    long = Run(BEFORE * 12)
    made = document(paragraph(long, *figure("a"), long), paragraph(*figure("b")), many=9)
    drawn = pdf.drawn(made)
    assert drawn.pages == len(pypdfium2.PdfDocument(drawn.data)) > 1
    assert {spot.page for spot in drawn.spots} == set(range(1, drawn.pages + 1))
    assert len({spot.x for spot in drawn.spots}) > 1
    for spot in drawn.spots:
        assert words_in(drawn.data, spot) == spot.words


def test_words_that_need_escaping_and_cleaning_are_counted_right():
    odd = 'a & b <c> \u4e2d\u202f"x" \x07'
    made = document(paragraph(Run(odd), *figure("a", "over ", "15\u00a0000 & <more>"), Run(odd)))
    drawn = pdf.drawn(made)
    (spot,) = drawn.spots
    assert spot.words.replace("\xa0", " ") == "over 15 000 & <more>"
    assert words_in(drawn.data, spot) == "over 15 000 & <more>"


def test_row_of_the_internal_notes_is_a_place():
    row = CountedRow("over 15,000", "rule", "June", "1", "1", "down", name="Calls", figure="a")
    table = CountedTable(
        "Notes", ("A",), "FF", ("p", "r", "p", "r", "e", "r"), (row,) * 60, "en", name_head="Name"
    )
    drawn = pdf.drawn(table)
    assert len(drawn.spots) == 60
    assert len({spot.page for spot in drawn.spots}) > 1
    assert all("over 15,000" in words_in(drawn.data, spot) for spot in drawn.spots)


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("edition", ["public", "internal"])
def test_every_printed_figure_of_the_sheet_has_its_place(store, lang, edition):
    store.write(external.record, external.published(), actor="t")
    with store.read() as session:
        made = sheet.composed(session, PERIOD, lang, edition, KNOWN)
    on_paper = {row.id for row in made.figures if row.on_sheet or edition == "internal"}
    assert {spot.figure for spot in made.drawn.spots} == on_paper
    for row in made.figures:
        mine = [spot for spot in made.drawn.spots if spot.figure == row.id]
        told = " ".join(words_in(made.drawn.data, spot) for spot in mine)
        if mine:
            assert row.value.replace("\xa0", " ") in told


def test_places_and_headings_cost_no_byte():
    made = document(paragraph(*figure("a")))
    plain = document(paragraph(Run("over "), Run("15,000 calls", bold=True)))
    assert pdf.drawn(made).data == pdf.drawn(made).data == pdf.facts_and_figures(plain)
    assert [heading.title for heading in pdf.drawn(made).headings] == ["Section 0"]
