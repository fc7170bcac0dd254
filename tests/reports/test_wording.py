"""House style: the printed words are true, steady, natural, and spoil no number."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from casedesk.reports.wording import (
    Claim,
    Direction,
    Lang,
    Noun,
    Place,
    Printed,
    Style,
    Words,
    at_start,
    grouped,
    holds,
    letter_in_number,
    money,
    noun_form,
    number_word,
    printed,
    significantly_increased,
    vast_majority,
)

CALL = Noun(("call", "calls"), ("звонок", "звонка", "звонков"))
FAMILY = Noun(("family", "families"), ("семья", "семьи", "семей"), gender="f")
PERSON = Noun(("person", "people"), ("человек", "человека", "человек"), animate=True)
MESSAGE = Noun(("message", "messages"), ("послание", "послания", "посланий"), gender="n")
ON = Place("accusative", "на")
S = "\u00a0"


@st.composite
def styles(draw: st.DrawFn) -> Style:
    direction: Direction = draw(st.sampled_from(get_args(Direction)))
    words: Words = draw(st.sampled_from(get_args(Words)))
    step: int | None = draw(st.sampled_from([1, 5, 7, 10, 50, 100, 500, 1_000, 5_000, 10**6]))
    if direction in ("exact", "as given"):
        step = None
    elif words == "dozens":
        step = draw(st.sampled_from([None, 12]))
    return Style(direction, step, words)


langs = st.sampled_from(get_args(Lang))
nouns = st.sampled_from([None, CALL, FAMILY, PERSON, MESSAGE])
places = st.sampled_from([Place(), ON, Place("genitive", "для"), Place("accusative")])
values = st.one_of(
    st.integers(0, 150),
    st.integers(0, 10**5),
    st.integers(0, 10**11),
    st.decimals(0, 10**9, places=2),
)


def digits_of(words: Printed, lang: Lang) -> Decimal | None:
    """Read the number back from the words alone, the way a reader would."""
    found = re.search(r"\d[\d,.\u00a0]*", words.full)
    if found is None:
        return None
    text = found[0].strip(S)
    text = text.replace(",", "") if lang == "en" else text.replace(S, "").replace(",", ".")
    scale = 1
    for name, size in (("billion", 9), ("млрд", 9), ("million", 6), ("млн", 6)):
        if f" {name}" in words.full:
            scale = 10**size
            break
    return Decimal(text) * scale


@given(values, styles(), langs, nouns, places)
def test_the_printed_claim_is_true_of_the_exact_value(
    value: int | Decimal, style: Style, lang: Lang, noun: Noun | None, place: Place
) -> None:
    words = printed(value, style, lang=lang, noun=noun, place=place)
    assert holds(words, value)
    # The words say what the claim says, so the check above is about what a reader reads.
    read = digits_of(words, lang)
    if read is not None:
        assert read == words.claim.number
    first = words.full.lower()
    step = style.step or 12
    if first.startswith(("over ", "more than ", "более ")) and read is not None:
        assert read < value < read + step
    elif first.startswith(("almost ", "почти ")) and read is not None:
        assert 0 < read - Decimal(value) <= step
    elif read is not None and not words.qualifier:
        assert read == value


@given(values, styles(), langs, nouns, places)
def test_the_same_input_prints_the_same_words(
    value: int | Decimal, style: Style, lang: Lang, noun: Noun | None, place: Place
) -> None:
    once = printed(value, style, lang=lang, noun=noun, place=place)
    assert once == printed(value, style, lang=lang, noun=noun, place=place)
    assert once == printed(Decimal(value), style, lang=lang, noun=noun, place=place)
    if style.words == "start":
        running = printed(value, replace(style, words="small"), lang=lang, noun=noun, place=place)
        assert once.full.casefold() == running.full.casefold()
        assert once.claim == running.claim


@given(values, styles(), langs, nouns, places)
def test_no_letter_stands_inside_a_number(
    value: int | Decimal, style: Style, lang: Lang, noun: Noun | None, place: Place
) -> None:
    words = printed(value, style, lang=lang, noun=noun, place=place)
    assert letter_in_number(words.full) is None
    assert not re.search(r"\d[^\W\d_]|[^\W\d_]\d", words.full)
    assert words.bold
    assert words.number in words.bold
    assert words.bold in words.full
    assert "  " not in words.full


@given(st.integers(0, 10**5), styles(), langs, st.integers(2, 300))
def test_rounding_never_crosses_a_disclosure_threshold(
    value: int, style: Style, lang: Lang, threshold: int
) -> None:
    if 0 < value < threshold:
        with pytest.raises(ValueError, match="threshold"):
            printed(value, style, lang=lang, not_below=threshold)
        return
    words = printed(value, style, lang=lang, not_below=threshold)
    assert holds(words, value)
    assert (words.claim.number >= threshold) == (value >= threshold)


def test_the_threshold_itself_is_printed_and_one_less_is_not() -> None:
    assert printed(5, Style(words="never"), lang="en", not_below=5).full == "5"
    with pytest.raises(ValueError, match="threshold"):
        printed(4, Style(), lang="en", not_below=5)
    dozens = Style("as given", words="dozens")
    assert printed(34, dozens, lang="en", not_below=24).full == "dozens"
    assert printed(34, dozens, lang="en", not_below=30).full == "34"


def test_almost_is_not_said_of_less_than_half() -> None:
    assert printed(249, Style("almost", 500), lang="en").full == "249"
    assert printed(250, Style("almost", 500), lang="en").full == "almost 500"


@given(st.integers(0, 10**7), styles())
def test_both_languages_make_the_same_claim(value: int, style: Style) -> None:
    english = printed(value, style, lang="en", noun=CALL)
    assert english.claim == printed(value, style, lang="ru", noun=CALL).claim


@given(st.integers(1, 10**7), st.sampled_from(["over", "almost"]), st.sampled_from([10, 500]))
def test_a_value_on_its_step_prints_exact(value: int, direction: Direction, step: int) -> None:
    words = printed(value * step, Style(direction, step), lang="en")
    assert words.qualifier == ""
    assert words.claim == Claim("exact", Decimal(value * step))


@given(styles(), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_claim_is_false_of_values_outside_what_it_says(
    style: Style, value: int, away: int
) -> None:
    words = printed(value, style, lang="en")
    low, high = words.claim.bounds()
    assert low <= value <= high
    assert not holds(words, high + away + 1)
    assume(low - away - 1 >= 0)
    assert not holds(words, low - away - 1)


@pytest.mark.parametrize(
    ("value", "style", "noun", "english", "russian"),
    [
        (
            45_210,
            Style("more than", 5_000),
            CALL,
            "more than 45,000 calls",
            f"более 45{S}000 звонков",
        ),
        (45_000, Style("over", 5_000), CALL, "45,000 calls", f"45{S}000 звонков"),
        (14_499, Style("almost", 500), PERSON, "almost 14,500 people", f"почти 14{S}500 человек"),
        (748, Style("around", 50), FAMILY, "around 750 families", "около 750 семей"),
        (21, Style(), CALL, "21 calls", "21 звонок"),
        (1, Style(), FAMILY, "one family", "одна семья"),
        (2, Style(), FAMILY, "two families", "две семьи"),
        (4, Style(words="start"), CALL, "Four calls", "Четыре звонка"),
        (4, Style(words="never"), CALL, "4 calls", "4 звонка"),
        (12, Style(words="start"), CALL, "12 calls", "12 звонков"),
        (6, Style("over", 5), CALL, "over five calls", "более пяти звонков"),
        (23, Style("almost", words="dozens"), CALL, "almost two dozen calls", "почти две дюжины "
         "звонков"),
        (25, Style("over", words="dozens"), CALL, "over two dozen calls", "более двух дюжин "
         "звонков"),
        (13, Style("over", words="dozens"), CALL, "over a dozen calls", "более дюжины звонков"),
        (50, Style("as given", words="dozens"), CALL, "several dozen calls", "несколько десятков "
         "звонков"),
        (30, Style("as given", words="dozens"), CALL, "dozens of calls", "более двух десятков "
         "звонков"),
        (140, Style("as given", words="dozens"), CALL, "140 calls", "140 звонков"),
        (0, Style(), CALL, "0 calls", "0 звонков"),
        (3, Style("more than", 100), CALL, "three calls", "три звонка"),
        (Decimal("2.5"), Style("as given"), CALL, "2.5 calls", "2,5 звонка"),
    ],
)  # fmt: skip
def test_a_value_reads_as_the_published_sheets_do(
    value: int | Decimal, style: Style, noun: Noun, english: str, russian: str
) -> None:
    assert printed(value, style, lang="en", noun=noun).full == english
    assert printed(value, style, lang="ru", noun=noun).full == russian


@pytest.mark.parametrize(
    ("value", "style", "noun", "russian"),
    [
        (15_300, Style("more than", 1_000), CALL, f"более чем на 15{S}000 звонков"),
        (14_900, Style("almost", 1_000), CALL, f"почти на 15{S}000 звонков"),
        (14_900, Style("around", 1_000), CALL, f"примерно на 15{S}000 звонков"),
        (21, Style(), FAMILY, "на 21 семью"),
        (1, Style(), FAMILY, "на одну семью"),
        (1, Style(), PERSON, "на одного человека"),
        (2, Style(), PERSON, "на двух человек"),
        (22, Style(), PERSON, "на 22 человека"),
        (21, Style(), CALL, "на 21 звонок"),
    ],
)
def test_a_russian_template_may_govern_the_number(
    value: int, style: Style, noun: Noun, russian: str
) -> None:
    assert printed(value, style, lang="ru", noun=noun, place=ON).full == russian


def test_money_is_in_millions_or_in_full() -> None:
    million = Style("as given", words="millions")
    assert money(21_000_000, "RUB", million, lang="en").full == "21 million rubles"
    assert money(21_000_000, "RUB", million, lang="ru").full == "21 млн рублей"
    assert money(1_500_000_000, "RUB", million, lang="ru").full == "1,5 млрд рублей"
    assert money(21_000_000, "RUB", million, lang="en").bold == "21 million"
    approx = Style("approx", 10, "millions")
    assert money(Decimal("201378.12"), "CHF", approx, lang="en").full == "approx. 201,380 CHF"
    over = Style("over", 10**6, "millions")
    assert money(21_400_000, "RUB", over, lang="en").full == "over 21 million rubles"
    assert money(21_400_001, "RUB", million, lang="en").full == "21,400,001 rubles"
    assert money(500, "KGS", Style(), lang="ru").full == "500 KGS"


def test_only_the_first_letter_changes_at_the_start_of_a_sentence() -> None:
    running = printed(50, Style("as given", words="dozens"), lang="en", noun=CALL)
    assert at_start(running).full == "Several dozen calls"
    assert at_start(running).bold == "Several dozen"
    over = printed(45_210, Style("more than", 5_000, "start"), lang="en", noun=CALL)
    assert (over.qualifier, over.bold) == ("More than", "45,000")
    assert over.full == "More than 45,000 calls"


def test_russian_nouns_follow_the_last_digits() -> None:
    forms = [noun_form(CALL, n, lang="ru") for n in (1, 2, 5, 11, 12, 21, 22, 111, 1_004)]
    few, many = "звонка", "звонков"
    assert forms == ["звонок", few, many, many, many, "звонок", few, many, few]
    assert noun_form(CALL, 21, lang="ru", case="genitive") == "звонка"
    assert noun_form(CALL, 22, lang="ru", case="genitive") == "звонков"


def test_separators_begin_at_a_thousand() -> None:
    assert [grouped(n, lang="en") for n in (0, 999, 1_000, 10**6)] == [
        "0", "999", "1,000", "1,000,000",
    ]  # fmt: skip
    assert grouped(45_000, lang="ru") == f"45{S}000"
    assert grouped(Decimal("1E+3"), lang="en") == "1,000"
    assert grouped(Decimal("12.50"), lang="ru") == "12,5"


def test_words_end_at_ten() -> None:
    assert number_word(10, lang="ru") == "десять"
    assert number_word(2, lang="ru", gender="f", case="genitive") == "двух"
    for outside in (0, 11):
        with pytest.raises(ValueError, match="one to ten"):
            number_word(outside, lang="en")


@pytest.mark.parametrize("text", ["22o trucks", "2О22", "from l5 calls", "О22", "1,0o0 calls"])
def test_a_spoilt_number_is_found(text: str) -> None:
    assert letter_in_number(text) is not None


@pytest.mark.parametrize("text", ["the 21st of May", "2nd", "1990s", "Il-76", "C4", "15,000 calls"])
def test_an_ordinal_or_a_name_is_no_spoilt_number(text: str) -> None:
    assert letter_in_number(text) is None


def test_a_style_states_a_step_exactly_when_it_rounds() -> None:
    for direction in ("over", "more than", "almost", "around", "approx"):
        with pytest.raises(ValueError, match="step"):
            Style(direction)
    for direction in ("exact", "as given"):
        with pytest.raises(ValueError, match="no step"):
            Style(direction, 10)
    with pytest.raises(ValueError, match="dozen"):
        Style("over", 10, "dozens")
    with pytest.raises(ValueError, match="from 1"):
        Style("over", 0)


def test_what_is_no_count_is_refused() -> None:
    for value in (-1, Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(ValueError, match="zero up"):
            printed(value, Style(), lang="en")
    with pytest.raises(ValueError, match="accusative"):
        Noun(("a", "b"), ("открытая линия", "открытые линии", "открытых линий"), gender="f")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_vast_majority_is_four_fifths(part: int, whole: int) -> None:
    assume(part <= whole)
    assert vast_majority(part, whole) == (
        whole > 0 and Fraction(part, max(whole, 1)) >= Fraction("0.8")
    )


def test_a_part_is_never_more_than_the_whole() -> None:
    assert vast_majority(4, 5)
    assert not vast_majority(79, 100)
    with pytest.raises(ValueError, match="part"):
        vast_majority(6, 5)


def test_a_significant_increase_needs_a_share_and_a_number() -> None:
    assert significantly_increased(125, 100)
    assert not significantly_increased(124, 100)
    assert not significantly_increased(12, 8)
    assert not significantly_increased(100, 0)
    assert significantly_increased(12, 8, least=4, share=Fraction(1, 2))
