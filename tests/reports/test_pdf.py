"""Sheets on paper: what the PDF says, in which order, in whose fonts, and how it is saved."""

import errno
import io
import os
import re
import stat
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from casedesk.kernel.errors import DiskFull, FontMissing, ReadOnly
from casedesk.reports import pdf, typography
from casedesk.reports.layout import (
    Bar,
    Block,
    CountedRow,
    CountedTable,
    Kind,
    Run,
    Section,
    SheetDocument,
    bullet,
    chart,
    paragraph,
    phrase,
    run_in,
    sub,
)
from casedesk.reports.packing import HAIR, Atom, fill, height, pack
from casedesk.resources import resource

MM = 72 / 25.4
BARS = tuple(Bar(f"{n:02}", 3100 + 90 * n, "3,600") for n in range(1, 7))
PICTOGRAMS = ("phone", "person-search", "mail", "people", "leaf", "home", "document")
LONG = (
    "Families who lost contact may call, write or come in person; each enquiry is answered by "
    "an operator, recorded once, and followed until the family has been told what was found. "
)


def section(n: int, *, words: int = 1, with_chart: bool = False) -> Section:
    blocks: list[Block] = [
        run_in("Since 2022:"),
        paragraph(*phrase("The hotline took over **{n} calls** from families.", n="15,000")),
        bullet(*phrase("more than **{n} prisoners of war** were visited;", n="7,100")),
        paragraph(Run(LONG * words)),
    ]
    if with_chart:
        blocks += [sub("Calls answered per month"), chart(BARS, note="Rounded to the hundred.")]
    return Section(f"Section {n}", tuple(blocks), PICTOGRAMS[n % len(PICTOGRAMS)])


def sheet(
    *sections: Section,
    lang: str = "en",
    tag: str | None = "ILLUSTRATIVE DATA",
    title: str = "Facts & Figures",
) -> SheetDocument:
    return SheetDocument(
        title=title,
        delegation=("A delegation", "Office of the hotline"),
        period="January \u2013 June 2026",
        sections=sections,
        lang=lang,
        highlights_label="Main highlights",
        highlights=(phrase("**In June** the hotline took over **15,000 calls**."),) * 3,
        tag=tag,
        boilerplate=(Run("The delegation is neutral and works for families on every side."),),
        address=("1 Example Street", "desk@example.org"),
        foot="CaseDesk",
        meta_title="Facts & Figures, first half of 2026",
        meta_subject="Public figures",
    )


def counted(rows: int) -> CountedTable:
    row = CountedRow(
        "over 15,000 calls",
        "Enquiries received by phone",
        "January to June 2026",
        "15,213",
        "15,213",
        "down to the thousand",
    )
    return CountedTable(
        title="How these figures were counted",
        delegation=("A delegation",),
        reference="FF-2026-06",
        heads=("Figure", "Rule", "Period", "Records", "Exact", "Rounding"),
        rows=(row,) * rows,
        lang="en",
        lead=(Run("Internal: not for publication."),),
        caveats_label="Caveats",
        caveats=((Run("Repeat calls are counted each time."),),),
        tag="ILLUSTRATIVE DATA",
    )


def read(data: bytes) -> Any:
    return PdfReader(io.BytesIO(data))


def words(data: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read(data).pages))


def in_order(text: str, *pieces: str) -> None:
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        assert found >= 0, f"{piece!r} is not where it should be in {text!r}"
        at = found + len(piece)


def test_english_text_reads_in_order_with_figures_beside_their_nouns() -> None:
    text = words(pdf.facts_and_figures(sheet(section(1), section(2))))
    in_order(
        text,
        "A DELEGATION",
        "FACTS & FIGURES",
        "MAIN HIGHLIGHTS",
        "over 15,000 calls",
        "SECTION 1",
        "Since 2022:",
        "over 15,000 calls from families.",
        "more than 7,100 prisoners of war were visited",
        "SECTION 2",
        "neutral",
        "desk@example.org",
    )
    assert "ILLUSTRATIVE DATA" in text


