"""Every row of a table is accepted or refused with its place; one undo takes all back."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from casedesk.exchange import importing
from casedesk.exchange.reading import table_of
from casedesk.kernel import journal
from casedesk.kernel.errors import Refused
from casedesk.people import index
from casedesk.people.records import Contact, NameToken, Person, PersonName
from casedesk.tracing.records import CaseStatus, TracingCase
from casedesk.tracing.rules import is_case_number

HEAD = "external_ref;full_name;other_names;sex;born;place;phone\n"
TABLES = (Person, PersonName, Contact, TracingCase, CaseStatus, NameToken)


def taken(store, tmp_path, text, kind="persons", **options):
    """Import a table from its text."""
    source = tmp_path / "table.csv"
    source.write_text(text, "utf-8")
    return importing.run(store, kind, source, **options)


def rows(store, cls):
    """Read all rows of one table."""
    with store.read() as session:
        return list(session.scalars(sa.select(cls)))


def counts(store):
    """Count the rows of every table that an import writes."""
    with store.read() as session:
        return [session.scalar(sa.select(sa.func.count()).select_from(cls)) for cls in TABLES]


def found(store, text):
    """Search as a caseworker does."""
    with store.read() as session:
        return [hit.external_ref for hit in index.search(session, text)]


def test_person_of_a_row_is_whole(store, tmp_path):
    line = "R-1;Иванов Пётр Сергеевич;Ivanov Petr; Сидоров;м;~38;Курск;8 (912) 345-67-89\n"
    head = HEAD.replace(";", "|")
    text = head + line.replace(";", "|").replace("Ivanov Petr|", "Ivanov Petr;")
    done, _entry = taken(store, tmp_path, "sep=|\n" + text)
    assert (len(done.accepted), done.refused) == (1, ())
    (person,) = rows(store, Person)
    assert (person.external_ref, person.sex, person.birth_place) == ("R-1", "m", "Курск")
    assert (person.born_first, person.born_last) == (dt.date(1986, 1, 1), dt.date(1987, 12, 31))
    assert person.code == "P-000001"
    names = {(name.family, name.given, name.script) for name in rows(store, PersonName)}
    assert names == {
        ("Иванов", "Пётр", "cyrillic"),
        ("Ivanov", "Petr", "latin"),
        ("Сидоров", "", "cyrillic"),
    }
    (contact,) = rows(store, Contact)
    assert (contact.typed, contact.e164) == ("8 (912) 345-67-89", "+79123456789")
    for text in ("Ivanov", "Иванов", "Sidorov", "Сидоров Петр", "+7 912 345 67 89", "R-1"):
        assert found(store, text) == ["R-1"], text
    assert store.check() == []


def test_names_in_columns_of_their_own_are_taken(store, tmp_path):
    text = "Фамилия;Имя;Отчество;ФИО\nПетрова;Анна;Олеговна;Petrova Anna\n"
    taken(store, tmp_path, text)
    assert [(n.family, n.given, n.patronymic) for n in rows(store, PersonName)] == [
        ("Петрова", "Анна", "Олеговна"),
        ("Petrova", "Anna", ""),
    ]


@pytest.mark.parametrize(
    "head",
    ["Фамилия Имя;Дата рождения", "ПІБ;Дата народження", "Прізвище, ім'я;Дата народження"],
)
def test_columns_are_known_by_what_people_call_them(store, tmp_path, head):
    taken(store, tmp_path, f"{head}\nЧумак Віра;1951-03-04\n")
    (name,) = rows(store, PersonName)
    assert (name.family, name.given) == ("Чумак", "Віра")
    (person,) = rows(store, Person)
    assert person.born_first == dt.date(1951, 3, 4)


def test_case_of_a_row_is_open_with_its_person(store, tmp_path):
    head = "Ref,Name,Sex,DOB,Last seen,Last seen place,Circumstances\n"
    text = head + 'C-1,"Ivanov, Petr",M,1987-03,2024-05-06,Mariupol,"Left home, did not return"\n'
    done, _entry = taken(store, tmp_path, text, "cases")
    assert done.refused == ()
    (case,) = rows(store, TracingCase)
    (person,) = rows(store, Person)
    assert is_case_number(case.number)
    assert (case.person_id, case.external_ref) == (person.id, "C-1")
    assert (case.opened_on, case.status) == (dt.date(2025, 9, 11), "open")
    assert (case.last_seen_on, case.last_seen_at) == (dt.date(2024, 5, 6), "Mariupol")
    assert case.circumstances == "Left home, did not return"
    (status,) = rows(store, CaseStatus)
    assert (status.status, status.valid_from) == ("open", case.opened_on)


def test_numbers_go_on_after_those_in_the_file(store, tmp_path):
    for ref in ("A", "B"):
        taken(store, tmp_path, f"ref;name\n{ref};Иванов Пётр\n", "cases")
    assert len({case.number for case in rows(store, TracingCase)}) == 2
    assert [person.code for person in rows(store, Person)] == ["P-000001", "P-000002"]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (";;;;;;", None, None),
        ("1;;;;;;", "full_name", "no name"),
        ("1;Анна;;q;;;", "sex", "sex"),
        ("1;Анна;;;31.02.1990;;", "born", "cannot be read"),
        ("1;Анна;;;2031;;", "born", "future"),
        ("1;Анна;;;1990..1980;;", "born", "ends before"),
        (f"1;{'А' * 10_000};;;;;", "full_name", "longer"),
        (f"1;Анна {'б' * 250};;;;;", "full_name", "longer"),
        (f"1;Анна;{'б' * 10_000};;;;", "other_names", "longer"),
        (f"1;Анна;;;;;{'1' * 501}", "phone", "500"),
        (f"1;Анна;;;;{'м' * 201};", "place", "200"),
        (f"{'1' * 101};Анна;;;;;", "external_ref", "100"),
        ("1;Ан\x07на;;;;;", "full_name", "control"),
        ("1;Ан\x00на;;;;;", "full_name", "zero byte"),
    ],
)
def test_row_that_cannot_be_taken_is_named(store, tmp_path, line, column, reason):
    done, _entry = taken(store, tmp_path, HEAD + line + "\n9;Пётр;;;;;\n")
    assert [row.external_ref for row in rows(store, Person)] == ["9"]
    if column is None:
        assert done.refused == ()
        return
    (fault,) = done.refused
    assert (fault.row, fault.column) == (2, column)
    assert reason in fault.reason
    assert done.rows == 2


def test_birth_this_year_is_no_future(store, tmp_path):
    taken(store, tmp_path, HEAD + "1;Анна;;;2025;;\n")
    (person,) = rows(store, Person)
    assert person.born_last == dt.date(2025, 9, 11)


def test_case_dates_must_have_happened(store, tmp_path):
    text = "name;last seen\nАнна;2031-01-01\nОльга;2024\nПётр;32.01.2024\n"
    done, _entry = taken(store, tmp_path, text, "cases")
    assert [(fault.row, fault.column) for fault in done.refused] == [
        (2, "last seen"),
        (3, "last seen"),
        (4, "last seen"),
    ]


def test_markup_stays_text_and_direction_marks_go(store, tmp_path):
    taken(store, tmp_path, HEAD + "1;<b>Анна</b> =1+1 И\u202eва\u200bнова;;;;;\n")
    (name,) = rows(store, PersonName)
    assert f"{name.family} {name.given} {name.patronymic}" == "<b>Анна</b> =1+1 Иванова"


def test_reference_that_is_there_already_is_refused(store, tmp_path):
    taken(store, tmp_path, "ref;name\nA;Анна\n")
    done, _entry = taken(store, tmp_path, "ref;name\nA;Анна\nB;Пётр\nB;Олег\n;Ева\n;Ада\n")
    assert [(fault.row, fault.column) for fault in done.refused] == [(2, "ref"), (4, "ref")]
    assert "already" in done.refused[0].reason
    assert "row 3" in done.refused[1].reason
    assert len(rows(store, Person)) == 4


def test_reference_that_came_in_meanwhile_is_refused_too(store):
    table = table_of("ref;name\nA;Анна\nB;Пётр\n".encode())
    with store.read() as session:
        planned = importing.plan(session, "persons", table)
    store.write(importing.take_in, planned, actor="anna")
    late, _changes = store.write(importing.take_in, planned, actor="boris")
    assert [fault.row for fault in late] == [2, 3]
    assert len(rows(store, Person)) == 2


def test_dry_run_changes_nothing_and_says_the_same(store, tmp_path):
    text = HEAD + "1;Анна;;;;;\n2;Пётр;;?!;;;\n"
    dry, entry = taken(store, tmp_path, text, dry_run=True)
    assert entry is None
    assert counts(store) == [0] * len(TABLES)
    done, _entry = taken(store, tmp_path, text)
    assert dry == done


@pytest.mark.parametrize("size", [3, pytest.param(700, marks=pytest.mark.slow)])
def test_one_undo_takes_all_back_and_one_more_brings_it(store, tmp_path, size):
    lines = [f"R-{i};Иванов{i} Пётр,Ivanov{i} Petr,м,1987,89120000{i:03}\n" for i in range(size)]
    text = "ref;name,other_names,sex,born,phone\n" + "".join(lines)
    done, entry = taken(store, tmp_path, text.replace(",", ";"), "cases")
    assert len(done.accepted) == size
    full = counts(store)
    _, undone = store.write(journal.undo, entry, actor="anna")
    assert counts(store) == [0] * len(TABLES)
    assert store.check() == []
    store.write(journal.undo, undone.entry, actor="anna")
    assert counts(store) == full
    assert found(store, f"Ivanov{size - 1} Petr")[:1] == [f"R-{size - 1}"]
    assert store.check() == []


def test_history_says_what_was_imported(store, tmp_path):
    taken(store, tmp_path, HEAD + "1;Анна;;;;Курск;\n", actor="anna")
    (person,) = rows(store, Person)
    with store.read() as session:
        (line,) = journal.history(session, "person", person.id)
    assert (line.act, line.actor, line.action) == ("exchange.import", "anna", "create")
    assert "Курск" in line.after


def test_columns_are_recognised_loosely_and_the_rest_is_told(store, tmp_path):
    text = "Full Name;DATE_OF_BIRTH;Пол;Номер телефона;Lieblingsfarbe;\nАнна;1990;ж;;rot;\n"
    done, _entry = taken(store, tmp_path, text)
    assert dict(done.columns) == {
        "Full Name": "full_name",
        "DATE_OF_BIRTH": "born",
        "Пол": "sex",
        "Номер телефона": "phone",
    }
    assert done.unknown_columns == ("Lieblingsfarbe",)


def test_mapping_of_columns_is_followed(store, tmp_path):
    text = "who;code;name\nАнна;X-1;not a name\n"
    mapping = {"WHO": "full_name", "code": "external_ref", "name": None}
    done, _entry = taken(store, tmp_path, text, mapping=mapping)
    assert done.unknown_columns == ("name",)
    assert found(store, "Анна") == ["X-1"]


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("colour;size\nred;5\n", None),
        ("name;full name\nАнна;Пётр\n", None),
        ("name\nАнна\n", {"nobody": "full_name"}),
        ("name\nАнна\n", {"name": "shoe_size"}),
    ],
    ids=["no name", "two names", "no such column", "no such field"],
)
def test_table_whose_columns_cannot_be_understood_is_refused(store, tmp_path, text, mapping):
    with pytest.raises(Refused):
        taken(store, tmp_path, text, mapping=mapping)
    assert counts(store) == [0] * len(TABLES)


def test_other_kinds_are_refused(store, tmp_path):
    with pytest.raises(Refused):
        taken(store, tmp_path, "name\nАнна\n", "receipts")


def test_personal_data_stays_out_of_the_plans_own_words(store):
    with store.read() as session:
        planned = importing.plan(session, "persons", table_of("name\nАнна\n".encode()))
    assert "Анна" not in repr(planned)
