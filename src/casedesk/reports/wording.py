"""House style: how one counted value becomes the words a sheet prints, in English and Russian.

Source: house style, sheets.md 2. Everything here is a pure function of its arguments, so the
same figure prints the same words wherever it stands. The words live in this module, both
languages side by side, because the grammar around a number is data about the language, not a
caption to be translated. A value that is too small to be shown goes to ``disclosure`` first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias

Direction: TypeAlias = Literal[
    "over", "more than", "almost", "around", "approx", "exact", "as given"
]
Words: TypeAlias = Literal["never", "small", "start", "dozens", "millions"]
Lang: TypeAlias = Literal["en", "ru"]
Case: TypeAlias = Literal["nominative", "genitive", "accusative"]
Gender: TypeAlias = Literal["m", "f", "n"]
Value: TypeAlias = int | Decimal
Kind: TypeAlias = Literal["exact", "over", "almost", "around", "between"]

NBSP: Final = "\u00a0"
DOZEN: Final = 12
VAST_MAJORITY: Final = Fraction(4, 5)

_SEPARATORS: Final[Mapping[Lang, tuple[str, str]]] = {"en": (",", "."), "ru": (NBSP, ",")}

# direction: (English, Russian before a bare number, Russian case it asks for,
#             Russian when the template governs the number: "более чем на 15 000 звонков")
_QUALIFIERS: Final[Mapping[str, tuple[str, str, Case, str]]] = {
    "over": ("over", "более", "genitive", "более чем"),
    "more than": ("more than", "более", "genitive", "более чем"),
    "almost": ("almost", "почти", "nominative", "почти"),
    "around": ("around", "около", "genitive", "примерно"),
    "approx": ("approx.", "примерно", "nominative", "примерно"),
}

# number: (English, Russian nominative, Russian genitive); genders of 1 and 2 are below
_NUMBER_WORDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("one", "один", "одного"),
    ("two", "два", "двух"),
    ("three", "три", "трёх"),
    ("four", "четыре", "четырёх"),
    ("five", "пять", "пяти"),
    ("six", "шесть", "шести"),
    ("seven", "семь", "семи"),
    ("eight", "восемь", "восьми"),
    ("nine", "девять", "девяти"),
    ("ten", "десять", "десяти"),
)
_RU_ONE: Final[Mapping[Gender, Mapping[Case, str]]] = {
    "m": {"nominative": "один", "genitive": "одного", "accusative": "один"},
    "f": {"nominative": "одна", "genitive": "одной", "accusative": "одну"},
    "n": {"nominative": "одно", "genitive": "одного", "accusative": "одно"},
}
_SCALES: Final = ((10**9, "billion", "млрд"), (10**6, "million", "млн"))
_MANY_DOZENS: Final = 36
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Style:
    """How a figure is printed: which way it is rounded, to which step, digits or words."""

    direction: Direction = "exact"
    step: int | None = None
    words: Words = "small"

    def __post_init__(self) -> None:
        if self.step is not None and self.step < 1:
            raise ValueError("A step is a whole number from 1.")
        if self.direction in ("exact", "as given"):
            if self.step is not None:
                raise ValueError("A figure that is not rounded has no step.")
        elif self.words == "dozens":
            if self.step not in (None, DOZEN):
                raise ValueError("Dozens are rounded to the dozen.")
        elif self.step is None:
            raise ValueError("A rounded figure needs a step.")

    @property
    def rounding(self) -> int:
        """The step the value is rounded to; 1 when it is not rounded."""
        if self.direction in ("exact", "as given"):
            return 1
        return self.step or DOZEN


@dataclass(frozen=True, slots=True)
class Noun:
    """What is counted: English one/other, Russian one/few/many (звонок, звонка, звонков).

    The Russian genitive needs no more forms: "few" is its singular and "many" its plural.
    Only the accusative singular may be new: a feminine of several words has to state it.
    """

    en: tuple[str, str]
    ru: tuple[str, str, str]
    gender: Gender = "m"
    animate: bool = False
    ru_accusative: str = ""

    def __post_init__(self) -> None:
        if self.gender == "f" and " " in self.ru[0] and not self.ru_accusative:
            raise ValueError("A feminine of several words needs its accusative.")

    def accusative(self) -> str:
        """The Russian accusative singular: семью, звонок, человека."""
        one, genitive, _ = self.ru
        if self.ru_accusative:
            return self.ru_accusative
        if self.gender == "f":
            return one[:-1] + {"а": "у", "я": "ю"}.get(one[-1], one[-1])
        return genitive if self.animate and self.gender == "m" else one


@dataclass(frozen=True, slots=True)
class Place:
    """How a Russian template governs the number: its case and the preposition before it.

    "ответили {}" with Place("accusative", "на") reads "ответили более чем на 15 000 звонков";
    with the plain place, the qualifier governs: "более 15 000 звонков".
    """

    case: Case = "nominative"
    preposition: str = ""

    @property
    def plain(self) -> bool:
        """True when the qualifier alone decides the case."""
        return self.case == "nominative" and not self.preposition


PLAIN: Final = Place()


@dataclass(frozen=True, slots=True)
class Claim:
    """What printed words assert of the value; ``until`` is the last value of a "between".

    It holds nothing that the words do not say, so a public edition may keep it.
    """

    kind: Kind
    number: Decimal
    step: int = 1
    until: Decimal | None = None

    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest whole value of which the claim is true."""
        match self.kind:
            case "over":
                return self.number + 1, self.number + max(self.step - 1, 1)
            case "almost":
                return self.number - self.step, self.number - 1
            case "around":
                half = self.step // 2
                return self.number - half, self.number + half
            case "between":
                return self.number, self.number if self.until is None else self.until
            case "exact":
                return self.number, self.number


