"""One case on paper, for one kind of reader: what `redaction` lets them see, and nothing else.

The words are in the language in use, as those of the case are. Printing the same case twice for
the same reader gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from casedesk.hotline.rules import calls_about
from casedesk.kernel import clock
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import _, current, short_date
from casedesk.kernel.settings import get_setting
from casedesk.kernel.store import Store
from casedesk.names.romanise import romanise
from casedesk.partners.records import Organisation
from casedesk.people.records import Contact, NameKind, PersonName, Script, Sex
from casedesk.people.wording import relation_words
from casedesk.reports import case_pdf, handed_out
from casedesk.reports.layout import Drawn
from casedesk.reports.redaction import (
    NO_CONSENT,
    NOT_FOR_FAMILY,
    Profile,
    free_text,
    shows,
    why_not,
)
from casedesk.reports.sentences import TEXT as SHEET
from casedesk.reports.wording import Lang
from casedesk.tracing import reading, wording
from casedesk.tracing.records import (
    CaseAction,
    CaseKind,
    CaseStatus,
    FamilyInformed,
    InformationReceived,
    Outcome,
    Sharing,
    Status,
    TracingCase,
)
from casedesk.tracing.rules import by_number

Words = dict[Lang, str]
MINOR = 18
TEXT: dict[str, Words] = {
    "title": {"en": "Case summary", "ru": "Сводка по делу"},
    "reference": {"en": "Case {number} · printed {day}", "ru": "Дело {number} · {day}"},
    "also": {"en": "also written: {names}", "ru": "другие написания: {names}"},
    "status": {"en": "Status", "ru": "Статус"},
    "since": {"en": "opened {day}, open {days} days", "ru": "открыто {day}, дней: {days}"},
    "next": {"en": "Next: {what}", "ru": "Далее: {what}"},
    "identity": {"en": "Identity", "ru": "Личность"},
    "sex, birth": {"en": "Sex, date of birth", "ru": "Пол, дата рождения"},
    "birth place": {"en": "Place of birth", "ru": "Место рождения"},
    "father": {"en": "Father", "ru": "Отец"},
    "mother": {"en": "Mother", "ru": "Мать"},
    "marks": {"en": "Marks and clothing", "ru": "Приметы и одежда"},
    "kind": {"en": "Kind of case", "ru": "Вид дела"},
    "reference of": {"en": "External reference", "ru": "Внешний номер"},
    "circumstances": {"en": "Circumstances", "ru": "Обстоятельства"},
    "last seen": {"en": "Last seen", "ru": "Последний раз видели"},
    "last place": {"en": "Last place", "ru": "Последнее место"},
    "told": {"en": "What is known", "ru": "Что известно"},
    "enquirers": {"en": "Enquirers", "ru": "Заявители"},
    "main": {"en": "Main enquirer", "ru": "Основной заявитель"},
    "other": {"en": "Enquirer", "ru": "Заявитель"},
    "telephone": {"en": "Telephone", "ru": "Телефон"},
    "consent": {"en": "Consent to share", "ru": "Согласие на передачу"},
    "yes": {"en": "yes", "ru": "да"},
    "no": {"en": "no", "ru": "нет"},
    "family": {"en": "What the family was told", "ru": "Что сообщено семье"},
    "information": {"en": "What came back", "ru": "Полученные сведения"},
    "timeline": {"en": "Timeline", "ru": "Ход дела"},
    "actions": {"en": "Actions", "ru": "Действия"},
    "outcome": {"en": "Outcome", "ru": "Результат"},
    "opened": {"en": "Case opened", "ru": "Дело открыто"},
    "call": {"en": "Call from {name}", "ru": "Звонок: {name}"},
    "earlier": {
        "en": "Calls before: {count}, the first on {day}",
        "ru": "Звонков до этого: {count}, первый {day}",
    },
    "unknown caller": {"en": "Call", "ru": "Звонок"},
    "source": {"en": "Source", "ru": "Источник"},
    "none": {"en": "Nothing noted", "ru": "Записей нет"},
    "unknown": {"en": "Not known", "ru": "Неизвестно"},
    "withheld": {"en": "withheld: {why}", "ru": "не показано: {why}"},
    "child": {"en": "Child under 18", "ru": "Ребёнок до 18 лет"},
    "do not call": {
        "en": "A number is not safe to call", "ru": "Есть небезопасный номер"
    },
    "not to share": {"en": "Do not share: no consent", "ru": "Не передавать: нет согласия"},
    "not for family": {
        "en": "Some information is not for the family", "ru": "Часть сведений не для семьи"
    },
    "urgent": {"en": "Urgent", "ru": "Срочно"},
    "confidential": {
        "en": "Confidential. Copy {copy} for: {recipient}. Holds personal data of a missing person "
        "and a family. Keep locked, do not photograph or forward, return or shred when done. "
        "Printed by {by}; the print is on the record of the case.",
        "ru": "Конфиденциально. Экземпляр {copy} для: {recipient}. Содержит личные данные "
        "пропавшего и семьи. Хранить под замком, не фотографировать и не пересылать, после "
        "использования вернуть или уничтожить. Печатал(а): {by}; печать записана в деле.",
    },
    "in house": {
        "en": "Confidential. For the delegation only: this copy does not leave the house. Holds "
        "personal data of a missing person and a family. Keep locked, shred when done. "
        "Printed by {by}.",
        "ru": "Конфиденциально. Только для делегации: этот экземпляр не выносится. Содержит личные "
        "данные пропавшего и семьи. Хранить под замком, после использования уничтожить. "
        "Печатал(а): {by}.",
    },
    "invented": {"en": "Invented person: no real data.", "ru": "Вымышленное лицо."},
    "foot": {"en": "Case {number} · confidential", "ru": "Дело {number} · конфиденциально"},
}  # fmt: skip
SEX: dict[Sex, Words] = {
    Sex.F: {"en": "Female", "ru": "Женский"},
    Sex.M: {"en": "Male", "ru": "Мужской"},
    Sex.OTHER: {"en": "Other", "ru": "Другой"},
    Sex.UNKNOWN: {"en": "Sex not known", "ru": "Пол неизвестен"},
}
CALLS = 5
"""So many of the newest calls are told one by one."""
_PIECE = 1500
"""So many letters of a free text are set as one paragraph."""


@dataclass(frozen=True)
class Withheld:
    """In the place of what a copy does not show: the reason."""

    why: str


Value = str | Withheld


@dataclass(frozen=True)
class Item:
    """A label with its value, or a date with what happened; without a label a paragraph."""

    value: Value
    label: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Part:
    """A section with its pictogram."""

    title: str
    pictogram: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Summary:
    """All that stands on the paper."""

    lang: Lang
    title: str
    office: str
    reference: str
    tag: str | None
    name: str
    second_name: str
    also: str
    status: tuple[str, Value, str, str]
    """Label, status, since when, what comes next."""
    flags: tuple[str, ...]
    left: tuple[Part, ...]
    right: tuple[Part, ...]
    confidential: str
    foot: str


def find_case(session: Session, asked: str) -> int:
    """Find a case by its number as it is kept, or as it is read aloud."""
    for case in by_number(session, asked):
        if case.id is not None:
            return case.id
    raise NotFound(_("There is no case of this number: {asked}.").format(asked=asked))


def sheet(session: Session, case_id: int, profile: Profile, *, to: str = "", by: str = "") -> Drawn:
    """Make the summary of a case for one kind of reader."""
    return case_pdf.drawn(read(session, case_id, profile, to=to, by=by))


def give_out(
    store: Store, case_id: int, profile: Profile, *, to: str, why: str, actor: str
) -> Drawn:
    """Make a copy, and note it where it leaves the house: before it can be written anywhere."""
    with store.read() as session:
        made = sheet(session, case_id, profile, to=to, by=actor)
        number = session.get_one(TracingCase, case_id).number
    if profile is not Profile.INTERNAL or to:
        draft = handed_out.draft_of(
            made, sheet=handed_out.CASE, number=number, profile=profile.value, to=to, why=why
        )
        store.write(handed_out.hand_out, draft, actor=actor)
    return made


def read(session: Session, case_id: int, profile: Profile, *, to: str, by: str) -> Summary:
    """Read what the profile shows. Refuses an authority's copy that no enquirer agreed to."""
    file = reading.case_file(session, case_id, calls_about)
    if profile is Profile.AUTHORITY and not any(one.consent for one in file.enquirers):
        raise Refused(
            _("The family has not agreed that this case is shared with an authority. Ask first.")
        )
    return _Reader(session, file, profile).summary(to, by)