def test_russian_text_reads_in_order() -> None:
    blocks = (paragraph(*phrase("Принято более **{n} звонков** от семей.", n="15\u00a0000")),)
    russian = sheet(Section("Горячая линия", blocks, "phone"), lang="ru", title="Факты и цифры")
    data = pdf.facts_and_figures(russian)
    in_order(words(data), "ФАКТЫ И ЦИФРЫ", "ГОРЯЧАЯ ЛИНИЯ", "более 15 000 звонков от семей.")
    assert read(data).trailer["/Root"]["/Lang"] == "ru"


def test_real_data_carry_no_tag() -> None:
    text = words(pdf.facts_and_figures(sheet(section(1), tag=None)))
    assert "ILLUSTRATIVE" not in text


def test_file_is_the_same_twice() -> None:
    document = sheet(*(section(n, with_chart=True) for n in range(5)))
    assert pdf.facts_and_figures(document) == pdf.facts_and_figures(document)
    assert pdf.how_counted(counted(40)) == pdf.how_counted(counted(40))


@pytest.mark.parametrize(
    "data",
    [
        pdf.facts_and_figures(sheet(*(section(n, with_chart=True) for n in range(8)))),
        pdf.how_counted(counted(40)),
    ],
    ids=["public", "counted"],
)
def test_every_font_is_embedded_and_none_is_foreign(data: bytes) -> None:
    fonts = set()
    for page in read(data).pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            fonts.add(str(font["/BaseFont"]))
            assert "/FontFile2" in font["/FontDescriptor"].get_object()
    assert fonts
    assert all("PTSans" in name for name in fonts)
    assert b"Helvetica" not in data


def test_file_has_language_title_and_a_bookmark_for_each_section() -> None:
    reader = read(pdf.facts_and_figures(sheet(section(1), section(2))))
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == "Facts & Figures, first half of 2026"
    assert reader.metadata.subject == "Public figures"
    assert [entry.title for entry in reader.outline] == ["Section 1", "Section 2"]


HOSTILE = '<b>&amp;</b> <img src="https://example.org/x"/> <a href="x">y</a> <para> </font> %s {0}'


def test_markup_in_data_is_printed_as_text_everywhere() -> None:
    hostile = sheet(
        Section(
            HOSTILE,
            (
                sub(HOSTILE),
                run_in(HOSTILE),
                paragraph(Run(HOSTILE, bold=True)),
                bullet(Run(HOSTILE)),
                chart((Bar("<b>", 1, "<i>"),), note=HOSTILE),
            ),
        ),
    )
    data = pdf.facts_and_figures(hostile)
    assert words(data).count(HOSTILE) >= 4
    assert not any("/Annots" in page for page in read(data).pages)
    cell = CountedRow(*("<b>x</b>",) * 6)
    table = CountedTable(HOSTILE, (HOSTILE,), "<i>", ("<u>",) * 6, (cell,), "en")
    assert words(pdf.how_counted(table)).count("<b>x</b>") == 6


def test_values_cannot_turn_bold() -> None:
    assert phrase("over **{n}** calls", n="**7**") == (
        Run("over "),
        Run("**7**", bold=True),
        Run(" calls"),
    )
    with pytest.raises(ValueError):
        phrase("over **{n} calls", n=7)


@given(st.text(max_size=200))
def test_any_text_becomes_drawable_text(text: str) -> None:
    made = typography.typography()
    clean = made.clean(text, "PT")
    assert all(sign == " " or made.drawable["PT"](sign) for sign in clean)
    assert not re.search(r"[\x00-\x1f\x7f]", clean)
    made.para(text, "p").wrap(85 * MM, 10_000)


