"""Facts & Figures: from records to sentences, and from sentences to the printed sheet.

`sentences.ROWS` says what each figure is. Screen, command line and PDF read the same `FigureRow`,
and its `records` is the length of the list that `records_of` gives.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session

from casedesk.hotline import figures as hotline
from casedesk.kernel.errors import NotFound
from casedesk.kernel.figures import Indicator, Period
from casedesk.kernel.language import _, date_text
from casedesk.kernel.settings import get_setting
from casedesk.reports import disclosure, external, pdf, released
from casedesk.reports.layout import (
    Bar,
    Block,
    CountedRow,
    CountedTable,
    Drawn,
    Kind,
    Run,
    Runs,
    Section,
    SheetDocument,
    bullet,
    chart,
    run_in,
    sub,
)
from casedesk.reports.sentences import (
    DISPLACED,
    HIGHLIGHTS,
    LEADS,
    MAJORITY,
    MISSING,
    MONTHS,
    NESTED,
    PART,
    PRISONERS,
    REACHED,
    ROWS,
    RU_FROM,
    RU_IN,
    TEXT,
    YEAR,
    Row,
    rounding,
)
from casedesk.reports.wording import Lang, Printed, at_start, grouped, printed, vast_majority

Edition = Literal["public", "internal"]


@dataclass(frozen=True)
class FigureRow:
    """One figure, counted or quoted: what it is, how it is printed, and how many records it has."""

    id: str
    name: str
    exact: int
    printed: str
    value: str
    """The printed number without its noun: "over 15,000"."""
    sentence: str
    records: int | None
    kind: Literal["counted", "external"]
    suppressed: bool
    rule: str
    source: str
    as_of: dt.date | None
    rounding: str
    register: str
    """The list that holds its records; none for a quoted figure."""
    quote: str
    """The key of the external figure, or nothing for a counted one."""
    on_sheet: bool
    """Whether the public sheet prints it; otherwise only the internal notes do."""
    measure: str
    """The key of what is counted: the same for a highlight and its section."""
    claim: released.Bounds | None
    """Least and greatest value that the printed words may mean of what was counted; none where
    they say something else than a count."""


@dataclass(frozen=True)
class Composed:
    """A finished sheet with everything the studio shows beside it."""

    drawn: Drawn
    figures: tuple[FigureRow, ...]
    small: tuple[FigureRow, ...]
    """Figures of the public sheet whose count is too small to be printed as a number."""
    revealing: Mapping[str, released.Release]
    """Counted figures that, with an earlier public sheet, tell of a small count."""

    def claims(self) -> dict[str, released.Bounds]:
        """Give what the public sheet says of each counted figure, by its measure."""
        return _claims(self.figures)


@dataclass(frozen=True)
class _Value:
    """What was counted or quoted for a row, and the words for it."""

    row: Row
    id: str
    exact: int
    words: Printed | None
    hidden: bool
    quoted: external.ExternalFigure | None
    day: dt.date | None = None
    """The day of a milestone or a claim."""


def figures(session: Session, period: Period, lang: Lang, known_on: dt.date) -> list[FigureRow]:
    """Count or quote every figure of a period, in printing order.

    A quoted figure that nobody recorded by then is left out; so is a claim that is not true.
    """
    return _rows(_values(session, period, lang, known_on), period, lang)


def records_of(session: Session, figure_id: str, period: Period, known_on: dt.date) -> list[int]:
    """List the ids behind a counted figure, by any of its names."""
    return _counted(figure_id).ids(session, period, known_on)


def statement_of(figure_id: str, period: Period, known_on: dt.date) -> sa.Select[Any]:
    """Give the statement whose rows a counted figure counts, for the list behind it."""
    return _counted(figure_id).statement(period, known_on)


def name_of(figure_id: str, lang: Lang) -> str:
    """Name a figure in a language that may not be the sheet's."""
    return next((row.name[lang] for row in ROWS if figure_id in row.ids), figure_id)


def rule_of(figure_id: str, lang: Lang) -> str:
    """Say in a language how a figure is counted."""
    return next((row.rule[lang] for row in ROWS if figure_id in row.ids), "")


def quotes(lang: Lang) -> tuple[tuple[str, str], ...]:
    """List the external figures that the sheet quotes: key and name."""
    return tuple((row.quote, row.name[lang]) for row in ROWS if row.quote)


