"""Lists of registrations and answers of providers, as field offices and banks send them."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
import xlsxwriter
from sqlmodel import select

from casedesk.assistance import rounds, rules
from casedesk.assistance.records import (
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdMember,
    Modality,
    Per,
    ProgrammeDraft,
    Receipt,
    Registration,
    RegistrationStatus,
    RoundDraft,
    SiteDraft,
)
from casedesk.cli import main
from casedesk.exchange import receipts, registrations
from casedesk.exchange.values import Amounts, Days, Wrong, shown_name
from casedesk.kernel import journal
from casedesk.kernel.errors import NotFound, Refused
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft
from casedesk.people import index
from casedesk.people.records import Contact, PersonName

HEAD = ["ФИО", "Дата рождения", "Телефон", "Паспорт", "Карта"]
ANNA = ["Иванова Анна Петровна", "09.03.1987", "+79161234567", "45 10 123456", "2200 0001"]
OLEG = ["Сидоров Олег Ильич", "1990-01-02", "", "45 10 999999", "2200 0002"]


class Office:
    """A file with one programme and round, and lists that come in."""

    def __init__(self, store, folder):
        self.store, self.folder, self.count = store, folder, 0
        self.programme = self.add("Cash 2025", Modality.CASH)
        values = {
            "programme_id": self.programme, "name": "September", "first_day": "2025-09-01",
            "last_day": "2025-12-30", "opened_on": "2025-08-20",
        }  # fmt: skip
        sites = [SiteDraft(name="School 5"), SiteDraft(name="Hall")]
        self.round = self.do(rounds.open_round, RoundDraft.checked(values), sites).id

    def do(self, act, *args, actor="anna"):
        return self.store.write(act, *args, actor=actor)[0]

    def add(self, name, modality, **more):
        values = {"name": name, "modality": modality, "starts_on": "2025-01-01", **more}
        return self.do(rules.add_programme, ProgrammeDraft.checked(values)).id

    def table(self, *lines):
        self.count += 1
        source = self.folder / f"list-{self.count}.xlsx"
        book = xlsxwriter.Workbook(str(source), {"strings_to_formulas": False})
        sheet = book.add_worksheet()
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)
        book.close()
        return source

    def take(self, *lines, programme="Cash 2025", **options):
        return registrations.run(
            self.store, self.table(*lines), programme=programme, actor="anna", **options
        )

    def rows(self, cls):
        with self.store.read() as session:
            return session.exec(select(cls).order_by(cls.id)).all()

    def state(self):
        """All rows of all tables that the journal follows."""
        found = {}
        with self.store.read() as session:
            for table in Registration.metadata.sorted_tables:
                if not table.name.startswith(journal.UNJOURNALLED):
                    found[table.name] = session.execute(sa.select(table)).all()
        return found


@pytest.fixture
def office(store, tmp_path):
    return Office(store, tmp_path)


def reasons(plan):
    return [(fault.row, fault.column, fault.reason) for fault in plan.refused]


def test_list_comes_in_as_households_that_are_found_by_name(office):
    plan, taken, _entry = office.take(HEAD, ANNA, OLEG)
    assert (plan.taken, taken.registrations, plan.refused, plan.doubles) == (2, 2, (), ())
    first = office.rows(Registration)[0]
    assert (first.programme_id, first.status) == (office.programme, RegistrationStatus.NEW)
    assert first.card_number == "22000001"
    assert [m.document_key for m in office.rows(HouseholdMember)] == ["4510123456", "4510999999"]
    assert [c.e164 for c in office.rows(Contact)] == ["+79161234567"]
    with office.store.read() as session:
        assert [hit.name for hit in index.search(session, "Ivanova Anna")] == [ANNA[0]]
        assert index.missing(session) == 0


def test_whole_import_is_undone_at_once_and_done_again(office):
    before = office.state()
    _plan, _taken, entry = office.take([*HEAD, "Сумма"], [*ANNA, "100"], [*OLEG, 50], round_="1")
    after = office.state()
    undone = office.store.write(journal.undo, entry, actor="anna")[1].entry
    assert office.state() == before
    with office.store.read() as session:
        assert index.search(session, "Иванова") == []
    office.store.write(journal.undo, undone, actor="anna")
    assert office.state() == after
    assert office.store.check() == []


def test_dry_run_says_the_same_and_changes_nothing(office):
    before = office.state()
    plan, taken, entry = office.take(HEAD, ANNA, ["", "", "", "", ""], OLEG, dry_run=True)
    assert (plan.taken, taken, entry) == (2, None, None)
    assert office.state() == before


def test_list_of_a_round_stands_on_it_with_amounts_and_points(office):
    _plan, taken, _entry = office.take(
        [*HEAD, "Сумма", "Пункт"], [*ANNA, "12 000,50", "school 5"], [*OLEG, 9000, ""],
        round_="September",
    )  # fmt: skip
    assert (taken.registrations, taken.listed) == (2, 2)
    lines = office.rows(Entitlement)
    assert [(item.amount, item.site_id) for item in lines] == [(12_000_50, 1), (9_000_00, None)]
    assert {row.status for row in office.rows(Registration)} == {RegistrationStatus.INCLUDED}
    assert [item.card_number for item in lines] == ["22000001", "22000002"]


def test_each_person_gets_a_line_where_the_programme_gives_to_persons(office):
    programme = office.add("Kits", Modality.SCHOOL_KIT, per=Per.PERSON)
    values = {
        "programme_id": programme, "name": "August", "first_day": "2025-08-25",
        "last_day": "2025-12-30", "opened_on": "2025-08-20",
    }  # fmt: skip
    office.do(rounds.open_round, RoundDraft.checked(values))
    head = ["household", "name", "relation"]
    _plan, taken, _entry = office.take(
        head, ["A7", "Иванова Анна", "head"], ["A7", "Иванов Пётр", "son"],
        programme="Kits", round_="August",
    )  # fmt: skip
    assert (taken.registrations, taken.listed) == (1, 2)


def test_rows_of_one_household_are_one_registration(office):
    plan, taken, _entry = office.take(
        ["Код семьи", "ФИО", "Родство", "Человек", "Город"],
        ["A7", "Иванов Пётр", "сын", "", ""],
        ["A7", "Иванова Анна", "глава", "4", "Курск"],
        ["A8", "Сидоров Олег", "", "", "Курск"],
    )
    assert (plan.taken, taken.registrations) == (3, 2)
    members = office.rows(HouseholdMember)
    assert [(m.household_id, m.head, m.relation) for m in members] == [
        (1, False, "сын"),
        (1, True, ""),
        (2, True, ""),
    ]
    assert office.rows(Household)[0].note == "4 people in all."


def test_people_in_one_cell_become_members(office):
    office.take(
        ["name", "members"], ["Иванова Анна", "Иванов Пётр 2010; ИВАНОВА ВЕРА (12.03.2014)"]
    )
    names = [" ".join((n.family, n.given)) for n in office.rows(PersonName)]
    assert names == ["Иванова Анна", "Иванов Пётр", "Иванова Вера"]
    assert "ИВАНОВА ВЕРА" in office.rows(Household)[0].note


def test_one_refused_row_keeps_its_household_out(office):
    plan, _taken, _entry = office.take(
        ["household", "name", "born"],
        ["A7", "Иванова Анна", "1987"],
        ["A7", "Иванов Пётр", "31.02.1990"],
    )
    assert [(row, column) for row, column, _reason in reasons(plan)] == [(2, ""), (3, "born")]
    assert plan.refused[0].reason == "Row 3 of the same household is refused."
    assert office.rows(Registration) == []


def test_household_of_the_file_is_registered_by_its_code(office):
    office.take(HEAD, ANNA)
    office.add("Vouchers", Modality.PHARMACY_VOUCHER)
    lines = (["household", "name"], ["H-000001", "Иванова Анна"], ["H-000009", "Никто"])
    plan, taken, _entry = office.take(*lines, programme="Vouchers")
    assert taken.registrations == 1
    assert [row.household_id for row in office.rows(Registration)] == [1, 1]
    assert len(office.rows(Household)) == 1
    assert reasons(plan) == [(3, "household", "The file has no household of this code.")]
    plan, _taken, _entry = office.take(*lines, programme="Vouchers")
    assert "registered in this programme already" in plan.refused[0].reason


@pytest.mark.parametrize(
    ("again", "why"),
    [
        (["Петрова Вера", "1950", "", "4510123456", ""], "Same document"),
        (["Петрова Вера", "1950", "8 916 123-45-67", "", ""], "Same telephone"),
        (["Петрова Вера", "1950", "", "", "22000001"], "Same card number"),
        (["Ivanova Anna", "1987-03-09", "", "", ""], "Same name"),
        (["АННА ИВАНОВА", "9 марта 1987", "", "", ""], "Same name"),
    ],
)
def test_double_of_the_file_is_offered_with_its_reason(office, again, why):
    office.take(HEAD, ANNA)
    plan, taken, _entry = office.take(HEAD, again, OLEG)
    assert (plan.taken, taken.registrations) == (1, 1)
    assert [(d.row, d.other) for d in plan.doubles] == [(2, "H-000001")]
    assert plan.doubles[0].why.startswith(why)
    assert plan.doubles[0].rule == "A household is registered once in a programme."
    plan, taken, _entry = office.take(HEAD, again, with_doubles=True, round_="September")
    assert (taken.registrations, taken.listed, taken.waiting) == (1, 0, 1)
    assert len(office.rows(Double)) == 1


def test_double_within_the_list_names_the_row(office):
    again = ["Ivanova Anna", "1987-03-09", "", "", ""]
    plan, taken, _entry = office.take(HEAD, ANNA, OLEG, again)
    assert taken.registrations == 2
    assert [(d.row, d.why, d.other) for d in plan.doubles] == [
        (4, "The same name as in row 2.", "2")
    ]
    assert office.take(HEAD, again, with_doubles=True)[1].waiting == 1


def test_person_of_another_programme_is_offered_though_no_rule_forbids(office):
    office.take(HEAD, ANNA)
    office.add("Vouchers", Modality.PHARMACY_VOUCHER)
    plan, _taken, _entry = office.take(HEAD, ANNA, programme="Vouchers")
    assert [(d.row, d.rule, d.other) for d in plan.doubles] == [(2, "", "H-000001")]
    assert "in the file already" in plan.doubles[0].why


def test_families_that_share_a_surname_are_no_doubles(office):
    office.take(HEAD, ANNA)
    plan, taken, _entry = office.take(HEAD, ["Иванова Мария Олеговна", "1999", "", "", ""])
    assert (taken.registrations, plan.doubles) == (1, ())


def test_what_became_a_double_after_the_look_stays_out(office):
    source = office.table(HEAD, ANNA, OLEG)
    with office.store.read() as session:
        into = registrations.find_into(session, "Cash 2025")
        plan = registrations.plan(session, registrations.read_table(source), into)
    office.take(HEAD, ANNA)
    taken = office.do(registrations.take_in, plan)
    assert (taken.registrations, [row.row for row in taken.late]) == (1, [2])


def test_bad_cells_are_refused_with_row_column_and_reason(office):
    plan, taken, _entry = office.take(
        ["ref", "name", "born", "card", "amount", "point"],
        ["1", "Иванова Анна", "1987", "1", "1 000,50", "Hall"],
        ["2", "Сидоров Олег", "1987", "2", "1,000", "Hall"],
        ["3", "Петрова Вера", "03/04/1987", "3", "5", "Hall"],
        ["4", "Козлов Илья", "1987", 2200700112345678, "5", "Hall"],
        ["5", "", "1987", "5", "5", "Hall"],
        ["6", "Белова Нина", "1987", "6", "", "Hall"],
        ["7", "Белова Зоя", "1987", "7", "5", "Nowhere"],
        ["1", "Чумак Яна", "1987", "8", "5", "Hall"],
        ["9", "Дуб Павло", "2987", "9", "5", "Hall"],
        round_="September",
    )
    assert taken.registrations == 1
    assert [(row, column) for row, column, _reason in reasons(plan)] == [
        (3, "amount"), (4, "born"), (5, "card"), (6, "name"), (7, "amount"), (8, "point"),
        (9, "ref"), (10, "born"),
    ]  # fmt: skip
    told = {row: reason for row, _column, reason in reasons(plan)}
    assert "thousands or thousandths" in told[3]
    assert "Day and month" in told[4]
    assert "rounded this number" in told[5]
    assert "row 2 already" in told[9]


def test_columns_without_use_are_told_and_amounts_wait_for_a_round(office):
    plan, _taken, _entry = office.take([*HEAD, "Цвет", "Сумма"], [*ANNA, "red", "x"])
    assert plan.unknown_columns == ("Цвет", "Сумма")
    assert dict(plan.columns)["ФИО"] == "full_name"


def test_mapping_is_kept_for_the_next_list_with_the_same_columns(office):
    lines = (["who", "paper"], ["Иванова Анна", "4510 1"])
    with pytest.raises(Refused, match="No column holds a name"):
        office.take(*lines)
    mapping = {"who": "full_name", "paper": "document"}
    office.take(*lines, mapping=mapping, dry_run=True)
    with pytest.raises(Refused):
        office.take(*lines)
    entry = office.take(*lines, mapping=mapping)[2]
    office.store.write(journal.undo, entry, actor="anna")
    plan, taken, _entry = office.take(["Who ", "PAPER"], ["Сидоров Олег", "7"])
    assert (taken.registrations, plan.unknown_columns) == (1, ())


def test_places_are_found_by_number_and_name_or_said_to_be_missing(office):
    with office.store.read() as session:
        assert registrations.find_into(session, "cash 2025", "sept").round_id == office.round
        assert registrations.find_into(session, "", "1").programme_id == office.programme
        with pytest.raises(NotFound):
            registrations.find_into(session, "Grants")
        with pytest.raises(Refused):
            registrations.find_into(session, "")
    office.do(rounds.lock_round, office.round) if office.rows(Entitlement) else None
    office.take([*HEAD, "Сумма"], [*ANNA, "5"], round_="September")
    office.do(rounds.lock_round, office.round)
    with pytest.raises(Refused, match="not open"):
        office.take(HEAD, OLEG, round_="September")


def test_persons_and_cases_come_from_workbooks_too(office, tmp_path):
    file = str(tmp_path / "other.cdk")
    assert main(["new", file, "--plain"]) == 0
    source = office.table(["ref", "ФИО"], ["1", "Иванова Анна"])
    assert main(["import", file, "cases", str(source)]) == 0


# -------------------------------------------------------------------------------------- receipts


@pytest.fixture
def sent(office):
    """A round under way, whose list went to a bank."""
    office.take(
        [*HEAD, "Сумма"], [*ANNA, "12000"], [*OLEG, "9000"],
        ["Белова Нина", "1980", "", "", "2200 0003", "7000"], round_="September",
    )  # fmt: skip
    for act, actor in (
        (rounds.lock_round, "anna"), (rounds.approve_round, "anna"),
        (rounds.approve_round, "boris"), (rounds.start_round, "anna"),
    ):  # fmt: skip
        office.do(act, office.round, actor=actor)
    bank = office.do(partners.add_organisation, OrganisationDraft.checked({"name": "Bank"})).id
    office.do(rounds.send_to_provider, office.round, bank)
    return office


def back(office, *lines, **options):
    return receipts.run(
        office.store, office.table(*lines), round_="September", actor="anna", **options
    )


def test_answer_of_a_provider_becomes_receipts_and_differences(sent):
    plan, differences, entry = back(
        sent,
        ["Карта", "Сумма", "Дата", "Получил", "Статус"],
        ["2200 0001", "12 000,00", "10.09.2025", "ИВАНОВА АННА", "выплачено"],
        ["22000002", "8000", "2025-09-10", "", "paid"],
        ["22000003", "", "", "", "failed"],
        ["22000009", "5", "", "", "paid"],
        ["2200 0001", "12000", "", "", ""],
    )
    assert len(plan.accepted) == 3
    assert [row for row, _column, _reason in reasons(plan)] == [5, 6]
    assert [item.row for item in differences] == [3, 4]
    first = sent.rows(Receipt)[0]
    assert (first.amount, str(first.on_date), first.proxy) == (
        12_000_00,
        "2025-09-10",
        "Иванова Анна",
    )
    assert [item.status for item in sent.rows(Entitlement)] == [
        EntitlementStatus.RECEIVED,
        EntitlementStatus.RECEIVED,
        EntitlementStatus.PLANNED,
    ]
    sent.store.write(journal.undo, entry, actor="anna")
    assert sent.rows(Receipt) == []


def test_answer_by_household_code_and_dry_run(sent):
    lines = (["household code", "paid"], ["H-000001", "12000"])
    plan, _differences, entry = back(sent, *lines, dry_run=True)
    assert (len(plan.accepted), entry, sent.rows(Receipt)) == (1, None, [])
    back(sent, *lines)
    assert len(sent.rows(Receipt)) == 1
    plan, _differences, _entry = back(sent, *lines)
    assert "noted already" in plan.refused[0].reason


def test_answer_for_a_round_that_was_not_sent_is_refused(office):
    with pytest.raises(Refused, match="sent to a provider"):
        back(office, ["card", "amount"], ["1", "1"])


# ------------------------------------------------------------------------------- the command line


def test_command_line_tells_rows_doubles_and_columns(office, capsys):
    office.take(HEAD, ANNA)
    source = str(office.table(HEAD, ANNA, OLEG, ["", "", "", "", "x"]))
    file = str(office.store.path)
    words = ["import", file, "registrations", source, "--programme", "Cash 2025"]
    assert main([*words, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "Column ФИО: full_name" in said
    assert "Row 2, perhaps a double:" in said
    assert "Row 4, column ФИО: The row has no name." in said
    assert "1 row of 3 can be taken in." in said
    assert main([*words, "--round", "September", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["accepted"], told["listed"], told["entry"] is not None) == (1, 1, True)
    assert [double["row"] for double in told["doubles"]] == [2]
    assert main(["import", file, "registrations", source]) == 3
    assert "--programme" in capsys.readouterr().err


# ------------------------------------------------------------------------------------- the cells


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 000,50", 1000_50), ("1,000.50", 1000_50), ("1000", 1000_00), ("12 000 руб.", 12000_00),
        ("1.000,50", 1000_50), ("1,5", 1_50), ("1,000,000", 1_000_000_00), ("₽2500", 2500_00),
        ("1\u00a0000", 1000_00), ("1,000", None), ("1.000", None), ("-5", None), ("abc", None),
        ("1.1250", None), ("1,000,50", None), ("99999999999999", None), ("1E+15", None),
    ],
)  # fmt: skip
def test_amounts_of_a_mixed_column(text, value):
    amounts = Amounts(["1 000,50", "1,000.50"])
    if value is None:
        with pytest.raises(Wrong):
            amounts.read(text)
    else:
        assert amounts.read(text) == value


def test_thousands_are_read_where_the_column_has_nothing_against_it():
    assert Amounts(["12,000", "8,000"]).read("12,000") == 12_000_00
    assert Amounts(["12.000", "8.000,50"]).read("12.000") == 12_000_00


@pytest.mark.parametrize(
    ("column", "text", "plain"),
    [
        ([], "2025-03-09", "2025-03-09"), ([], "9.3.2025", "2025-03-09"),
        ([], "9 марта 2025 г.", "2025-03-09"), ([], "9 March 2025", "2025-03-09"),
        (["13/02/2025"], "03/02/2025", "2025-02-03"), (["02/13/2025"], "03/02/2025", "2025-03-02"),
        ([], "05/05/2025", "2025-05-05"), ([], "2025-03-09 00:00:00", "2025-03-09"),
        ([], "13/02/2025", "2025-02-13"),
    ],
)  # fmt: skip
def test_days_of_many_styles(column, text, plain):
    assert Days(column).plain(text, "born") == plain


def test_day_that_may_be_two_is_refused():
    for column in ([], ["13/02/2025", "02/13/2025"]):
        with pytest.raises(Wrong):
            Days(column).plain("03/02/2025", "born")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ИВАНОВ", "Иванов"), ("иванов", "Иванов"), ("иВАНОВ", "Иванов"), ("Иванов", "Иванов"),
        ("О'КОННОР", "О'Коннор"), ("ЛУК'ЯНЕНКО", "Лук'яненко"), ("McDonald", "McDonald"),
        ("САЛТЫКОВ-ЩЕДРИН", "Салтыков-Щедрин"), ("МАМЕДОВ ОГЛЫ", "Мамедов оглы"), ("А.С.", "А.С."),
    ],
)  # fmt: skip
def test_names_are_shown_as_names_are_written(typed, shown):
    assert shown_name(typed) == shown
