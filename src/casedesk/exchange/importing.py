"""Take in a table of persons or cases: every row is accepted, or refused with its reason.

`plan` looks at the table and changes nothing; it is the dry run. `take_in` is the one act that
writes what was planned, so one undo takes all of it back. Persons and cases get their rows from
the same drafts that forms use; what a draft refuses, the table refuses too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from sqlmodel import Session, select

from casedesk.exchange import entering
from casedesk.exchange.entering import CASE, CONTACT, NAME, PERSON, Entrant
from casedesk.exchange.reading import Fault, Row, Table, read_table
from casedesk.exchange.values import Wrong
from casedesk.kernel import clock
from casedesk.kernel.acts import act
from casedesk.kernel.errors import InvalidDraft, NotFound, Refused
from casedesk.kernel.fields import PartialDate, phone_key
from casedesk.kernel.jobs import Step
from casedesk.kernel.language import N_, _
from casedesk.kernel.settings import change_setting, get_setting
from casedesk.kernel.store import Store
from casedesk.names.parse import parse, script
from casedesk.people.records import (
    NAME_PART,
    ContactDraft,
    ContactKind,
    NameKind,
    Person,
    PersonDraft,
    PersonNameDraft,
    Script,
    Sex,
    name_text,
)
from casedesk.tracing.records import (
    TracingCase,
    TracingCaseDraft,
)

KINDS = ("persons", "cases", "registrations", "receipts")
ACTOR = "import"
_LONGEST_NAME = 600
_LONGEST_MAPPING = 4000
_MOST_WITH_VALUES = 20_000
_TOLD_EACH = 500
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
_AGE = re.compile(r"\d{1,3}")
_SEPARATOR = re.compile(r"[;,\n]")
Told = Callable[[int, int, str], None]
"""Hears how much is done of how much, and of what."""
_PERSON_FIELDS = (
    "external_ref",
    "full_name",
    "family",
    "given",
    "patronymic",
    "other_names",
    "sex",
    "born",
    "place",
    "phone",
)
_CASE_FIELDS = ("last_seen_on", "last_seen_at", "circumstances", "opened_on")
_REGISTRATION_FIELDS = (
    *("external_ref", "household_code", "full_name", "family", "given", "patronymic"),
    *("other_names", "sex", "born", "phone", "document", "is_head", "relation", "members"),
    *("people", "place", "address", "need", "criteria", "consent", "registered_on"),
    *("card_number", "site", "quantity", "amount"),
)
_RECEIPT_FIELDS = (
    *("card_number", "household_code", "amount", "on", "collected_by", "outcome", "message"),
)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "persons": _PERSON_FIELDS,
    "cases": (*_PERSON_FIELDS, *_CASE_FIELDS),
    "registrations": _REGISTRATION_FIELDS,
    "receipts": _RECEIPT_FIELDS,
}
# Column names as people write them, lower case, without spaces, dots, dashes and underscores.
_NAMES = {
    "external_ref": "externalref externalreference externalid ref reference id no number personid "
    "caseid recordid номер внешнийномер внешняяссылка ссылка код ид идентификатор рег регномер",
    "full_name": "fullname name names person personname фио имяфамилия полноеимя "
    "фамилияимя фамилияимяотчество фиополностью имяполностью піб прізвищеімя "
    "прізвищеімяпобатькові прозвішчаімя",
    "family": "family familyname surname lastname фамилия прізвище прозвішча",
    "given": "given givenname firstname forename имя імя",
    "patronymic": "patronymic middlename fathersname отчество побатькові імяпабацьку",
    "other_names": "othernames othername aliases alias alsoknownas aka formernames previousnames "
    "другиеимена прежниеимена прежняяфамилия другоеимя псевдоним",
    "sex": "sex gender пол",
    "born": "born birthdate dateofbirth dob birth birthday yearofbirth birthyear age датарождения "
    "деньрождения годрождения рождение родился возраст др датанародження рікнародження вік "
    "датанараджэння",
    "place": "place birthplace placeofbirth bornin место месторождения родилсяв",
    "phone": "phone phones telephone tel mobile phonenumber contact телефон телефоны тел мобильный "
    "номертелефона контакт номертелефону",
    "last_seen_on": "lastseenon lastseen lastseendate datelastseen missingsince датапропажи "
    "датаисчезновения пропал последнийраз датапоследнегоконтакта",
    "last_seen_at": "lastseenat lastseenplace placelastseen lastseenin lastlocation местопропажи "
    "местоисчезновения гдевидели последнееместо",
    "circumstances": "circumstances notes note description details обстоятельства примечание "
    "примечания описание",
    "opened_on": "openedon opened dateopened registeredon датаоткрытия открыто датарегистрации",
}
# What some columns mean in the tables of assistance, before what they mean anywhere.
_ASSISTANCE_NAMES = {
    "household_code": "household householdcode householdid householdno hh hhid hhcode familycode "
    "familyid кодсемьи номерсемьи семья домохозяйство коддомохозяйства номердомохозяйства",
    "full_name": "head headofhousehold applicant beneficiary recipient заявитель глава главасемьи "
    "получатель фиополучателя фиозаявителя фиоглавысемьи",
    "other_names": "latinname nameinlatin passportname имялатиницей фиолатиницей",
    "is_head": "ishead headyn главадана",
    "relation": "relation relationtohead relationship родство отношение ктоприходится",
    "members": "members householdmembers othermembers члены членысемьи составсемьи",
    "people": "people persons familysize householdsize hhsize numberofpeople peopleinhousehold "
    "человек колвочеловек количествочеловек числочеловек размерсемьи колвочленовсемьи",
    "document": "document documentnumber documentno passport passportnumber паспорт документ "
    "номердокумента номерпаспорта серияиномер серияиномерпаспорта",
    "card_number": "card cardnumber cardno карта номеркарты",
    "site": "site point distributionpoint пункт пунктвыдачи точка",
    "amount": "amount sum value paid amountpaid сумма сумма₽ суммаруб размер выплачено",
    "quantity": "quantity qty pieces количество колво штук",
    "place": "place town city settlement место город населенныйпункт",
    "address": "address адрес адреспроживания",
    "need": "need category потребность категория",
    "criteria": "criteria vulnerability критерий критерии уязвимость",
    "consent": "consent согласие согласиенаобработку",
    "registered_on": "registered registeredon registrationdate dateofregistration "
    "датарегистрации зарегистрирован датазаявления",
    "on": "date paidon receivedon collectedon датавыплаты датавыдачи дата получено",
    "collected_by": "collectedby receivedby signedby получил получатель получилфио",
    "outcome": "outcome status result paidyn статус результат исход",
    "message": "message reason comment сообщение причина комментарий примечание",
}


def _by_name(kind: str) -> dict[str, str]:
    names = [_NAMES] if kind in ("persons", "cases") else [_NAMES, _ASSISTANCE_NAMES]
    found: dict[str, str] = {}
    for table in names:
        for name, words in table.items():
            if name in FIELDS[kind]:
                found |= dict.fromkeys(words.split(), name)
    return found


_SEXES = {
    **dict.fromkeys(["f", "female", "w", "woman", "ж", "жен", "женский", "женщина"], Sex.F),
    **dict.fromkeys(["m", "male", "man", "м", "муж", "мужской", "мужчина"], Sex.M),
    **dict.fromkeys(
        ["", "unknown", "u", "?", "-", "неизвестно", "неизв", "нет данных"], Sex.UNKNOWN
    ),
    **dict.fromkeys(["other", "o", "x", "другой", "другое", "иной"], Sex.OTHER),
}


@dataclass(frozen=True)
class Plan:
    """What an import would do: what it takes, what it refuses, and how the table was read."""

    kind: str
    rows: int
    accepted: tuple[Entrant, ...] = field(repr=False)
    refused: tuple[Fault, ...]
    columns: tuple[tuple[str, str], ...]
    unknown_columns: tuple[str, ...]
    encoding: str
    separator: str
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


def run(
    store: Store,
    kind: str,
    source: Path,
    *,
    mapping: Mapping[str, str | None] | None = None,
    sheet: str = "",
    dry_run: bool = False,
    actor: str = ACTOR,
    step: Told | None = None,
) -> tuple[Plan, int | None]:
    """Import a table; give what happened and the journal entry that undo takes back.

    `step(done, total, text)` hears how far it is, and may raise to stop before the end.
    """
    if kind not in ("persons", "cases"):
        raise Refused(_("Persons and cases are imported here."))
    table = read_table(source, sheet)
    mapping = remembered(store, kind, table.columns, mapping, keep=not dry_run, actor=actor)
    with store.read() as session:
        made = plan(session, kind, table, mapping=mapping, step=told(step, _("Checking rows")))
    del table  # its cells take as much room as everything that is written now
    if dry_run or not made.accepted:
        return made, None
    was_behind = entering.behind(store)
    # Undo needs no values in the journal, the history of a record does; above this size they
    # would cost more room than they are worth.
    bulk = len(made.accepted) > _MOST_WITH_VALUES
    writing = told(step, _("Taking rows in"))
    late, changes = store.write(take_in, made, actor=actor, bulk=bulk, step=writing)
    entering.keep_index(
        store,
        len(made.accepted),
        was_behind=was_behind,
        actor=actor,
        step=told(step, _("Filing names")),
    )
    if late:
        rows = {fault.row for fault in late}
        made = replace(
            made,
            accepted=tuple(entrant for entrant in made.accepted if entrant.row not in rows),
            refused=tuple(sorted((*made.refused, *late), key=lambda fault: fault.row)),
        )
    return made, changes.entry


def told(step: Told | None, text: str) -> Step | None:
    """Hear one stretch of the work under its name."""
    return None if step is None else lambda done, total: step(done, total, text)


def plan(
    session: Session,
    kind: str,
    table: Table,
    *,
    mapping: Mapping[str, str | None] | None = None,
    step: Step | None = None,
) -> Plan:
    """Look at every row of a table and decide; changes nothing."""
    places, unknown = columns_of(kind, table.columns, mapping)
    titles = {name: table.columns[place] for name, place in places.items()}
    taken = _known_refs(session, kind)
    accepted: list[Entrant] = []
    refused = list(table.faults)
    seen: dict[str, int] = {}
    for done, row in enumerate(table.rows):
        if step is not None and done % _TOLD_EACH == 0:
            step(done, len(table.rows))
        try:
            entrant = _entrant(kind, row, places)
            ref = entrant.ref
            if ref is not None and ref in taken:
                raise Wrong("external_ref", _already_there())
            if ref is not None and ref in seen:
                reason = _("The same reference is in row {row} already.").format(row=seen[ref])
                raise Wrong("external_ref", reason)
        except Wrong as wrong:
            column = titles.get(wrong.name) or titles.get("full_name") or titles.get("family", "")
            refused.append(Fault(row.number, column, wrong.reason))
            continue
        if ref is not None:
            seen[ref] = row.number
        accepted.append(entrant)
    return Plan(
        kind,
        len(table.rows) + len(table.faults),
        tuple(accepted),
        tuple(sorted(refused, key=lambda fault: fault.row)),
        tuple((table.columns[place], name) for name, place in places.items()),
        unknown,
        table.encoding,
        table.separator,
        table.sheet,
        table.other_sheets,
    )


@act("exchange.import", N_("Import table"))
def take_in(session: Session, planned: Plan, *, step: Step | None = None) -> list[Fault]:
    """Write a plan. Whatever came into the file since it was made is refused, and given back."""
    taken = _known_refs(session, planned.kind)
    late = [
        Fault(entrant.row, "", _already_there())
        for entrant in planned.accepted
        if entrant.ref is not None and entrant.ref in taken
    ]
    rows_late = {fault.row for fault in late}
    wanted = [entrant for entrant in planned.accepted if entrant.row not in rows_late]
    entering.write(session, wanted, step)
    return late


def _already_there() -> str:
    return _("This reference is in the file already.")


def columns_of(
    kind: str, columns: Iterable[str], mapping: Mapping[str, str | None] | None = None
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Tell which column holds which field, and which columns are not used."""
    if kind not in FIELDS:
        raise Refused(_("Persons, cases, registrations and receipts can be imported."))
    titles = tuple(columns)
    chosen = {loose(title): name for title, name in (mapping or {}).items()}
    for title, name in (mapping or {}).items():
        if loose(title) not in map(loose, titles):
            raise Refused(_("The table has no column {name}.").format(name=title))
        if name is not None and name not in FIELDS[kind]:
            listed = ", ".join(FIELDS[kind])
            raise Refused(
                _("{name} is not a field. The fields are: {fields}").format(
                    name=name, fields=listed
                )
            )
    known = _by_name(kind)
    places: dict[str, int] = {}
    unknown: list[str] = []
    for place, title in enumerate(titles):
        key = loose(title)
        name = chosen[key] if key in chosen else known.get(key)
        if name is None or name not in FIELDS[kind]:
            unknown.append(title or _("column {number}").format(number=place + 1))
        elif name in places:
            raise Refused(
                _("The columns {one} and {other} both mean {field}. Remove one of the two.").format(
                    one=titles[places[name]], other=title, field=name
                )
            )
        else:
            places[name] = place
    if "given" in places and not {"full_name", "family"} & set(places):
        places["full_name"] = places.pop("given")  # one column named "Имя" holds the whole name
    if kind == "receipts":
        if not {"card_number", "household_code"} & set(places):
            raise Refused(
                _("No column says whose receipt it is. Call it card_number or household_code.")
            )
    elif not {"full_name", "family"} & set(places):
        raise Refused(
            _("No column holds a name. Call it full_name, or family and given, or give a mapping.")
        )
    return places, tuple(unknown)


