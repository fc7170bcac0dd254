"""What a person sees before an import: the numbers of the command line, and what was decided."""

from __future__ import annotations

import json

import pytest
import xlsxwriter
from sqlmodel import select

from casedesk.assistance import rounds, rules
from casedesk.assistance.records import (
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    Modality,
    ProgrammeDraft,
    ProviderLine,
    Receipt,
    Registration,
    RoundDraft,
)
from casedesk.assistance.rounds import Collected
from casedesk.cli import main
from casedesk.exchange import apart, deciding, importing, preview, receipts, saving, taking
from casedesk.exchange.deciding import Choice, What
from casedesk.exchange.preview import Asked, State
from casedesk.exchange.work import Work, work_of
from casedesk.kernel import journal, language
from casedesk.kernel.errors import Cancelled, ReadOnly, Refused
from casedesk.kernel.jobs import Progress
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft
from casedesk.tracing.records import TracingCase

HEAD = ["ФИО", "Дата рождения", "Телефон", "Паспорт", "Карта", "Цвет"]
ANNA = ["Иванова Анна Петровна", "09.03.1987", "+79161234567", "45 10 123456", "2200 0001", "a"]
OLEG = ["Сидоров Олег Ильич", "1990-01-02", "", "45 10 999999", "2200 0002", "b"]
NINA = ["Белова Нина", "1980", "", "", "2200 0003", "c"]
AGAIN = ["Ivanova Anna", "1987-03-09", "", "", "", ""]


class Desk:
    """A file with a programme and a round, and a person who looks at tables for it."""

    def __init__(self, store, folder):
        self.store, self.folder, self.count = store, folder, 0
        draft = {"name": "Cash 2025", "modality": Modality.CASH, "starts_on": "2025-01-01"}
        self.programme = self.do(rules.add_programme, ProgrammeDraft.checked(draft)).id
        values = {
            "programme_id": self.programme, "name": "September", "first_day": "2025-09-01",
            "last_day": "2025-12-30", "opened_on": "2025-08-20",
        }  # fmt: skip
        self.round = self.do(rounds.open_round, RoundDraft.checked(values)).id

    def do(self, act, *args, actor="anna", **options):
        return self.store.write(act, *args, actor=actor, **options)[0]

    def table(self, *lines):
        self.count += 1
        source = self.folder / f"sent-{self.count}.xlsx"
        book = xlsxwriter.Workbook(str(source), {"strings_to_formulas": False})
        sheet = book.add_worksheet()
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)
        book.close()
        return source

    def look(self, *lines, kind="registrations", source=None, into_round=False, **more):
        source = source or self.table(*lines)
        opened = preview.open_table(Progress(), self.store, kind, source, "")
        placed = kind in ("registrations", "receipts")
        own = self.round if into_round or kind == "receipts" else 0
        asked = Asked(kind, source, "", self.programme if placed else 0, own)
        found = preview.look(Progress(), self.store, asked, opened.table, opened.fields, **more)
        return found, source

    def take(self, found, choices=None):
        order = taking.order(found, choices or {})
        done, changes = self.store.write(order.act, order.what, actor="anna", **order.options)
        self.entry = changes.entry
        return taking.outcome(found, choices or {}, done)

    def undo(self):
        self.do(journal.undo, self.entry)

    def rows(self, cls):
        with self.store.read() as session:
            return session.exec(select(cls).order_by(cls.id)).all()

    def sent(self):
        """Put three households on the list, and send it to a bank."""
        found, _source = self.look(
            [*HEAD, "Сумма"], [*ANNA, "12000"], [*OLEG, "9000"], [*NINA, "7000"], into_round=True
        )
        self.take(found)
        for act, actor in (
            (rounds.lock_round, "anna"), (rounds.approve_round, "anna"),
            (rounds.approve_round, "boris"), (rounds.start_round, "anna"),
        ):  # fmt: skip
            self.do(act, self.round, actor=actor)
        bank = self.do(partners.add_organisation, OrganisationDraft.checked({"name": "Bank"})).id
        self.do(rounds.send_to_provider, self.round, bank)