class _Reader:
    """Puts a case into words for one profile."""

    def __init__(self, session: Session, file: reading.CaseFile, profile: Profile) -> None:
        self.session, self.file, self.profile = session, file, profile
        self.lang: Lang = "ru" if current() == "ru" else "en"
        self.names = session.exec(
            select(PersonName)
            .where(PersonName.person_id == file.person_id)
            .order_by(col(PersonName.kind) != NameKind.OFFICIAL, col(PersonName.id))
        ).all()

    def say(self, key: str, **values: object) -> str:
        return TEXT[key][self.lang].format(**values)

    def shown(self, field: str, make: Callable[[], Value]) -> Value:
        """Give the value where the profile shows the field, else why not; it is not even made."""
        if shows(self.profile, field):
            return make()
        return Withheld(self.say("withheld", why=why_not(field, self.lang)))

    def text(self, text: str) -> str:
        return free_text(text, self.profile, self.lang)

    def summary(self, to: str, by: str) -> Summary:
        file = self.file
        illustrative = get_setting(self.session, "trial_day", "") != ""
        office = get_setting(self.session, "delegation", "") or SHEET["office"][self.lang]
        number = wording.read_number(file.number)
        first, second = self._both_scripts()
        if self.profile is Profile.INTERNAL:
            closing = self.say("in house", by=by)
        else:
            copy = len(handed_out.copies(self.session, handed_out.CASE, file.number)) + 1
            closing = self.say("confidential", copy=copy, recipient=to, by=by)
        if illustrative:
            closing = f"{closing} {self.say('invented')}"
        flags = self.shown("flags", lambda: "")
        return Summary(
            lang=self.lang,
            title=self.say("title"),
            office=SHEET["office invented"][self.lang] if illustrative else office,
            reference=self.say("reference", number=number, day=short_date(clock.today())),
            tag=SHEET["tag"][self.lang] if illustrative else None,
            name=first,
            second_name=second,
            also=self._also(),
            status=self._status(),
            flags=() if isinstance(flags, Withheld) else tuple(self._flags()),
            left=(self._identity(), self._circumstances(), self._enquirers(), self._told()),
            right=(self._timeline(), self._actions(), self._information()),
            confidential=closing,
            foot=self.say("foot", number=number),
        )

    # Names ---------------------------------------------------------------------------------------

    def _both_scripts(self) -> tuple[str, str]:
        """The name in the script of the language first, its family name in capitals."""
        latin = next((n for n in self.names if n.script is Script.LATIN), None)
        cyrillic = next((n for n in self.names if n.script is Script.CYRILLIC), None)
        one = _set_name(latin) or romanise(_set_name(cyrillic))
        other = _set_name(cyrillic)
        if not one and not other:
            return self.say("unknown"), ""
        return (one, other) if self.lang == "en" else (other or one, one if other else "")

    def _also(self) -> str:
        main = {id(next((n for n in self.names if n.script is script), None)) for script in Script}
        others = [_plain_name(n) for n in self.names if id(n) not in main]
        if not others or not shows(self.profile, "other names"):
            return ""
        return self.say("also", names="; ".join(dict.fromkeys(others)))

    # Parts ---------------------------------------------------------------------------------------

    def _status(self) -> tuple[str, Value, str, str]:
        file = self.file
        words = self.shown("status", lambda: _(wording.STATUS[file.status][0]))
        since = next_step = ""
        if not isinstance(words, Withheld):
            opened = file.draft.opened_on
            days = ((file.draft.closed_on or clock.today()) - opened).days
            since = self.say("since", day=short_date(opened), days=days)
        awaited = next(iter(file.awaited), None)
        if awaited is not None and shows(self.profile, "work"):
            what = awaited.what
            if awaited.due is not None:
                what = f"{what}, {short_date(awaited.due)}"
            next_step = self.say("next", what=what)
        return self.say("status"), words, since, next_step

    def _flags(self) -> Iterator[str]:
        file = self.file
        born = file.person.born_last
        child = born is not None and _years(born, clock.today()) < MINOR
        if child or file.draft.kind is CaseKind.CHILD:
            yield self.say("child")
        people = [one.person_id for one in file.enquirers]
        unsafe = select(Contact.id).where(
            col(Contact.person_id).in_(people), col(Contact.safe).is_(False)
        )
        if self.session.exec(unsafe.limit(1)).first() is not None:
            yield self.say("do not call")
        if not any(one.consent for one in file.enquirers):
            yield self.say("not to share")
        if any(row.share_with_family is not Sharing.YES for row in self._rows(InformationReceived)):
            yield self.say("not for family")
        if file.draft.priority.value == "urgent":
            yield self.say("urgent")

    def _identity(self) -> Part:
        person, case = self.file.person, self.file.draft
        unknown = self.say("unknown")
        born = wording.born(person.born_first, person.born_last) or unknown
        items = [
            Item(f"{SEX[person.sex][self.lang]}, {born}", self.say("sex, birth")),
            Item(person.birth_place or unknown, self.say("birth place")),
            Item(self.shown("parents", lambda: person.father_name or unknown), self.say("father")),
            Item(self.shown("parents", lambda: person.mother_name or unknown), self.say("mother")),
            Item(self.text(case.marks or "") or self.say("none"), self.say("marks")),
            Item(_(wording.KIND[case.kind]), self.say("kind")),
        ]
        if case.external_ref and shows(self.profile, "work"):
            items.append(Item(case.external_ref, self.say("reference of")))
        return Part(self.say("identity"), "person-search", tuple(items))

    def _circumstances(self) -> Part:
        case = self.file.draft
        unknown = self.say("unknown")
        seen = short_date(case.last_seen_on) if case.last_seen_on else unknown
        told = self.shown(
            "circumstances", lambda: self.text(case.circumstances) or self.say("none")
        )
        return Part(
            self.say("circumstances"),
            "document",
            (
                Item(seen, self.say("last seen")),
                Item(self.text(case.last_seen_at) or unknown, self.say("last place")),
                *_paragraphs(told),
            ),
        )

    def _enquirers(self) -> Part:
        items: list[Item] = []
        for one in self.file.enquirers:
            label = self.say("main" if one.main else "other")
            agreed = one.consent or self.profile is not Profile.PARTNER
            name = self.shown("enquirers", lambda one=one: one.name)  # type: ignore[misc]
            if not agreed:
                name = Withheld(self.say("withheld", why=NO_CONSENT[self.lang]))
            shared = shows(self.profile, "relation") and agreed
            relation = _inside(relation_words(one.relation)) if shared else ""
            if isinstance(name, Withheld):
                items.append(Item(name, label))
                if relation:
                    items.append(Item(relation))
            else:
                items.append(Item(f"{name} ({relation})" if relation else name, label, strong=True))
            if self.profile in (Profile.INTERNAL, Profile.PARTNER):
                phones = ", ".join(one.phones) or self.say("unknown")
                items.append(
                    Item(
                        self.shown("telephone", lambda phones=phones: phones),  # type: ignore[misc]
                        self.say("telephone"),
                    )
                )
                items.append(Item(self.say("yes" if one.consent else "no"), self.say("consent")))
        return Part(self.say("enquirers"), "people", tuple(items) or (Item(self.say("none")),))

    def _told(self) -> Part:
        items: list[Item] = []
        if not shows(self.profile, "informed"):
            items = [Item(self.shown("informed", lambda: ""))]
        else:
            for row in self._rows(FamilyInformed):
                words = [_(wording.FATE[row.fate]), _inside(_(wording.MEANS[row.how]))]
                if row.told and shows(self.profile, "told"):
                    words.append(row.told)
                items.append(Item(_joined(*words), short_date(row.on_date)))
        return Part(self.say("family"), "home", tuple(items) or (Item(self.say("none")),))

    def _timeline(self) -> Part:
        """Statuses for those who see them, and calls for the house."""
        file = self.file
        happened: list[tuple[dt.date, int, Value]] = [(file.draft.opened_on, 0, self.say("opened"))]
        if shows(self.profile, "status"):
            rows = self.session.exec(
                select(CaseStatus).where(
                    CaseStatus.case_id == file.id, col(CaseStatus.known_to).is_(None)
                )
            ).all()
            happened += [
                (row.valid_from, 1 + (row.id or 0), _(wording.STATUS[Status(row.status)][0]))
                for row in rows
            ]
        if shows(self.profile, "calls"):
            calls = calls_about(self.session, file.person_id, (file.number,))
            if earlier := calls[CALLS:]:
                words = self.say("earlier", count=len(earlier), day=short_date(earlier[-1].on))
                happened.append((earlier[0].on, earlier[0].enquiry_id, words))
            for call in calls[:CALLS]:
                name = call.caller
                words = self.say("call", name=name) if name else self.say("unknown caller")
                text = f"{words}. {call.summary}" if call.summary else words
                happened.append((call.on, call.enquiry_id, text))
        happened.sort(key=lambda item: (item[0], item[1]))
        items = [Item(text, short_date(day)) for day, _order, text in happened]
        if not shows(self.profile, "status"):
            items.append(Item(self.shown("status", lambda: "")))
        if file.draft.outcome is not None and shows(self.profile, "status"):
            words = _(wording.OUTCOME[Outcome(file.draft.outcome)])
            items.append(Item(words, self.say("outcome"), strong=True))
        return Part(self.say("timeline"), "document", tuple(items))

    def _actions(self) -> Part:
        if not shows(self.profile, "actions"):
            return Part(self.say("actions"), "mail", (Item(self.shown("actions", lambda: "")),))
        rows = self._rows(CaseAction)
        asked = {row.partner_id for row in rows if row.partner_id is not None}
        partners = self.session.exec(
            select(Organisation).where(col(Organisation.id).in_(asked))
        ).all()
        names = {one.id: one.latin_name if self.lang == "en" else one.name for one in partners}
        items = []
        for row in rows:
            words = [_(wording.ACTION[row.kind])]
            if names.get(row.partner_id) and shows(self.profile, "whom"):
                words.append(names[row.partner_id])
            words.append(_inside(_(wording.ANSWER[row.outcome][0])))
            text = _joined(*words)
            if row.note and shows(self.profile, "notes"):
                text = f"{text}. {row.note}"
            items.append(Item(text, short_date(row.on_date)))
        return Part(self.say("actions"), "mail", tuple(items) or (Item(self.say("none")),))

    def _information(self) -> Part:
        items: list[Item] = []
        if not shows(self.profile, "information"):
            items = [Item(self.shown("information", lambda: ""))]
        else:
            for row in self._rows(InformationReceived):
                day = short_date(row.on_date)
                if self.profile is Profile.FAMILY and row.share_with_family is not Sharing.YES:
                    why = self.say("withheld", why=NOT_FOR_FAMILY[self.lang])
                    items.append(Item(Withheld(why), day))
                    continue
                words = [
                    _(wording.FATE[row.fate]),
                    _inside(_(wording.RELIABILITY[row.reliability][0])),
                    self.text(row.whereabouts),
                ]
                items.append(Item(_joined(*words), day))
                if row.source:
                    source = self.shown("source", lambda row=row: row.source)  # type: ignore[misc]
                    items.append(Item(source, self.say("source")))
        return Part(self.say("information"), "phone", tuple(items) or (Item(self.say("none")),))

    def _rows(self, table: Any) -> Sequence[Any]:
        return self.session.exec(
            select(table).where(table.case_id == self.file.id).order_by(table.on_date, table.id)
        ).all()


def _joined(*words: str) -> str:
    return ", ".join(word for word in words if word)


def _inside(words: str) -> str:
    """Begin words of a list small, as they stand after a comma."""
    return words[:1].lower() + words[1:]


def _paragraphs(value: Value) -> list[Item]:
    """A free text as paragraphs that a page can hold."""
    if isinstance(value, Withheld):
        return [Item(value)]
    made = []
    for line in value.splitlines():
        rest = line.strip()
        while rest:
            cut = rest.rfind(" ", 0, _PIECE) if len(rest) > _PIECE else len(rest)
            cut = cut if cut > 0 else _PIECE
            made.append(Item(rest[:cut]))
            rest = rest[cut:].strip()
    return made


def _set_name(name: PersonName | None) -> str:
    """Set a name as the head of a summary does: SOKOLENKO, Daniil Ihorovych."""
    if name is None:
        return ""
    rest = " ".join(part for part in (name.given, name.patronymic) if part)
    return ", ".join(part for part in (name.family.upper(), rest) if part)


def _plain_name(name: PersonName) -> str:
    return " ".join(part for part in (name.family, name.given, name.patronymic) if part)


def _years(born: dt.date, on: dt.date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
