"""The figures of Facts & Figures and their sentences, in both languages: data of the sheet.

One row of `ROWS` is one figure: what it counts (or which external figure it quotes), how it is
rounded, and what is said around it. A sheet of a part of a year and a sheet of a whole year are
two sheets; a row names the figure in each, or is left out of the one that does not have it.
In a sentence `{figure}` is the figure, `{span}` the period, `{more}` the figure that stands within
(`within`), `{scope}` the words of the definition that held when the value was true, and `{month}`
the month of `when`. What assistance says stands with assistance; here it becomes rows like others.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from casedesk.assistance import figures as assistance
from casedesk.assistance.figures import Form, Said, When
from casedesk.hotline import figures as hotline
from casedesk.kernel.figures import Indicator
from casedesk.kernel.language import number
from casedesk.reports.wording import PLAIN, Lang, Noun, Place, Style
from casedesk.tracing import figures as tracing

Words = dict[Lang, str]
HIGHLIGHTS, PRISONERS, MISSING = "highlights", "prisoners", "missing"
DISPLACED = "displaced"
PART, YEAR = 0, 1
HOTLINE, CASES = "hotline", "cases"
PERSONS, HOUSEHOLDS, RECEIPTS = "assisted-persons", "households", "receipts"
PROGRAMMES = "programmes"
REACHED: Final = Decimal(assistance.MILESTONE) / 100
"""What a milestone prints: the amount that was reached, in whole rubles."""

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
class Scope:
    """Whom a quoted figure covers from a day on: words in its sentence, and the caveat for it."""

    since: dt.date
    words: Words
    caveat: Words


@dataclass(frozen=True)
class Row:
    """A figure of the sheet; `ids` names it in a sheet of a part year and of a whole year."""

    ids: tuple[str, str]
    section: str
    name: Words
    style: Style
    noun: Noun
    rule: Words
    sentence: Words
    register: str = ""
    """The list that holds its records; none where it is quoted."""
    count: Indicator | None = None
    quote: str = ""
    place: Place = PLAIN
    since_2022: bool = False
    on_sheet: bool = True
    scope: Scope | None = None
    years: tuple[int, int] = (0, 9999)
    """First and last year whose sheet has the figure."""
    within: str = ""
    """The key of the indicator whose sentence takes this figure in, where it says `{more}`."""
    lead: str = ""
    """The key of `LEADS` under which it stands as a bullet; none: a paragraph of its own."""
    form: Form = "count"
    when: When | None = None
    """For a milestone or a claim: its day, or none where it is not true and not printed."""
    if_any: bool = False
    """Nothing is said of nobody: a figure of help that was not given is left out."""


_CALLS_NAME: Words = {"en": "Calls answered", "ru": "Принятые звонки"}
_CALLS_RULE: Words = {
    "en": "Incoming phone enquiries that were answered; wrong numbers and spam left out",
    "ru": "Принятые входящие звонки; ошибочные и спам не считаются",
}


def _calls(
    ids: tuple[str, str], section: str, sentence: Words, place: Place, **more: object
) -> Row:
    """Count the same calls for one more sentence: highlights and section print the same words."""
    return Row(
        ids,
        section,
        _CALLS_NAME,
        Style("over", 1_000),
        _CALLS,
        _CALLS_RULE,
        sentence,
        register=HOTLINE,
        count=hotline.CALLS_ANSWERED,
        place=place,
        **more,  # type: ignore[arg-type]
    )


_ON = Place("accusative", "на")
_OWN_ROWS = (
    _calls(
        ("", "000-01"),
        HIGHLIGHTS,
        {
            "en": "{span}, our teams in Moscow answered {figure} from families enquiring on "
            "their relatives.",
            "ru": "{span} наши сотрудники в Москве ответили {figure} от семей, которые "
            "спрашивали о своих родственниках.",
        },
        _ON,
        years=(2025, 9999),
    ),
    _calls(
        ("", "002-07"),
        HIGHLIGHTS,
        {
            "en": "{figure} were answered by the hotline in Moscow{more}.",
            "ru": "Горячая линия в Москве ответила {figure}{more}.",
        },
        _ON,
        years=(0, 2024),
    ),
    Row(
        ("001-09", ""),
        PRISONERS,
        {"en": "Prisoners of war visited", "ru": "Военнопленные, которых посетили"},
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
    Row(
        ("001-11", "002-12"),
        MISSING,
        {"en": "Open cases", "ru": "Открытые дела"},
        Style("as given"),
        _CASES,
        {
            "en": "Open cases of all delegations; quoted, not counted here",
            "ru": "Открытые дела всех делегаций; приводится по источнику",
        },
        {
            "en": "{figure} of people {scope}reported missing by their families",
            "ru": "{figure} о людях{scope}, о пропаже которых сообщили их семьи",
        },
        quote="open_cases",
        since_2022=True,
        scope=Scope(
            dt.date(2025, 1, 1),
            {"en": "from both sides of the front line ", "ru": " по обе стороны линии фронта"},
            {
                "en": "since 2025 they are people from both sides of the front line",
                "ru": "с 2025 года это люди по обе стороны линии фронта",
            },
        ),
    ),
    Row(
        ("001-12", "002-13"),
        MISSING,
        {"en": "Families informed", "ru": "Семьи, получившие сведения"},
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
    Row(
        ("001-11-own", "002-12-own"),
        MISSING,
        {"en": "Open cases, own file", "ru": "Открытые дела, своя база"},
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
        register=CASES,
        count=tracing.OPEN_CASES,
        since_2022=True,
        on_sheet=False,
    ),
    Row(
        ("001-12-own", "002-13-own"),
        MISSING,
        {"en": "Families informed, own cases", "ru": "Семьи по собственным делам"},
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
        register=CASES,
        count=tracing.FAMILIES_INFORMED,
        since_2022=True,
        on_sheet=False,
    ),
    _calls(
        ("001-13", ""),
        MISSING,
        {
            "en": "{span}, {figure} have been answered by the team in Moscow with enquiries on "
            "POWs and the missing.",
            "ru": "{span} сотрудники в Москве ответили {figure} с обращениями о военнопленных "
            "и пропавших без вести.",
        },
        _ON,
    ),
    _calls(
        ("", "002-14"),
        MISSING,
        {
            "en": "{span}, {figure} have been answered by the team in Moscow{more}.",
            "ru": "{span} сотрудники в Москве ответили {figure}{more}.",
        },
        _ON,
    ),
    Row(
        ("", "002-08"),
        MISSING,
        {"en": "Calls of families looking for relatives", "ru": "Звонки о поиске родственников"},
        Style("exact"),
        _CALLS,
        {
            "en": "Answered calls whose reason is looking for a relative, printed as a claim "
            "only from 80 % of all answered calls",
            "ru": "Принятые звонки с просьбой найти родственника; говорится о большинстве, "
            "только если их не меньше 80 %",
        },
        {
            "en": "{figure} related to families looking for their relatives",
            "ru": "{figure} из них связано с поиском родственников",
        },
        register=HOTLINE,
        count=hotline.CALLS_SEEKING_RELATIVES,
        within=hotline.CALLS_ANSWERED.key,
    ),
)


def _register(said: Said) -> str:
    """Name the list that holds the records of a figure of assistance."""
    key = said.count.key
    if said.form == "claim":
        return PROGRAMMES
    for part, register in (("receipts", RECEIPTS), ("households", HOUSEHOLDS)):
        if part in key:
            return register
    return PERSONS


def _assisted(said: Said) -> Row:
    """Make a row of what assistance says of one of its figures."""
    english, russian = said.noun
    direction, step, words = said.style
    case, preposition = said.case
    return Row(
        said.ids,
        HIGHLIGHTS if said.highlight else DISPLACED,
        said.name,
        Style(direction, step, words),  # type: ignore[arg-type]
        Noun(english, russian, animate=said.form == "count"),
        said.rule,
        said.sentence,
        register=_register(said),
        count=said.count,
        place=Place(case, preposition),  # type: ignore[arg-type]
        years=said.years,
        lead=said.lead,
        form=said.form,
        when=said.when,
        if_any=True,
    )


ROWS: tuple[Row, ...] = (*_OWN_ROWS, *(_assisted(said) for said in assistance.SAID))
LEADS = assistance.LEADS
NESTED: dict[str, str] = {"kursk": "rrc"}
"""A lead that stands as one bullet under another lead, its sentences running on in it."""

MAJORITY: Words = {"en": "the vast majority", "ru": "подавляющее большинство"}

MONTHS: dict[Lang, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "ru": (
        *("январь", "февраль", "март", "апрель", "май", "июнь"),
        *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
    ),
}
RU_FROM = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
RU_IN = (
    *("январе", "феврале", "марте", "апреле", "мае", "июне"),
    *("июле", "августе", "сентябре", "октябре", "ноябре", "декабре"),
)

TEXT: dict[str, Words] = {
    "title": {"en": "Facts & Figures", "ru": "Факты и цифры"},
    "one": {"en": "Activities of the Regional Delegation for", "ru": "Деятельность делегации"},
    "one named": {"en": "Activities of {delegation} for", "ru": "{delegation}: деятельность"},
    "one invented": {
        "en": "Activities of the Regional Delegation (illustrative) for",
        "ru": "Деятельность региональной делегации (условный пример)",
    },
    "two": {
        "en": "the Russian Federation and the Republic of Belarus",
        "ru": "в Российской Федерации и Республике Беларусь",
    },
    "office": {"en": "Regional Delegation", "ru": "Региональная делегация"},
    "office invented": {
        "en": "Regional Delegation (illustrative)",
        "ru": "Региональная делегация (условный пример)",
    },
    "tag": {"en": "ILLUSTRATIVE DATA", "ru": "УСЛОВНЫЕ ДАННЫЕ"},
    HIGHLIGHTS: {"en": "Main highlights", "ru": "Главные события"},
    PRISONERS: {"en": "Prisoners of war and their families", "ru": "Военнопленные и их семьи"},
    MISSING: {"en": "Missing people and their families", "ru": "Пропавшие без вести и их семьи"},
    DISPLACED: assistance.SECTION,
    "since": {"en": "Since 2022:", "ru": "С 2022 года:"},
    "chart": {"en": "Calls answered per month", "ru": "Принятые звонки по месяцам"},
    "note": {"en": "Rounded down to hundreds.", "ru": "Округлено вниз до сотен."},
    "boilerplate": {
        "en": "Figures of this delegation are counted from its own records; figures of all "
        "delegations are quoted from their source.",
        "ru": "Цифры делегации получены по её собственным записям; цифры всех делегаций "
        "приведены по источнику.",
    },
    "boilerplate invented": {
        "en": "All persons and figures on this sheet are illustrative. The program that made it "
        "is independent of any organisation.",
        "ru": "Все лица и цифры на этом листе условные. Программа, создавшая его, не связана "
        "ни с какой организацией.",
    },
    "address": {
        "en": "1 Example Lane, 100000 Sample City",
        "ru": "Примерный пер., 1, 100000 Город",
    },
    "exact": {"en": "As counted", "ru": "Точное число"},
    "down": {"en": "Down to {step}", "ru": "Вниз до {step}"},
    "claimed": {"en": "In words, from 80 %", "ru": "Словами, от 80 %"},
    "reached": {"en": "The amount reached", "ru": "Достигнутая сумма"},
    "true": {"en": "Said, or left out", "ru": "Сказано или опущено"},
    "begun": {"en": "Begun in {month}", "ru": "Начало в {month}"},
    "caveat union": assistance.CAVEAT_UNION,
    "small": {"en": "In words, under {threshold}", "ru": "Словами, меньше {threshold}"},
    "on": {"en": "On {day}", "ru": "На {day}"},
    "notes": {"en": "How these figures were counted", "ru": "Как получены эти цифры"},
    "lead": {
        "en": "Every figure of the sheet, in printing order, as the records were known on {day}. "
        "Not for distribution outside the delegation.",
        "ru": "Все цифры листа в порядке печати, по записям, известным на {day}; "
        "не для распространения вне делегации.",
    },
    "name": {"en": "Figure", "ru": "Показатель"},
    "heads": {
        "en": "As printed|Counting rule|Period|Records|Exact|Rounding",
        "ru": "Напечатано|Правило|Период|Записей|Точно|Округление",
    },
    "caveats": {"en": "Caveats", "ru": "Оговорки"},
    "caveat quoted": {
        "en": "{name}: quoted, true on {day}. Source: {source}.",
        "ru": "{name}: приводится по источнику, на {day}; источник: {source}.",
    },
    "caveat changed": {
        "en": "{name}: the definition changed; {caveat}. {before} on {day} and {now} now are "
        "therefore not growth from one to the other.",
        "ru": "{name}: определение изменилось; {caveat}. Поэтому {before} на {day} и {now} "
        "сейчас нельзя сравнивать как рост.",
    },
    "caveat small": {
        "en": "{name}: fewer than {threshold} records; the sheet says so in words.",
        "ru": "{name}: меньше {threshold} записей; на листе это сказано словами.",
    },
    "caveat absent": {
        "en": "{name}: left out, because no value was recorded that was true by {day}.",
        "ru": "{name}: не напечатано, на {day} нет верного значения.",
    },
    "fingerprint": {"en": "Data fingerprint", "ru": "Отпечаток данных"},
    "fingerprint note": {
        "en": "SHA-256 of the figures' names and the ids of the records they counted. Counted "
        "again from the same records, it is the same.",
        "ru": "SHA-256 названий цифр и номеров посчитанных записей. При повторном подсчёте тех "
        "же записей он тот же.",
    },
}


def rounding(style: Style, lang: Lang) -> str:
    """Say how a style rounds."""
    if style.rounding == 1:
        return TEXT["exact"][lang]
    return TEXT["down"][lang].format(step=number(style.rounding, lang))