@pytest.fixture
def desk(store, tmp_path):
    return Desk(store, tmp_path)


def states(found):
    return {line.row: line.state for line in found.lines}


# ------------------------------------------------------------------- the same as the command line


def told(capsys, desk, kind, source, *more):
    words = ["import", str(desk.store.path), kind, str(source), "--json", *more]
    assert main(words) == 0
    return json.loads(capsys.readouterr().out)


def agree(found, answer):
    """Hold what the window shows against the answer of the command line."""
    counts = found.counts()
    refused = [line for line in found.lines if line.state is State.REFUSED]
    assert deciding.taken(found, {}) == answer["accepted"]
    assert len(found.lines) == answer["rows"]
    assert [(one.row, one.column, one.reason) for one in refused] == [
        (one["row"], one["column"], one["reason"]) for one in answer["refused"]
    ]
    assert counts[State.REFUSED] == len(answer["refused"])
    assert dict(found.plan.columns) == answer["columns"]
    assert list(found.plan.unknown_columns) == answer["unknown_columns"]
    offers = [offer for offers in found.offers.values() for offer in offers]
    assert [(one.row, one.why, one.rule, one.other) for one in offers] == [
        (one["row"], one["why"], one["rule"], one["other"]) for one in answer.get("doubles", ())
    ]


def test_registrations_show_the_numbers_of_the_command_line(desk, capsys):
    desk.take(desk.look(HEAD, ANNA)[0])
    found, source = desk.look(
        HEAD, AGAIN, OLEG, NINA, ["", "1990", "", "", "", ""],
        ["Петрова Вера", "03/04/1987", "", "", "", ""], OLEG,
    )  # fmt: skip
    place = ("--programme", "Cash 2025")
    answer = told(capsys, desk, "registrations", source, *place, "--dry-run")
    assert answer["accepted"] == 2
    agree(found, answer)
    done = told(capsys, desk, "registrations", source, *place)
    assert done["accepted"] == answer["accepted"]


def test_all_doubles_taken_as_others_are_the_command_line_with_doubles(desk, capsys):
    desk.take(desk.look(HEAD, ANNA)[0])
    found, source = desk.look([*HEAD, "Сумма"], [*AGAIN, 5], [*OLEG, 7], into_round=True)
    every = {row: Choice(What.NEW) for row in found.offers}
    ours = desk.take(found, every)
    mine = [(d.rule, d.signals) for d in desk.rows(Double)]
    desk.undo()
    place = ("--programme", "Cash 2025", "--round", "September", "--with-doubles")
    answer = told(capsys, desk, "registrations", source, *place)
    assert (ours.taken, ours.listed, ours.waiting) == (2, answer["listed"], answer["waiting"])
    assert [(d.rule, d.signals) for d in desk.rows(Double)] == mine


@pytest.mark.parametrize("kind", ["persons", "cases"])
def test_persons_and_cases_show_the_numbers_of_the_command_line(desk, capsys, kind):
    found, source = desk.look(
        ["ref", "name", "born", "color"],
        ["1", "Иванова Анна", "1987", "x"], ["1", "Сидоров Олег", "1990", "x"],
        ["3", "", "1990", ""], ["4", "Белова Нина", "31.02.1990", ""],
        kind=kind,
    )  # fmt: skip
    agree(found, told(capsys, desk, kind, source, "--dry-run"))
    assert desk.take(found).taken == 1


def test_receipts_show_the_numbers_and_differences_of_the_command_line(desk, capsys):
    desk.sent()
    found, source = desk.look(
        ["Карта", "Сумма", "Дата", "Статус"],
        ["2200 0001", "12 000,00", "10.09.2025", "выплачено"],
        ["22000002", "8000", "2025-09-10", "paid"], ["22000009", "5", "", "paid"],
        ["2200 0001", "12000", "", ""],
        kind="receipts",
    )  # fmt: skip
    assert found.unanswered == 1
    place = ("--round", "September")
    agree(found, told(capsys, desk, "receipts", source, *place, "--dry-run"))
    shown = [(one.row, one.reason) for one in found.lines if one.state is State.DIFFERENCE]
    answer = told(capsys, desk, "receipts", source, *place)
    assert shown == [(one["row"], one["difference"]) for one in answer["differences"]]
    assert shown == [(3, "Paid another amount than was sent.")]