def field_of(kind: str, title: str) -> str:
    """Tell which field a column of this title holds, as far as its name says; empty where none."""
    name = _by_name(kind).get(loose(title), "")
    return name if name in FIELDS[kind] else ""


def read_mapping(source: Path) -> dict[str, str | None]:
    """Read which column holds which field: {"Column": "field"}, or as TOML: "Column" = "field".

    A column that is not to be used has null, or an empty text.
    """
    try:
        text = source.read_text(encoding="utf-8-sig")
        toml = source.suffix.casefold() == ".toml"
        given: Any = tomllib.loads(text) if toml else json.loads(text)
    except OSError:
        raise NotFound(_("The mapping cannot be read. Check the name and the folder.")) from None
    except ValueError:
        given = None
    if isinstance(given, dict) and isinstance(given.get("columns"), dict):
        given = given["columns"]
    if not isinstance(given, dict) or not all(
        value is None or isinstance(value, str) for value in given.values()
    ):
        raise Refused(_('The mapping is not of this form: {"Column": "field"}')) from None
    return {column: name or None for column, name in given.items()}


def kept_mapping(
    session: Session, kind: str, columns: Sequence[str]
) -> dict[str, str | None] | None:
    """Give the mapping that was used last for a table with these columns; None where there is none.

    One that does not fit any more, because a field was renamed since, counts as none.
    """
    kept = get_setting(session, mapping_key(kind, columns))
    try:
        given = json.loads(kept) if kept else None
        if isinstance(given, dict):
            columns_of(kind, columns, given)
            return given
    except (ValueError, Refused):
        pass
    return None


