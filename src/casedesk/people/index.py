"""Search for persons by name in both scripts, by number and by code; keeps its index in step.

The rest of the house sees `search`; `keep` and `rows_for` for the keys of list filters; `stale`,
`make`, `keep_index`, `rebuild_index`, `missing` and `unlike` to look after the index; `weight`. How
names are filed and compared stays in `names`. Everything kept is derived from the name rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.kernel import clock, journal
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import PartialDate, phone_key
from casedesk.kernel.jobs import Step
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import insert_rows
from casedesk.names import packing
from casedesk.names.engine import Found
from casedesk.names.fold import readings
from casedesk.names.parse import tokens
from casedesk.names.rows import Rows, row_tokens
from casedesk.names.why import Kind
from casedesk.names.why import Reason as NameReason
from casedesk.people import live
from casedesk.people.records import Contact, NameToken, Person, PersonName

Finder = Callable[[Session, str], Iterable[tuple[int, str]]]

finders: Final[list[Finder]] = []
"""More ways to find a person by an exact text, such as a case number: person and reason each.
The catalog hands them in."""

part_finders: Final[list[Finder]] = []
"""The same for a part of such a text, asked where nothing is named outright."""

_LONGEST: Final = 500
_LEAST_PART: Final = 4
"""So many digits or letters of a number or reference are needed to find it by a part."""
_MOST_PART: Final = 40
_LEAST: Final = 0.2
_PHONE: Final = re.compile(r"\+?\d[\d\s()./\-]{5,22}\d")
_BORN: Final = re.compile(
    r"(?<![\w.])(?:(?:18|19|20)\d\d\s*(?:\.\.|–)\s*(?:18|19|20)\d\d"
    r"|\d{1,2}\.\d{1,2}\.(?:18|19|20)\d\d|(?:18|19|20)\d\d(?:-\d\d?(?:-\d\d?)?)?"
    r"|~\s?\d{1,3})(?![\w.-])"
)
_APART: Final = 730
_SAMPLE: Final = 200
_TOKENS: Final[sa.Table] = NameToken.__table__  # type: ignore[attr-defined]
_CHIP_TONES: Final[dict[Kind, str]] = {
    "same": "green",
    "form": "green",
    "beginning": "neutral",
    "similar": "amber",
    "initial": "neutral",
    "differs": "carmine",
}
_WORDS: Final[dict[tuple[str, Kind], str]] = {
    ("family", "same"): N_("family name agrees"),
    ("family", "form"): N_("other form of the family name"),
    ("family", "beginning"): N_("family name begins so"),
    ("family", "similar"): N_("similar family name"),
    ("family", "initial"): N_("initial of the family name agrees"),
    ("family", "differs"): N_("other family name"),
    ("given", "same"): N_("given name agrees"),
    ("given", "form"): N_("other form of the given name"),
    ("given", "beginning"): N_("given name begins so"),
    ("given", "similar"): N_("similar given name"),
    ("given", "initial"): N_("initial of the given name agrees"),
    ("given", "differs"): N_("other given name"),
    ("patronymic", "same"): N_("patronymic agrees"),
    ("patronymic", "form"): N_("other form of the patronymic"),
    ("patronymic", "beginning"): N_("patronymic begins so"),
    ("patronymic", "similar"): N_("similar patronymic"),
    ("patronymic", "initial"): N_("initial of the patronymic agrees"),
    ("patronymic", "differs"): N_("other patronymic"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a hit: the field it is about, how good it is, and the words."""

    field: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One person found, with the reasons in sentences, and once more as chips."""

    person_id: int
    name: str
    born: PartialDate | None
    score: float
    why: tuple[str, ...]
    external_ref: str | None
    chips: tuple[Reason, ...] = ()


# Searching


def search(
    session: Session, text: str, *, born: PartialDate | None = None, limit: int = 20
) -> list[Hit]:
    """Find persons by name, telephone number, code or external reference; best first.

    A birth date, a year or an age (`1985`, `~38`) in the text is a hint, as `born` is.
    """
    typed = text[:_LONGEST].replace("\0", " ")
    exact = _exact(session, typed.strip())
    name, hint = _without_hint(_PHONE.sub(" ", typed) if exact else typed)
    born = born or hint
    answer = live.Answer([])
    if any(letter.isalpha() for letter in name):
        answer = live.of(session).search(session, name, limit + len(exact), born)
    found = [
        (one, why) for one, why in answer.found if one.by_name >= _LEAST and one.person not in exact
    ]
    hits = _exact_hits(session, exact) + _hits(session, found, born)
    if not exact:
        hits = _part_hits(session, typed.strip(), limit) + hits
    return hits[:limit]


def _without_hint(text: str) -> tuple[str, PartialDate | None]:
    for found in _BORN.finditer(text):
        try:
            hint = PartialDate.parse(found.group(), clock.today())
        except (Refused, ValueError, OverflowError):
            continue
        return text[: found.start()] + " " + text[found.end() :], hint
    return text, None


def _exact(session: Session, typed: str) -> dict[int, Reason]:
    """Persons whom a number, a code or a reference in the text names outright."""
    found: dict[int, Reason] = {}
    if not typed:
        return found
    if any(letter.isdigit() for letter in typed):
        for part in {typed, *_PHONE.findall(typed)}:
            number = phone_key(part) if len(part) <= 40 else None
            if number:
                owners = select(Contact.person_id).where(Contact.e164 == number)
                reason = Reason("phone", "green", _("same telephone number"))
                found.update(dict.fromkeys(session.exec(owners), reason))
        for finder in finders:
            for person_id, words in finder(session, typed):
                found.setdefault(person_id, Reason("number", "green", words))
    if len(typed) <= 100:
        for owner, code in session.connection().execute(_CODED, {"typed": typed}):
            if owner is not None:
                words = _("same code") if code == typed else _("same external reference")
                found[owner] = Reason("code", "green", words)
    return _in_use(session, found)


def _part_hits(session: Session, typed: str, limit: int) -> list[Hit]:
    """Persons one of whose numbers or references holds what was typed; those that end so first."""
    words = typed.split()
    if not words or len(typed) > _MOST_PART or not all(_DIGIT.search(word) for word in words):
        return []
    digits = _NO_DIGIT.sub("", typed)
    found: dict[int, Reason] = {}
    if len(digits) >= _LEAST_PART and not any(map(str.isalpha, typed)):
        # Who is at home writes 8 or 0 where the number kept begins with +7 or +380.
        for part in (digits, digits[1:] if digits[0] in "08" else ""):
            if len(part) >= _LEAST_PART:
                reason = Reason("part", "amber", _("part of the telephone number"))
                for owner in session.connection().execute(_PHONE_PART, {"part": part}).scalars():
                    found.setdefault(owner, reason)
        for finder in part_finders:
            for person_id, text in finder(session, digits):
                found.setdefault(person_id, Reason("part", "amber", text))
    if len(typed) >= _LEAST_PART:
        reason = Reason("part", "amber", _("part of the external reference"))
        for owner in session.connection().execute(_REF_PART, {"part": typed}).scalars():
            found.setdefault(owner, reason)
    found = dict(list(_in_use(session, found).items())[:limit])
    kept = {hit.person_id: hit for hit in _exact_hits(session, found)}
    return [replace(kept[person], score=_OF_PART) for person in found if person in kept]


_DIGIT: Final = re.compile(r"[0-9]")
_NO_DIGIT: Final = re.compile(r"[^0-9]+")
_OF_PART: Final = 0.9


def _in_use(session: Session, found: dict[int, Reason]) -> dict[int, Reason]:
    """The same for the files in use: an old number still finds a person who was merged."""
    if not found:
        return found
    query = sa.select(col(Person.id), col(Person.merged_into_id)).where(
        col(Person.id).in_(found), col(Person.merged_into_id).is_not(None)
    )
    kept, merged = dict(found), session.connection().execute(query)
    for person, file in cast(Iterable[tuple[int, int]], merged):
        kept[file] = kept.pop(person)
    return kept


_CODED: Final[Any] = sa.select(col(Person.id), col(Person.code)).where(
    sa.or_(
        col(Person.code) == sa.bindparam("typed", type_=sa.String),
        col(Person.external_ref) == sa.bindparam("typed", type_=sa.String),
    )
)
_PART: Final[Any] = sa.bindparam("part", type_=sa.String)


def _holding(owner: Any, text: Any) -> Any:
    """The owners of texts that hold a part, through the index of the text alone."""
    at = sa.func.instr(sa.func.lower(text), sa.func.lower(_PART))
    rest = sa.func.length(text) - sa.func.length(_PART) + 1 - at
    return sa.select(owner).where(text.is_not(None), at > 0).order_by(rest, owner).limit(200)


_PHONE_PART: Final[Any] = _holding(col(Contact.person_id), col(Contact.e164))
_REF_PART: Final[Any] = _holding(col(Person.id), col(Person.external_ref))
_SHOWN: Final[Any] = (
    sa.select(
        col(PersonName.id),
        col(PersonName.family),
        col(PersonName.given),
        col(PersonName.patronymic),
        col(Person.id),
        col(Person.born_first),
        col(Person.born_last),
        col(Person.external_ref),
        col(Person.merged_into_id),
    )
    .join(Person, col(Person.id) == col(PersonName.person_id))
    .order_by(col(PersonName.id))
)
# Statements made once: making one takes longer than running it.
_BY_NAME: Final[Any] = _SHOWN.where(
    col(PersonName.id).in_(sa.bindparam("names", expanding=True, type_=sa.Integer))
)
_BY_PERSON: Final[Any] = _SHOWN.where(
    col(Person.id).in_(sa.bindparam("persons", expanding=True, type_=sa.Integer))
)


def _exact_hits(session: Session, exact: dict[int, Reason]) -> list[Hit]:
    if not exact:
        return []
    rows = session.connection().execute(_BY_PERSON, {"persons": list(exact)[:200]})
    hits: dict[int, Hit] = {}
    for _id, family, given, patronymic, person, first, last, ref, merged in rows:
        if merged is None and person not in hits:
            reason = exact[person]
            hits[person] = Hit(
                person,
                _shown(family, given, patronymic),
                _interval(first, last),
                1.0,
                (reason.text,),
                ref,
                (reason,),
            )
    return sorted(hits.values(), key=lambda hit: (hit.name, hit.person_id))


def _hits(
    session: Session,
    found: list[tuple[Found, tuple[NameReason, ...]]],
    born: PartialDate | None,
) -> list[Hit]:
    if not found:
        return []
    wanted = [one.name for one, _why in found]
    shown = {row[0]: row[1:] for row in session.connection().execute(_BY_NAME, {"names": wanted})}
    hits = []
    for one, agreeing in found:
        row = shown.get(one.name)
        if row is None or row[7] is not None:
            continue
        family, given, patronymic, person, first, last, ref, _merged = row
        interval = _interval(first, last)
        chips = [
            Reason(reason.field, _CHIP_TONES[reason.kind], _(_WORDS[reason.field, reason.kind]))
            for reason in agreeing
        ]
        if one.layout:
            chips.append(Reason("keyboard", "neutral", _("typed on the other keyboard")))
        if born is not None and interval is not None:
            chips.append(_born_reason(born, interval))
        name = _shown(family, given, patronymic)
        # `why` says what speaks for the person; what differs is among the chips only.
        why = tuple(chip.text for chip in chips if chip.tone != "carmine")
        hits.append(Hit(person, name, interval, one.score, why, ref, tuple(chips)))
    return hits


def _born_reason(asked: PartialDate, known: PartialDate) -> Reason:
    apart = max((known.first - asked.last).days, (asked.first - known.last).days, 0)
    if not apart:
        return Reason("born", "green", _("born in the same time"))
    if apart <= _APART:
        return Reason("born", "amber", _("born about the same time"))
    return Reason("born", "carmine", _("born at another time"))


def _shown(family: str, given: str, patronymic: str) -> str:
    return " ".join(part for part in (family, given, patronymic) if part)


def _interval(first: dt.date | None, last: dt.date | None) -> PartialDate | None:
    return PartialDate(first, last) if first and last else None


# Keeping in step


def rows_for(names: Iterable[PersonName]) -> list[dict[str, object]]:
    """The key rows of some names, ready for a bulk insert; each key once per person."""
    rows = {
        (key, name.person_id): None
        for name in names
        for part in (name.family, name.given, name.patronymic)
        for token in tokens(part)
        for key in readings(token)
    }
    return [{"token": token, "person_id": person_id} for token, person_id in rows]


def keep(session: Session, person_ids: Iterable[int]) -> None:
    """Write the keys for list filters of these persons anew, inside the current act.

    The index of `search` needs no word: it follows the journal.
    """
    wanted = sorted(set(person_ids))
    if not wanted:
        return
    session.flush()
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        session.connection().execute(sa.delete(_TOKENS).where(_TOKENS.c.person_id.in_(chunk)))
        names = session.exec(select(PersonName).where(col(PersonName.person_id).in_(chunk))).all()
        insert_rows(session, NameToken, rows_for(names))


@dataclass(frozen=True, slots=True)
class Made:
    """An index made anew and not kept yet: the state it is of, and its pieces."""

    state: int
    pieces: dict[str, bytes]


def make(session: Session, step: Step | None = None) -> Made:
    """Make the whole index anew from the names; seconds for a full file, so best in a reader.

    `step(done, total)` is called now and then and may raise to stop.
    """
    state = session.connection().execute(sa.select(sa.func.max(journal.ENTRY.c.id))).scalar()
    return Made(state or 0, packing.packed(Rows.of(live.name_rows(session, step=step))))


@act("people.keep_index", N_("Rebuild the name index"), undoable=False)
def keep_index(session: Session, made: Made) -> None:
    """Keep an index in the file; names changed since it was made are still found by the journal."""
    if live.can_keep(session):
        session.connection().execute(sa.delete(live.PIECES))
        pieces = {**made.pieces, live.MADE_OF: str(made.state).encode()}
        rows = [{"name": name, "data": data} for name, data in pieces.items()]
        session.connection().execute(sa.insert(live.PIECES), rows)
    if not _filed_alike(session):
        session.connection().execute(sa.delete(_TOKENS))
    _file_missing(session)


@act("people.rebuild_index", N_("Rebuild the name index"), undoable=False)
def rebuild_index(session: Session, step: Step | None = None) -> None:
    """Make the whole index anew and keep it, in one act: after an import, or to repair."""
    keep_index(session, make(session, step))


def _filed_alike(session: Session) -> bool:
    """Whether the keys for list filters are those of today's folding, judged by a few persons."""
    person = col(PersonName.person_id)
    some = session.connection().execute(sa.select(person).distinct().limit(_SAMPLE)).scalars().all()
    names = session.exec(select(PersonName).where(person.in_(some))).all()
    filed = sa.select(_TOKENS.c.token, _TOKENS.c.person_id).where(_TOKENS.c.person_id.in_(some))
    there = {(token, owner) for token, owner in session.connection().execute(filed)}
    return all((row["token"], row["person_id"]) in there for row in rows_for(names))


