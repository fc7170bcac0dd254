"""A sheet's document -> the bytes of its PDF, and the safe way to put bytes on the disk."""

import errno
import io
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any
from xml.etree import ElementTree

from casedesk.kernel.errors import DiskFull, FontMissing, ReadOnly
from casedesk.kernel.language import N_, _
from casedesk.reports.layout import (
    Bar,
    Block,
    CountedRow,
    CountedTable,
    Drawn,
    Heading,
    Kind,
    Run,
    Runs,
    Section,
    SheetDocument,
    Spot,
)
from casedesk.reports.packing import Atom, Column, Page, pack
from casedesk.reports.typography import Typography, typography
from casedesk.resources import resource
from casedesk.version import build

MM = 72 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT = 16 * MM, 194 * MM
COLUMN, GUTTER = 85 * MM, 8 * MM
HEAD_INDENT = 24.0
PICTOGRAM = 18.0
BODY_FOOT, LAST_FOOT = 279 * MM, 249 * MM
CONTINUED_TOP = 24 * MM
HIGHLIGHTS_TOP = 47 * MM
HIGHLIGHTS_STOP = 190 * MM
CELL_LETTERS = 600
CELL_PAD = 3.0
COUNTED_WIDTHS = (29 * MM, 32 * MM, 46 * MM, 23 * MM, 15 * MM, 15 * MM, 18 * MM)
_GLUE = (Kind.HEAD, Kind.SUB, Kind.RUN)
_OWN_SPACE = (Kind.HEAD, Kind.CHART)


# ReportLab reads every paragraph with one parser for the whole process, so only one sheet is drawn
# at a time.
pen = RLock()


def drawn(document: SheetDocument | CountedTable) -> Drawn:
    """A sheet on paper, with the places of its figures and sections."""
    with pen:
        if isinstance(document, CountedTable):
            return _CountedSheet(document).drawn()
        return _PublicSheet(document).drawn()


def facts_and_figures(document: SheetDocument) -> bytes:
    """The public sheet, in two columns on as many A4 pages as it needs."""
    return drawn(document).data


def how_counted(document: CountedTable) -> bytes:
    """The internal table that explains each figure of a sheet."""
    return drawn(document).data


def spots(document: SheetDocument | CountedTable) -> tuple[Spot, ...]:
    """Where the words of each figure stand on the printed page."""
    return drawn(document).spots


def plan(document: SheetDocument) -> tuple[Page, ...]:
    """Where every line of the public sheet will stand; nothing is drawn."""
    with pen:
        return _PublicSheet(document).pages


