"""Invented assistance of 2022 to 2025: households, programmes, rounds and receipts.

The numbers of persons follow the published figures, so that each comes out as published at scale
1; large programmes scale, trainings and grants are whole at every scale. Heads of households
are full persons with names, document and telephone; the others of a household are persons with
sex and birth alone, since figures count persons and lists name heads.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.assistance import rules
from casedesk.assistance.figures import KURSK
from casedesk.assistance.records import (
    Double,
    Entitlement,
    EntitlementDraft,
    Household,
    HouseholdDraft,
    HouseholdMember,
    HouseholdMemberDraft,
    Modality,
    Programme,
    Receipt,
    Registration,
    RegistrationDraft,
    RegistrationLife,
    RegistrationStatus,
    Round,
    RoundLife,
    RoundStatus,
    Site,
    Stage,
)
from casedesk.illustrative.cases import OFFICERS, TRIAL_DAY
from casedesk.illustrative.people import PLACES, People
from casedesk.kernel import clock
from casedesk.kernel import status as kernel_status
from casedesk.kernel.acts import act
from casedesk.kernel.language import N_
from casedesk.kernel.store import Store, insert_rows
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft, OrganisationKind
from casedesk.people.records import (
    Contact,
    ContactDraft,
    NameKind,
    NameToken,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
    Script,
)
from casedesk.people.rules import NewPerson

Row = dict[str, Any]
ACTOR = "illustrative data"
_CHUNK = 25_000
_SIZES = ((1, 26), (2, 27), (3, 23), (4, 15), (5, 9))
_STREETS = ("Лугова", "Шкільна", "Набережная", "Садовая", "Парковая", "Степная", "Польова", "Мира")
_NEEDS = ("", "", "", "Over 70", "Disability", "Children", "Pregnant", "Chronic illness")
_SITES = ("School 4", "Town hall", "Mobile team")
_RUB, _BYN = 100, 100
CASH = 15_000 * _RUB
"""What a person of a household is given in one round of cash, in hundredths."""


@dataclass(frozen=True)
class _Home:
    """A household as it is drawn: its persons, head first, and those of grades 1 to 4."""

    id: int
    persons: tuple[int, ...]
    pupils: tuple[int, ...]
    latin: tuple[str, str]
    born: dt.date


@dataclass(frozen=True)
class _Programme:
    """What the rows of a programme take from it."""

    id: int
    currency: str
    per_person: bool
    completed_on: dt.date | None


class _Book:
    """Draws rows with ids of their own and writes them in portions, parents first."""

    def __init__(self, store: Store, seed: int, people: People) -> None:
        """Begin with empty tables; the persons go on where `people` stands."""
        self._store, self._people = store, people
        self._rng = random.Random(f"assistance {seed}")
        self._rows: dict[type[Any], list[Row]] = {}
        self._ids: dict[type[Any], int] = {}
        self._registered: dict[tuple[int, int], int] = {}
        self._others = 0
        self._sizes = list(itertools.accumulate(weight for _size, weight in _SIZES))

    def write(self) -> None:
        """Write what was drawn so far."""
        self._store.write(fill, self._rows, actor=ACTOR, bulk=True)
        self._rows = {}

    def _add(self, cls: type[Any], numbered: bool = True, **values: Any) -> int:
        row: Row = {"revision": 0, **values}
        if numbered:
            self._ids[cls] = row["id"] = self._ids.get(cls, 0) + 1
        self._rows.setdefault(cls, []).append(row)
        return int(row.get("id", 0))

    def homes(self, persons: int, language: str = "ru") -> list[_Home]:
        """Draw households of exactly so many persons together."""
        drawn = []
        while persons > 0:
            size = self._rng.choices([s for s, _w in _SIZES], cum_weights=self._sizes)[0]
            drawn.append(self._home(min(size, persons), language))
            persons -= size
        return drawn

    def singles(self, count: int, language: str = "ru") -> list[_Home]:
        """Draw households of one."""
        return [self._home(1, language) for _ in range(count)]

    def _home(self, size: int, language: str) -> _Home:
        rng = self._rng
        head = self._people.person("f" if rng.random() < 0.7 else "m")
        person = head.rows["person"][0]
        for cls, name in ((Person, "person"), (PersonName, "name")):
            self._rows.setdefault(cls, []).extend(head.rows[name])
        self._rows.setdefault(NameToken, []).extend(head.rows["token"])
        phone = f"+79{rng.randrange(10**9):09}"
        values = {"person_id": head.id, "kind": "phone", "typed": phone, "e164": phone}
        self._add(Contact, numbered=False, safe=True, **values)
        place = rng.choice(PLACES[language])
        home = self._add(
            Household,
            code=f"H-{self._ids.get(Household, 0) + 1:06}",
            place=place,
            address=f"{rng.choice(_STREETS)} {rng.randrange(1, 180)}",
            need=rng.choice(_NEEDS),
            note="",
            merged_into_id=None,
        )
        self._member(home, head.id, f"45{home % 100:02} {100_000 + home}")
        persons, pupils = [head.id], []
        for _ in range(size - 1):
            who, pupil = self._other(head.language)
            persons.append(who)
            pupils += [who] if pupil else []
            self._member(home, who, None)
        passport = next(n for n in head.rows["name"] if n["script"] == "latin")
        latin = (passport["family"], passport["given"])
        return _Home(home, tuple(persons), tuple(pupils), latin, person["born_first"])

    def _other(self, language: str) -> tuple[int, bool]:
        """Draw somebody of a household without a name; every fourth is of grades 1 to 4."""
        del language
        self._others += 1
        pupil = self._others % 4 == 0
        other = self._people.person(self._rng.choice("fm"))
        row = other.rows["person"][0]
        if pupil or self._rng.random() < 0.3:
            first = dt.date(2014, 1, 1) if pupil else dt.date(2005, 1, 1)
            span = 3 * 365 if pupil else 17 * 365
            day = first + dt.timedelta(days=self._rng.randrange(span))
            row["born_first"] = row["born_last"] = day
        self._rows.setdefault(Person, []).append(row)
        return other.id, pupil

    def _member(self, home: int, person: int, document: str | None) -> None:
        self._add(
            HouseholdMember,
            numbered=False,
            household_id=home,
            person_id=person,
            head=document is not None,
            relation="",
            document=document or "",
            document_key=(document or "").replace(" ", ""),
            since=None,
            until=None,
        )

    def programme(
        self,
        name: str,
        modality: Modality,
        starts: str,
        ends: str | None,
        partner: int,
        **more: Any,
    ) -> _Programme:
        """Begin a programme; one that has ended has completed registrations."""
        values: Row = {
            "per": "household", "country": "ru", "area": "", "target": "displaced",
            "response": "", "pilot": False, "donor": "Example Fund", "currency": "RUB",
            "ceiling": None, **more,
        }  # fmt: skip
        last = dt.date.fromisoformat(ends) if ends else None
        made = self._add(
            Programme,
            name=name,
            modality=modality.value,
            partner_id=partner,
            starts_on=dt.date.fromisoformat(starts),
            ends_on=last,
            **values,
        )
        over = last if last is not None and last < TRIAL_DAY else None
        return _Programme(made, values["currency"], values["per"] == "person", over)

    def _registration(self, programme: _Programme, home: _Home, on: dt.date) -> int:
        known = self._registered.get((programme.id, home.id))
        if known is not None:
            return known
        end = programme.completed_on
        made = self._add(
            Registration,
            programme_id=programme.id,
            household_id=home.id,
            status="completed" if end else "included",
            registered_on=on,
            criteria="",
            consent=True,
            card_number="",
            external_ref=None,
        )
        self._registered[programme.id, home.id] = made
        turns = [("included", on), *([("completed", end)] if end else [])]
        self._life(RegistrationLife, "registration_id", made, turns)
        return made

    def _life(
        self, cls: type[Any], column: str, subject: int, turns: list[tuple[str, dt.date]]
    ) -> None:
        """Write a life as it was learnt: each status until further notice, then what came."""

        def row(
            status: str, first: dt.date, end: dt.date | None, known: dt.date, until: dt.date | None
        ) -> None:
            self._add(
                cls,
                numbered=False,
                status=status,
                valid_from=first,
                valid_to=end,
                known_from=known,
                known_to=until,
                **{column: subject},
            )

        for (status, first), (_next, end) in itertools.pairwise(turns):
            if first != end:
                row(status, first, None, first, end)
                row(status, first, end, end, None)
        status, first = turns[-1]
        row(status, first, None, first, None)

    def round(
        self,
        programme: _Programme,
        name: str,
        first: str,
        last: str,
        homes: Iterable[_Home],
        amount: int,
        *,
        status: str = "closed",
        whom: Callable[[_Home], Iterable[int]] = lambda home: home.persons,
        received: float = 1.0,
        cards: bool = False,
        quantity: int = 1,
    ) -> int:
        """Draw a round: an amount for each person of a household, a line for each or for all."""
        rng = self._rng
        opens, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        opened = opens - dt.timedelta(days=14)
        officers = rng.sample(OFFICERS, 3)
        made = self._round_row(programme, name, opens, ends, opened, status, officers)
        sites = [
            self._add(
                Site, round_id=made, name=site, address="", team="", first_day=None, last_day=None
            )
            for site in _SITES
        ]
        today = min(ends, TRIAL_DAY - dt.timedelta(days=1))
        days = max(1, (today - opens).days + 1)
        for home in homes:
            registration = self._registration(programme, home, opened)
            site = sites[home.id % len(sites)]
            lines = [(who, amount) for who in whom(home)] if programme.per_person else [
                (None, amount * len(home.persons))
            ]  # fmt: skip
            came = rng.random() < received
            on = opens + dt.timedelta(days=rng.randrange(days))
            for who, paid in lines:
                card = f"4471{self._ids.get(Entitlement, 0) + 1:010}" if cards else ""
                line = self._add(
                    Entitlement,
                    round_id=made,
                    registration_id=registration,
                    person_id=who,
                    site_id=site,
                    status="received" if came else "planned",
                    quantity=quantity,
                    amount=paid,
                    currency=programme.currency,
                    card_number=card,
                    reason="",
                )
                if came:
                    receiver = who or home.persons[0]
                    self._receipts(line, programme, on, quantity, paid, receiver, sites.index(site))
            if sum(len(rows) for rows in self._rows.values()) > _CHUNK * 4:
                self.write()
        return made

    def _round_row(
        self, programme: _Programme, name: str, opens: dt.date, ends: dt.date,
        opened: dt.date, status: str, officers: list[str],
    ) -> int:  # fmt: skip
        approved = opens - dt.timedelta(days=3)
        begun = status in ("under_way", "reconciled", "closed")
        made = self._add(
            Round,
            programme_id=programme.id,
            name=name,
            status=status,
            first_day=opens,
            last_day=ends,
            opened_on=opened,
            locked_by=officers[0] if status != "open" else "",
            first_approver=officers[1] if begun else "",
            second_approver=officers[2] if begun else "",
            approved_on=approved if begun else None,
        )
        turns = [("open", opened)]
        if status != "open":
            turns.append(("locked", approved - dt.timedelta(days=2)))
        if begun:
            turns += [("approved", approved), ("under_way", opens)]
        if status == "closed":
            turns += [
                ("reconciled", ends + dt.timedelta(days=3)),
                ("closed", ends + dt.timedelta(days=10)),
            ]
        self._life(RoundLife, "round_id", made, turns)
        return made

    def _receipts(
        self, line: int, programme: _Programme, on: dt.date, quantity: int, amount: int,
        receiver: int, site: int,
    ) -> None:  # fmt: skip
        """Note a receipt; now and then it was cancelled and given again on the same day."""
        again = line % 400 == 0
        kinds = ("given", "cancelled", "given") if again else ("given",)
        for sequence, kind in enumerate(kinds, start=1):
            self._add(
                Receipt,
                entitlement_id=line,
                sequence=sequence,
                kind=kind,
                on_date=on,
                noted_on=on,
                quantity=quantity,
                amount=amount,
                currency=programme.currency,
                via="table",
                collected_by_id=receiver,
                proxy="",
                place=_SITES[site],
                noted_by=self._rng.choice(OFFICERS),
                reason="Wrong line, noted at once" if kind == "cancelled" else "",
            )


def fill_assistance(
    store: Store,
    scale: float,
    seed: int,
    people: People,
    progress: Callable[[str], None] = lambda _text: None,
) -> None:
    """Add the assistance of 2022 to 2025; the last to invent persons, after the cases."""
    rrc, brc = _partners(store)
    book = _Book(store, seed, people)
    _cash(book, scale, rrc, progress)
    _kursk_and_schools(book, scale, rrc)
    progress("assistance: Kursk region and schools")
    _belarus(book, scale, brc)
    _livelihoods(book, rrc, brc)
    _goods(book, scale, rrc)
    book.write()
    with clock.frozen(TRIAL_DAY):
        store.write(plant, actor=ACTOR)
    progress("assistance: programmes, rounds and receipts")


def _partners(store: Store) -> tuple[int, int]:
    made = []
    for name, latin, country in (
        ("Российский Красный Крест", "Russian Red Cross", "Russia"),
        ("Белорусский Красный Крест", "Belarus Red Cross", "Belarus"),
    ):
        with store.read() as session:
            known = [p for p in partners.find(session, latin) if p.latin_name == latin]
        if known:
            made.append(known[0].id or 0)
            continue
        draft = OrganisationDraft(
            name=name, latin_name=latin, country=country, kind=OrganisationKind.NATIONAL_SOCIETY
        )
        organisation, _changes = store.write(partners.add_organisation, draft, actor=ACTOR)
        made.append(organisation.id or 0)
    return made[0], made[1]


def _cash(book: _Book, scale: float, partner: int, progress: Callable[[str], None]) -> None:
    """Draw cash in Russia: families that are helped in one year are often helped in the next.

    Figures are unions of stretches of one row of families: 14,538 persons in 2024, 11,874 from
    May to August 2025; a thousand million rubles are reached in June 2025.
    """

    def at(place: int) -> int:
        return round(place * scale)

    in_2024 = (at(8_000), at(8_000) + round(14_538 * scale))
    in_summer = (at(16_000), at(16_000) + round(11_874 * scale))
    stretches = {
        "2022": (0, at(9_000)),
        "2023": (at(4_000), at(15_000)),
        "spring 2024": (in_2024[0], at(16_000)),
        "autumn 2024": (at(14_000), in_2024[1]),
        "February 2025": (at(18_000), at(24_000)),
        "June 2025": (in_summer[0], at(25_000)),
        "August 2025": (at(23_000), in_summer[1]),
        "December 2025": (at(20_000), at(24_000)),
    }
    cuts = sorted({cut for stretch in stretches.values() for cut in stretch})
    families: list[tuple[int, _Home]] = []
    for place, end in itertools.pairwise(cuts):
        for home in book.homes(end - place):
            families.append((place, home))
            place += len(home.persons)

    def of(key: str) -> list[_Home]:
        begin, end = stretches[key]
        return [home for place, home in families if begin <= place < end]

    years = {
        year: book.programme(
            f"Cash for displaced families {year}",
            Modality.CASH,
            f"{year}-{'03' if year == 2022 else '01'}-01",
            f"{year}-12-31" if year < 2025 else "2026-06-30",
            partner,
            area="Belgorod, Kursk, Rostov-on-Don and Voronezh regions",
        )
        for year in (2022, 2023, 2024, 2025)
    }
    for year, key, name, first, last in (
        (2022, "2022", "Autumn 2022", "2022-09-05", "2022-10-02"),
        (2022, "2022", "Winter 2022", "2022-11-28", "2022-12-18"),
        (2023, "2023", "Spring 2023", "2023-04-10", "2023-05-07"),
        (2023, "2023", "Autumn 2023", "2023-10-02", "2023-10-29"),
        (2024, "spring 2024", "Spring 2024", "2024-03-04", "2024-03-31"),
        (2024, "autumn 2024", "Autumn 2024", "2024-09-09", "2024-10-06"),
        (2025, "February 2025", "Winter 2025", "2025-02-10", "2025-03-09"),
        (2025, "June 2025", "Summer 2025", "2025-06-02", "2025-06-29"),
        (2025, "August 2025", "Late summer 2025", "2025-08-04", "2025-08-29"),
    ):
        book.round(years[year], name, first, last, of(key), CASH)
        progress(f"assistance: {name}")
    book.round(
        years[2025],
        "December 2025",
        "2025-12-15",
        "2026-01-16",
        of("December 2025"),
        CASH,
        status="under_way",
        received=0.62,
    )


def _kursk_and_schools(book: _Book, scale: float, partner: int) -> None:
    """Draw the emergency of August 2024 and the kits of September: each person is counted once."""
    both, cards_only = round(25_000 * scale), round(31_000 * scale)
    with_voucher = book.homes(both)
    everyone = [*with_voucher, *book.homes(cards_only - both)]
    emergency = {
        "per": "person",
        "target": "emergency",
        "response": KURSK,
        "area": "Kursk region",
    }
    card = book.programme(
        "Kursk 2024: prepaid cards",
        Modality.PREPAID_CARD,
        "2024-08-12",
        "2024-12-31",
        partner,
        **emergency,
    )
    half = len(everyone) // 2
    book.round(
        card, "Cards, first list", "2024-08-26", "2024-09-29", everyone[:half], 10_000 * _RUB,
        cards=True,
    )  # fmt: skip
    book.round(
        card, "Cards, second list", "2024-10-14", "2024-11-17", everyone[half:], 10_000 * _RUB,
        cards=True,
    )  # fmt: skip
    pharmacy = book.programme(
        "Kursk 2024: pharmacy vouchers",
        Modality.PHARMACY_VOUCHER,
        "2024-08-12",
        "2024-12-31",
        partner,
        **emergency,
    )
    book.round(
        pharmacy, "Pharmacy vouchers", "2024-09-02", "2024-11-24", with_voucher, 3_000 * _RUB
    )
    wanted = round(4_218 * scale)
    pupils: dict[int, tuple[int, ...]] = {}
    for home in everyone:
        taken = home.pupils[: max(0, wanted - sum(map(len, pupils.values())))] if wanted else ()
        if taken:
            pupils[home.id] = taken
            if sum(map(len, pupils.values())) >= wanted:
                break
    families = [home for home in everyone if home.id in pupils]
    school = {"per": "person", "target": "school_children", "area": "Kursk and Belgorod regions"}
    for name, modality, amount in (
        ("School kits 2024", Modality.SCHOOL_KIT, 0),
        ("Clothes vouchers for pupils 2024", Modality.VALUE_VOUCHER, 5_000 * _RUB),
    ):
        programme = book.programme(name, modality, "2024-08-01", "2024-12-31", partner, **school)
        book.round(
            programme,
            "September 2024",
            "2024-08-26",
            "2024-09-22",
            families,
            amount,
            whom=lambda home: pupils[home.id],
        )


def _belarus(book: _Book, scale: float, partner: int) -> None:
    """Draw cash in Belarus: 2,353 persons in 2024, 1,093 from May to August 2025."""
    some = round(400 * scale)
    first = book.homes(some, "be")
    all_2024 = [*first, *book.homes(round(2_353 * scale) - some, "be")]
    all_2025 = [*first, *book.homes(round(1_093 * scale) - some, "be")]
    where = {"country": "by", "currency": "BYN", "area": "Homiel and Brest regions"}
    in_2024 = book.programme(
        "Cash in Belarus 2024", Modality.CASH, "2024-01-01", "2024-12-31", partner, **where
    )
    in_2025 = book.programme(
        "Cash in Belarus 2025", Modality.CASH, "2025-01-01", "2026-06-30", partner, **where
    )
    book.round(in_2024, "Spring 2024", "2024-04-08", "2024-05-05", all_2024, 300 * _BYN)
    book.round(in_2024, "Autumn 2024", "2024-10-07", "2024-10-27", all_2024[::2], 300 * _BYN)
    book.round(in_2025, "Summer 2025", "2025-06-09", "2025-07-06", all_2025, 300 * _BYN)
    book.round(
        in_2025,
        "January 2026",
        "2026-01-12",
        "2026-01-30",
        all_2025[::2],
        300 * _BYN,
        status="locked",
        received=0.0,
    )


def _livelihoods(book: _Book, rrc: int, brc: int) -> None:
    """Draw trainings and grants, whole at every scale: 192 and 68 trained, 31 grants."""
    person = {"per": "person", "target": "livelihood"}
    training_2024 = book.programme(
        "Vocational training 2024",
        Modality.VOCATIONAL_TRAINING,
        "2024-01-15",
        "2024-12-31",
        rrc,
        **person,
    )
    training_2025 = book.programme(
        "Vocational training 2025",
        Modality.VOCATIONAL_TRAINING,
        "2025-01-15",
        "2026-06-30",
        rrc,
        **person,
    )
    cost = 40_000 * _RUB
    trained = book.singles(192)
    book.round(training_2024, "Spring courses", "2024-02-05", "2024-05-31", trained[:90], cost)
    book.round(training_2024, "Autumn courses", "2024-09-02", "2024-12-13", trained[90:], cost)
    now = book.singles(88)
    book.round(training_2025, "Summer courses", "2025-05-05", "2025-08-22", now[:68], cost)
    book.round(training_2025, "Autumn courses", "2025-09-15", "2025-12-12", now[68:], cost)
    grants = book.programme(
        "Micro-Economic Initiatives, pilot in Russia",
        Modality.GRANT,
        "2025-03-03",
        "2026-06-30",
        rrc,
        pilot=True,
        **person,
    )
    book.round(grants, "First grants", "2025-06-16", "2025-08-22", book.singles(31), 250_000 * _RUB)
    pilot = book.programme(
        "Micro-Economic Initiatives, pilot in Belarus",
        Modality.GRANT,
        "2025-07-14",
        "2026-06-30",
        brc,
        pilot=True,
        country="by",
        currency="BYN",
        **person,
    )
    book.round(
        pilot, "First grants", "2025-10-06", "2025-11-28", book.singles(12, "be"), 8_000 * _BYN
    )


def _goods(book: _Book, scale: float, partner: int) -> None:
    """Draw parcels and food vouchers for the same families, which the rules allow."""
    homes = book.homes(round(1_200 * scale))
    parcels = book.programme(
        "Hygiene parcels 2025",
        Modality.IN_KIND_PARCEL,
        "2025-09-01",
        "2026-03-31",
        partner,
        area="Belgorod region",
    )
    food = book.programme(
        "Food vouchers 2025",
        Modality.COMMODITY_VOUCHER,
        "2025-09-01",
        "2026-03-31",
        partner,
        area="Belgorod region",
    )
    book.round(parcels, "October 2025", "2025-10-06", "2025-10-24", homes, 0)
    book.round(food, "November 2025", "2025-11-10", "2025-11-28", homes, 4_000 * _RUB)
    book.round(
        parcels, "January 2026", "2026-01-19", "2026-01-30", homes, 0, status="open", received=0.0
    )


# ------------------------------------------------------------------------------- planted doubles

PLANTED = 6
"""How many families of the round of December 2025 come to the table a second time."""


@act("illustrative.plant_doubles", N_("Add illustrative data"), undoable=False)
def plant(session: Session) -> None:
    """Let some families register again: in the other script, names swapped, a new telephone.

    The act by which everybody is registered finds them. Those of the round under way stand on its
    list, as if they had been found when it was locked.
    """
    for at, twin in enumerate(list(_twins(session))):
        parts = (twin.given, twin.family) if at % 4 == 3 else (twin.family, twin.given)
        name = PersonNameDraft(script=Script.LATIN, family=parts[0], given=parts[1])
        phone = ContactDraft(typed=f"+7 916 555 01 {at + 10}")
        person = NewPerson(
            PersonDraft(born_first=twin.born, born_last=twin.born), (name,), (phone,)
        )
        member = rules.NewMember(person, HouseholdMemberDraft(head=True))
        home = HouseholdDraft(place=PLACES["ru"][at], address=f"{_STREETS[at]} {at + 1}")
        draft = RegistrationDraft(
            programme_id=twin.programme_id,
            registered_on=TRIAL_DAY - dt.timedelta(days=1),
            consent=True,
        )
        made = rules.register(session, draft, rules.NewHousehold(home, (member,))).registration
        if twin.round_id is not None:
            _put_on_list(session, made, twin.round_id)
    session.flush()


def _put_on_list(session: Session, registration: Registration, round_id: int) -> None:
    """Put a registration on a list that was locked before it was known to be a double."""
    registration.apply(rules.with_(registration.draft(), status=RegistrationStatus.INCLUDED))
    kernel_status.change(
        session,
        RegistrationLife,
        "registration_id",
        registration.id or 0,
        RegistrationStatus.INCLUDED.value,
        on=registration.registered_on,
        known=clock.today(),
    )
    for double in session.exec(
        select(Double).where(Double.registration_id == registration.id)
    ).all():
        double.apply(rules.with_(double.draft(), round_id=round_id, stage=Stage.LOCK))
        session.add(double)
    values = {"round_id": round_id, "registration_id": registration.id, "amount": CASH}
    session.add_all([registration, Entitlement.of(EntitlementDraft.checked(values))])


@dataclass(frozen=True)
class _Twin:
    """Who comes a second time, to which programme, and on which list."""

    programme_id: int
    round_id: int | None
    family: str
    given: str
    born: dt.date


def _twins(session: Session) -> Iterator[_Twin]:
    """Pick families of the round under way; every third comes for a grant."""
    grants = session.exec(
        select(Programme.id).where(Programme.modality == Modality.GRANT, Programme.country == "ru")
    ).one()
    found = session.execute(
        sa.select(
            col(Round.programme_id),
            col(Round.id),
            col(PersonName.family),
            col(PersonName.given),
            col(Person.born_first),
        )
        .select_from(Entitlement)
        .join(Round, col(Round.id) == col(Entitlement.round_id))
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .join(
            HouseholdMember,
            col(HouseholdMember.household_id) == col(Registration.household_id),
        )
        .join(Person, col(Person.id) == col(HouseholdMember.person_id))
        .join(PersonName, col(PersonName.person_id) == col(Person.id))
        .where(
            col(Round.status) == RoundStatus.UNDER_WAY,
            col(PersonName.kind) == NameKind.PASSPORT,
            col(Person.born_first) == col(Person.born_last),
        )
        .order_by(col(Entitlement.id))
        .limit(PLANTED)
    ).all()
    for at, (programme, round_id, family, given, born) in enumerate(found):
        if at % 3 == 2:
            yield _Twin(grants or 0, None, family, given, born)
        else:
            yield _Twin(programme, round_id, family, given, born)


_ORDER: tuple[type[Any], ...] = (
    Person, PersonName, NameToken, Contact, Household, HouseholdMember, Programme, Registration,
    RegistrationLife, Round, RoundLife, Site, Entitlement, Receipt,
)  # fmt: skip


@act("illustrative.fill_assistance", N_("Add illustrative data"), undoable=False)
def fill(session: Session, rows: dict[type[Any], list[Row]]) -> None:
    """Insert rows of several tables, parents first."""
    for cls in _ORDER:
        insert_rows(session, cls, rows.get(cls, []))