def mapping_key(kind: str, columns: Sequence[str]) -> str:
    """Name the setting under which the mapping of a kind of table is kept."""
    line = "\n".join(loose(column) for column in columns)
    return f"import.{kind}.{hashlib.sha256(line.encode()).hexdigest()[:16]}"


@act("exchange.keep_mapping", N_("Keep which column is which"), undoable=False)
def keep_mapping(
    session: Session, kind: str, columns: Sequence[str], mapping: Mapping[str, str | None]
) -> None:
    """Keep a mapping for the next table with the same columns; one too long is not kept."""
    text = json.dumps(dict(mapping), ensure_ascii=False, separators=(",", ":"))
    if len(text) <= _LONGEST_MAPPING:
        change_setting(session, mapping_key(kind, columns), text)


def remembered(
    store: Store,
    kind: str,
    columns: Sequence[str],
    mapping: Mapping[str, str | None] | None,
    *,
    keep: bool,
    actor: str,
) -> Mapping[str, str | None] | None:
    """Give the mapping to use: the one that is given, which is kept, else the one kept before."""
    with store.read() as session:
        before = kept_mapping(session, kind, columns)
    if mapping is None:
        return before
    columns_of(kind, columns, mapping)
    if keep and dict(mapping) != before:
        store.write(keep_mapping, kind, columns, mapping, actor=actor)
    return mapping