def facts_and_figures(
    session: Session,
    period: Period,
    lang: Lang,
    edition: Edition,
    known_on: dt.date,
    *,
    illustrative: bool | None = None,
    delegation: str | None = None,
) -> bytes:
    """Make the sheet (public), or the page that says how its figures were counted (internal).

    An illustrative sheet says on each page that its data are invented; whether they are, and the
    delegation's name, the file itself knows unless it is said here.
    """
    made = composed(
        session,
        period,
        lang,
        edition,
        known_on,
        illustrative=illustrative,
        delegation=delegation,
    )
    return made.drawn.data


def composed(
    session: Session,
    period: Period,
    lang: Lang,
    edition: Edition,
    known_on: dt.date,
    *,
    illustrative: bool | None = None,
    delegation: str | None = None,
) -> Composed:
    """Make a sheet, and tell where its figures stand and which of them are small."""
    if illustrative is None:
        illustrative = get_setting(session, "trial_day", "") != ""
    if delegation is None:
        delegation = get_setting(session, "delegation", "")
    values = _values(session, period, lang, known_on)
    rows = _rows(values, period, lang)
    document: SheetDocument | CountedTable
    if edition == "internal":
        document = _notes(session, values, rows, period, lang, known_on, illustrative)
    else:
        document = _document(session, values, period, lang, known_on, illustrative, delegation)
    small = tuple(row for row in rows if row.suppressed and row.on_sheet)
    told = released.revealing(_claims(rows), period, released.released(session))
    return Composed(pdf.drawn(document), tuple(rows), small, told)


def _claims(rows: Iterable[FigureRow]) -> dict[str, released.Bounds]:
    return {row.measure: row.claim for row in rows if row.measure and row.on_sheet and row.claim}


def _counted(figure_id: str) -> Indicator:
    for row in ROWS:
        if figure_id and row.count and figure_id in (*row.ids, row.count.key):
            return row.count
    raise NotFound(_("There is no counted figure of this name. `casedesk figures` lists them."))


# ---------------------------------------------------------------------------------------- values


def _whole_year(period: Period) -> bool:
    first, last = period.first, period.last
    whole = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    return whole and first.year == last.year


def _values(session: Session, period: Period, lang: Lang, known_on: dt.date) -> list[_Value]:
    """Count or quote the rows that a sheet of this period has; each indicator is counted once."""
    counts: dict[str, int] = {}

    def counted(indicator: Indicator) -> int:
        if indicator.key not in counts:
            counts[indicator.key] = indicator.count(session, period, known_on)
        return counts[indicator.key]

    found = []
    form = YEAR if _whole_year(period) else PART
    for row in ROWS:
        first, last = row.years
        if not row.ids[form] or not first <= period.last.year <= last:
            continue
        quoted, day = None, None
        if row.when is not None:
            day = row.when(session, period, known_on)
            if day is None:
                continue  # not true of this period, so not said
        if row.count is None:
            quoted = external.newest(session, row.quote, period.last)
            if quoted is None:
                continue
            exact = quoted.value
        else:
            exact = counted(row.count)
            if row.if_any and not exact:
                continue
        # A milestone prints its amount and a claim no number at all: neither tells of a few people.
        hidden = row.count is not None and row.form == "count" and disclosure.too_small(exact)
        words = None
        if row.within:
            if hidden or not vast_majority(exact, counted(hotline.CALLS_ANSWERED)):
                continue
        elif row.form != "claim":
            words = _worded(row, exact, lang)
        found.append(_Value(row, row.ids[form], exact, words, hidden, quoted, day))
    return found


def _worded(row: Row, exact: int, lang: Lang) -> Printed:
    """Give the words of a value; a quoted one was cleared by whoever published it."""
    words: Printed | disclosure.Suppressed
    if row.count is None or row.form == "milestone":
        value = exact if row.form == "count" else REACHED
        words = printed(value, row.style, lang=lang, noun=row.noun, place=row.place)
    else:
        words = disclosure.release(exact, row.style, lang=lang, noun=row.noun, place=row.place)
    made = words.words if isinstance(words, disclosure.Suppressed) else words
    return at_start(made) if row.sentence[lang].startswith("{figure}") else made