def test_signs_without_a_glyph_are_replaced_and_endless_matter_is_cut() -> None:
    made = typography.typography()
    assert made.clean("15\u202f000 \u4e2d\x07", "PT") == "15\u00a0000 ?"
    assert made.clean("\u0451 \u2116 \u20bd", "PT") == "\u0451 \u2116 \u20bd"
    broken = made.clean("W" * 200, "PT")
    assert max(map(len, broken.split(" "))) <= 24
    assert len(made.clean("a " * 9000, "PT")) <= typography.MOST_LETTERS
    assert made.clean("a\ud800b", "PT") == "ab"
    paragraph_made = made.para("Щ" * 400, "p")
    paragraph_made.wrap(85 * MM, 10_000)
    assert paragraph_made.minWidth() <= 85 * MM


def test_figure_and_unit_stay_on_one_line() -> None:
    made = typography.typography().para("a 15\u00a0000\u00a0calls", "p")
    made.wrap(made.minWidth() + 1, 1000)
    assert len(made.blPara.lines) == 2


def lowest_by_column(page: Any, top: float) -> dict[int, float]:
    """Lowest baseline of body text left and right, in points from the head of the page."""
    lowest: dict[int, float] = {}

    def visit(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        x = tm[4] * cm[0] + cm[4]
        y = 297 * MM - (tm[5] * cm[3] + cm[5])
        if text.strip() and top < y < 254 * MM:
            side = int(x > 105 * MM)
            lowest[side] = max(lowest.get(side, 0.0), y)

    page.extract_text(visitor_text=visit)
    return lowest


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 14])
@pytest.mark.parametrize("with_chart", [False, True])
@pytest.mark.parametrize("length", [1, 3])
def test_columns_end_level(count: int, with_chart: bool, length: int) -> None:
    document = sheet(
        *(section(n, words=length, with_chart=with_chart and n % 3 == 0) for n in range(count))
    )
    pages = pdf.plan(document)
    for page in pages:
        if (count, with_chart) == (2, True):
            # A chart cannot be divided; the second section then opens the second column.
            assert page.atoms[page.right.start].block == len(document.sections[0].all_blocks())
            return
        assert abs(page.left.height - page.right.height) <= 12 * MM
    assert pages[-1].last
    data = pdf.facts_and_figures(document)
    assert len(read(data).pages) == len(pages)
    lowest = lowest_by_column(read(data).pages[-1], (48 if len(pages) == 1 else 22) * MM)
    assert abs(lowest[0] - lowest[1]) <= 14 * MM


def test_two_sections_stand_side_by_side_over_the_closing_band() -> None:
    (page,) = pdf.plan(sheet(section(1), section(2)))
    assert page.last
    assert page.atoms[page.right.start].block == len(section(1).all_blocks())


def test_sheet_without_sections_or_highlights_is_still_a_page() -> None:
    bare = SheetDocument("Facts", ("A delegation",), "June", (), "en")
    assert "FACTS" in words(pdf.facts_and_figures(bare))


def test_highlights_that_leave_no_room_go_into_the_body() -> None:
    many = tuple((Run(f"Point {n}. {LONG}"),) for n in range(40))
    document = SheetDocument(
        "Facts",
        ("A",),
        "June",
        (section(1),),
        "en",
        highlights_label="Main highlights",
        highlights=many,
    )
    text = words(pdf.facts_and_figures(document))
    in_order(text, *(f"Point {n}." for n in range(40)), "SECTION 1")


def atoms_from(shapes: list[tuple[str, int]]) -> tuple[Atom, ...]:
    atoms: list[Atom] = []
    for n, (kind, lines) in enumerate(shapes):
        if kind == "head":
            atoms.append(Atom(n, 0, 23, 13, 4, may_end=False))
        else:
            atoms += [
                Atom(
                    n,
                    at,
                    12,
                    0 if at else 4.5,
                    0 if at else 1,
                    may_end=at == lines - 1 or 1 <= at <= lines - 3,
                )
                for at in range(lines)
            ]
    return (*atoms, Atom(len(shapes), 0, 12, 4.5, 1))


SHAPES = st.lists(st.tuples(st.sampled_from(["head", "p"]), st.integers(1, 30)), max_size=40)