def loose(title: str) -> str:
    """Give the form in which column names are compared."""
    return re.sub(r"[\W_]+", "", title.casefold().replace("ё", "е").replace("ʼ", ""))


def _known_refs(session: Session, kind: str) -> set[str]:
    column: Any = Person.external_ref if kind == "persons" else TracingCase.external_ref
    return {ref for ref in session.exec(select(column).where(column.is_not(None))) if ref}


def _entrant(kind: str, row: Row, places: Mapping[str, int]) -> Entrant:
    def cell(name: str) -> str:
        place = places.get(name)
        return "" if place is None else row.cells[place].strip()

    today = clock.today()
    names = names_of(cell)
    person: dict[str, Any] = {
        "external_ref": cell("external_ref") or None,
        "sex": sex_of(cell("sex")),
        "birth_place": cell("place"),
    }
    if born := born_of(cell("born"), today):
        person["born_first"], person["born_last"] = born.first, born.last
    drafted = draft_of(
        PersonDraft, person, {"birth_place": "place", "born_first": "born", "born_last": "born"}
    )
    contacts = tuple(
        contact_of(number) for number in _SEPARATOR.split(cell("phone")) if number.strip()
    )
    case = None
    if kind == "cases":
        opened = _day(cell("opened_on"), "opened_on", today) or today
        seen = _day(cell("last_seen_on"), "last_seen_on", today)
        case = draft_of(
            TracingCaseDraft,
            {
                "person_id": 0,
                "opened_on": opened,
                "last_seen_on": seen,
                "last_seen_at": cell("last_seen_at"),
                "circumstances": cell("circumstances"),
                "external_ref": cell("external_ref") or None,
            },
            {},
        )
    return Entrant(
        row.number,
        drafted.external_ref,
        PERSON.values(drafted),
        tuple(map(NAME.values, names)),
        tuple(map(CONTACT.values, contacts)),
        None if case is None else CASE.values(case),
    )