def _rows(values: list[_Value], period: Period, lang: Lang) -> list[FigureRow]:
    rows = []
    for value in values:
        row, quoted = value.row, value.quoted
        text = "".join(run.text for run in _said(value, values, period, lang))
        if row.within:
            # Within another sentence it is a clause; alone it is a sentence of its own.
            text = text[:1].upper() + text[1:] + "."
        rows.append(
            FigureRow(
                id=value.id,
                name=row.name[lang],
                exact=value.exact,
                printed=_printed(value, lang),
                value=_printed(value, lang) if value.words is None else _number(value.words),
                sentence=text,
                records=None if row.count is None else value.exact,
                kind="external" if row.count is None else "counted",
                suppressed=value.hidden,
                rule=row.rule[lang],
                source=quoted.source if quoted else "",
                as_of=quoted.as_of if quoted else None,
                rounding=_rounding(value, lang),
                register=row.register,
                quote=row.quote,
                on_sheet=row.on_sheet,
                measure=row.count.key if row.count else "",
                claim=_claim(value),
            )
        )
    return rows


def _printed(value: _Value, lang: Lang) -> str:
    if value.row.form == "claim":
        return TEXT["begun"][lang].format(month=_month(value, lang))
    if value.words is None:
        return MAJORITY[lang][:1].upper() + MAJORITY[lang][1:]
    return value.words.full


def _claim(value: _Value) -> released.Bounds | None:
    if value.words is None or value.row.form != "count":
        return None
    low, high = value.words.claim.bounds()
    return int(low), int(high)


def _number(words: Printed) -> str:
    return " ".join(part for part in (words.qualifier, words.bold) if part)


def _rounding(value: _Value, lang: Lang) -> str:
    if value.hidden:
        threshold = grouped(disclosure.THRESHOLD, lang=lang)
        return TEXT["small"][lang].format(threshold=threshold)
    if value.row.within:
        return TEXT["claimed"][lang]
    if value.row.form != "count":
        return TEXT["reached" if value.row.form == "milestone" else "true"][lang]
    return rounding(value.row.style, lang)


# ------------------------------------------------------------------------------------- sentences


def _said(value: _Value, values: list[_Value], period: Period, lang: Lang) -> Runs:
    """Say a sentence: number and noun bold, qualifier light, each run owned by its figure."""
    row = value.row
    more: list[Run] = []
    for other in values:
        if row.count is not None and other.row.within == row.count.key:
            more += [Run(", "), *_said(other, values, period, lang)]
    scope = ""
    if row.scope and value.quoted and value.quoted.as_of >= row.scope.since:
        scope = row.scope.words[lang]
    told = value.id if row.form == "claim" else ""
    parts: dict[str, Runs] = {
        "figure": _figure(value, lang),
        "span": (Run(_span(period, lang), figure=told),),
        "more": tuple(more),
        "scope": (Run(scope),),
        "month": (Run(_month(value, lang), figure=told),),
    }
    runs: list[Run] = []
    for literal, name, _spec, _conversion in Formatter().parse(row.sentence[lang]):
        runs.append(Run(literal))
        runs += parts[name] if name else ()
    return tuple(run for run in runs if run.text)


def _month(value: _Value, lang: Lang) -> str:
    """Name the month of a milestone or a claim, as it stands after "in"; a milestone is dated."""
    if value.day is None:
        return ""
    month = (MONTHS["en"] if lang == "en" else RU_IN)[value.day.month - 1]
    if value.row.form != "milestone":
        return month
    return f"{month} {value.day.year}" + ("" if lang == "en" else "\u00a0года")


def _figure(value: _Value, lang: Lang) -> Runs:
    if value.words is None:
        return (Run(MAJORITY[lang], figure=value.id),)
    full = value.words.full
    at = full.index(value.words.number)
    return Run(full[:at], figure=value.id), Run(full[at:], bold=True, figure=value.id)


def _whole_months(period: Period) -> bool:
    return period.first.day == 1 and (period.last + dt.timedelta(days=1)).day == 1


def _span(period: Period, lang: Lang) -> str:
    """Say a period as a sentence begins: From May to August 2025; С мая по август 2025 года."""
    first, last = period.first, period.last
    if _whole_year(period):
        return f"In {first.year}" if lang == "en" else f"В {first.year}\u00a0году"
    russian = lang == "ru"
    year = "" if first.year == last.year else f" {first.year}"
    if russian and year:
        year += "\u00a0года"
    if not _whole_months(period):
        if russian:
            begin = f"{first.day}\u00a0{RU_FROM[first.month - 1]}{year}"
            end = f"{last.day}\u00a0{RU_FROM[last.month - 1]}"
            return f"С {begin} по {end} {last.year}\u00a0года"
        begin = f"{first.day} {MONTHS['en'][first.month - 1]}{year}"
        return f"From {begin} to {last.day} {MONTHS['en'][last.month - 1]} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        if russian:
            return f"В {RU_IN[last.month - 1]} {last.year}\u00a0года"
        return f"In {MONTHS['en'][last.month - 1]} {last.year}"
    if russian:
        end = MONTHS["ru"][last.month - 1]
        return f"С {RU_FROM[first.month - 1]}{year} по {end} {last.year}\u00a0года"
    begin, end = MONTHS["en"][first.month - 1], MONTHS["en"][last.month - 1]
    return f"From {begin}{year} to {end} {last.year}"


