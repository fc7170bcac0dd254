"""Fonts, colours and styles of the sheets, and the one door by which text reaches paper."""

import html
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from casedesk.kernel.errors import FontMissing
from casedesk.kernel.language import N_
from casedesk.reports.layout import Run, Runs
from casedesk.resources import resource

FONT_FILES = {
    "PT": "PTS55F.ttf",
    "PTB": "PTS75F.ttf",
    "PN": "PTN57F.ttf",
    "PNB": "PTN77F.ttf",
}
MOST_LETTERS = 4000
_LONG_WORD = 60
# Twenty-four of the widest letters still fit one column.
_BREAK_AT = 24
_LONG = re.compile(rf"[^\s\u00a0]{{{_LONG_WORD},}}")
_SPACES = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")
# Near relatives of signs that PT Sans does not draw.
_STAND_INS = {
    "\u2009": "\u00a0",
    "\u202f": "\u00a0",
    "\u2007": "\u00a0",
    "\u2002": " ",
    "\u2003": " ",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "\u2013",
    "\u2015": "\u2014",
    "\u2212": "\u2013",
    "\u2192": "\u2013",
    "\u25aa": "\u2022",
    "\u25a0": "\u2022",
    "\u02bc": "\u2019",
    "\u02b9": "\u2019",
    "\u02ba": "\u201d",
}


@dataclass(frozen=True)
class Typography:
    """Loaded fonts and styles; made once per process by `typography()`."""

    styles: dict[str, Any]
    colours: dict[str, Any]
    drawable: dict[str, Callable[[str], bool]]
    letters: dict[str, frozenset[str]]
    """The signs that each font draws."""
    advance: dict[str, dict[str, float]]
    """How far each sign of a font moves the pen, at a size of one point."""

    def width(self, text: str, font: str, size: float) -> float:
        """Measure a clean text, five times as fast as ReportLab does: lists measure thousands."""
        return float(sum(map(self.advance[font].__getitem__, text)) * size)

    def plain(self, text: str, font: str) -> str:
        """Give what `clean` gives for one line, at once where there is nothing to clean."""
        if (
            len(text) < _LONG_WORD
            and text.isprintable()
            and self.letters[font].issuperset(text)
            and unicodedata.is_normalized("NFC", text)
        ):
            return text
        return self.clean(text, font, limit=300)

    def clean(self, text: str, font: str, *, limit: int = MOST_LETTERS) -> str:
        """Text that this font can draw: no control signs, no endless words, no endless text."""
        text = unicodedata.normalize("NFC", text[: limit * 2])
        text = _SPACES.sub(" ", text)
        has = self.drawable[font]
        signs: list[str] = []
        for sign in text:
            if sign == " " or has(sign):
                if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co"):
                    signs.append(sign)
                continue
            kind = unicodedata.category(sign)
            if kind[0] == "C" or kind in ("Mn", "Me"):
                continue
            near = _STAND_INS.get(sign, "?")
            signs.append(near if near == " " or has(near) else "?")
        text = "".join(signs)
        if len(text) > limit:
            text = text[: limit - 1].rstrip() + "\u2026"
        return _LONG.sub(_soft_break, text)

    def para(self, text: str | Runs, style: str, *, limit: int = MOST_LETTERS) -> Any:
        """The only maker of paragraphs; everything from data is escaped here."""
        from reportlab.platypus import Paragraph

        made = self.styles[style]
        runs = (Run(text),) if isinstance(text, str) else text
        marked = "".join(
            f"<b>{html.escape(run.text)}</b>" if run.bold else html.escape(run.text)
            for run in self.cleaned(runs, style, limit=limit)
        )
        hangs = made.leftIndent > 0
        return Paragraph(marked, made, bulletText="\u2022" if hangs else None)

    def cleaned(self, runs: Runs, style: str, *, limit: int = MOST_LETTERS) -> tuple[Run, ...]:
        """The runs as `para` prints them: only letters that can be drawn, and not too many."""
        font = self.styles[style].fontName
        made: list[Run] = []
        left = limit
        for run in runs:
            if left <= 0:
                break
            text = self.clean(run.text, font, limit=left)
            left -= len(text)
            made.append(Run(text, run.bold, run.figure))
        return tuple(made)


def _soft_break(found: re.Match[str]) -> str:
    word = found.group()
    return " ".join(word[at : at + _BREAK_AT] for at in range(0, len(word), _BREAK_AT))


@cache
def typography() -> Typography:
    """Register the fonts and read the styles; raises FontMissing before anything is drawn."""
    from reportlab import rl_config
    from reportlab.lib.colors import HexColor
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    # A sheet is made from data alone: no markup may fetch anything from anywhere.
    rl_config.trustedHosts = []
    rl_config.trustedSchemes = []
    # Pages lie in the file as they were compressed: writing them as letters costs more than
    # drawing them.
    rl_config.useA85 = 0

    drawable: dict[str, Callable[[str], bool]] = {}
    letters: dict[str, frozenset[str]] = {}
    advance: dict[str, dict[str, float]] = {}
    for name, file_name in FONT_FILES.items():
        path = resource(f"fonts/{file_name}")
        if not path.is_file():
            raise FontMissing(N_("A font of the sheets is missing: install CaseDesk again."))
        try:
            font = TTFont(name, str(path))
        except (TTFError, OSError) as fault:
            raise FontMissing(
                N_("A font of the sheets is damaged: install CaseDesk again.")
            ) from fault
        pdfmetrics.registerFont(font)
        glyphs = frozenset(font.face.charToGlyph)
        drawable[name] = _known(glyphs)
        letters[name] = frozenset(map(chr, glyphs))
        advance[name] = {
            chr(code): font.face.charWidths.get(code, font.face.defaultWidth) / 1000
            for code in glyphs
        }
    for name in FONT_FILES:
        bold = {"PT": "PTB", "PN": "PNB"}.get(name, name)
        pdfmetrics.registerFontFamily(name, normal=name, bold=bold, italic=name, boldItalic=bold)

    sheet = json.loads(resource("style/sheet.json").read_text(encoding="utf-8"))
    colours = {name: HexColor(value) for name, value in sheet["colours"].items()}
    styles: dict[str, Any] = {}
    for name, (cut, size, leading, colour, before, after, left, align) in sheet["styles"].items():
        styles[name] = ParagraphStyle(
            name,
            fontName=cut,
            fontSize=size,
            leading=leading,
            textColor=colours[colour],
            spaceBefore=before,
            spaceAfter=after,
            leftIndent=left,
            alignment=TA_RIGHT if align == "right" else TA_LEFT,
            bulletFontName="PT",
            bulletFontSize=size,
            bulletColor=colours["carmine"],
            bulletIndent=0,
            allowWidows=1,
            allowOrphans=1,
        )
    return Typography(styles, colours, drawable, letters, advance)


def _known(glyphs: frozenset[int]) -> Callable[[str], bool]:
    def has(sign: str) -> bool:
        return ord(sign) in glyphs

    return has
