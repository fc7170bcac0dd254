"""The distribution sheet: who signs where, totals that agree, and nothing that harms anybody."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import io
import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlmodel import select

import casedesk.reports.handed_out  # noqa: F401  (maps its table)
from casedesk import catalog
from casedesk.assistance import rounds, rules
from casedesk.assistance.records import (
    Entitlement,
    HouseholdDraft,
    HouseholdMemberDraft,
    Modality,
    ProgrammeDraft,
    RegistrationDraft,
    RegistrationStatus,
    RoundDraft,
    SiteDraft,
)
from casedesk.cli import main
from casedesk.kernel import clock
from casedesk.kernel.errors import NotFound, Refused
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson
from casedesk.reports import distribution
from casedesk.reports.handed_out import HandedOut

DAY = dt.date(2025, 9, 1)
FAMILIES = (
    *("Абрамова", "Бондаренко", "Васильева", "Гриценко", "Данилова", "Ермаков", "Жукова"),
    *("Зайцев", "Иващенко", "Кузнецова", "Лебедева", "Марченко", "Назарова", "Орлова"),
    *("Петренко", "Романенко", "Савченко", "Тарасова", "Ульянова", "Федоренко", "Харченко"),
    *("Цветкова", "Черненко", "Шевчук", "Щербак", "Эйдман", "Юрченко", "Яременко", "Їжак"),
)


class World:
    """A programme of cash, a round with two points, and a household for each family name."""

    def __init__(self, store, families=FAMILIES, second=0):
        """The first ``second`` households come to the second point."""
        self.store = store
        draft = ProgrammeDraft(name="Cash <2025> & more", modality=Modality.CASH, starts_on=DAY)
        self.programme = self.do(rules.add_programme, draft).id
        values = {"first_day": DAY, "last_day": DAY + dt.timedelta(days=20), "opened_on": DAY}
        sites = (SiteDraft(name="School 4", team="A. Tereshko"), SiteDraft(name="Town hall"))
        round_draft = RoundDraft(programme_id=self.programme, name="September", **values)
        self.round = self.do(rounds.open_round, round_draft, sites).id
        with store.read() as session:
            names = ("School 4", "town HALL")
            here = [distribution.find_site(session, self.round, name) for name in names]
        self.lines = {}
        for at, family in enumerate(families):
            self.lines[family] = self.add(at, family, here[at < second])

    def do(self, act, *args, actor="anna", **options):
        return self.store.write(act, *args, actor=actor, **options)[0]

    def add(self, at, family, site):
        name = PersonNameDraft(family=family, given="Ірина" if at % 2 else "Олег")
        children = [PersonNameDraft(family=family, given=child) for child in ("Юлія", "Марко")]
        people = [NewPerson(PersonDraft(), (one,)) for one in (name, *children[: at % 3])]
        members = tuple(
            rules.NewMember(person, HouseholdMemberDraft(head=n == 0))
            for n, person in enumerate(people)
        )
        draft = RegistrationDraft(
            programme_id=self.programme,
            registered_on=DAY,
            consent=True,
            card_number=f"4471 0000 00{at:02} {1000 + 37 * at}",
        )
        home = rules.NewHousehold(HouseholdDraft(place=f"Place {at}"), members)
        made = self.do(rules.register, draft, home).registration.id
        for status in (RegistrationStatus.VALIDATED, RegistrationStatus.INCLUDED):
            self.do(rules.change_status, [made], status, DAY)
        planned = rounds.Planned(made, amount=1_500_050, site_id=site)
        return self.do(rounds.plan, self.round, [planned])[0].id

    def begin(self):
        self.do(rounds.lock_round, self.round)
        self.do(rounds.approve_round, self.round)
        self.do(rounds.approve_round, self.round, actor="boris")
        self.do(rounds.start_round, self.round)

    def pages(self, lang="en", **options):
        """Read the sheet page by page, each as one line of words."""
        reader = PdfReader(io.BytesIO(self.sheet(lang, **options).data))
        return [" ".join(page.extract_text().split()) for page in reader.pages]

    def sheet(self, lang="en", **options):
        with self.store.read() as session:
            return distribution.sheet(session, self.round, lang, **options)


def made_once(template, folder, **options):
    """Make a world in a file of its own; each test opens a copy."""
    path = Path(shutil.copy(template, folder / "world.cdk"))
    with clock.frozen(dt.date(2025, 9, 11)), catalog.open_store(path, None) as store:
        return World(store, **options)


def opened(world, tmp_path):
    """Give a world over a copy of its file."""
    path = Path(shutil.copy(world.store.path, tmp_path / "world.cdk"))
    with catalog.open_store(path, None) as store:
        twin = copy.copy(world)
        twin.store = store
        yield twin


@pytest.fixture(scope="module")
def world_once(template, tmp_path_factory):
    return made_once(template, tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def few_once(template, tmp_path_factory):
    return made_once(template, tmp_path_factory.mktemp("few"), families=FAMILIES[:6], second=2)


@pytest.fixture
def world(world_once, tmp_path):
    yield from opened(world_once, tmp_path)


@pytest.fixture
def few(few_once, tmp_path):
    yield from opened(few_once, tmp_path)


def test_page_has_25_lines_and_carries_its_totals(world):
    first, second = world.pages()
    assert "25 H-" in first
    assert "26 H-" not in first
    assert "26 H-" in second
    size = {family: 1 + at % 3 for at, family in enumerate(FAMILIES)}
    last = [family for family in FAMILIES if family in second]
    here, there = sum(size.values()) - sum(map(size.get, last)), sum(map(size.get, last))
    assert len(last) == 4
    assert f"Lines: 25 This page {here} 25 375,012.50 Signed: ____ of 25" in first
    assert f"Lines: 4 This page {there} 4 60,002 Signed: ____ of 4" in second
    assert f"Lines: 29 The whole list {here + there} 29 435,014.50" in second


def test_each_page_repeats_its_head_and_says_where_it_stands(world):
    for number, page in enumerate(world.pages(), start=1):
        assert f"list 1 of 1, page {number} of 2" in page
        assert f"{number} / 2" in page
        for head in ("Household", "Persons", "Amount, RUB", "Signature, or who collects"):
            assert head in page
        assert "School 4" in page
        assert "A. Tereshko" in page


def test_names_stand_in_both_scripts_in_the_order_of_the_language(world):
    english, russian = " ".join(world.pages()), " ".join(world.pages("ru"))
    for text in (english, russian):
        assert "Харченко" in text
        assert "Kharchenko" in text
    # Ї follows И in the alphabet, and stands at the end of none
    assert russian.index("Иващенко") < russian.index("Їжак") < russian.index("Кузнецова")
    assert "435 014,50" in russian.replace("\u00a0", " ")
    assert "Ведомость выдачи" in russian


def test_card_is_told_by_its_last_four_signs(world):
    data = world.sheet().data
    text = " ".join(world.pages())
    assert "… 1037" in text
    assert "44710000" not in text.replace(" ", "")
    assert b"44710000" not in data


def test_each_point_has_its_own_list(few):
    assert few.sheet().pages == 2
    both, hall = few.pages(), few.pages(site_id=2)
    assert "list 1 of 2, page 1 of 1" in both[0]
    assert "list 2 of 2, page 1 of 1" in both[1]
    assert "Абрамова" in both[1]
    assert "Абрамова" not in both[0]
    assert len(hall) == 1
    assert "Lines: 2 The whole list" in hall[0]


def test_same_lists_give_the_same_bytes(few):
    assert few.sheet().data == few.sheet().data
    assert few.sheet("ru").data == few.sheet("ru").data


def test_who_has_received_or_is_not_to_be_served_cannot_sign(few):
    assert "not approved yet" in few.pages()[0]
    few.begin()
    few.do(rounds.hand_over, [few.lines["Васильева"]], rounds.Collected(DAY))
    few.do(rounds.hand_over, [few.lines["Гриценко"]], rounds.Collected(DAY))
    few.do(rounds.cancel_receipt, few.lines["Гриценко"], "Wrong line")
    few.do(rounds.stop_lines, [few.lines["Данилова"]], "Moved away")
    with few.store.read() as session:
        last = session.get_one(Entitlement, few.lines["Ермаков"]).registration_id
    few.do(rules.change_status, [last], RegistrationStatus.PAUSED, DAY)
    page = few.pages()[0]
    assert "not approved yet" not in page
    assert page.count("Received 1 Sept 2025") == 1
    assert page.index("Гриценко") < page.index("Васильева") < page.index("Received 1 Sept 2025")
    assert page.index("Ермаков") < page.index("Not yet: paused") < page.index("Васильева")
    assert "Данилова" not in page
    assert "Lines: 3 The whole list" in page


def test_text_of_the_file_is_text_on_paper(few):
    assert "Cash <2025> & more" in few.pages()[0]


def test_list_of_nobody_is_refused(store):
    empty = World(store, ())
    with pytest.raises(Refused, match="nothing to sign"):
        empty.sheet()


def test_round_is_found_by_number_and_name(few):
    with few.store.read() as session:
        for asked in (str(few.round), "september", "Cash <2025> & more: September"):
            assert distribution.find_round(session, asked) == few.round
        with pytest.raises(NotFound, match="no round"):
            distribution.find_round(session, "October")
        with pytest.raises(NotFound, match="It has: School 4, Town hall"):
            distribution.find_site(session, few.round, "Harbour")
    values = {"first_day": DAY, "last_day": DAY, "opened_on": DAY}
    draft = RoundDraft(programme_id=few.programme, name="September", **values)
    other = few.do(rounds.open_round, draft).id
    with few.store.read() as session, pytest.raises(Refused, match=f"{few.round}, {other}"):
        distribution.find_round(session, "September")


def test_command_writes_the_sheet_and_notes_who_took_it(few, tmp_path, capsys):
    out = tmp_path / "list.pdf"
    command = ["sheet", str(few.store.path), "distribution", "--out", str(out)]
    assert main([*command, "--round", "September", "--site", "Town hall"]) == 0
    assert len(PdfReader(out).pages) == 1
    given = ["--to", "Local branch", "--why", "Handing over on 12 September"]
    assert main([*command, "--round", str(few.round), *given]) == 0
    with few.store.read() as session:
        (kept,) = session.exec(select(HandedOut)).all()
    assert (kept.sheet, kept.number, kept.to_whom) == ("distribution", str(few.round), given[1])
    assert kept.pages == 2
    assert kept.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert main([*command, "--round", "Nowhere"]) == 3
    assert "There is no round" in capsys.readouterr().err
    for wrong in ([], ["--round", "September", "--to", "Somebody"]):
        with pytest.raises(SystemExit) as stopped:
            main([*command, *wrong])
        assert stopped.value.code == 2