def write_atomically(path: Path, data: bytes) -> None:
    """Put a file in its place whole or not at all; only its owner may read it."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(part, flags, 0o600), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    except BaseException as fault:
        part.unlink(missing_ok=True)
        if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
            raise DiskFull(N_("There is no room on the disk for this file.")) from fault
        if isinstance(fault, OSError) and fault.errno in (errno.EACCES, errno.EROFS):
            raise ReadOnly(N_("This folder cannot be written: choose another.")) from fault
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # Windows opens no folders; there the rename itself is what the system promises.
    flag = getattr(os, "O_DIRECTORY", None)
    if flag is None:
        return
    handle = os.open(folder, os.O_RDONLY | flag)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---------------------------------------------------------------------------------- pictograms


@dataclass(frozen=True)
class _Stroke:
    """One line of a pictogram in its own 24 x 24 box: letters with their numbers."""

    shape: str
    steps: tuple[tuple[str, tuple[float, ...]], ...]


@cache
def _pictogram(name: str) -> tuple[_Stroke, ...]:
    """Read one of our own line drawings: M, L, C, Z paths, circles and rectangles."""
    path = resource(f"pictograms/{name}.svg")
    if not re.fullmatch(r"[a-z][a-z-]*", name):
        raise ValueError("a pictogram's name is small letters")
    if not path.is_file():
        raise FontMissing(_("A drawing of the program is missing. Install the program again."))
    strokes: list[_Stroke] = []
    # The drawing ships with the program; no outside XML is ever read here.
    for element in ElementTree.parse(path).getroot():  # noqa: S314
        shape = element.tag.rpartition("}")[2]
        if shape == "path":
            strokes.append(_Stroke(shape, _steps(element.get("d", ""))))
        else:
            wanted = {"circle": ("cx", "cy", "r"), "rect": ("x", "y", "width", "height", "rx")}
            numbers = tuple(float(element.get(key, "0")) for key in wanted[shape])
            strokes.append(_Stroke(shape, (("", numbers),)))
    return tuple(strokes)


def _steps(text: str) -> tuple[tuple[str, tuple[float, ...]], ...]:
    found = re.findall(r"([MLCZ])([^MLCZ]*)", text)
    return tuple(
        (letter, tuple(float(number) for number in numbers.replace(",", " ").split()))
        for letter, numbers in found
    )


# -------------------------------------------------------------------------------------- canvas


class Paper:
    """A canvas whose heights count from the head of the page, with the parts all sheets share."""

    def __init__(self, *, lang: str, title: str, subject: str, author: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self.type: Typography = typography()
        self.stream = io.BytesIO()
        self.page = 1
        self.spots: list[Spot] = []
        self.headings: list[Heading] = []
        self.canvas: Any = Canvas(
            self.stream,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            invariant=1,
            initialFontName="PT",
            lang=lang,
        )
        self.canvas.setTitle(self.type.clean(title, "PT", limit=200))
        self.canvas.setSubject(self.type.clean(subject, "PT", limit=400))
        self.canvas.setAuthor(self.type.clean(author, "PT", limit=200))
        self.canvas.setCreator(build().signature)
        self.canvas.setViewerPreference("DisplayDocTitle", "true")

    def finished(self) -> Drawn:
        self.canvas.save()
        data = self.stream.getvalue()
        return Drawn(data, tuple(self.spots), tuple(self.headings), self.page - 1)

    def turn(self) -> None:
        """End this page and begin the next."""
        self.canvas.showPage()
        self.page += 1

    def ink(self, colour: str) -> None:
        self.canvas.setFillColor(self.type.colours[colour])
        self.canvas.setStrokeColor(self.type.colours[colour])

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.ink(colour)
        self.canvas.rect(x, PAGE_HEIGHT - y - height, width, height, stroke=0, fill=1)

    def line(
        self, x: float, y: float, to_x: float, to_y: float, weight: float, colour: str
    ) -> None:
        self.ink(colour)
        self.canvas.setLineWidth(weight)
        self.canvas.line(x, PAGE_HEIGHT - y, to_x, PAGE_HEIGHT - to_y)

    def words(
        self,
        text: str,
        style: str,
        x: float,
        baseline: float,
        width: float,
        *,
        align: str = "left",
        cuts: Sequence[tuple[str, float]] = (),
    ) -> float:
        """One line of text, narrowed and then shortened until it fits; returns its width."""
        made = self.type.styles[style]
        choices = cuts or ((made.fontName, made.fontSize),)
        measure = self.type.width
        text = self.type.plain(text, made.fontName).strip()
        fitting = [cut for cut in choices if measure(text, *cut) <= width]
        font, size = fitting[0] if fitting else choices[-1]
        if not fitting:
            while text and measure(text + "\u2026", font, size) > width:
                text = text[:-1].rstrip()
            text += "\u2026"
        taken = measure(text, font, size)
        at = {"left": x, "right": x - taken, "centre": x - taken / 2}[align]
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(made.textColor)
        self.canvas.drawString(at, PAGE_HEIGHT - baseline, text)
        return taken

    def shown(self, text: str, font: str, size: float) -> str:
        """Give the page's own words for a clean text, as a text object writes them.

        A text object also measures each text and writes each number with care: on a sheet of ten
        thousand lines that is most of the time. Here the place is the caller's.
        """
        from reportlab.pdfbase.pdfmetrics import getFont

        canvas, made = self.canvas, getFont(font)
        return " ".join(
            f"{made.getSubsetInternalName(subset, canvas._doc)} {size} Tf"
            f" ({canvas._escape(part)}) Tj"
            for subset, part in made.splitString(text, canvas._doc)
        )

    def set(self, paragraph: Any, x: float, y: float, width: float) -> float:
        """Draw a paragraph with its head at `y`; returns its height."""
        _, tall = paragraph.wrap(width, 100_000)
        paragraph.drawOn(self.canvas, x, PAGE_HEIGHT - y - tall)
        return float(tall)

    def note(
        self, runs: Runs, paragraph: Any, x: float, y: float, lines: tuple[int, int] | None = None
    ) -> None:
        """Remember where the figures of these runs stand: the lines from `y` on, set at `x`.

        `paragraph` is wrapped and whole; `lines` are the ones of it that stand here.
        """
        first, stop = lines or (0, len(paragraph.blPara.lines))
        leading = float(paragraph.style.leading)
        for line, figure, words, left, width in _figures_by_line(runs, paragraph, self.canvas):
            if first <= line < stop:
                top = y + (line - first) * leading
                self.spots.append(Spot(figure, words, self.page, x + left, top, width, leading))

    def mark(self, x: float, y: float, side: float) -> None:
        """Our own sign: a carmine square with two white dots joined by a slanted S-line."""
        canvas, unit = self.canvas, side / 22
        canvas.saveState()
        canvas.translate(x, PAGE_HEIGHT - y - side)
        canvas.scale(unit, unit)
        self.ink("carmine")
        canvas.roundRect(0, 0, 22, 22, 5, stroke=0, fill=1)
        self.ink("white")
        canvas.setLineWidth(1.7)
        path = canvas.beginPath()
        path.moveTo(6.3, 6.3)
        path.curveTo(14.5, 5.6, 7.5, 16.4, 15.7, 15.7)
        canvas.drawPath(path, stroke=1, fill=0)
        for dot in (6.3, 15.7):
            canvas.circle(dot, dot, 2.5, stroke=0, fill=1)
        canvas.restoreState()

    def pictogram(self, name: str, x: float, y: float) -> None:
        canvas = self.canvas
        canvas.saveState()
        # SVG counts downwards, the page upwards.
        canvas.translate(x, PAGE_HEIGHT - y)
        canvas.scale(PICTOGRAM / 24, -PICTOGRAM / 24)
        self.ink("ink")
        canvas.setLineWidth(1.5)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for stroke in _pictogram(name):
            path = canvas.beginPath()
            for letter, numbers in stroke.steps:
                if stroke.shape == "circle":
                    path.circle(*numbers)
                elif stroke.shape == "rect":
                    path.roundRect(*numbers)
                elif letter == "M":
                    path.moveTo(*numbers)
                elif letter == "L":
                    path.lineTo(*numbers)
                elif letter == "C":
                    path.curveTo(*numbers)
                else:
                    path.close()
            canvas.drawPath(path, stroke=1, fill=0)
        canvas.restoreState()

    def tag(self, text: str | None) -> float:
        """The outlined words at the top right that say the data is not real; their width."""
        if not text:
            return 0.0
        text = self.type.clean(text.upper(), "PNB", limit=60)
        wide = float(self.canvas.stringWidth(text, "PNB", 8))
        self.ink("amber")
        self.canvas.setLineWidth(0.8)
        foot = PAGE_HEIGHT - 13.6 * MM
        self.canvas.roundRect(RIGHT - wide - 9, foot - 4, wide + 9, 13.5, 2, stroke=1, fill=0)
        self.canvas.setFont("PNB", 8)
        self.canvas.drawString(RIGHT - wide - 4.5, foot, text)
        return wide + 9 + 4 * MM

    def foot(self, text: str, page: int, pages: int | None) -> None:
        self.line(LEFT, 284 * MM, RIGHT, 284 * MM, 0.5, "rule")
        number = str(page) if pages is None else f"{page} / {pages}"
        self.words(text, "cap", LEFT, 288 * MM, RIGHT - LEFT - 20 * MM)
        self.words(number, "cap", RIGHT, 288 * MM, 18 * MM, align="right")

    def bookmark(self, key: str, title: str, y: float) -> None:
        self.canvas.bookmarkHorizontal(key, 0, PAGE_HEIGHT - y)
        title = self.type.clean(title, "PT", limit=120)
        self.canvas.addOutlineEntry(title, key, 0)
        self.headings.append(Heading(title, self.page, y))


def _figures_by_line(
    runs: Runs, paragraph: Any, canvas: Any
) -> list[tuple[int, str, str, float, float]]:
    """Per line and figure: line number, figure, its words there, their left edge and width.

    Runs and wrapped lines hold the same letters in the same order and differ in spaces alone, so
    letters are what is counted.
    """
    owners = [run.figure for run in runs for sign in run.text if sign != " "]
    if not any(owners):
        return []
    found: list[tuple[int, str, str, float, float]] = []
    at = 0
    for number, line in enumerate(paragraph.blPara.lines):
        left = float(paragraph.style.leftIndent)
        parts: dict[str, tuple[str, float, float]] = {}
        after_space = False
        for text, font, size in _fragments(line, paragraph):
            for end, sign in enumerate(text, start=1):
                if sign == " ":
                    after_space = True
                    continue
                owner = owners[at] if at < len(owners) else ""
                at += 1
                if owner:
                    begin = left + float(canvas.stringWidth(text[: end - 1], font, size))
                    stop = left + float(canvas.stringWidth(text[:end], font, size))
                    words, edge, _ = parts.get(owner, ("", begin, stop))
                    gap = " " if words and after_space else ""
                    parts[owner] = (words + gap + sign, edge, stop)
                after_space = False
            left += float(canvas.stringWidth(text, font, size))
        found += [(number, figure, words, a, b - a) for figure, (words, a, b) in parts.items()]
    return found


def _fragments(line: Any, paragraph: Any) -> list[tuple[str, str, float]]:
    """The stretches of one wrapped line, each with its font: ReportLab keeps two kinds of line."""
    if paragraph.blPara.kind == 0:
        style = paragraph.style
        return [(" ".join(line[1]), style.fontName, style.fontSize)]
    return [(part.text, part.fontName, part.fontSize) for part in line.words]


# -------------------------------------------------------------------------------- public sheet


class _PublicSheet:
    """Measures the matter, packs it, and draws page by page in reading order."""

    def __init__(self, document: SheetDocument) -> None:
        self.document = document
        self.paper = Paper(
            lang=document.lang,
            title=document.meta_title or document.title,
            subject=document.meta_subject,
            author=", ".join(document.delegation),
        )
        self.type = self.paper.type
        self.highlights, overflow = self._highlights()
        sections = document.sections
        if overflow:
            blocks = tuple(Block(Kind.B, runs) for runs in overflow)
            sections = (Section(document.highlights_label or document.title, blocks), *sections)
        self.blocks = tuple(block for section in sections for block in section.all_blocks())
        top = self._body_top()
        self.pages = pack(
            self._atoms,
            first=(BODY_FOOT - top, LAST_FOOT - top),
            following=(BODY_FOOT - CONTINUED_TOP, LAST_FOOT - CONTINUED_TOP),
        )

    # Measuring -------------------------------------------------------------------------------

    def _highlights(self) -> tuple[tuple[Any, ...], tuple[tuple[Run, ...], ...]]:
        """Highlights that leave room for the body, and those that must go into it."""
        fitting: list[Any] = []
        y = HIGHLIGHTS_TOP
        for n, runs in enumerate(self.document.highlights):
            made = self.type.para(runs, "hl", limit=CELL_LETTERS)
            y += made.wrap(141 * MM, 100_000)[1] + 3.5
            if y > HIGHLIGHTS_STOP:
                return tuple(fitting), self.document.highlights[n:]
            fitting.append(made)
        return tuple(fitting), ()

    def _body_top(self) -> float:
        if not self.highlights:
            return HIGHLIGHTS_TOP
        tall = sum(made.wrap(141 * MM, 100_000)[1] + 3.5 for made in self.highlights) - 3.5
        return float(HIGHLIGHTS_TOP + max(tall, 30) + 6 * MM)

    def _paragraph(self, block: Block) -> Any:
        if block.kind is Kind.HEAD:
            text = "".join(run.text for run in block.runs).upper()
            return self.type.para(text, "head", limit=120)
        return self.type.para(block.runs, "cap" if block.kind is Kind.CHART else block.kind.value)

    def _head_width(self, block: Block) -> float:
        return COLUMN - HEAD_INDENT if block.pictogram else COLUMN

    def _atoms(self, chart_height: float) -> tuple[Atom, ...]:
        atoms: list[Atom] = []
        before: Block | None = None
        for n, block in enumerate(self.blocks):
            gap, parts = self._gap(before, block)
            atoms.extend(self._measured(n, block, gap, parts, chart_height))
            before = block
        return tuple(atoms)

    def _gap(self, before: Block | None, block: Block) -> tuple[float, int]:
        if before is None:
            return 0.0, 0
        above, here = self._space(before)[1], self._space(block)[0]
        joined = block.kind in _OWN_SPACE or before.kind in _OWN_SPACE
        gap = max(above, here) if joined else above + here
        if before.kind in _GLUE:
            return gap, 0
        return gap, 4 if block.kind is Kind.HEAD else 1

    def _space(self, block: Block) -> tuple[float, float]:
        if block.kind is Kind.CHART:
            return 4.0, 8.0
        style = self.type.styles[block.kind.value]
        return float(style.spaceBefore), float(style.spaceAfter)

    def _measured(
        self, n: int, block: Block, gap: float, parts: int, chart_height: float
    ) -> list[Atom]:
        made = self._paragraph(block)
        if block.kind is Kind.CHART:
            note = made.wrap(COLUMN, 100_000)[1] + 3 if block.runs else 0.0
            return [Atom(n, 0, chart_height + note, gap, parts, elastic=True)]
        if block.kind is Kind.HEAD:
            tall = made.wrap(self._head_width(block), 100_000)[1]
            return [Atom(n, 0, 5 + max(PICTOGRAM, tall), gap, parts, may_end=False)]
        made.wrap(COLUMN, 100_000)
        lines, leading = max(1, len(made.blPara.lines)), float(made.style.leading)
        glued = block.kind in _GLUE
        return [
            Atom(
                n,
                line,
                leading,
                0.0 if line else gap,
                0 if line else parts,
                may_end=not glued and (line == lines - 1 or 1 <= line <= lines - 3),
            )
            for line in range(lines)
        ]

    # Drawing ---------------------------------------------------------------------------------

    def drawn(self) -> Drawn:
        for number, page in enumerate(self.pages, start=1):
            top = self._first_head() if number == 1 else self._next_head()
            self._columns(page, top)
            if page.last:
                self._closing_band()
            self.paper.foot(self.document.foot, number, len(self.pages))
            self.paper.turn()
        return self.paper.finished()

    def _first_head(self) -> float:
        paper, document = self.paper, self.document
        paper.box(0, 0, PAGE_WIDTH, 40 * MM, "paper")
        paper.box(0, 0, PAGE_WIDTH, 1.2 * MM, "carmine")
        paper.mark(LEFT, 11 * MM, 11 * MM)
        text_left = 32 * MM
        tag = paper.tag(document.tag)
        for n, line in enumerate(document.delegation[:2]):
            y = 14.6 * MM + n * 14
            paper.words(line.upper(), "kicker", text_left, y, RIGHT - text_left - tag)
        period = paper.words(
            document.period,
            "period",
            RIGHT,
            34 * MM,
            70 * MM,
            align="right",
            cuts=(("PT", 12), ("PT", 10), ("PN", 10)),
        )
        paper.words(
            document.title.upper(),
            "title",
            text_left,
            34 * MM,
            RIGHT - text_left - period - 5 * MM,
            cuts=(("PNB", 27), ("PNB", 24), ("PNB", 20), ("PNB", 16)),
        )
        if self.highlights:
            label = paper.type.para(document.highlights_label.upper(), "hlhead", limit=60)
            paper.set(label, LEFT, HIGHLIGHTS_TOP, 33 * MM)
            y = HIGHLIGHTS_TOP
            for runs, made in zip(document.highlights, self.highlights, strict=False):
                tall = paper.set(made, 53 * MM, y, 141 * MM)
                paper.note(paper.type.cleaned(runs, "hl", limit=CELL_LETTERS), made, 53 * MM, y)
                y += tall + 3.5
        return self._body_top()

    def _next_head(self) -> float:
        paper = self.paper
        paper.mark(LEFT, 10.5 * MM, 6 * MM)
        tag = paper.tag(self.document.tag)
        name = " \u2013 ".join(self.document.delegation[:2])
        paper.words(name.upper(), "kicker", LEFT + 9 * MM, 14.9 * MM, RIGHT - LEFT - 9 * MM - tag)
        paper.line(LEFT, 19.5 * MM, RIGHT, 19.5 * MM, 1.2, "carmine")
        return CONTINUED_TOP

    def _columns(self, page: Page, top: float) -> None:
        self._column(page, page.left, LEFT, top)
        if page.right.stop > page.right.start:
            foot = top + max(page.left.height, page.right.height)
            middle = PAGE_WIDTH / 2
            self.paper.line(middle, top, middle, foot, 0.5, "rule")
            self._column(page, page.right, LEFT + COLUMN + GUTTER, top)

    def _column(self, page: Page, column: Column, x: float, top: float) -> None:
        y = top
        at = column.start
        while at < column.stop:
            atom = page.atoms[at]
            stop = at + 1
            while stop < column.stop and page.atoms[stop].block == atom.block:
                stop += 1
            y += column.gaps[at - column.start]
            block = self.blocks[atom.block]
            if block.kind is Kind.HEAD:
                self._head(block, atom, x, y)
                y += atom.height
            elif block.kind is Kind.CHART:
                tall = atom.height + column.grown
                self._chart(block, x, y, tall)
                y += tall
                column = _without_growth(column)
            else:
                lines = (atom.line, page.atoms[stop - 1].line + 1)
                self._note(block, x, y, lines)
                y += self.paper.set(self._lines(block, *lines), x, y, COLUMN)
            at = stop

    def _note(self, block: Block, x: float, y: float, lines: tuple[int, int]) -> None:
        if any(run.figure for run in block.runs):
            whole = self._paragraph(block)
            whole.wrap(COLUMN, 100_000)
            self.paper.note(self.type.cleaned(block.runs, block.kind.value), whole, x, y, lines)

    def _lines(self, block: Block, first: int, stop: int) -> Any:
        """The part of a paragraph that stands in this column."""
        made = self._paragraph(block)
        made.wrap(COLUMN, 100_000)
        leading = made.style.leading
        if first:
            made = made.split(COLUMN, first * leading + 0.1)[1]
            made.wrap(COLUMN, 100_000)
        if stop - first < len(made.blPara.lines):
            made = made.split(COLUMN, (stop - first) * leading + 0.1)[0]
        return made

    def _head(self, block: Block, atom: Atom, x: float, y: float) -> None:
        made = self._paragraph(block)
        self.paper.bookmark(f"section-{atom.block}", "".join(r.text for r in block.runs), y)
        self.paper.line(x, y, x + COLUMN, y, 0.8, "ink")
        width = self._head_width(block)
        tall = made.wrap(width, 100_000)[1]
        room = atom.height - 5
        if block.pictogram:
            self.paper.pictogram(block.pictogram, x, y + 5 + (room - PICTOGRAM) / 2)
        self.paper.set(made, x + COLUMN - width, y + 5 + (room - tall) / 2, width)

    def _chart(self, block: Block, x: float, y: float, tall: float) -> None:
        note = self._paragraph(block) if block.runs else None
        note_tall = note.wrap(COLUMN, 100_000)[1] + 3 if note else 0.0
        base = y + tall - note_tall - 13
        self._bars(block.bars, x, y + 12, base)
        self.paper.line(x, base, x + COLUMN, base, 0.6, "ink")
        if note:
            self.paper.set(note, x, base + 16, COLUMN)

    def _bars(self, bars: tuple[Bar, ...], x: float, top: float, base: float) -> None:
        pitch = COLUMN / len(bars)
        most = max((bar.value for bar in bars), default=0.0)
        for n, bar in enumerate(bars):
            centre = x + (n + 0.5) * pitch
            share = max(0.0, bar.value) / most if most > 0 else 0.0
            tall = (base - top) * share
            self.paper.box(centre - 0.28 * pitch, base - tall, 0.56 * pitch, tall, "blue")
            self.paper.words(
                bar.shown,
                "sub",
                centre,
                base - tall - 3,
                pitch + 4,
                align="centre",
                cuts=(("PTB", 9), ("PNB", 9), ("PNB", 8)),
            )
        for n, bar in enumerate(bars):
            centre = x + (n + 0.5) * pitch
            self.paper.words(
                bar.label,
                "cap",
                centre,
                base + 10,
                pitch - 1,
                align="centre",
                cuts=(("PN", 8.5), ("PN", 8)),
            )

    def _closing_band(self) -> None:
        paper, document = self.paper, self.document
        paper.box(0, 255 * MM, PAGE_WIDTH, 26 * MM, "paper")
        text = paper.type.para(document.boilerplate, "foot", limit=900)
        paper.set(text, LEFT, 258 * MM, 104 * MM)
        for n, line in enumerate(document.address[:6]):
            paper.words(line, "foot", RIGHT - 69 * MM, 260.7 * MM + n * 10.5, 69 * MM)


def _without_growth(column: Column) -> Column:
    """Only the first chart of a column grows."""
    return Column(column.start, column.stop, column.gaps, 0.0, column.height)


# -------------------------------------------------------------------------------- how counted


class _CountedSheet:
    """One table over as many pages as it needs; its head is repeated on each."""

    def __init__(self, document: CountedTable) -> None:
        self.document = document
        self.paper = Paper(
            lang=document.lang,
            title=document.meta_title or document.title,
            subject=document.meta_subject,
            author=", ".join(document.delegation),
        )
        self.y = 0.0

    def drawn(self) -> Drawn:
        document, paper = self.document, self.paper
        self._new_page()
        paper.bookmark("table", document.title, self.y)
        if document.lead:
            lead = paper.type.para(document.lead, "lead", limit=900)
            self.y += paper.set(lead, LEFT, self.y, RIGHT - LEFT) + 4 * MM
        self._table_head()
        for row in document.rows:
            self._row(row)
        self._caveats()
        self._fingerprint()
        self._end_page()
        return paper.finished()

    def _new_page(self) -> None:
        paper, document = self.paper, self.document
        paper.mark(LEFT, 13 * MM, 8 * MM)
        tag = paper.tag(document.tag)
        x = LEFT + 12 * MM
        name = " \u2013 ".join(document.delegation[:2])
        paper.words(name, "label", x, 15.6 * MM, RIGHT - x - tag)
        reference = paper.words(
            document.reference, "label", RIGHT, 20.6 * MM, 60 * MM, align="right"
        )
        paper.words(
            document.title,
            "hlhead",
            x,
            20.6 * MM,
            RIGHT - x - reference - 4 * MM,
            cuts=(("PNB", 13), ("PNB", 11)),
        )
        paper.line(LEFT, 24 * MM, RIGHT, 24 * MM, 1.2, "carmine")
        self.y = 29 * MM

    def _end_page(self) -> None:
        self.paper.foot(self.document.foot, self.paper.page, None)
        self.paper.turn()

    def _table_head(self) -> None:
        cells = [
            self.paper.type.para(text, style, limit=80)
            for text, style in zip(
                (self.document.name_head, *self.document.heads),
                ("th", "th", "th", "th", "thr", "thr", "th"),
                strict=True,
            )
        ]
        self.y += self._cells(cells) + 2
        self.paper.line(LEFT, self.y, RIGHT, self.y, 0.9, "ink")

    def _row(self, row: CountedRow) -> None:
        texts = (row.name, row.printed, row.rule, row.period, row.records, row.exact, row.rounding)
        styles = ("td", "tdb", "td8", "td8", "tdr", "tdr", "td8")
        cells = [
            self.paper.type.para(text, style, limit=CELL_LETTERS)
            for text, style in zip(texts, styles, strict=True)
        ]
        tall = self._tall(cells) + 2 * CELL_PAD
        if self.y + tall > BODY_FOOT:
            self._end_page()
            self._new_page()
            self._table_head()
        if row.figure:
            spot = Spot(row.figure, row.printed, self.paper.page, LEFT, self.y, RIGHT - LEFT, tall)
            self.paper.spots.append(spot)
        self.y += CELL_PAD
        self._cells(cells)
        self.y += tall - CELL_PAD
        self.paper.line(LEFT, self.y, RIGHT, self.y, 0.4, "rule")

    def _tall(self, cells: list[Any]) -> float:
        return max(
            float(cell.wrap(width - 6, 100_000)[1])
            for cell, width in zip(cells, COUNTED_WIDTHS, strict=True)
        )

    def _cells(self, cells: list[Any]) -> float:
        x = LEFT
        for cell, width in zip(cells, COUNTED_WIDTHS, strict=True):
            self.paper.set(cell, x, self.y, width - 6)
            x += width
        return self._tall(cells)

    def _caveats(self) -> None:
        made = [
            self.paper.type.para(runs, "b", limit=CELL_LETTERS) for runs in self.document.caveats
        ]
        if not made:
            return
        wide = RIGHT - LEFT
        self._section_head("caveats", self.document.caveats_label, made[0])
        for paragraph in made:
            self._make_room(paragraph.wrap(wide, 100_000)[1])
            self.y += self.paper.set(paragraph, LEFT, self.y, wide) + 3

    def _fingerprint(self) -> None:
        """The hash that tells whether the same records would be counted again."""
        if not self.document.fingerprint:
            return
        mono = self.paper.type.para(self.document.fingerprint, "mono", limit=CELL_LETTERS)
        self._section_head("fingerprint", self.document.fingerprint_label, mono)
        self.y += self.paper.set(mono, LEFT, self.y, RIGHT - LEFT) + 3
        note = self.paper.type.para(self.document.fingerprint_note, "cap", limit=CELL_LETTERS)
        self._make_room(note.wrap(RIGHT - LEFT, 100_000)[1])
        self.y += self.paper.set(note, LEFT, self.y, RIGHT - LEFT)

    def _section_head(self, key: str, title: str, follows: Any) -> None:
        """A head with its rule, on the same page as what follows it."""
        head = self.paper.type.para(title.upper(), "head", limit=80)
        wide = RIGHT - LEFT
        tall = head.wrap(wide, 100_000)[1] + 5
        self._make_room(13 + 5 + tall + follows.wrap(wide, 100_000)[1])
        self.y += 13
        self.paper.line(LEFT, self.y, RIGHT, self.y, 0.8, "ink")
        self.y += 5
        self.paper.bookmark(key, title, self.y)
        self.y += self.paper.set(head, LEFT, self.y, wide) + 5

    def _make_room(self, tall: float) -> None:
        if self.y + tall > BODY_FOOT:
            self._end_page()
            self._new_page()