def _file_missing(session: Session) -> None:
    unfiled = session.connection().execute(_unfiled()).scalars().all()
    for start in range(0, len(unfiled), 500):
        chunk = unfiled[start : start + 500]
        names = session.exec(select(PersonName).where(col(PersonName.person_id).in_(chunk))).all()
        insert_rows(session, NameToken, rows_for(names))


def _unfiled() -> sa.Select[Any]:
    filed = sa.select(col(NameToken.person_id))
    person = col(PersonName.person_id)
    return sa.select(person).distinct().where(person.not_in(filed))


def weight(session: Session, word: str) -> float:
    """How much it tells that somebody bears a name: the logarithm of its rarity in the file."""
    return live.of(session).weight(session, word)


def stale(session: Session) -> bool:
    """Whether the kept index is missing, of another version, or far behind: better made anew."""
    return live.of(session).behind(session)


def missing(session: Session) -> int:
    """How many persons have a name but are not found by it; 0 when the index is whole."""
    rows = live.of(session).rows(session)
    indexed = {person for row, person in enumerate(rows.person) if row not in rows.ended}
    owners = sa.select(col(PersonName.person_id)).distinct()
    named = set(session.connection().execute(owners).scalars())
    lost = named & set(session.connection().execute(_unfiled()).scalars())
    lost |= named - indexed
    # A name without any letter or digit has no key, and nothing to be found by.
    return sum(
        1 for person in lost if any(row_tokens(row) for row in live.name_rows(session, [person]))
    )


def unlike(session: Session) -> int:
    """How many persons the index holds under other names than the file does; 0 when it is whole.

    Reads and folds every name: seconds for a full file.
    """
    rows = live.of(session).rows(session)
    fresh = Rows.of(live.name_rows(session))
    return len(_by_person(rows) ^ _by_person(fresh))


def _by_person(rows: Rows) -> set[tuple[int, tuple[tuple[str, int], ...], int, int]]:
    vocabulary = rows.vocabulary
    return {
        (
            rows.person[row],
            tuple(
                (vocabulary.key(entry >> 2), entry & 3)
                for entry in rows.entries[rows.starts[row] : rows.starts[row + 1]]
            ),
            rows.born_first[row],
            rows.born_last[row],
        )
        for row in range(len(rows))
        if row not in rows.ended
    }