# ------------------------------------------------------------------------------------- the columns


def test_columns_are_guessed_with_their_first_values(desk):
    source = desk.table(["Имя", "Household-Code", "household code", ""], ["Анна", "a", "b"])
    opened = preview.open_table(Progress(), desk.store, "registrations", source, "")
    assert opened.table.columns == ("Имя", "Household-Code", "household code (2)")
    assert opened.fields == ("full_name", "household_code", "")
    assert opened.samples == (("Анна",), ("a",), ("b",))


@pytest.mark.parametrize(
    ("kind", "fields", "words", "at"),
    [
        ("persons", ("full_name", "full_name"), "A and B are both the field Whole name", 1),
        ("persons", ("phone", ""), "holds the name", -1),
        ("receipts", ("amount", ""), "card number", -1),
        ("receipts", ("card_number", "amount"), "", -1),
    ],
)
def test_what_is_wrong_with_columns_is_said_before_the_rows(kind, fields, words, at):
    said, place = preview.complaint(kind, ("A", "B"), fields)
    assert words in said
    assert bool(said) is bool(words)
    assert place == at


def test_kept_columns_come_back_for_the_next_such_table(desk):
    mapping = {"who": "full_name", "paper": "document"}
    desk.do(importing.keep_mapping, "registrations", ("who", "paper"), mapping)
    source = desk.table(["Who", "paper "], ["Иванова Анна", "4510 1"])
    opened = preview.open_table(Progress(), desk.store, "registrations", source, "")
    assert (opened.kept, opened.fields) == (True, ("full_name", "document"))


def test_doubled_column_is_refused_while_it_is_read(desk):
    source = desk.table(["ФИО", "Сумма", "сумма"], ["Иванова Анна", "1", "2"])
    with pytest.raises(Refused, match="is there twice"):
        preview.open_table(Progress(), desk.store, "registrations", source, "")


def test_reading_that_is_stopped_ends_its_process(desk, monkeypatch):
    source = desk.table(HEAD, ANNA)
    progress = Progress()
    started = []

    def begun(child):
        progress.cancelled = True
        started.append(child)
        return start(child)

    process = apart.multiprocessing.get_context("spawn").Process
    start = process.start
    monkeypatch.setattr(process, "start", begun)
    with pytest.raises(Cancelled):
        apart.read_apart(source, stop=lambda: progress.cancelled)
    assert len(started) == 1


def test_a_job_that_was_stopped_looks_at_nothing(desk):
    progress = Progress()
    progress.cancelled = True
    with pytest.raises(Cancelled):
        preview.open_table(progress, desk.store, "persons", desk.table(HEAD, ANNA), "")


# ------------------------------------------------------------------------------------- deciding


def test_same_household_is_registered_and_not_made_again(desk):
    vouchers = {"name": "Pharmacy", "modality": "pharmacy_voucher", "starts_on": "2025-01-01"}
    desk.take(desk.look(HEAD, ANNA)[0])
    desk.programme = desk.do(rules.add_programme, ProgrammeDraft.checked(vouchers)).id
    found, _source = desk.look(HEAD, ANNA, OLEG)
    assert states(found) == {2: State.DOUBLE, 3: State.TAKEN}
    choices = {2: Choice(What.SAME, "H-000001")}
    assert (deciding.taken(found, {}), deciding.taken(found, choices)) == (1, 2)
    assert desk.take(found, choices).taken == 2
    assert [row.household_id for row in desk.rows(Registration)] == [1, 1, 2]
    assert len(desk.rows(Household)) == 2


def test_same_household_in_the_same_programme_stays_as_it_is(desk):
    desk.take(desk.look(HEAD, ANNA)[0])
    found, _source = desk.look(HEAD, AGAIN, OLEG)
    choices = {2: Choice(What.SAME, "H-000001")}
    assert deciding.taken(found, choices) == 1
    assert desk.take(found, choices).taken == 1
    assert len(desk.rows(Registration)) == 2