@dataclass(frozen=True, slots=True)
class Printed:
    """A value in words: qualifier, number, the part set in bold, and the whole text."""

    qualifier: str
    number: str
    bold: str
    full: str
    claim: Claim


def grouped(value: Value, *, lang: Lang) -> str:
    """Digits with the language's separators: 45,000 and 2.5; 45 000 and 2,5."""
    thousands, point = _SEPARATORS[lang]
    whole, _, rest = f"{_plain(Decimal(value)):f}".partition(".")
    text = f"{int(whole):,}".replace(",", thousands)
    return f"{text}{point}{rest}" if rest else text


def number_word(
    value: int,
    *,
    lang: Lang,
    gender: Gender = "m",
    case: Case = "nominative",
    animate: bool = False,
) -> str:
    """The word for a number from one to ten, in Russian agreeing with what it counts."""
    if not 1 <= value <= len(_NUMBER_WORDS):
        raise ValueError("Only numbers from one to ten have words.")
    english, nominative, genitive = _NUMBER_WORDS[value - 1]
    if lang == "en":
        return english
    like_genitive = case == "genitive" or (case == "accusative" and animate and value < 5)
    if value == 1:
        masculine = animate and gender == "m" and case == "accusative"
        return _RU_ONE[gender]["genitive" if masculine else case]
    if like_genitive:
        return genitive
    return "две" if value == 2 and gender == "f" else nominative


def noun_form(noun: Noun, value: Value, *, lang: Lang, case: Case = "nominative") -> str:
    """The form of the noun after this number: 1 call, 2 calls; 1 звонок, 2 звонка, 5 звонков."""
    exact = Decimal(value)
    if lang == "en":
        return noun.en[0] if exact == 1 else noun.en[1]
    one, few, many = noun.ru
    if exact != exact.to_integral_value():
        return few
    last, teens = int(exact) % 10, int(exact) % 100 in range(11, 15)
    if last == 1 and not teens:
        return {"nominative": one, "genitive": few, "accusative": noun.accusative()}[case]
    if 2 <= last <= 4 and not teens and case != "genitive":
        # "на 2 человек" but "на 22 человека": only the simple numeral is animate.
        return many if case == "accusative" and noun.animate and exact < 5 else few
    return many


def printed(
    value: Value,
    style: Style,
    *,
    lang: Lang,
    noun: Noun | None = None,
    place: Place = PLAIN,
    not_below: int = 0,
) -> Printed:
    """The value in house style.

    ``not_below`` is the figure's disclosure threshold: a value from the threshold up is never
    rounded to a number under it (it prints exact), and a smaller one is refused, because it
    must be suppressed before it gets here.
    """
    exact = Decimal(value)
    if not exact.is_finite() or exact < 0:
        raise ValueError("Only counts and amounts from zero up are printed.")
    if 0 < exact < not_below:
        raise ValueError("A value under its disclosure threshold is never printed.")
    if style.words == "dozens" and style.direction == "as given":
        vague = _some_dozens(exact, lang=lang, noun=noun, place=place)
        if vague is not None and vague.claim.number >= not_below:
            return vague
    claim = _rounded(exact, style, not_below)
    return _worded(claim, style, lang=lang, noun=noun, place=place)