def period_title(period: Period, lang: Lang) -> str:
    """Write a period as the head of the sheet does: May – August 2025."""
    first, last = period.first, period.last
    tail = "" if lang == "en" else "\u00a0г."
    if _whole_year(period):
        return f"{first.year}{tail}"
    year = "" if first.year == last.year else f" {first.year}"
    if not _whole_months(period):
        names = MONTHS["en"] if lang == "en" else RU_FROM
        begin = f"{first.day}\u00a0{names[first.month - 1]}{year}"
        return f"{begin} – {last.day}\u00a0{names[last.month - 1]} {last.year}{tail}"
    begin, end = MONTHS[lang][first.month - 1], MONTHS[lang][last.month - 1]
    if (first.year, first.month) == (last.year, last.month):
        return f"{end} {last.year}{tail}"
    return f"{begin}{year} – {end} {last.year}{tail}"


# ------------------------------------------------------------------------------------ the public


def _document(
    session: Session,
    values: list[_Value],
    period: Period,
    lang: Lang,
    known_on: dt.date,
    illustrative: bool,
    delegation: str,
) -> SheetDocument:
    def said(section: str, *, since: bool) -> list[Runs]:
        return [
            _said(value, values, period, lang)
            for value in values
            if value.row.section == section
            and value.row.since_2022 is since
            and value.row.on_sheet
            and not value.row.within
        ]

    sections = []
    for name, pictogram in ((PRISONERS, "mail"), (MISSING, "person-search")):
        blocks: list[Block] = []
        cumulative = said(name, since=True)
        if cumulative:
            blocks.append(run_in(TEXT["since"][lang]))
        many = len(cumulative) > 1
        blocks += [bullet(*runs) if many else Block(Kind.P, runs) for runs in cumulative]
        blocks += [Block(Kind.P, runs) for runs in said(name, since=False)]
        if name == MISSING:
            blocks += _chart(session, period, lang, known_on)
        if blocks:
            sections.append(Section(TEXT[name][lang], tuple(blocks), pictogram))
    if displaced := _displaced(values, period, lang):
        sections.append(Section(TEXT[DISPLACED][lang], displaced, "home"))
    title = period_title(period, lang)
    one = TEXT["one named" if delegation else "one"][lang].format(delegation=delegation)
    address: tuple[str, ...] = (delegation or TEXT["office"][lang],)
    if illustrative:
        one = TEXT["one invented"][lang]
        address = (TEXT["office invented"][lang], TEXT["address"][lang])
    return SheetDocument(
        title=TEXT["title"][lang],
        delegation=(one, TEXT["two"][lang]),
        period=title,
        sections=tuple(sections),
        lang=lang,
        highlights_label=TEXT[HIGHLIGHTS][lang],
        highlights=tuple(said(HIGHLIGHTS, since=False)),
        tag=TEXT["tag"][lang] if illustrative else None,
        boilerplate=(Run(TEXT["boilerplate invented" if illustrative else "boilerplate"][lang]),),
        address=address,
        foot=f"{TEXT['title'][lang]}, {title}",
        meta_title=f"{TEXT['title'][lang]}, {title}",
    )


def _displaced(values: list[_Value], period: Period, lang: Lang) -> tuple[Block, ...]:
    """Set the section of assistance: a lead once, its figures as bullets, the rest as paragraphs.

    A nested lead is one bullet of the lead above it, and its sentences run on, because one may
    refer to the one before ("On top of that").
    """
    blocks: list[Block] = []
    opened: set[str] = set()
    nested: dict[str, int] = {}
    for value in values:
        row = value.row
        if row.section != DISPLACED or not row.on_sheet:
            continue
        said = _said(value, values, period, lang)
        if not row.lead:
            blocks.append(Block(Kind.P, said))
            continue
        outer = NESTED.get(row.lead, row.lead)
        if outer not in opened:
            blocks.append(run_in(LEADS[outer][lang]))
            opened.add(outer)
        if outer == row.lead:
            blocks.append(bullet(*said))
        elif row.lead in nested:
            at = nested[row.lead]
            blocks[at] = bullet(*blocks[at].runs, Run(" "), *said)
        else:
            nested[row.lead] = len(blocks)
            blocks.append(bullet(Run(LEADS[row.lead][lang] + " "), *said))
    return tuple(blocks)


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
        name = MONTHS[lang][month - 1]
        shown = grouped(rounded, lang=lang)
        bars.append(Bar(name if period_is_short(period) else name[:3], rounded, shown))
        year, month = following.year, following.month
    if len(bars) < 2 or not any(bar.value for bar in bars):
        return []
    return [sub(TEXT["chart"][lang]), chart(bars, note=TEXT["note"][lang])]