def test_two_rows_of_the_same_household_register_it_once(desk):
    desk.take(desk.look(HEAD, ANNA)[0])
    draft = {"name": "Pharmacy", "modality": "pharmacy_voucher", "starts_on": "2025-01-01"}
    desk.programme = desk.do(rules.add_programme, ProgrammeDraft.checked(draft)).id
    found, _source = desk.look(HEAD, ANNA, AGAIN)
    choices = {row: Choice(What.SAME, "H-000001") for row in (2, 3)}
    assert deciding.taken(found, choices) == 1
    assert desk.take(found, choices).taken == 1


def test_another_household_comes_in_and_waits_for_a_decision(desk):
    desk.take(desk.look(HEAD, ANNA)[0])
    found, _source = desk.look([*HEAD, "Сумма"], [*AGAIN, "5"], into_round=True)
    done = desk.take(found, {2: Choice(What.NEW)})
    assert (done.taken, done.listed, done.waiting) == (1, 0, 1)
    assert len(desk.rows(Double)) == 1


@pytest.mark.parametrize("kind", ["registrations", "persons", "cases"])
def test_any_row_can_be_left_out(desk, kind):
    found, _source = desk.look(["name", "ref"], ["Иванова Анна", "1"], ["Белова Нина", "2"],
                               kind=kind)  # fmt: skip
    out = {3: Choice(What.OUT)}
    assert deciding.taken(found, out) == 1
    assert desk.take(found, out).taken == 1
    records = {"registrations": Registration, "cases": TracingCase}.get(kind)
    assert records is None or len(desk.rows(records)) == 1


def test_rows_of_one_household_are_decided_together(desk):
    desk.take(desk.look(HEAD, ANNA)[0])
    found, _source = desk.look(
        ["household", "name", "born", "document"],
        ["A7", ANNA[0], "1987-03-09", ANNA[3]], ["A7", "Иванов Пётр", "2010", ""],
    )  # fmt: skip
    assert states(found) == {2: State.DOUBLE, 3: State.DOUBLE}
    assert found.lines[1].reason == "Of the same household as row 2."
    assert deciding.taken(found, {2: Choice(What.NEW)}) == 2
    assert desk.take(found, {2: Choice(What.NEW)}).taken == 2


def test_who_became_a_double_since_the_look_stays_out_and_is_told(desk):
    desk.take(desk.look(HEAD, NINA)[0])
    found, _source = desk.look(HEAD, ["Belova Nina", "1980", "", "", "", ""], ANNA, OLEG)
    choices = {2: Choice(What.NEW)}
    assert states(found)[2] is State.DOUBLE
    desk.take(desk.look(HEAD, ANNA)[0])
    done = desk.take(found, choices)
    assert (done.taken, done.late) == (2, 1)
    assert len(desk.rows(Registration)) == 4


def test_the_whole_of_a_decided_import_is_undone_at_once(desk):
    desk.take(desk.look(HEAD, NINA)[0])
    before = len(desk.rows(Registration)), len(desk.rows(Household)), len(desk.rows(Double))
    found, _source = desk.look(HEAD, ["Belova Nina", "1980", "", "", "", ""], ANNA)
    order = taking.order(found, {2: Choice(What.NEW)})
    _done, changes = desk.store.write(order.act, order.what, actor="anna")
    desk.do(journal.undo, changes.entry)
    assert before == (
        len(desk.rows(Registration)), len(desk.rows(Household)), len(desk.rows(Double))
    )  # fmt: skip
    assert desk.store.check() == []


def test_corrected_cells_count_in_place_of_what_was_sent(desk):
    lines = (["name", "born"], ["Иванова Анна", "31.02.1990"], ["", "1990"])
    found, source = desk.look(*lines)
    assert states(found) == {2: State.REFUSED, 3: State.REFUSED}
    found, _source = desk.look(source=source, corrections={(2, 1): "28.02.1990"})
    assert states(found) == {2: State.TAKEN, 3: State.REFUSED}
    assert desk.take(found).taken == 1


