"""Facts & Figures: from records to sentences, and from sentences to the printed sheet.

One row of `_ROWS` is one figure of the sheet: what it counts (or which external figure it
quotes), how it is rounded, and its sentence in both languages. Screen, command line and PDF read
the same `FigureRow`, and its `records` is the length of the list that `records_of` gives.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from casedesk.hotline import figures as hotline
from casedesk.kernel.errors import NotFound
from casedesk.kernel.figures import Indicator, Period
from casedesk.kernel.language import _
from casedesk.reports import disclosure, external
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
    phrase,
    run_in,
    sub,
)
from casedesk.reports.pdf import facts_and_figures as draw_sheet
from casedesk.reports.pdf import how_counted as draw_notes
from casedesk.reports.wording import (
    PLAIN,
    Lang,
    Noun,
    Place,
    Printed,
    Style,
    at_start,
    grouped,
    printed,
    vast_majority,
)
from casedesk.tracing import figures as tracing

Edition = Literal["public", "internal"]
PRISONERS, MISSING = "prisoners", "missing"

_CALLS = Noun(("call", "calls"), ("звонок", "звонка", "звонков"))
_PRISONERS = Noun(
    ("prisoner of war", "prisoners of war"),
    ("военнопленный", "военнопленного", "военнопленных"),
    animate=True,
)
_CASES = Noun(
    ("open case", "open cases"), ("открытое дело", "открытых дела", "открытых дел"), gender="n"
)
_FAMILIES = Noun(("family", "families"), ("семья", "семьи", "семей"), gender="f")


@dataclass(frozen=True)
class FigureRow:
    """One figure, counted or quoted: what it is, how it is printed, and how many records it has."""

    id: str
    exact: int
    printed: str
    sentence: str
    records: int | None
    kind: Literal["counted", "external"]
    suppressed: bool
    rule: str
    source: str
    as_of: dt.date | None
    rounding: str


@dataclass(frozen=True)
class _Row:
    """A figure of the sheet. `ids` names it in a sheet of a part year and of a whole year."""

    ids: tuple[str, str]
    section: str
    style: Style
    noun: Noun
    rule: dict[Lang, str]
    sentence: dict[Lang, str]
    count: Indicator | None = None
    quote: str = ""
    place: Place = PLAIN
    since_2022: bool = False
    printed_on_sheet: bool = True
    claim: bool = False


_EXACT = {"en": "As counted", "ru": "Точное число"}
_ROWS = (
    _Row(
        ("001-09", "001-09"),
        PRISONERS,
        Style("more than", 100),
        _PRISONERS,
        {
            "en": "Prisoners of war visited by all delegations; quoted, not counted here",
            "ru": "Военнопленные, которых посетили все делегации; приводится по источнику",
        },
        {
            "en": "The delegation has visited {figure} (POWs) on both sides, "
            "though mainly in Ukraine.",
            "ru": "Делегация посетила {figure} по обе стороны, хотя преимущественно в Украине.",
        },
        quote="prisoners_visited",
        since_2022=True,
    ),
    _Row(
        ("001-11", "002-12"),
        MISSING,
        Style("as given"),
        _CASES,
        {
            "en": "Open cases of all delegations; quoted, not counted here",
            "ru": "Открытые дела всех делегаций; приводится по источнику",
        },
        {
            "en": "{figure} of people from both sides of the front line reported missing "
            "by their families",
            "ru": "{figure} о людях по обе стороны линии фронта, о пропаже которых сообщили "
            "их семьи",
        },
        quote="open_cases",
        since_2022=True,
    ),
    _Row(
        ("001-12", "002-13"),
        MISSING,
        Style("as given"),
        _FAMILIES,
        {
            "en": "Families informed by all delegations and National Societies; quoted",
            "ru": "Семьи, которым сообщили сведения все делегации и общества; по источнику",
        },
        {
            "en": "{figure} informed by delegations and National Societies about the fate of "
            "their missing loved ones",
            "ru": "{figure}: делегации и национальные общества сообщили им сведения о судьбе "
            "пропавших родственников",
        },
        quote="families_informed",
        since_2022=True,
    ),
    _Row(
        ("001-11-own", "002-12-own"),
        MISSING,
        Style("exact"),
        _CASES,
        {
            "en": "Own cases opened since 2022 and open on the last day of the period",
            "ru": "Собственные дела, открытые с 2022 года и не закрытые на последний день",
        },
        {
            "en": "{figure} in this delegation's own file",
            "ru": "{figure} в базе самой делегации",
        },
        count=tracing.OPEN_CASES,
        since_2022=True,
        printed_on_sheet=False,
    ),
    _Row(
        ("001-12-own", "002-13-own"),
        MISSING,
        Style("exact"),
        _FAMILIES,
        {
            "en": "Own cases whose family was told the fate since 2022, each case once",
            "ru": "Собственные дела, по которым семье сообщена судьба с 2022 года",
        },
        {
            "en": "{figure} informed by this delegation",
            "ru": "{figure}: сведения сообщила сама делегация",
        },
        count=tracing.FAMILIES_INFORMED,
        since_2022=True,
        printed_on_sheet=False,
    ),
    _Row(
        ("001-13", "002-14"),
        MISSING,
        Style("over", 1_000),
        _CALLS,
        {
            "en": "Incoming phone enquiries that were answered; wrong numbers and spam left out",
            "ru": "Принятые входящие звонки; ошибочные и спам не считаются",
        },
        {
            "en": "{span}, {figure} have been answered by the team in Moscow with enquiries on "
            "POWs and the missing.",
            "ru": "{span} сотрудники в Москве ответили {figure} с обращениями о военнопленных "
            "и пропавших без вести.",
        },
        count=hotline.CALLS_ANSWERED,
        place=Place("accusative", "на"),
    ),
    _Row(
        ("001-13-seeking", "002-08"),
        MISSING,
        Style("exact"),
        _CALLS,
        {
            "en": "Answered calls whose reason is looking for a relative, printed as a claim "
            "only from 80 % of all answered calls",
            "ru": "Принятые звонки с просьбой найти родственника; говорится о большинстве, "
            "только если их не меньше 80 %",
        },
        {
            "en": "{figure} of them related to families looking for their relatives.",
            "ru": "{figure} из них связано с поиском родственников.",
        },
        count=hotline.CALLS_SEEKING_RELATIVES,
        claim=True,
    ),
)

_MONTHS: dict[Lang, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "ru": (
        *("январь", "февраль", "март", "апрель", "май", "июнь"),
        *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
    ),
}
_RU_FROM = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)

_TEXT: dict[str, dict[Lang, str]] = {
    "title": {"en": "Facts & Figures", "ru": "Факты и цифры"},
    "one": {
        "en": "Activities of the Regional Delegation (illustrative) for",
        "ru": "Деятельность региональной делегации (условный пример)",
    },
    "two": {
        "en": "the Russian Federation and the Republic of Belarus",
        "ru": "в Российской Федерации и Республике Беларусь",
    },
    "tag": {"en": "ILLUSTRATIVE DATA", "ru": "УСЛОВНЫЕ ДАННЫЕ"},
    PRISONERS: {"en": "Prisoners of war and their families", "ru": "Военнопленные и их семьи"},
    MISSING: {"en": "Missing people and their families", "ru": "Пропавшие без вести и их семьи"},
    "since": {"en": "Since 2022:", "ru": "С 2022 года:"},
    "chart": {"en": "Calls answered per month", "ru": "Принятые звонки по месяцам"},
    "note": {"en": "Rounded down to hundreds.", "ru": "Округлено вниз до сотен."},
    "majority": {"en": "The vast majority", "ru": "Подавляющее большинство"},
    "boilerplate": {
        "en": "All persons and figures on this sheet are illustrative. The program that made it "
        "is independent of any organisation.",
        "ru": "Все лица и цифры на этом листе условные. Программа, создавшая его, не связана "
        "ни с какой организацией.",
    },
    "notes": {"en": "How these figures were counted", "ru": "Как получены эти цифры"},
    "lead": {
        "en": "Every figure of the sheet, in printing order. Not for distribution outside the "
        "delegation.",
        "ru": "Все цифры листа в порядке печати. Не для распространения вне делегации.",
    },
    "heads": {
        "en": "As printed|Counting rule|Period|Records|Exact|Rounding",
        "ru": "Напечатано|Правило|Период|Записей|Точно|Округление",
    },
    "suppressed": {"en": "a small number", "ru": "небольшое число"},
    "caveats": {"en": "Caveats", "ru": "Оговорки"},
}
_ADDRESS: dict[Lang, tuple[str, ...]] = {
    "en": ("Regional Delegation (illustrative)", "1 Example Lane, 100000 Sample City"),
    "ru": ("Региональная делегация (условный пример)", "Примерный пер., 1, 100000 Город"),
}


def figures(session: Session, period: Period, lang: Lang, known_on: dt.date) -> list[FigureRow]:
    """Count or quote every figure of a period, in printing order.

    A quoted figure that nobody recorded by then is left out; so is a claim that is not true.
    """
    rows = (_figure(session, row, period, lang, known_on) for row in _ROWS)
    return [row for row in rows if row is not None]


def records_of(session: Session, figure_id: str, period: Period, known_on: dt.date) -> list[int]:
    """List the ids behind a counted figure, by any of its names."""
    for row in _ROWS:
        if figure_id in (*row.ids, row.count.key if row.count else "") and row.count:
            return row.count.ids(session, period, known_on)
    raise NotFound(_("There is no counted figure of this name. `casedesk figures` lists them."))


def facts_and_figures(
    session: Session, period: Period, lang: Lang, edition: Edition, known_on: dt.date
) -> bytes:
    """Make the sheet (public), or the page that says how its figures were counted (internal)."""
    rows = figures(session, period, lang, known_on)
    if edition == "internal":
        return draw_notes(_notes(rows, period, lang))
    return draw_sheet(_document(session, rows, period, lang, known_on))


def _whole_year(period: Period) -> bool:
    first, last = period.first, period.last
    return (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)


def _figure(
    session: Session, row: _Row, period: Period, lang: Lang, known_on: dt.date
) -> FigureRow | None:
    source, as_of, records = "", None, None
    if row.count is not None:
        exact = row.count.count(session, period, known_on)
        records = exact
    else:
        quoted = external.newest(session, row.quote, period.last)
        if quoted is None:
            return None
        exact, source, as_of = quoted.value, quoted.source, quoted.as_of
    hidden = disclosure.too_small(exact) if row.count is not None else False
    words: Printed | None = None
    if row.claim:
        whole = hotline.CALLS_ANSWERED.count(session, period, known_on)
        if not vast_majority(exact, whole) or hidden:
            return None
        text = _TEXT["majority"][lang]
    elif hidden:
        text = _TEXT["suppressed"][lang]
    else:
        words = printed(exact, row.style, lang=lang, noun=row.noun, place=row.place)
        starts = row.sentence[lang].startswith("{figure}")
        words = at_start(words) if starts and words.qualifier else words
        text = words.full
    sentence = row.sentence[lang].format(figure=text, span=_span(period, lang))
    return FigureRow(
        id=row.ids[_whole_year(period)],
        exact=exact,
        printed=text,
        sentence=sentence,
        records=records,
        kind="external" if row.count is None else "counted",
        suppressed=hidden,
        rule=row.rule[lang],
        source=source,
        as_of=as_of,
        rounding=_rounding(row.style, lang),
    )


def _rounding(style: Style, lang: Lang) -> str:
    if style.rounding == 1:
        return _EXACT[lang]
    step = grouped(style.rounding, lang=lang)
    return f"Down to {step}" if lang == "en" else f"Вниз до {step}"


def _span(period: Period, lang: Lang) -> str:
    """Say a period as a sentence begins: From May to August 2025; С мая по август 2025 года."""
    first, last = period.first, period.last
    if _whole_year(period) and first.year == last.year:
        return f"In {first.year}" if lang == "en" else f"В {first.year}\u00a0году"
    if lang == "en":
        year = "" if first.year == last.year else f" {first.year}"
        begin, end = _MONTHS["en"][first.month - 1], _MONTHS["en"][last.month - 1]
        if (first.year, first.month) == (last.year, last.month):
            return f"In {end} {last.year}"
        return f"From {begin}{year} to {end} {last.year}"
    year = "" if first.year == last.year else f" {first.year}\u00a0года"
    end = _MONTHS["ru"][last.month - 1]
    return f"С {_RU_FROM[first.month - 1]}{year} по {end} {last.year}\u00a0года"


def _period_title(period: Period, lang: Lang) -> str:
    first, last = period.first, period.last
    if _whole_year(period) and first.year == last.year:
        return str(first.year) if lang == "en" else f"{first.year}\u00a0г."
    months = _MONTHS[lang]
    begin, end = months[first.month - 1], months[last.month - 1]
    year = "" if first.year == last.year else f" {first.year}"
    tail = "" if lang == "en" else "\u00a0г."
    if (first.year, first.month) == (last.year, last.month):
        return f"{end} {last.year}{tail}"
    return f"{begin}{year} – {end} {last.year}{tail}"


def _document(
    session: Session, rows: list[FigureRow], period: Period, lang: Lang, known_on: dt.date
) -> SheetDocument:
    by_id = {row.id: row for row in rows}
    sections = []
    for name, pictogram in ((PRISONERS, "mail"), (MISSING, "person-search")):
        blocks: list[Block] = []
        for since in (True, False):
            shown = [
                (row, by_id[row.ids[_whole_year(period)]])
                for row in _ROWS
                if row.section == name
                and row.since_2022 is since
                and row.printed_on_sheet
                and row.ids[_whole_year(period)] in by_id
            ]
            if shown and since:
                blocks.append(run_in(_TEXT["since"][lang]))
            many = len(shown) > 1 and since
            for row, figure in shown:
                runs = _bold(row, figure, period, lang)
                blocks.append(bullet(*runs) if many else Block(Kind.P, runs))
        if name == MISSING:
            blocks += _chart(session, period, lang, known_on)
        if blocks:
            sections.append(Section(_TEXT[name][lang], tuple(blocks), pictogram))
    title = _period_title(period, lang)
    return SheetDocument(
        title=_TEXT["title"][lang],
        delegation=(_TEXT["one"][lang], _TEXT["two"][lang]),
        period=title,
        sections=tuple(sections),
        lang=lang,
        tag=_TEXT["tag"][lang],
        boilerplate=(Run(_TEXT["boilerplate"][lang]),),
        address=_ADDRESS[lang],
        foot=f"{_TEXT['title'][lang]}, {title}",
        meta_title=f"{_TEXT['title'][lang]}, {title}",
    )


def _bold(row: _Row, figure: FigureRow, period: Period, lang: Lang) -> tuple[Run, ...]:
    """Set the figure and its noun in bold, the qualifier light."""
    words = figure.printed
    if not (row.claim or figure.suppressed):
        made = printed(figure.exact, row.style, lang=lang, noun=row.noun, place=row.place)
        words = made.full[made.full.index(made.number) :]
    marked = figure.printed.replace(words, f"**{words}**", 1)
    template = row.sentence[lang].replace("{figure}", marked)
    return phrase(template, span=_span(period, lang))


def _chart(session: Session, period: Period, lang: Lang, known_on: dt.date) -> list[Block]:
    """Draw the calls of each month; labels are rounded, so that bars tell no exact total."""
    bars: list[Bar] = []
    year, month = period.first.year, period.first.month
    while dt.date(year, month, 1) <= period.last and len(bars) < 12:
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        first = max(dt.date(year, month, 1), period.first)
        last = min(following - dt.timedelta(days=1), period.last)
        count = hotline.CALLS_ANSWERED.count(session, Period(first, last), known_on)
        rounded = count // 100 * 100
        name = _MONTHS[lang][month - 1]
        shown = grouped(rounded, lang=lang)
        bars.append(Bar(name if period_is_short(period) else name[:3], rounded, shown))
        year, month = following.year, following.month
    if len(bars) < 2 or not any(bar.value for bar in bars):
        return []
    return [sub(_TEXT["chart"][lang]), chart(bars, note=_TEXT["note"][lang])]


def period_is_short(period: Period) -> bool:
    """Tell whether the months of a period have room for their full names under a chart."""
    return (period.last - period.first).days < 190


def _notes(rows: list[FigureRow], period: Period, lang: Lang) -> CountedTable:
    title = _period_title(period, lang)
    first, second, third, fourth, fifth, sixth = _TEXT["heads"][lang].split("|")
    table = tuple(
        CountedRow(
            printed=row.printed,
            rule=row.rule if row.kind == "counted" else f"{row.rule}. {row.source}",
            period=title if row.as_of is None else row.as_of.isoformat(),
            records="" if row.records is None else grouped(row.records, lang=lang),
            exact=grouped(row.exact, lang=lang),
            rounding=row.rounding,
        )
        for row in rows
    )
    return CountedTable(
        title=_TEXT["notes"][lang],
        delegation=_ADDRESS[lang][:1],
        reference=f"{_TEXT['title'][lang]}, {title}",
        heads=(first, second, third, fourth, fifth, sixth),
        rows=table,
        lang=lang,
        lead=(Run(_TEXT["lead"][lang]),),
        tag=_TEXT["tag"][lang],
        foot=f"{_TEXT['notes'][lang]} · {title}",
        meta_title=_TEXT["notes"][lang],
    )