def draft_of(cls: type[Any], values: dict[str, Any], fields: Mapping[str, str]) -> Any:
    """Make a draft, or say which column is at fault."""
    try:
        return cls.checked(values)
    except InvalidDraft as error:
        name, reason = next(iter(error.fields.items()))
        raise Wrong(fields.get(name, name), reason) from None


def names_of(
    cell: Callable[[str], str], display: Callable[[dict[str, str]], dict[str, str]] | None = None
) -> tuple[PersonNameDraft, ...]:
    """Give the names of one row, the main one first, each once; `display` may write them nicer."""
    parts = {name: line_of(name, cell(name)) for name in ("family", "given", "patronymic")}
    full = line_of("full_name", cell("full_name"))
    written: list[tuple[str, dict[str, str]]] = []
    if any(parts.values()):
        written.append(("family", parts))
    elif full:
        written.append(("full_name", split_name("full_name", full)))
    else:
        raise Wrong("full_name", _("The row has no name."))
    others = [line_of("other_names", text) for text in cell("other_names").split(";")]
    if any(parts.values()):
        others.insert(0, full)
    written += [("other_names", split_name("other_names", text)) for text in others if text]
    made: dict[tuple[str, ...], PersonNameDraft] = {}
    main = ""
    for column, typed in written:
        name = display(typed) if display else typed
        letters = script(" ".join(name.values()))
        main = main or letters
        kind = NameKind.OFFICIAL if not made else NameKind.HEARD
        if made and letters == "latin" and main == "cyrillic":
            kind = NameKind.PASSPORT
        values = {**name, "script": Script(letters), "kind": kind}
        draft = draft_of(PersonNameDraft, values, dict.fromkeys([*name, "record"], column))
        made.setdefault((draft.family, draft.given, draft.patronymic), draft)
    return tuple(made.values())


def line_of(column: str, text: str) -> str:
    """One line of visible characters, as a form would take it; refused where it is too long."""
    if not text:
        return ""
    if len(text) > _LONGEST_NAME:
        reason = _("The name is longer than {count} characters.")
        raise Wrong(column, reason.format(count=NAME_PART))
    try:
        return cast(str, name_text(text))
    except ValueError as error:
        raise Wrong(column, str(error)) from None


def split_name(column: str, text: str) -> dict[str, str]:
    """Part a whole name into its three parts."""
    parsed = parse(text)
    parts = {"family": parsed.family, "given": parsed.given, "patronymic": parsed.patronymic}
    if any(len(part) > NAME_PART for part in parts.values()):
        reason = _("The name is longer than {count} characters.")
        raise Wrong(column, reason.format(count=NAME_PART))
    return parts


def sex_of(text: str) -> Sex:
    """Read the sex as people write it."""
    found = _SEXES.get(text.casefold().rstrip("."))
    if found is None:
        raise Wrong("sex", _("The sex cannot be read. Write f, m, other or unknown."))
    return found


def born_of(text: str, today: dt.date) -> PartialDate | None:
    """Read a birth date, or a year or an age, that does not lie in the future."""
    born = _partial(text, "born", today)
    if born is None:
        return None
    if born.first > today:
        raise Wrong("born", _("The date lies in the future."))
    return PartialDate(born.first, min(born.last, today))


def _partial(text: str, name: str, today: dt.date) -> PartialDate | None:
    written = _MIDNIGHT.sub("", text)  # spreadsheets add one
    if not written:
        return None
    if _AGE.fullmatch(written):
        written = "~" + written  # an age
    try:
        return PartialDate.parse(written, today)
    except Refused as error:
        raise Wrong(name, str(error)) from None


def _day(text: str, name: str, today: dt.date) -> dt.date | None:
    date = _partial(text, name, today)
    if date is None:
        return None
    if date.first != date.last:
        raise Wrong(name, _("This date needs a day, for example 2024-03-09."))
    if date.first > today:
        raise Wrong(name, _("The date lies in the future."))
    return date.first


def contact_of(number: str) -> ContactDraft:
    """Make a contact of a telephone number as typed."""
    values = {"kind": ContactKind.PHONE, "typed": number, "e164": phone_key(number)}
    contact: ContactDraft = draft_of(ContactDraft, values, {"typed": "phone", "e164": "phone"})
    return contact
