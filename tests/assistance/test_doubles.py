"""Planted doubles are stopped and explained; families that only share a surname are not."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from test_assistance_rules import TODAY, Desk, home, person

from casedesk.assistance import doubles, reading, rounds, rules
from casedesk.assistance.doubles import DoubleFound, Signal
from casedesk.assistance.records import (
    Decision,
    Double,
    Entitlement,
    EntitlementStatus,
    HouseholdMember,
    Modality,
    RegistrationStatus,
)
from casedesk.kernel import clock, language
from casedesk.people.records import Person, PersonDraft, Script

LATIN = Script.LATIN

# What is planted: who was registered first, who comes again, and what gives them away.
PAIRS = [
    ("same script", ("Лисенко", "Марія", "Іванівна", "1980-01-02"),
     ("Лисенко", "Марія", "Іванівна", "1980-01-02"), {}),
    ("Latin passport", ("Сорока", "Галина", "Петрівна", "1979-05-06"),
     ("Soroka", "Halyna", "", "1979-05-06"), {"script": LATIN}),
    ("Russian for Ukrainian", ("Ковальчук", "Олександр", "Миколайович", "1991-11-30"),
     ("Ковальчук", "Александр", "Николаевич", "1991-11-30"), {}),
    ("names swapped", ("Дяченко", "Оксана", "Юріївна", "1968-07-21"),
     ("Оксана", "Дяченко", "", "1968-07-21"), {}),
    ("swapped and Latin", ("Тимченко", "Дмитро", "Олегович", "2001-02-03"),
     ("Dmytro", "Tymchenko", "", "2001-02-03"), {"script": LATIN}),
    ("short form of the name", ("Хоменко", "Екатерина", "Павловна", "1985-10-10"),
     ("Хоменко", "Катя", "", "1985-10-10"), {}),
    ("a letter wrong", ("Щербаков", "Виталий", "Сергеевич", "1977-12-01"),
     ("Щербоков", "Виталий", "Сергеевич", "1977-12-01"), {}),
    ("changed telephone", ("Паламар", "Остап", "Богданович", "1990-04-04"),
     ("Palamar", "Ostap", "", "1990-04-04"), {"script": LATIN, "phone": "+79160000001"}),
    ("German spelling", ("Щукин", "Юрий", "Львович", "1959-03-17"),
     ("Schtschukin", "Juri", "", "1959-03-17"), {"script": LATIN}),
    ("year of birth not known, patronymic is", ("Зорина", "Татьяна", "Кузьминична", None),
     ("Zorina", "Tatiana", "Kuzminichna", None), {"script": LATIN}),
]  # fmt: skip
APART = [
    ("only the surname", ("Мельник", "Марія", "Іванівна", "1980-01-02"),
     ("Мельник", "Віра", "Степанівна", "1951-06-07")),
    ("brothers", ("Белов", "Иван", "Петрович", "1990-01-01"),
     ("Белов", "Игорь", "Петрович", "1992-01-01")),
    ("husband and wife", ("Гриценко", "Олег", "Ігорович", "1980-02-02"),
     ("Гриценко", "Ольга", "Львівна", "1981-03-03")),
    ("namesakes born apart", ("Кузнецов", "Сергей", "Иванович", "1975-05-05"),
     ("Kuznetsov", "Sergei", "", "1984-08-08")),
    ("namesakes of other fathers", ("Попов", "Алексей", "Ильич", None),
     ("Попов", "Алексей", "Романович", None)),
    ("namesakes of whom nothing more is known", ("Волков", "Андрей", "", None),
     ("Волков", "Андрей", "", None)),
    ("same patronymic and given name", ("Орлова", "Анна", "Ивановна", "1970-01-01"),
     ("Соколова", "Анна", "Ивановна", "1970-01-01")),
    ("born on one day", ("Чумак", "Віра", "", "1951-03-04"),
     ("Дубенко", "Павло", "", "1951-03-04")),
]  # fmt: skip


def people_of(desk):
    """The persons of all households, in the order they were noted."""
    return [member.person_id for member in desk.rows(HouseholdMember)]


def pair(desk, one, two, more, programmes):
    """Register two households, each in its programme; give what the second one raised."""
    desk.included(programmes[0], home(person(*one, phone="+79161112233"), place="Курск"))
    # the passport in Latin letters is all that the second table sees
    return desk.registered(programmes[-1], home(person(*two, **more), place="Белгород"))


@pytest.fixture
def desk(store):
    return Desk(store)


@pytest.fixture
def cash_and_grant(desk):
    return [desk.programme(), desk.programme("Grants 2025", Modality.GRANT)]


@pytest.mark.parametrize(("name", "one", "two", "more"), PAIRS, ids=[p[0] for p in PAIRS])
def test_planted_pair_across_programmes_is_found_by_name(
    desk, cash_and_grant, name, one, two, more
):
    made = pair(desk, one, two, more, cash_and_grant)
    assert [f.rule for f in made.findings] == ["cash_and_grant"]
    finding = made.findings[0]
    assert Signal.NAME in finding.signals
    assert finding.why == "Same name as in a household that is registered in Cash 2025."
    assert finding.rule_text.startswith("Cash and a grant are not given within six months")
    heads = finding.lines[0]
    assert (two[0] in heads.here, one[0] in heads.there, heads.equal) == (True, True, True)


@pytest.mark.parametrize(("name", "one", "two", "more"), PAIRS, ids=[p[0] for p in PAIRS])
def test_planted_pair_within_a_programme_is_found(desk, name, one, two, more):
    programme = desk.programme()
    made = pair(desk, one, two, more, [programme])
    assert [f.rule for f in made.findings] == ["once_in_programme"]


@pytest.mark.parametrize(("name", "one", "two"), APART, ids=[p[0] for p in APART])
def test_families_that_share_less_than_a_person_are_left_alone(desk, name, one, two):
    script = LATIN if two[0].isascii() else Script.CYRILLIC
    made = pair(desk, one, two, {"script": script}, [desk.programme()])
    assert made.findings == ()


def test_precision_and_recall_of_a_whole_list(desk, capsys):
    """The same pairs on one list at lock, where names are compared in bulk."""
    programme = desk.programme()
    wanted, lines = set(), []
    for at, (_name, one, two, more) in enumerate(PAIRS):
        first = desk.included(programme, home(person(*one), place=str(at)))
        second = desk.registered(programme, home(person(*two, **more))).registration.id
        wanted.add((second, first))
        lines.append(first)
    for _name, one, two in APART:
        script = LATIN if two[0].isascii() else Script.CYRILLIC
        for who in (one, two):
            new = person(*who, script=script if who is two else Script.CYRILLIC)
            lines.append(desk.registered(programme, home(new)).registration.id)
    with desk.store.read() as session:
        every = {i for pair in wanted for i in pair} | set(lines)
        found = {(f.registration_id, f.other_id) for f in doubles.find(session, every)}
        one_by_one = {
            (f.registration_id, f.other_id)
            for i in sorted(every)
            for f in doubles.find(session, [i])
        }
    recall = len(found & wanted) / len(wanted)
    precision = len(found & wanted) / len(found)
    with capsys.disabled():
        shown = f"recall {recall:.3f}, precision {precision:.3f}"
        print(f" {shown}: {len(PAIRS)} pairs planted, {len(APART)} pairs apart")
    assert (recall, precision) == (1.0, 1.0)
    assert found == one_by_one


@pytest.mark.parametrize(
    ("first", "second", "signal"),
    [
        ({"document": "45 10 123456"}, {"document": "4510-123456"}, Signal.DOCUMENT),
        ({"document": "МР 1234567"}, {"document": "MP1234567"}, Signal.DOCUMENT),
    ],
)
def test_found_by_document_in_either_script(desk, first, second, signal):
    programme = desk.programme()
    desk.included(programme, home(person("Сорока", "Галина"), **first))
    made = desk.registered(programme, home(person("Кравець", "Ігор"), **second))
    assert made.findings[0].signals == (signal,)
    shown = next(line for line in made.findings[0].lines if line.label == "Document")
    assert shown.equal is True
    assert shown.here.startswith("… ")  # masked


def test_found_by_telephone_by_card_and_by_person(desk):
    cash = desk.programme()
    card = desk.programme("Cards", Modality.PREPAID_CARD)
    other = desk.programme("Cards again", Modality.PREPAID_CARD)
    phone = desk.programme("Cash again")
    family = home(person("Сорока", "Галина", phone="8 (916) 111-22-33"))
    desk.included(cash, family)
    by_phone = desk.registered(phone, home(person("Кравець", "Ігор", phone="+7 916 111 22 33")))
    assert by_phone.findings[0].signals == (Signal.PHONE,)
    assert by_phone.findings[0].why.startswith("Same telephone as in a household")
    desk.included(card, home(person("Орлик", "Надія")), card_number="4471 0001")
    by_card = desk.registered(other, home(person("Чумак", "Віра")), card_number="4471-0001")
    assert by_card.findings[0].signals == (Signal.CARD,)
    assert by_card.findings[0].rule == "one_card"


def test_shared_person_at_one_address_is_said_in_one_sentence(desk):
    cash, again = desk.programme(), desk.programme("Cash again")
    where = {"place": "Зелений Гай", "address": "Садова 9, кв. 4"}
    first = desk.included(
        cash, home(person("Кравець", "Ігор"), person("Кравець", "Дмитро"), **where)
    )
    own = desk.round(cash)
    lines = desk.planned(own, first)
    desk.begin(own)
    desk.do(rounds.hand_over, lines, rounds.Collected(on=dt.date(2025, 9, 2)))
    shared = people_of(desk)[1]
    family = rules.NewHousehold(
        rules.HouseholdDraft(**where),
        (
            rules.NewMember(person("Сорока", "Галина"), rules.HouseholdMemberDraft(head=True)),
            rules.NewMember(shared, rules.HouseholdMemberDraft()),
        ),
    )
    made = desk.registered(again, family)
    assert made.findings[0].why == (
        "Same address and a shared person with a household that received from Cash 2025 "
        "on 2 Sept 2025."
    )
    rows = {line.label: line for line in made.findings[0].lines}
    assert rows["Address"].equal is True
    assert rows["Shared person"].here == rows["Shared person"].there == "Кравець Дмитро"
    language.use("ru")
    with desk.store.read() as session:
        assert reading.open_warnings(session)[0].decision is Decision.OPEN


def test_voucher_may_be_added_to_cash(desk):
    cash = desk.programme()
    voucher = desk.programme("Pharmacy", Modality.PHARMACY_VOUCHER)
    family = home(person("Сорока", "Галина", born="1979-05-06"))
    desk.included(cash, family)
    assert desk.registered(voucher, family).findings == ()


def test_six_months_are_counted_from_what_was_received(desk):
    cash = desk.programme(starts_on="2025-01-01")
    grant = desk.programme("Grants 2025", Modality.GRANT)
    family = home(person("Сорока", "Галина", born="1979-05-06"))
    with clock.frozen(dt.date(2025, 2, 10)):
        first = desk.included(cash, family, dt.date(2025, 2, 1))
        own = desk.do(
            rounds.open_round,
            rounds.RoundDraft.checked({
                "programme_id": cash, "name": "February", "first_day": "2025-02-10",
                "last_day": "2025-02-20", "opened_on": "2025-02-01",
            }),
        ).id  # fmt: skip
        lines = desk.planned(own, first)
        desk.begin(own)
        desk.do(rounds.hand_over, lines)
        desk.do(rules.change_status, [first], RegistrationStatus.COMPLETED, dt.date(2025, 2, 10))
    for day, rule in ((dt.date(2025, 8, 9), ["cash_and_grant"]), (dt.date(2025, 8, 10), [])):
        with clock.frozen(day):
            made = desk.registered(grant, family, day)
            assert [f.rule for f in made.findings if f.other_id == first] == rule
            desk.do(rules.change_status, [made.registration.id], RegistrationStatus.DECLINED, day)


def test_stopped_at_the_table_when_it_is_found_only_there(desk):
    """Nothing was wrong at the lock; meanwhile the same family received elsewhere."""
    cash, again = desk.programme(), desk.programme("Cash again")
    first = desk.included(cash, home(person("Сорока", "Галина", born="1979-05-06")))
    second = desk.included(again, home(person("Кравець", "Ігор", born="1975-01-01")))
    one, two = desk.round(cash), desk.round(again, name="Again")
    lines = [*desk.planned(one, first), *desk.planned(two, second)]
    desk.begin(one)
    desk.begin(two)
    desk.do(rounds.hand_over, lines[:1])
    with desk.store.read() as session:
        people = [m.person_id for m in session.exec(sa.select(HouseholdMember)).scalars()]
    desk.do(
        rules.people.add_name,
        rules.people.PersonNameDraft(
            person_id=people[1], family="Soroka", given="Halyna", script=LATIN
        ),
    )
    known = desk.get(Person, people[1])
    born = dict.fromkeys(("born_first", "born_last"), dt.date(1979, 5, 6))
    changed = PersonDraft.checked({**known.draft().model_dump(), **born})
    desk.do(rules.people.change_person, people[1], changed, known.revision)
    with pytest.raises(DoubleFound) as stopped:
        desk.do(rounds.hand_over, lines[1:])
    assert stopped.value.findings[0].why.startswith("Same name as in a household that received")
    assert "Сорока" not in str(stopped.value)  # the sentence of the error names nobody
    noted = desk.do(rules.note_double, lines[1])
    assert [d.decision for d in noted] == [Decision.OPEN]
    with desk.store.read() as session:
        table = reading.line(session, lines[1])
        assert table.against == "This may be double assistance. Decide about it first."
        assert reading.round_summary(session, two).to_decide == 1
    desk.do(rules.give_anyway, noted[0].id, "Two women of one name, passports seen")
    desk.do(rules.confirm_double, noted[0].id, actor="boris")
    desk.do(rounds.hand_over, lines[1:])
    assert desk.get(Entitlement, lines[1]).status is EntitlementStatus.RECEIVED


def test_decision_is_undone_as_one_step(desk):
    programme = desk.programme()
    desk.included(programme, home(person("Сорока", "Галина", born="1979-05-06")))
    made = desk.registered(
        programme, home(person("Soroka", "Halyna", "", "1979-05-06", script=LATIN))
    )
    double = desk.rows(Double)[0]
    entry = desk.entry(rules.stop_double, double.id, "Same woman")
    desk.undo(entry)
    assert desk.rows(Double)[0].model_dump(exclude={"revision"}) == double.model_dump(
        exclude={"revision"}
    )
    assert desk.get(rules.Registration, made.registration.id).status is RegistrationStatus.NEW


def test_merging_from_the_warning(desk):
    programme = desk.programme()
    first = desk.included(programme, home(person("Сорока", "Галина", born="1979-05-06")))
    made = desk.registered(
        programme, home(person("Soroka", "Halyna", "", "1979-05-06", script=LATIN))
    )
    with desk.store.read() as session:
        heads = [m.person_id for m in session.exec(sa.select(HouseholdMember)).scalars()]
    desk.do(rules.merge_double, desk.rows(Double)[0].id, "Same woman", [(heads[0], heads[1])])
    assert desk.get(rules.Registration, made.registration.id).status is RegistrationStatus.DECLINED
    assert desk.get(rules.Registration, first).status is RegistrationStatus.INCLUDED
    assert desk.rows(Double)[0].decision is Decision.MERGED
    with desk.store.read() as session:
        assert doubles.find(session, [first], on=TODAY) == []


@pytest.mark.parametrize("shared", ["telephone", "document", "name", "card"])
def test_what_stands_in_every_row_of_a_list_is_told_in_each_row_and_not_in_every_pair(desk, shared):
    programme = desk.programme()
    rows = []
    for n in range(80):
        family = (
            "Чумак" if shared == "name" else "".join(chr(1072 + 5 * d % 32) for d in (n, n // 9))
        )
        head = person(
            family,
            "Віра",
            born="1951-03-04" if shared == "name" else None,
            phone="+7 916 111-22-33" if shared == "telephone" else "",
        )
        draft = rules.RegistrationDraft(
            programme_id=programme,
            registered_on=TODAY,
            card_number="0" if shared == "card" else "",
        )
        own = home(head, document="б/н" if shared == "document" else "")
        rows.append(rules.NewRegistration(draft, own))
    made = desk.do(rules.register_many, rows)
    told = [len(item.findings) for item in made]
    assert told[0] == 0  # of two that nobody served yet, the later one is the double
    assert all(told[1:])
    assert max(told) <= 20
