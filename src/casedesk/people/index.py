"""Search for persons by name in both scripts, by number and by code; keeps its own keys in step.

The rest of the house sees `keep`, `rows_for`, `search` and `missing`; how names are filed and
compared stays behind them. Every key is derived from the name rows and can be made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from rapidfuzz.distance import JaroWinkler
from sqlmodel import Session, col, select

from casedesk.kernel.fields import PartialDate, phone_key
from casedesk.kernel.language import _
from casedesk.kernel.store import insert_rows
from casedesk.names.fold import fold, fold_start, readings
from casedesk.names.parse import tokens
from casedesk.people.records import Contact, NameToken, Person, PersonName

_CANDIDATES = 200
_TOP = "\U0010ffff"
_GOOD = 0.72
_AGREES = 0.9


@dataclass(frozen=True, slots=True)
class Hit:
    """One person found, with the reasons in sentences."""

    person_id: int
    name: str
    born: PartialDate | None
    score: float
    why: tuple[str, ...]
    external_ref: str | None


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
    """Write the keys of these persons anew from their names, inside the current act."""
    wanted = sorted(set(person_ids))
    session.flush()
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        table = NameToken.__table__  # type: ignore[attr-defined]
        session.connection().execute(sa.delete(table).where(table.c.person_id.in_(chunk)))
        names = session.exec(select(PersonName).where(col(PersonName.person_id).in_(chunk))).all()
        insert_rows(session, NameToken, rows_for(names))


def missing(session: Session) -> int:
    """How many persons have a name but no key; 0 when the index is whole."""
    filed = select(NameToken.person_id)
    named = select(PersonName.person_id).distinct().where(col(PersonName.person_id).not_in(filed))
    return session.exec(select(sa.func.count()).select_from(named.subquery())).one()


def search(
    session: Session, text: str, *, born: PartialDate | None = None, limit: int = 20
) -> list[Hit]:
    """Find persons by name, telephone number, code or external reference; best first."""
    exact = _by_number(session, text)
    words = tokens(text)[:8]
    found: list[int] = []
    if words:
        conditions = [_condition(w, i == len(words) - 1) for i, w in enumerate(words)]
        found = _all_of(session, conditions)
        if not found and len(conditions) > 1:
            for left_out in range(len(conditions)):
                rest = conditions[:left_out] + conditions[left_out + 1 :]
                found += _all_of(session, rest)
    ids = list(dict.fromkeys([*exact, *found]))[:_CANDIDATES]
    hits = _hits(session, ids, words, exact, born)
    hits.sort(key=lambda hit: (-hit.score, hit.name, hit.person_id))
    return hits[:limit]


def _condition(word: str, last: bool) -> sa.ColumnElement[bool]:
    token = col(NameToken.token)
    parts: list[sa.ColumnElement[bool]] = [token.in_(readings(word))]
    start = fold_start(word)
    if start and (last or len(word) <= 3):
        parts.append(sa.and_(token >= start, token < start + _TOP))
    return sa.or_(*parts)


def _all_of(session: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> list[int]:
    counts = [
        session.exec(select(sa.func.count()).select_from(NameToken).where(c)).one()
        for c in conditions
    ]
    if 0 in counts:
        return []
    rarest, *others = [
        c for _n, c in sorted(zip(counts, conditions, strict=True), key=lambda pair: pair[0])
    ]
    statement = select(NameToken.person_id).where(rarest)
    for other in others:
        inner = select(NameToken.person_id).where(other)
        statement = statement.where(col(NameToken.person_id).in_(inner))
    # in key order whole names come before longer ones that only begin alike
    ordered = statement.order_by(col(NameToken.token)).limit(_CANDIDATES * 2)
    return list(dict.fromkeys(session.exec(ordered).all()))


def _by_number(session: Session, text: str) -> dict[int, str]:
    typed = text.strip()[:100]
    if not typed:
        return {}
    found: dict[int, str] = {}
    number = phone_key(typed)
    if number:
        owners = session.exec(select(Contact.person_id).where(Contact.e164 == number)).all()
        found.update(dict.fromkeys(owners, _("same telephone number")))
    coded = select(Person.id, Person.code).where(
        sa.or_(col(Person.code) == typed, col(Person.external_ref) == typed)
    )
    for person_id, code in session.exec(coded).all():
        if person_id is not None:
            found[person_id] = _("same code") if code == typed else _("same external reference")
    return found


def _hits(
    session: Session,
    ids: list[int],
    words: list[str],
    exact: dict[int, str],
    born: PartialDate | None,
) -> list[Hit]:
    names: dict[int, list[PersonName]] = {}
    for name in session.exec(select(PersonName).where(col(PersonName.person_id).in_(ids))).all():
        names.setdefault(name.person_id, []).append(name)
    hits: list[Hit] = []
    for person in session.exec(select(Person).where(col(Person.id).in_(ids))).all():
        if person.id is None or person.merged_into_id is not None:
            continue
        own = names.get(person.id, [])
        rated = [(*_rate(words, name), name) for name in own]
        score, why, best = max(rated, key=lambda r: r[0]) if rated else (0.0, (), None)
        if person.id in exact:
            score, why = 1.0, (exact[person.id],)
        elif score < _GOOD / 2:
            continue
        interval = None
        if person.born_first and person.born_last:
            interval = PartialDate(person.born_first, person.born_last)
        if born and interval:
            apart = max((interval.first - born.last).days, (born.first - interval.last).days, 0)
            if not apart:
                score, why = score + 0.1, (*why, _("born in the same time"))
            elif apart > 730:
                score, why = score - 0.25, (*why, _("born at another time"))
        shown = " ".join(filter(None, (best.family, best.given, best.patronymic))) if best else ""
        hits.append(Hit(person.id, shown, interval, round(score, 4), why, person.external_ref))
    return hits


def _rate(words: list[str], name: PersonName) -> tuple[float, tuple[str, ...]]:
    """Each word with the name part it fits best, each part used once."""
    parts = [
        (fold(token), says)
        for text, says in (
            (name.family, _("family name agrees")),
            (name.given, _("given name agrees")),
            (name.patronymic, _("patronymic agrees")),
        )
        for token in tokens(text)
    ]
    total, why = 0.0, list[str]()
    for word in words:
        best, at = 0.0, -1
        for i, (key, _says) in enumerate(parts):
            likeness = max((_alike(r, fold_start(word), key) for r in readings(word)), default=0.0)
            if likeness > best:
                best, at = likeness, i
        total += best
        if at >= 0:
            _key, says = parts.pop(at)
            # Patronymics share their endings, so likeness alone does not make them agree.
            if best >= _AGREES:
                why.append(says)
    return (total / len(words) if words else 0.0), tuple(dict.fromkeys(why))


def _alike(reading: str, start: str, key: str) -> float:
    if reading == key:
        return 1.0
    if start and key.startswith(start):
        return 0.9
    return JaroWinkler.similarity(reading, key) * 0.89