@given(SHAPES)
def test_packing_loses_nothing_and_overfills_nothing(shapes: list[tuple[str, int]]) -> None:
    atoms = atoms_from(shapes)
    full, last = 400.0, 300.0
    at = 0
    for page in pack(lambda _: atoms, first=(full, last), following=(full, last)):
        limit = last if page.last else full
        for column in (page.left, page.right):
            assert column.start == at
            at = column.stop
            glued = all(not a.may_end for a in atoms[column.start : column.stop - 1])
            assert column.height <= limit + 0.1 or glued
    assert at == len(atoms)


@given(SHAPES, st.floats(50, 500))
def test_columns_do_not_close_on_a_head(shapes: list[tuple[str, int]], limit: float) -> None:
    atoms = atoms_from(shapes)
    stop = fill(atoms, 0, limit)
    possible = [
        n
        for n in range(1, len(atoms) + 1)
        if atoms[n - 1].may_end and height(atoms, 0, n) <= limit + HAIR
    ]
    assert stop >= 1
    if possible:
        assert stop == max(possible)


def test_counted_table_repeats_its_head_and_keeps_each_row_whole() -> None:
    data = pdf.how_counted(counted(60))
    pages = read(data).pages
    assert len(pages) > 1
    text = [re.sub(r"\s+", " ", page.extract_text()) for page in pages]
    assert all("Rounding" in page and "ILLUSTRATIVE DATA" in page for page in text)
    assert sum(page.count("over 15,000 calls") for page in text) == 60
    in_order(text[-1], "CAVEATS", "Repeat calls are counted each time.")


def test_chart_takes_only_what_a_column_can_hold() -> None:
    with pytest.raises(ValueError):
        chart([Bar(str(n), n, str(n)) for n in range(13)])
    with pytest.raises(ValueError):
        Block(Kind.P, bars=BARS)
    nothing = tuple(Bar(str(n), 0, "0") for n in range(12))
    document = sheet(Section("Calls", (sub("Calls"), chart(nothing))))
    assert "Calls" in words(pdf.facts_and_figures(document))


@pytest.mark.parametrize("path", sorted(resource("pictograms").glob("*.svg")), ids=lambda p: p.stem)
def test_pictograms_are_ink_lines_that_draw(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert root.get("fill") == "none"
    assert root.get("stroke") == "#1F2328"
    document = sheet(Section("Head", (paragraph(Run("Text")),), path.stem))
    assert pdf.facts_and_figures(document).startswith(b"%PDF")


def test_unknown_pictogram_is_an_error_not_a_path() -> None:
    for name in ("../style/sheet", "Mail"):
        with pytest.raises(ValueError):
            pdf.facts_and_figures(sheet(Section("Head", (), name)))
    with pytest.raises(FontMissing):
        pdf.facts_and_figures(sheet(Section("Head", (), "lost")))
    for name in ("../x", "/etc/x", "a\\b"):
        with pytest.raises(ValueError):
            resource(name)


def test_missing_font_is_named_as_such(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typography.typography.cache_clear()
    monkeypatch.setattr(typography, "resource", lambda relative: tmp_path / relative)
    with pytest.raises(FontMissing):
        pdf.facts_and_figures(sheet(section(1)))
    monkeypatch.undo()
    typography.typography.cache_clear()
    assert pdf.facts_and_figures(sheet(section(1)))


def test_saved_file_is_private_and_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "sheet.pdf"
    target.write_bytes(b"old")
    pdf.write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["sheet.pdf"]
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_crash_while_saving_leaves_the_old_file(
    step: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "sheet.pdf"
    target.write_bytes(b"old")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, crash)
    with pytest.raises(KeyboardInterrupt):
        pdf.write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["sheet.pdf"]


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, DiskFull), (errno.EROFS, ReadOnly), (errno.EIO, OSError)]
)
def test_fault_of_the_disk_is_told_by_its_name(
    number: int, told: type[Exception], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, "fault")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(told):
        pdf.write_atomically(tmp_path / "sheet.pdf", b"new")
    assert not os.listdir(tmp_path)
