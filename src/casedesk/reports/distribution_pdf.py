"""The distribution sheet on paper: 25 lines a page to sign, totals of the page and carried over.

Drawn line by line straight on the canvas: ten thousand lines are four hundred pages, and a table
that measures itself would take minutes for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from casedesk.kernel.language import number, short_date
from casedesk.reports.layout import Drawn
from casedesk.reports.pdf import LEFT, MM, PAGE_HEIGHT, RIGHT, Paper, pen

if TYPE_CHECKING:
    from casedesk.reports.distribution import Distribution, Line, SiteList

ROWS = 25
ROW = 22.4
SIZE = 8.5
FACTS_TOP = 30 * MM
TABLE_TOP = 46 * MM
TOTAL = 15.0
PAD = 3.0
FIFTH = 5
WIDTHS = {
    "number": 10 * MM,
    "code": 19 * MM,
    "card": 16 * MM,
    "name": 56 * MM,
    "persons": 13 * MM,
    "quantity": 13 * MM,
    "amount": 19 * MM,
}
_RIGHT_SET = frozenset({"number", "persons", "quantity", "amount"})


def drawn(document: Distribution) -> Drawn:
    """Draw all lists of a sheet, each from a page of its own."""
    with pen:
        return _Sheet(document).drawn()


class _Sheet:
    def __init__(self, document: Distribution) -> None:
        self.document = document
        title = f"{document.say('title')}, {document.programme}, {document.round}"
        self.paper = Paper(
            lang=document.lang, title=title, subject=document.given, author=document.office
        )
        self.pages = sum(-(-len(one.lines) // ROWS) for one in document.lists)
        self.currencies = sorted({line.currency for one in document.lists for line in one.lines})
        money = any(line.amount for one in document.lists for line in one.lines)
        cards = any(line.card for one in document.lists for line in one.lines)
        left = {"amount": not money, "card": not cards}
        self.columns = list(self._columns([key for key in WIDTHS if not left.get(key, False)]))
        self.signature = self.columns[-1][2]
        self._widths: dict[str, float] = {}
        self._shown: dict[tuple[str, str], str] = {}

    @staticmethod
    def _columns(keys: list[str]) -> Iterator[tuple[str, float, float]]:
        x = LEFT
        for key in keys:
            yield key, x, x + WIDTHS[key]
            x += WIDTHS[key]

    def drawn(self) -> Drawn:
        for at, one in enumerate(self.document.lists, start=1):
            self._list(one, at)
        return self.paper.finished()

    def _list(self, one: SiteList, at: int) -> None:
        pages = -(-len(one.lines) // ROWS)
        carried = _Sum()
        for page in range(pages):
            begin = page * ROWS
            lines = one.lines[begin : begin + ROWS]
            self._head(one, at, page + 1, pages)
            if page == 0:
                self.paper.bookmark(f"list-{at}", one.point, TABLE_TOP)
            self._table_head()
            self._rows(lines, begin + 1)
            here = _Sum.of(lines)
            carried = carried.and_(here)
            self._totals(here, carried, last=page == pages - 1)
            self._signing()
            self.paper.foot(
                self.document.say(
                    "foot", programme=self.document.programme, round=self.document.round
                ),
                self.paper.page,
                self.pages,
            )
            self.paper.turn()

    def _head(self, one: SiteList, at: int, page: int, pages: int) -> None:
        paper, document = self.paper, self.document
        paper.mark(LEFT, 13 * MM, 8 * MM)
        tag = paper.tag(document.tag)
        x = LEFT + 12 * MM
        paper.words(document.office, "label", x, 15.6 * MM, RIGHT - x - tag)
        reference = paper.words(
            document.say(
                "reference",
                round=document.round,
                list=at,
                lists=len(document.lists),
                page=page,
                pages=pages,
                day=short_date(document.printed_on, document.lang),
            ),
            "label",
            RIGHT,
            20.6 * MM,
            108 * MM,
            align="right",
        )
        paper.words(document.say("title"), "hlhead", x, 20.6 * MM, RIGHT - x - reference - 4 * MM)
        paper.line(LEFT, 24 * MM, RIGHT, 24 * MM, 1.2, "carmine")
        self._facts(one)

    def _facts(self, one: SiteList) -> None:
        paper, document = self.paper, self.document
        where = ", ".join(part for part in (one.point, one.address) if part)
        facts = (
            ("dates", one.dates, 34),
            ("point", where, 38),
            ("partner", document.partner, 32),
            ("given", f"{document.given}. {document.programme}", 46),
            ("team", one.team, 28),
        )
        x = LEFT
        for key, text, wide in facts:
            width = wide * MM - 2 * MM
            paper.words(document.say(key), "label", x, FACTS_TOP, width)
            for n, part in enumerate(self._two_lines(text, width)):
                paper.words(part, "td", x, FACTS_TOP + 11.5 + n * 10.5, width)
            x += wide * MM
        if not document.approved:
            paper.words(document.say("draft"), "tdb", LEFT, TABLE_TOP - 3.5, RIGHT - LEFT)

    def _two_lines(self, text: str, width: float) -> list[str]:
        """Break a text after the last word that fits; the second line is shortened if it must."""
        measure = self.paper.type.width
        words = self.paper.type.plain(text, "PT").split(" ")
        fits = 1
        while fits < len(words) and measure(" ".join(words[: fits + 1]), "PT", SIZE) <= width:
            fits += 1
        rest = " ".join(words[fits:])
        return [" ".join(words[:fits]), *([rest] if rest else [])]

    def _table_head(self) -> None:
        paper = self.paper
        for key, x, end in self.columns:
            text = self.document.say(key) if key != "amount" else self._amount_head()
            if key in _RIGHT_SET:
                paper.words(text, "thr", end - PAD, TABLE_TOP + 9, end - x - PAD, align="right")
            else:
                paper.words(text, "th", x, TABLE_TOP + 9, end - x - PAD)
        wide = RIGHT - self.signature - PAD
        paper.words(self.document.say("signature"), "th", self.signature + PAD, TABLE_TOP + 9, wide)
        paper.line(LEFT, TABLE_TOP + 14, RIGHT, TABLE_TOP + 14, 0.9, "ink")

    def _amount_head(self) -> str:
        if len(self.currencies) == 1:
            return self.document.say("amount", currency=self.currencies[0])
        return self.document.say("amounts")

    def _rows(self, lines: tuple[Line, ...], first: int) -> None:
        """Draw the cells of a page line by line, as they are read, then all its rules."""
        canvas, colours = self.paper.canvas, self.paper.type.colours
        top = TABLE_TOP + 14
        room = RIGHT - self.signature - PAD
        cells = canvas.beginText()
        cells.setFillColor(colours["ink"])
        for at, line in enumerate(lines):
            base = PAGE_HEIGHT - top - at * ROW
            for x, up, text, font in self._cells(line, first + at):
                self._put(cells, text, font, x, base - up)
            if line.note:
                cells.setFillColor(colours["slate"])
                note = self._fitted(line.note, "PN", room)
                self._put(cells, note, "PN", self.signature + PAD, base - 14)
                cells.setFillColor(colours["ink"])
        canvas.drawText(cells)
        self._rules(len(lines), top)

    def _put(self, cells: Any, text: str, font: str, x: float, y: float) -> None:
        """Write a text at a place; the same words are asked of the font once."""
        known = self._shown.get((text, font))
        if known is None:
            known = self._shown[text, font] = self.paper.shown(text, font, SIZE)
        cells._code.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm {known}")

    def _cells(self, line: Line, at: int) -> Iterator[tuple[float, float, str, str]]:
        """The cells of a line: where they begin, how far down, their text and cut of type."""
        lang = self.document.lang
        for key, x, end in self.columns:
            wide = end - x - PAD
            if key == "name":
                up = 9.5 if line.other else 14
                yield x, up, self._fitted(line.name, "PTB", wide), "PTB"
                if line.other:
                    yield x, 18.6, self._fitted(line.other, "PN", wide), "PN"
            elif key in _RIGHT_SET:
                text = self._number(key, line, at, lang)
                yield end - PAD - self._width(text), 14, text, "PT"
            elif key == "card":
                if line.card:
                    yield x, 14, self._fitted(line.card, "PN", wide), "PN"
            else:
                yield x, 9.5 if line.member else 14, self._fitted(line.code, "PN", wide), "PN"
                if line.member:
                    yield x, 18.6, self._fitted(line.member, "PN", wide), "PN"

    def _number(self, key: str, line: Line, at: int, lang: str) -> str:
        if key == "amount":
            text = _money(line.amount, lang)
            return f"{text} {line.currency}" if len(self.currencies) > 1 else text
        return number({"number": at, "persons": line.persons}.get(key, line.quantity), lang)

    def _width(self, text: str) -> float:
        """Measure a number; the same ones come again and again."""
        known = self._widths.get(text)
        if known is None:
            known = self._widths[text] = self.paper.type.width(text, "PT", SIZE)
        return known

    def _fitted(self, text: str, font: str, width: float) -> str:
        """Clean a text and shorten it to its cell."""
        text = self.paper.type.plain(text, font).strip()
        measure = self.paper.type.width
        if measure(text, font, SIZE) <= width:
            return text
        while text and measure(text + "\u2026", font, SIZE) > width:
            text = text[:-1].rstrip()
        return text + "\u2026"

    def _rules(self, count: int, top: float) -> None:
        """Light rules under the lines, a darker one under each fifth."""
        canvas, colours = self.paper.canvas, self.paper.type.colours
        for colour, weight, wanted in (("rule", 0.4, False), ("slate", 0.6, True)):
            canvas.setStrokeColor(colours[colour])
            canvas.setLineWidth(weight)
            heights = [
                PAGE_HEIGHT - top - (at + 1) * ROW
                for at in range(count)
                if ((at + 1) % FIFTH == 0) is wanted
            ]
            canvas.lines([(LEFT, y, RIGHT, y) for y in heights])

    def _totals(self, here: _Sum, carried: _Sum, *, last: bool) -> None:
        document = self.document
        y = TABLE_TOP + 14 + ROWS * ROW
        for total, key, sign in (
            (here, "page total", document.say("signed", count=here.lines)),
            (carried, "whole" if last else "carried", document.say("not come")),
        ):
            self.paper.box(LEFT, y + 1, RIGHT - LEFT, TOTAL - 1, "paper")
            base = y + 11
            lines = document.say("lines", count=number(total.lines, document.lang))
            for column, x, end in self.columns:
                if column == "number":
                    self.paper.words(lines, "tdb", x + PAD, base, WIDTHS["number"] + WIDTHS["code"])
                elif column == "name":
                    self.paper.words(
                        document.say(key), "tdb", end - PAD, base, end - x, align="right"
                    )
                elif column in ("persons", "quantity"):
                    count = total.persons if column == "persons" else total.quantity
                    text = number(count, document.lang)
                    self.paper.words(text, "tdrb", end - PAD, base, end - x, align="right")
                elif column == "amount":
                    self._money_total(total, x, end, base)
            wide = RIGHT - self.signature - PAD
            self.paper.words(sign, "td8", self.signature + PAD, base, wide)
            y += TOTAL

    def _money_total(self, total: _Sum, x: float, end: float, base: float) -> None:
        several = len(self.currencies) > 1
        texts = [
            f"{_money(amount, self.document.lang)} {currency}"
            if several
            else _money(amount, self.document.lang)
            for currency, amount in sorted(total.amounts.items())
        ]
        self.paper.words(
            ", ".join(texts),
            "tdrb",
            end - PAD,
            base,
            end - x - PAD,
            align="right",
            cuts=(("PTB", 8.5), ("PNB", 8.5), ("PNB", 8)),
        )

    def _signing(self) -> None:
        y = TABLE_TOP + 14 + ROWS * ROW + 2 * TOTAL + 11
        width = (RIGHT - LEFT - 12 * MM) / 3
        for n, key in enumerate(("handed", "counted", "corrections")):
            x = LEFT + n * (width + 6 * MM)
            self.paper.words(self.document.say(key), "label", x, y, width)
            self.paper.line(x, 281 * MM, x + width, 281 * MM, 0.6, "ink")


class _Sum:
    """What some lines come to; amounts of two currencies are never added."""

    def __init__(self) -> None:
        self.lines = self.persons = self.quantity = 0
        self.amounts: Counter[str] = Counter()

    @classmethod
    def of(cls, lines: tuple[Line, ...]) -> _Sum:
        made = cls()
        made.lines = len(lines)
        for line in lines:
            made.persons += line.persons
            made.quantity += line.quantity
            made.amounts[line.currency] += line.amount
        return made

    def and_(self, other: _Sum) -> _Sum:
        made = _Sum()
        made.lines = self.lines + other.lines
        made.persons = self.persons + other.persons
        made.quantity = self.quantity + other.quantity
        made.amounts = self.amounts + other.amounts
        return made


def _money(amount: int, lang: str) -> str:
    """Write an amount kept in hundredths, without its currency."""
    whole, rest = divmod(amount, 100)
    text = number(whole, lang)
    return f"{text}{'.' if lang == 'en' else ','}{rest:02}" if rest else text