def money(
    amount: Value, currency: str, style: Style, *, lang: Lang, place: Place = PLAIN
) -> Printed:
    """An amount in a currency: "21 million rubles", "approx. 201,380 CHF", "21 млн рублей".

    A currency without a name here prints as its code.
    """
    noun = _CURRENCIES.get(currency, Noun((currency, currency), (currency, currency, currency)))
    return printed(amount, style, lang=lang, noun=noun, place=place)


def at_start(words: Printed) -> Printed:
    """The same words at the start of a sentence: "Four sessions", "More than 45,000 calls".

    Only the first letter changes, so highlights and running text print the same claim.
    """
    bold_first = words.full.startswith(words.bold)
    return Printed(
        qualifier=_capital(words.qualifier),
        number=_capital(words.number) if bold_first else words.number,
        bold=_capital(words.bold) if bold_first else words.bold,
        full=_capital(words.full),
        claim=words.claim,
    )


def holds(words: Printed, value: Value) -> bool:
    """True if what the words claim is true of the exact value."""
    claim, exact = words.claim, Decimal(value)
    number = claim.number
    match claim.kind:
        case "exact":
            return exact == number
        case "over":
            return number < exact < number + claim.step
        case "almost":
            return 0 < number - exact <= claim.step
        case "around":
            return 2 * abs(number - exact) <= claim.step
        case "between":
            low, high = claim.bounds()
            return low <= exact <= high


def vast_majority(part: int, whole: int) -> bool:
    """True if "the vast majority" may be printed: at least four fifths of the whole."""
    if not 0 <= part <= whole:
        raise ValueError("A part lies between nothing and the whole.")
    return whole > 0 and part >= VAST_MAJORITY * whole


def significantly_increased(
    now: int, before: int, *, share: Fraction = Fraction(1, 4), least: int = 10
) -> bool:
    """True if "significantly increased" may be printed: by a share of before and by a number.

    Growth from nothing is not an increase; it is "for the first time", another claim.
    """
    rise = now - before
    return before > 0 and rise >= least and rise >= share * before


def letter_in_number(text: str) -> str | None:
    """The first number in the text spoilt by a letter ("22o", "2О22", "l5"), or None."""
    for token in _TOKEN.findall(text):
        if _SPOILT.fullmatch(token) and not _ORDINAL.fullmatch(token):
            return str(token)
    return None


_TOKEN: Final = re.compile(r"\w+")
_SPOILT: Final = re.compile(r"\d+[^\W\d_]\w*|[OoОоlIЗз]+\d\w*")
_ORDINAL: Final = re.compile(r"\d*(?:1st|2nd|3rd|\dth|0s)")

