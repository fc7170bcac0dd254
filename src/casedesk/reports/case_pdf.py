"""The case summary on paper: two columns of parts, over as many pages as the case has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casedesk.reports.layout import Drawn
from casedesk.reports.pdf import (
    COLUMN,
    GUTTER,
    HEAD_INDENT,
    LEFT,
    MM,
    PAGE_HEIGHT,
    PICTOGRAM,
    RIGHT,
    Paper,
    pen,
)

if TYPE_CHECKING:
    from casedesk.reports.case_summary import Item, Part, Summary

FOOT = 261 * MM
BOX = (265 * MM, 15 * MM)
LABEL = 27 * MM
BAR = (17 * MM, 7.0)
"""A bar has one length, whatever it stands for."""
STATUS_X = 140 * MM
CHIP = 14.0
HEAD_GAP = 11.0


def drawn(document: Summary) -> Drawn:
    """Draw the summary."""
    with pen:
        return _Sheet(document).drawn()


@dataclass
class _Piece:
    """What stays together in a column; the last cell may be split over two pages."""

    cells: tuple[tuple[Any, float, float], ...]
    """Paragraph, distance from the left edge of the column, width."""
    gap: float
    title: str = ""
    pictogram: str = ""
    bar_at: float | None = None
    glued: bool = False
    """Never the last of a page."""

    def tall(self) -> float:
        most = max(float(cell.wrap(width, 100_000)[1]) for cell, _x, width in self.cells)
        return 5 + max(most, PICTOGRAM) if self.title else most

    def split(self, room: float) -> tuple[_Piece, _Piece] | None:
        """Cut the last cell where the room ends, with two lines or more on each side."""
        made, x, width = self.cells[-1]
        made.wrap(width, 100_000)
        leading = float(made.style.leading)
        lines = int(room // leading)
        if self.title or lines < 2 or len(made.blPara.lines) - lines < 2:
            return None
        head, tail = made.split(width, lines * leading + 0.1)
        first = _Piece((*self.cells[:-1], (head, x, width)), 0.0, bar_at=self.bar_at)
        return first, _Piece(((tail, x, width),), self.gap)


class _Sheet:
    def __init__(self, document: Summary) -> None:
        self.document = document
        # The title tells the number of the case, never a name: titles stand in lists of files.
        self.paper = Paper(
            lang=document.lang,
            title=f"{document.title}, {document.foot}",
            subject="",
            author=document.office,
        )
        self.left = [piece for part in document.left for piece in self._pieces(part)]
        self.right = [piece for part in document.right for piece in self._pieces(part)]

    def drawn(self) -> Drawn:
        # A page says how many there are, so they are laid out before the first is drawn.
        pages: list[tuple[list[_Piece], list[_Piece]]] = []
        left, right = self.left, self.right
        while left or right or not pages:
            room = FOOT - self._top(first=not pages)
            here, left = _filled(left, room)
            there, right = _filled(right, room)
            pages.append((here, there))
        for number, (here, there) in enumerate(pages, start=1):
            self._head(first=number == 1)
            top = self._top(first=number == 1)
            self._column(here, LEFT, top)
            self._column(there, LEFT + COLUMN + GUTTER, top)
            self._confidential()
            self.paper.foot(self.document.foot, number, len(pages))
            self.paper.turn()
        return self.paper.finished()

    # Head and foot ------------------------------------------------------------------------------

    def _top(self, *, first: bool) -> float:
        if not first:
            return 44 * MM
        return (66 if self.document.flags else 56) * MM

    def _head(self, *, first: bool) -> None:
        paper, document = self.paper, self.document
        paper.mark(LEFT, 13 * MM, 8 * MM)
        tag = paper.tag(document.tag)
        x = LEFT + 12 * MM
        paper.words(document.office, "label", x, 15.6 * MM, RIGHT - x - tag)
        reference = paper.words(
            document.reference, "label", RIGHT, 20.6 * MM, 80 * MM, align="right"
        )
        paper.words(document.title, "hlhead", x, 20.6 * MM, RIGHT - x - reference - 4 * MM)
        paper.line(LEFT, 24 * MM, RIGHT, 24 * MM, 1.2, "carmine")
        wide = (STATUS_X if first else RIGHT) - LEFT - 4 * MM
        paper.words(
            document.name, "h1", LEFT, 34 * MM, wide, cuts=(("PNB", 18), ("PNB", 15), ("PNB", 12))
        )
        if not first:
            return
        if document.second_name:
            paper.words(
                document.second_name, "big", LEFT, 41 * MM, wide, cuts=(("PTB", 15), ("PNB", 12))
            )
        if document.also:
            paper.words(document.also, "cap", LEFT, 46.5 * MM, wide)
        self._status()
        self._flags()

    def _status(self) -> None:
        label, words, since, following = self.document.status
        paper, wide = self.paper, RIGHT - STATUS_X
        paper.words(label, "label", STATUS_X, 30.5 * MM, wide)
        if isinstance(words, str):
            paper.words(words, "tdb", STATUS_X, 34.7 * MM, wide, cuts=(("PTB", 10), ("PNB", 10)))
            paper.words(since, "cap", STATUS_X, 38.7 * MM, wide)
        else:
            self._bar(STATUS_X, 32 * MM)
            paper.set(paper.type.para(words.why, "cap", limit=200), STATUS_X, 36 * MM, wide)
        if following:
            made = paper.type.para(following, "td8", limit=160)
            paper.set(made, STATUS_X, 40.5 * MM, wide)

    def _flags(self) -> None:
        """Outlined words under the name: they protect somebody, and are read first."""
        paper, x, y = self.paper, LEFT, 52 * MM
        for text in self.document.flags:
            text = paper.type.plain(text, "PNB")
            wide = paper.type.width(text, "PNB", 9) + 12
            if x + wide > RIGHT:
                break
            paper.ink("carmine")
            paper.canvas.setLineWidth(0.8)
            paper.canvas.roundRect(x, PAGE_HEIGHT - y - CHIP, wide, CHIP, 3, stroke=1, fill=0)
            paper.canvas.setFont("PNB", 9)
            paper.canvas.drawString(x + 6, PAGE_HEIGHT - y - CHIP + 4, text)
            x += wide + 6

    def _confidential(self) -> None:
        paper, (y, tall) = self.paper, BOX
        paper.box(LEFT, y, RIGHT - LEFT, tall, "paper")
        self._lock(LEFT + 5 * MM, y + 4 * MM)
        text = paper.type.para(self.document.confidential, "cap", limit=900)
        room = RIGHT - LEFT - 17 * MM
        high = text.wrap(room, 100_000)[1]
        paper.set(text, LEFT + 14 * MM, y + (tall - high) / 2, room)

    def _lock(self, x: float, y: float) -> None:
        canvas = self.paper.canvas
        self.paper.ink("ink")
        canvas.setLineWidth(1.2)
        canvas.roundRect(x, PAGE_HEIGHT - y - 18, 14, 11, 2, stroke=1, fill=0)
        path = canvas.beginPath()
        path.moveTo(x + 3, PAGE_HEIGHT - y - 7)
        path.lineTo(x + 3, PAGE_HEIGHT - y - 4)
        path.curveTo(
            x + 3, PAGE_HEIGHT - y + 1.5, x + 11, PAGE_HEIGHT - y + 1.5, x + 11, PAGE_HEIGHT - y - 4
        )
        path.lineTo(x + 11, PAGE_HEIGHT - y - 7)
        canvas.drawPath(path, stroke=1, fill=0)

    # Columns ------------------------------------------------------------------------------------

    def _pieces(self, part: Part) -> list[_Piece]:
        kind = self.paper.type
        head = kind.para(part.title.upper(), "head", limit=80)
        made = [
            _Piece(
                ((head, HEAD_INDENT, COLUMN - HEAD_INDENT),),
                5.0,
                title=part.title,
                pictogram=part.pictogram,
                glued=True,
            )
        ]
        made += [self._piece(item) for item in part.items]
        made[-1].gap = HEAD_GAP
        return made

    def _piece(self, item: Item) -> _Piece:
        kind = self.paper.type
        x, cells = 0.0, []
        if item.label:
            cells.append((kind.para(item.label, "label", limit=80), 0.0, LABEL - 6))
            x = LABEL
        if isinstance(item.value, str):
            style = "tdb" if item.strong else "td" if item.label else "p"
            cells.append((kind.para(item.value, style), x, COLUMN - x))
            return _Piece(tuple(cells), 3.0)
        why = kind.para(item.value.why, "cap", limit=200)
        at = x + BAR[0] + 5
        cells.append((why, at, COLUMN - at))
        return _Piece(tuple(cells), 3.0, bar_at=x)

    def _column(self, pieces: list[_Piece], x: float, top: float) -> None:
        y = top
        for piece in pieces:
            tall = piece.tall()
            if piece.title:
                self._part_head(piece, x, y, tall)
            else:
                if piece.bar_at is not None:
                    self._bar(x + piece.bar_at, y + 2)
                for cell, left, width in piece.cells:
                    self.paper.set(cell, x + left, y, width)
            y += tall + piece.gap

    def _part_head(self, piece: _Piece, x: float, y: float, tall: float) -> None:
        paper = self.paper
        paper.bookmark(f"part-{len(paper.headings)}", piece.title, y)
        paper.line(x, y, x + COLUMN, y, 0.8, "ink")
        room = tall - 5
        paper.pictogram(piece.pictogram, x, y + 5 + (room - PICTOGRAM) / 2)
        cell, left, width = piece.cells[0]
        high = cell.wrap(width, 100_000)[1]
        paper.set(cell, x + left, y + 5 + (room - high) / 2, width)

    def _bar(self, x: float, y: float) -> None:
        """What is left out is not in the file; the bar only says that something is."""
        self.paper.box(x, y, *BAR, "ink")


def _filled(pieces: list[_Piece], room: float) -> tuple[list[_Piece], list[_Piece]]:
    """Take what fits into a column, and give the rest; a head goes with what follows it."""
    here: list[_Piece] = []
    rest = list(pieces)
    used = 0.0
    while rest:
        piece = rest[0]
        tall = piece.tall()
        if used + tall <= room:
            here.append(rest.pop(0))
            used += tall + piece.gap
            continue
        if (cut := piece.split(room - used)) is not None:
            here.append(cut[0])
            rest[0] = cut[1]
        elif not here:
            here.append(rest.pop(0))  # taller than a page and not to be cut: better than never
        break
    while rest and len(here) > 1 and here[-1].glued:
        rest.insert(0, here.pop())
    return here, rest
