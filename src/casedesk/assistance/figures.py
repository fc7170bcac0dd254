"""What is counted of assistance for the published sheets, and the words around each figure.

The sheet turns a `Said` into a row of its own: words and rounding stand here as plain data,
because a register does not know how a sheet is printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import counts
from casedesk.assistance.counts import Scope, indicator
from casedesk.assistance.records import Country, Modality, Programme, Target
from casedesk.kernel.figures import Indicator, Period
from casedesk.kernel.language import N_

Words = dict[Literal["en", "ru"], str]
SINCE = dt.date(2022, 1, 1)
"""First day of the cumulative figures."""

KURSK = "kursk-2024"
"""The emergency of August 2024, as its programmes name it."""
MILESTONE = 1_000_000_000_00
"""One thousand million rubles, in hundredths."""
_RU, _BY = Country.RUSSIA, Country.BELARUS
CASH_RUSSIA = Scope((Modality.CASH,), country=_RU, target=Target.DISPLACED)
CASH_RUSSIA_SINCE = Scope(
    (Modality.CASH,), country=_RU, target=Target.DISPLACED, currency="RUB", since=SINCE
)
SCHOOL = Scope((Modality.SCHOOL_KIT, Modality.VALUE_VOUCHER), target=Target.SCHOOL_CHILDREN)

CASH_PERSONS_RUSSIA = indicator(
    "assistance.cash_persons_russia",
    N_("Persons with cash assistance, Russia"),
    CASH_RUSSIA,
    counts.persons,
)
CASH_PERSONS_BELARUS = indicator(
    "assistance.cash_persons_belarus",
    N_("Persons with cash assistance, Belarus"),
    Scope((Modality.CASH,), country=_BY, target=Target.DISPLACED),
    counts.persons,
)
TRAINED_PERSONS = indicator(
    "assistance.trained_persons",
    N_("Persons with vocational training"),
    Scope((Modality.VOCATIONAL_TRAINING,), country=_RU),
    counts.persons,
)
GRANT_PERSONS = indicator(
    "assistance.grant_persons",
    N_("Persons with a micro-economic grant"),
    Scope((Modality.GRANT,), country=_RU),
    counts.persons,
)
EMERGENCY_PERSONS = indicator(
    "assistance.emergency_persons",
    N_("Persons assisted, Kursk region"),
    Scope(response=KURSK),
    counts.persons,
)
EMERGENCY_PHARMACY = indicator(
    "assistance.emergency_pharmacy",
    N_("Persons with pharmacy vouchers, Kursk region"),
    Scope((Modality.PHARMACY_VOUCHER,), response=KURSK),
    counts.persons,
)
EMERGENCY_CARDS = indicator(
    "assistance.emergency_cards",
    N_("Persons with prepaid cards, Kursk region"),
    Scope((Modality.PREPAID_CARD,), response=KURSK),
    counts.persons,
)
EMERGENCY_RECEIPTS = indicator(
    "assistance.emergency_receipts",
    N_("Receipts, Kursk region"),
    Scope(response=KURSK),
    counts.receipts,
)
EMERGENCY_HOUSEHOLDS = indicator(
    "assistance.emergency_households",
    N_("Households assisted, Kursk region"),
    Scope(response=KURSK),
    counts.households,
)
SCHOOL_CHILDREN = indicator(
    "assistance.school_children",
    N_("Children with school kits and clothes vouchers"),
    SCHOOL,
    counts.persons,
)
CASH_RECEIPTS_RUSSIA_SINCE = indicator(
    "assistance.cash_receipts_russia_since",
    N_("Receipts of cash since 2022, Russia"),
    CASH_RUSSIA_SINCE,
    counts.receipts,
)


def _pilots(period: Period, known_on: dt.date) -> sa.Select[Any]:
    # a programme has one beginning, which is not revised later
    del known_on
    return sa.select(col(Programme.id)).where(
        col(Programme.modality) == Modality.GRANT,
        col(Programme.country) == _BY,
        col(Programme.pilot).is_(True),
        col(Programme.starts_on).between(period.first, period.last),
    )


PILOTS_BELARUS = Indicator(
    "assistance.pilots_belarus", N_("Pilot grant programmes begun, Belarus"), _pilots
)


def _grants(period: Period, known_on: dt.date) -> sa.Select[Any]:
    del known_on  # as for a pilot
    return sa.select(col(Programme.id)).where(
        col(Programme.modality) == Modality.GRANT,
        col(Programme.country).in_((_RU, _BY)),
        col(Programme.starts_on).between(period.first, period.last),
    )


GRANT_PROGRAMMES = Indicator(
    "assistance.grant_programmes", N_("Grant programmes begun, Belarus and Russia"), _grants
)
INDICATORS = (
    CASH_PERSONS_RUSSIA,
    CASH_PERSONS_BELARUS,
    TRAINED_PERSONS,
    GRANT_PERSONS,
    EMERGENCY_PERSONS,
    EMERGENCY_PHARMACY,
    EMERGENCY_CARDS,
    EMERGENCY_RECEIPTS,
    EMERGENCY_HOUSEHOLDS,
    SCHOOL_CHILDREN,
    CASH_RECEIPTS_RUSSIA_SINCE,
    PILOTS_BELARUS,
    GRANT_PROGRAMMES,
)


def milestone(session: Session, period: Period, known_on: dt.date) -> dt.date | None:
    """Tell the day within the period on which cash in Russia since 2022 reached the milestone."""
    day = counts.reached_on(session, CASH_RUSSIA_SINCE, MILESTONE, period, known_on)
    return day if day is not None and day >= period.first else None


def pilot_began(session: Session, period: Period, known_on: dt.date) -> dt.date | None:
    """Tell the first day of the pilot that began in the period."""
    ids = PILOTS_BELARUS.ids(session, period, known_on)
    return session.execute(
        sa.select(sa.func.min(col(Programme.starts_on))).where(col(Programme.id).in_(ids))
    ).scalar()


def grants_in_both(session: Session, period: Period, known_on: dt.date) -> dt.date | None:
    """Tell on which day grants had begun in both countries, if they began within the period."""
    ids = GRANT_PROGRAMMES.ids(session, period, known_on)
    began = session.execute(
        sa.select(col(Programme.country), sa.func.min(col(Programme.starts_on)))
        .where(col(Programme.id).in_(ids))
        .group_by(col(Programme.country))
    ).all()
    return max(day for _country, day in began) if len(began) == 2 else None


Form = Literal["count", "milestone", "claim"]
"""A number of persons; an amount that was reached in a month; a sentence that is true or absent."""
When = Callable[[Session, Period, dt.date], dt.date | None]


@dataclass(frozen=True)
class Said:
    """A figure of the section on displaced people and its sentence, in both languages.

    `{figure}` is the number with its noun, `{span}` the period, `{month}` the month of `when`.
    A milestone or a claim whose `when` gives no day is not printed.
    """

    ids: tuple[str, str]
    """Its id in a sheet of a part of a year, and of a whole year; empty where it is not there."""
    count: Indicator
    name: Words
    rule: Words
    sentence: Words
    style: tuple[str, int | None, str] = ("exact", None, "never")
    """Direction, step and words of the house style (`reports.wording.Style`)."""
    noun: tuple[tuple[str, str], tuple[str, str, str]] = (
        ("person", "persons"),
        ("человек", "человека", "человек"),
    )
    case: tuple[str, str] = ("nominative", "")
    """Case and preposition of the number in the Russian sentence."""
    lead: str = ""
    """The key of `LEADS` under which it stands as a bullet; none: a paragraph of its own."""
    highlight: bool = False
    years: tuple[int, int] = (0, 9999)
    form: Form = "count"
    when: When | None = None
    after: str = ""
    """The key of the figure that it is added to, by "On top of that": never summed with it."""


LEADS: dict[str, Words] = {
    "rrc": {
        "en": "In partnership with the Russian Red Cross:",
        "ru": "В партнёрстве с Российским Красным Крестом:",
    },
    "kursk": {
        "en": "As a response to escalation of hostilities in Kursk,",
        "ru": "В ответ на эскалацию боевых действий в Курской области:",
    },
}
SECTION: Words = {"en": "Displaced people", "ru": "Перемещённые лица"}

_PEOPLE = (
    ("vulnerable person", "vulnerable people"),
    ("уязвимый человек", "уязвимых человека", "уязвимых людей"),
)
_DISPLACED = (
    ("vulnerable displaced person", "vulnerable displaced people"),
    ("уязвимый перемещённый человек", "уязвимых перемещённых человека",
     "уязвимых перемещённых людей"),
)  # fmt: skip
_CHILDREN = (("child", "children"), ("ребёнок", "ребёнка", "детей"))
_RECEIPT = (("receipt", "receipts"), ("выплата", "выплаты", "выплат"))
_UNION: Words = {
    "en": "Distinct persons whose household, or who themselves, received; receipts in force",
    "ru": "Разные люди, получившие сами или в составе семьи; действующие выдачи",
}
_CASH_NAME: Words = {"en": "Cash assistance, Russia", "ru": "Денежная помощь, Россия"}
_CASH_SENTENCE: Words = {
    "en": "{figure} in Russia benefitted from cash assistance",
    "ru": "денежную помощь в России получили {figure}",
}
_TRAINING_SENTENCE: Words = {
    "en": "{figure} benefitted from a vocational training programme, which finances trainings "
    "and courses",
    "ru": "в программе профессионального обучения, которая оплачивает обучение и курсы, "
    "участвовали {figure}",
}

SAID: tuple[Said, ...] = (
    Said(
        ("", "000-10"),
        CASH_RECEIPTS_RUSSIA_SINCE,
        {"en": "Cash since 2022, Russia", "ru": "Денежная помощь с 2022 года, Россия"},
        {
            "en": "First day on which cash receipts in force in rubles, added up since 2022, "
            "reach one thousand million",
            "ru": "Первый день, когда сумма действующих выдач в рублях с 2022 года достигает "
            "миллиарда",
        },
        {
            "en": "In {month}, {figure} of direct cash assistance provided since 2022 to displaced "
            "persons in Russia was reached.",
            "ru": "В {month} прямая денежная помощь перемещённым лицам в России с 2022 года "
            "достигла {figure}.",
        },
        style=("exact", None, "millions"),
        noun=(("RUB", "RUB"), ("рубль", "рубля", "рублей")),
        case=("genitive", ""),
        highlight=True,
        form="milestone",
        when=milestone,
    ),
    Said(
        ("", "000-09"),
        GRANT_PROGRAMMES,
        {"en": "Micro-economic initiatives", "ru": "Микроэкономические инициативы"},
        {
            "en": "Grant programmes began in Belarus and in Russia in the period",
            "ru": "Программы грантов начались в Беларуси и в России в этот период",
        },
        {
            "en": "{span}, a new programme, the micro-economic initiatives, was launched in "
            "Belarus and Russia.",
            "ru": "{span} в Беларуси и России началась новая программа: микроэкономические "
            "инициативы.",
        },
        highlight=True,
        form="claim",
        when=grants_in_both,
    ),
    Said(
        ("", "002-01"),
        EMERGENCY_PERSONS,
        {"en": "People assisted, Kursk region", "ru": "Помощь людям, Курская область"},
        _UNION,
        {
            "en": "Following the escalation of hostilities in the Kursk region in August, in "
            "collaboration with the Russian Red Cross (RRC), assistance was provided to {figure}.",
            "ru": "После эскалации боевых действий в Курской области в августе вместе с Российским "
            "Красным Крестом (РКК) помощь получили {figure}.",
        },
        style=("as given", None, "never"),
        noun=_PEOPLE,
        highlight=True,
        years=(2024, 2024),
    ),
    Said(
        ("001-17", ""),
        CASH_PERSONS_RUSSIA,
        _CASH_NAME,
        _UNION,
        _CASH_SENTENCE,
        style=("over", 10, "never"),
        noun=_PEOPLE,
        lead="rrc",
    ),
    Said(
        ("", "002-19"),
        CASH_PERSONS_RUSSIA,
        _CASH_NAME,
        _UNION,
        _CASH_SENTENCE,
        style=("over", 100, "never"),
        noun=_PEOPLE,
        lead="rrc",
        years=(0, 2024),
    ),
    Said(
        ("001-18", ""),
        TRAINED_PERSONS,
        {"en": "Vocational training", "ru": "Профессиональное обучение"},
        _UNION,
        _TRAINING_SENTENCE,
        lead="rrc",
    ),
    Said(
        ("001-19", ""),
        GRANT_PERSONS,
        {"en": "Micro-economic grants", "ru": "Гранты на своё дело"},
        _UNION,
        {
            "en": "{figure} benefitted from the pilot Micro-Economic Initiatives programme, "
            "receiving a grant to start their small ventures and generate income",
            "ru": "в пилотной программе микроэкономических инициатив грант на своё дело получили "
            "{figure}",
        },
        lead="rrc",
    ),
    Said(
        ("001-20", ""),
        CASH_PERSONS_BELARUS,
        {"en": "Cash assistance, Belarus", "ru": "Денежная помощь, Беларусь"},
        _UNION,
        {
            "en": "In Belarus, {figure} displaced due to the conflict between Russia and Ukraine "
            "received cash assistance, in partnership with the Belarus Red Cross.",
            "ru": "В Беларуси денежную помощь в партнёрстве с Белорусским Красным Крестом "
            "получили {figure}, перемещённых из-за конфликта между Россией и Украиной.",
        },
        style=("over", 10, "never"),
        noun=_PEOPLE,
    ),
    Said(
        ("001-21", ""),
        PILOTS_BELARUS,
        {"en": "Pilot grants, Belarus", "ru": "Пилотная программа грантов, Беларусь"},
        {
            "en": "A pilot grant programme in Belarus began in the period",
            "ru": "Пилотная программа грантов в Беларуси началась в этот период",
        },
        {
            "en": "In {month}, a pilot Micro-Economic Initiatives programme was launched with "
            "grants to start small ventures.",
            "ru": "В {month} началась пилотная программа микроэкономических инициатив: гранты на "
            "своё дело.",
        },
        form="claim",
        when=pilot_began,
    ),
    Said(
        ("", "002-20"),
        SCHOOL_CHILDREN,
        {"en": "School kits and clothes vouchers", "ru": "Школьные наборы и ваучеры на одежду"},
        {
            "en": "Distinct children with a school kit or a clothes voucher in force; both count "
            "one child",
            "ru": "Разные дети, получившие школьный набор или ваучер; вместе это один ребёнок",
        },
        {
            "en": "{figure} from 1-4 grades received school kits and clothes vouchers",
            "ru": "школьные наборы и ваучеры на одежду получили {figure}, учащихся 1–4 классов",
        },
        noun=_CHILDREN,
        lead="rrc",
    ),
    Said(
        ("", "002-21"),
        EMERGENCY_PHARMACY,
        {"en": "Pharmacy vouchers, Kursk region", "ru": "Ваучеры в аптеку, Курская область"},
        _UNION,
        {
            "en": "{figure} received pharmacy vouchers.",
            "ru": "Ваучеры в аптеку получили {figure}.",
        },
        style=("as given", None, "never"),
        noun=_PEOPLE,
        lead="kursk",
        years=(2024, 2024),
    ),
    Said(
        ("", "002-22"),
        EMERGENCY_CARDS,
        {"en": "Prepaid cards, Kursk region", "ru": "Банковские карты, Курская область"},
        _UNION,
        {
            "en": "On top of that, {figure} also received prepaid bank cards.",
            "ru": "Кроме того, предоплаченные банковские карты получили {figure}.",
        },
        style=("as given", None, "never"),
        noun=_PEOPLE,
        lead="kursk",
        years=(2024, 2024),
        after="assistance.emergency_pharmacy",
    ),
    Said(
        ("", "002-23"),
        TRAINED_PERSONS,
        {"en": "Vocational training", "ru": "Профессиональное обучение"},
        _UNION,
        {
            "en": _TRAINING_SENTENCE["en"] + ".",
            "ru": "В программе профессионального обучения, которая оплачивает обучение и курсы, "
            "участвовали {figure}.",
        },
    ),
    Said(
        ("", "002-24"),
        CASH_PERSONS_BELARUS,
        {"en": "Cash assistance, Belarus", "ru": "Денежная помощь, Беларусь"},
        _UNION,
        {
            "en": "In Belarus, cash assistance delivered to {figure}, in partnership with the "
            "Belarus Red Cross.",
            "ru": "В Беларуси денежная помощь в партнёрстве с Белорусским Красным Крестом дошла до "
            "{figure}.",
        },
        noun=_DISPLACED,
        case=("genitive", ""),
        years=(0, 2024),
    ),
)
CAVEAT_UNION: Words = {
    "en": "People assisted in Kursk, people with vouchers and people with cards overlap: they are "
    "one union and are never added. Receipts are another count.",
    "ru": "Получившие помощь, ваучеры и карты в Курской области пересекаются: это одно множество, "
    "их не складывают. Число выдач считается отдельно.",
}