_CURRENCIES: Final[Mapping[str, Noun]] = {
    "RUB": Noun(("ruble", "rubles"), ("рубль", "рубля", "рублей")),
    "CHF": Noun(("CHF", "CHF"), ("швейцарский франк", "швейцарских франка", "швейцарских франков")),
    "EUR": Noun(("EUR", "EUR"), ("евро", "евро", "евро")),
    "USD": Noun(("USD", "USD"), ("доллар США", "доллара США", "долларов США")),
}
_DOZEN_NOUN: Final = Noun(("dozen", "dozen"), ("дюжина", "дюжины", "дюжин"), gender="f")


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros after the point, and without an exponent when formatted."""
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()


def _rounded(exact: Decimal, style: Style, not_below: int) -> Claim:
    """Round the way the style says; where rounding would say nothing or too little, keep exact."""
    step = style.rounding
    floor = exact // step * step
    match style.direction:
        case "exact" | "as given":
            return Claim("exact", exact)
        case "over" | "more than":
            claim = Claim("over", floor, step)
        case "almost":
            claim = Claim("almost", floor + step, step)
        case "around" | "approx":
            up = 2 * (exact - floor) >= step
            claim = Claim("around", floor + step if up else floor, step)
    on_step = exact == floor and claim.kind != "around"
    # "More than 0" says nothing, and "almost 500" of 20 says something else.
    empty = claim.number <= 0 or claim.number > 2 * exact
    if on_step or empty or claim.number < not_below:
        return Claim("exact", exact)
    return claim


def _worded(claim: Claim, style: Style, *, lang: Lang, noun: Noun | None, place: Place) -> Printed:
    qualifier, case = _qualifier(claim, style, lang=lang, place=place)
    number, unit, counted = _spelled(claim.number, style, lang=lang, noun=noun, case=case)
    lead = place.preposition if lang == "ru" else ""
    words = _joined(qualifier, lead, number, unit, counted, claim=claim)
    return at_start(words) if style.words == "start" else words


def _qualifier(claim: Claim, style: Style, *, lang: Lang, place: Place) -> tuple[str, Case]:
    if claim.kind == "exact":
        return "", place.case
    english, russian, case, governed = _QUALIFIERS[style.direction]
    if lang == "en":
        return english, "nominative"
    return (russian, case) if place.plain else (governed, place.case)


def _spelled(
    number: Decimal, style: Style, *, lang: Lang, noun: Noun | None, case: Case
) -> tuple[str, str, str]:
    """The number, the word that scales it ("million", "dozen") and the noun that follows."""
    many = "" if noun is None else (noun.en[1] if lang == "en" else noun.ru[2])
    whole = number == number.to_integral_value()
    dozens = int(number) // DOZEN
    if style.words == "dozens" and whole and number == dozens * DOZEN and 1 <= dozens <= 10:
        unit = noun_form(_DOZEN_NOUN, dozens, lang=lang, case=case)
        if dozens == 1:
            return ("a", unit, many) if lang == "en" else ("", unit, many)
        return number_word(dozens, lang=lang, gender="f", case=case), unit, many
    if style.words == "millions":
        for scale, english, russian in _SCALES:
            scaled = number / scale
            # Two decimals at most: a longer tail reads better, and stays true, in full.
            if scaled >= 1 and scaled * 100 == (scaled * 100).to_integral_value():
                return grouped(scaled, lang=lang), english if lang == "en" else russian, many
    counted = "" if noun is None else noun_form(noun, number, lang=lang, case=case)
    if style.words in ("small", "start", "dozens") and whole and 1 <= number <= 10:
        gender: Gender = "m" if noun is None else noun.gender
        animate = noun is not None and noun.animate
        word = number_word(int(number), lang=lang, gender=gender, case=case, animate=animate)
        return word, "", counted
    return grouped(number, lang=lang), "", counted


def _some_dozens(exact: Decimal, *, lang: Lang, noun: Noun | None, place: Place) -> Printed | None:
    """Dozens without a number: "dozens of" from two dozen, "several dozen" from three, to 99."""
    if not 2 * DOZEN <= exact < _HUNDRED:
        return None
    several = exact >= _MANY_DOZENS
    first, last = (_MANY_DOZENS, _HUNDRED - 1) if several else (2 * DOZEN, _MANY_DOZENS - 1)
    claim = Claim("between", Decimal(first), until=Decimal(last))
    counted = "" if noun is None else (noun.en[1] if lang == "en" else noun.ru[2])
    if lang == "en":
        words = "several dozen" if several else ("dozens of" if noun else "dozens")
        return _joined("", "", words, "", counted, claim=claim)
    # Russian counts loosely in tens, not in twelves; both phrases are true of the same range.
    lead = place.preposition
    if several:
        words = "нескольких десятков" if place.case == "genitive" else "несколько десятков"
        return _joined("", lead, words, "", counted, claim=claim)
    if place.plain:
        return _joined("более", "", "двух десятков", "", counted, claim=claim)
    words = "двух десятков" if place.case == "genitive" else "два десятка"
    return _joined("более чем", lead, words, "", counted, claim=claim)


def _joined(
    qualifier: str, lead: str, number: str, unit: str, counted: str, *, claim: Claim
) -> Printed:
    bold = " ".join(part for part in (number, unit) if part)
    full = " ".join(part for part in (qualifier, lead, bold, counted) if part)
    return Printed(qualifier, number, bold, full, claim)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