def period_is_short(period: Period) -> bool:
    """Tell whether the months of a period have room for their full names under a chart."""
    return (period.last - period.first).days < 190


# ---------------------------------------------------------------------------------- the internal


def _notes(
    session: Session,
    values: list[_Value],
    rows: list[FigureRow],
    period: Period,
    lang: Lang,
    known_on: dt.date,
    illustrative: bool,
) -> CountedTable:
    title = period_title(period, lang)
    first, second, third, fourth, fifth, sixth = TEXT["heads"][lang].split("|")
    table = tuple(
        CountedRow(
            printed=row.printed,
            rule=row.rule if row.kind == "counted" else f"{row.rule}. {row.source}",
            period=title
            if row.as_of is None
            else TEXT["on"][lang].format(day=date_text(row.as_of, lang)),
            records="" if row.records is None else grouped(row.records, lang=lang),
            exact=grouped(row.exact, lang=lang),
            rounding=row.rounding,
            name=row.name,
            figure=row.id,
        )
        for row in rows
    )
    return CountedTable(
        title=TEXT["notes"][lang],
        delegation=(TEXT["office invented" if illustrative else "office"][lang],),
        reference=f"{TEXT['title'][lang]}, {title}",
        heads=(first, second, third, fourth, fifth, sixth),
        rows=table,
        lang=lang,
        lead=(Run(TEXT["lead"][lang].format(day=date_text(known_on, lang))),),
        name_head=TEXT["name"][lang],
        caveats_label=TEXT["caveats"][lang],
        caveats=tuple((Run(text),) for text in _caveats(session, values, period, lang)),
        fingerprint_label=TEXT["fingerprint"][lang],
        fingerprint=_fingerprint(session, values, period, known_on),
        fingerprint_note=TEXT["fingerprint note"][lang],
        tag=TEXT["tag"][lang] if illustrative else None,
        foot=f"{TEXT['notes'][lang]} · {title}",
        meta_title=TEXT["notes"][lang],
    )


def _caveats(session: Session, values: list[_Value], period: Period, lang: Lang) -> Iterator[str]:
    """Say what a reader of the figures would get wrong without being told."""
    for value in values:
        row, quoted = value.row, value.quoted
        name = row.name[lang]
        if quoted is not None:
            day = date_text(quoted.as_of, lang)
            yield TEXT["caveat quoted"][lang].format(name=name, day=day, source=quoted.source)
        if row.scope and quoted is not None and quoted.as_of >= row.scope.since:
            before = external.newest(session, row.quote, row.scope.since - dt.timedelta(days=1))
            if before is not None:
                yield TEXT["caveat changed"][lang].format(
                    name=name,
                    caveat=row.scope.caveat[lang],
                    before=grouped(before.value, lang=lang),
                    day=date_text(before.as_of, lang),
                    now=grouped(quoted.value, lang=lang),
                )
        if value.hidden:
            threshold = grouped(disclosure.THRESHOLD, lang=lang)
            yield TEXT["caveat small"][lang].format(name=name, threshold=threshold)
    if any(value.row.lead in NESTED for value in values):
        yield TEXT["caveat union"][lang]
    form = YEAR if _whole_year(period) else PART
    shown = {value.row.quote for value in values}
    for row in ROWS:
        if row.quote and row.ids[form] and row.quote not in shown:
            day = date_text(period.last, lang)
            yield TEXT["caveat absent"][lang].format(name=row.name[lang], day=day)


def _fingerprint(session: Session, values: list[_Value], period: Period, known_on: dt.date) -> str:
    """Hash what was counted: the same records give the same figures and the same letters."""
    digest = hashlib.sha256()
    for value in values:
        if value.row.count is None:
            quoted = value.quoted
            told = f"{value.exact}@{quoted.as_of.isoformat()}" if quoted else ""
        else:
            told = ",".join(map(str, value.row.count.ids(session, period, known_on)))
        digest.update(f"{value.id}={told}\n".encode())
    letters = digest.hexdigest()
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))