# ------------------------------------------------------------------------------------- a provider


def test_every_difference_is_foreseen_as_it_will_be_noted(desk):
    desk.sent()
    first, second, third = (line.id for line in desk.rows(Entitlement))
    desk.do(rounds.hand_over, [first], Collected())
    lines = (["card", "amount", "status", "message"],
             ["22000001", "12000", "paid", ""], ["22000002", "8000", "paid", ""],
             ["22000003", "", "failed", "No such card"])  # fmt: skip
    found, _source = desk.look(*lines, kind="receipts")
    foreseen = {line.row: line.reason for line in found.lines}
    with desk.store.read() as session:
        plan = receipts.plan(session, *_table(desk, lines), desk.round)
    noted = desk.do(receipts.take_in, plan)
    assert foreseen == {item.row: item.text for item in noted}
    assert foreseen[2] == "Received in another way already."
    assert foreseen[4] == "No such card"
    assert [found.lines[1].who, found.lines[1].detail] == [
        "H-000002 Сидоров Олег Ильич",
        "Sent 9,000\u00a0RUB, paid 8,000\u00a0RUB.",
    ]
    assert (first, second, third) == (1, 2, 3)


def _table(desk, lines):
    from casedesk.exchange.reading import read_table

    return (read_table(desk.table(*lines)),)


def test_payment_for_a_stopped_line_is_foreseen(desk):
    desk.sent()
    (line,) = [line for line in desk.rows(Entitlement) if line.id == 2]
    desk.do(rounds.stop_lines, [line.id], "Moved away")
    lines = (["card", "amount"], ["22000002", "9000"])
    found, _source = desk.look(*lines, kind="receipts")
    assert found.lines[0].reason == "Paid, though the line was stopped."
    desk.take(found)
    assert desk.rows(ProviderLine)[1].difference == found.lines[0].reason


def test_answer_that_is_left_out_keeps_waiting(desk):
    desk.sent()
    lines = (["card", "amount"], ["22000001", "12000"], ["22000002", "8000"])
    found, _source = desk.look(*lines, kind="receipts")
    desk.take(found, {3: Choice(What.OUT)})
    assert len(desk.rows(Receipt)) == 1
    kept = [line.status for line in desk.rows(Entitlement)]
    assert kept.count(EntitlementStatus.PLANNED) == 2


# ------------------------------------------------------------------------------------- what is kept


def test_work_is_kept_whole_and_nonsense_is_no_work():
    work = Work("receipts", "/a/b.xlsx", "List", 3, 4, {"Who": "full_name"})
    work.choices[7] = Choice(What.SAME, "H-000001")
    work.corrections[8, 2] = "Петрова"
    work.stamp, work.looked = (10, 20), True
    assert work_of(work.text()) == work
    for text in ("", "{}", "[1]", '{"stamp": [1, 2]}', work.text().replace("same", "none")):
        assert work_of(text) is None


def test_rows_are_saved_without_a_name_and_without_formulas(desk, tmp_path):
    out = tmp_path / "rows.csv"
    rows = [(2, "Refused", "=SUM(A1)", "The row has no name.")]
    assert saving.save_rows(Progress(), rows, out) == 1
    text = out.read_text("utf-8-sig")
    assert text.splitlines()[1] == "2;Refused;'=SUM(A1);The row has no name."
    with pytest.raises(ReadOnly):
        saving.save_rows(Progress(), rows, tmp_path / "none" / "rows.csv")


def test_every_field_and_kind_has_words(desk):
    from casedesk.exchange import wording

    assert set(wording.KINDS) == set(importing.KINDS)
    for kind in importing.KINDS:
        names = [name for name, _words in wording.field_choices(kind)]
        assert names == ["", *importing.FIELDS[kind]]
        words = [words for _name, words in wording.field_choices(kind)]
        assert len(words) == len(set(words))
        assert not set(words) & set(importing.FIELDS[kind])
    language.use("en")
