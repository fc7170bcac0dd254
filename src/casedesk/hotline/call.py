"""A call that is being written down: what was typed, kept as it is, and turned into records.

Nothing here refuses to hold what somebody typed; `build` says what is wrong with it, field by
field, and makes drafts of the rest.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from casedesk.hotline.door import About, Typed
from casedesk.hotline.listing import partial_words
from casedesk.hotline.records import (
    PLACE,
    PROMISE,
    Channel,
    Consent,
    EnquiryDraft,
    EnquiryStatus,
    Reason,
)
from casedesk.kernel import clock
from casedesk.kernel.errors import InvalidDraft, Refused
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _
from casedesk.names.parse import clean, parse, script
from casedesk.people.records import NAME_PART, PersonDraft, PersonNameDraft, Sex, plain_text
from casedesk.people.rules import NewPerson

PREFIX = "hotline.call."
LONGEST = 20_000  # of one field in a draft; what is longer is refused with a sentence when saved


@dataclass
class Link:
    """The match that was chosen for a person: a case, or a file without one."""

    person_id: int
    case_id: int | None
    words: str


@dataclass
class SoughtText:
    """One person sought, as typed."""

    name: str = ""
    relation: str = ""
    born: str = ""
    sex: str = Sex.UNKNOWN.value
    mother: str = ""
    place: str = ""
    contact: str = ""
    link: Link | None = None
    refused: list[int] = field(default_factory=list)
    new_case: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known of the person."""
        said = (self.name, self.born, self.mother, self.place, self.contact)
        return self.link is None and not any(text.strip() for text in said)

    def typed(self, caller_id: int | None, caller: str, everybody: bool) -> Typed:
        """Give what can be searched for; a date that cannot be read yet is left out."""
        return Typed(
            name=self.name.strip()[:600],
            born=read_date(self.born),
            sex=Sex(self.sex),
            mother=self.mother.strip()[:NAME_PART],
            place=self.place.strip()[:500],
            contact=read_date(self.contact),
            caller_id=caller_id,
            caller=clean(caller)[:NAME_PART],
            everybody=everybody,
        )


@dataclass(frozen=True)
class Problem:
    """A field that needs a look; `person` is the index of the sought person, or -1."""

    field: str
    text: str
    person: int = -1


class CannotSave(Refused):
    """Some fields of a call need a look first."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems in the order of the form."""
        super().__init__(_("Some fields need a look before the call can be saved."))
        self.problems = problems


@dataclass
class CallText:
    """One call, as typed so far."""

    key: str = ""
    on: str = ""
    at: str = ""
    seconds: int = 0
    parked: bool = False
    number: str = ""
    caller_id: int | None = None
    caller_words: str = ""
    caller_name: str = ""
    language: str = ""
    reason: str = Reason.SEEKING_RELATIVE.value
    sought: list[SoughtText] = field(default_factory=lambda: [SoughtText()])
    notes: str = ""
    call_back: bool = False
    back_on: str = ""
    back_at: str = ""
    promise: str = ""
    consent: str = Consent.UNKNOWN.value

    @classmethod
    def begin(cls, now: dt.datetime, day: dt.date) -> CallText:
        """Begin a call at this moment."""
        return cls(key=PREFIX + secrets.token_hex(6), on=day.isoformat(), at=f"{now:%H:%M}")

    @property
    def empty(self) -> bool:
        """Whether nothing was typed that would be missed."""
        said = (self.number, self.caller_name, self.notes, self.promise)
        return (
            self.caller_id is None
            and not any(text.strip() for text in said)
            and all(person.empty for person in self.sought)
        )

    def title(self) -> str:
        """Name the call in a list of calls that are not saved yet."""
        caller = self.caller_words or self.caller_name.strip() or self.number.strip()
        sought = next((p.name.strip() for p in self.sought if p.name.strip()), "")
        caller, sought = clean(caller)[:60], clean(sought)[:60]
        if caller and sought:
            return _("{time}, {caller} about {sought}").format(
                time=self.at, caller=caller, sought=sought
            )
        return ", ".join(filter(None, (self.at, caller or sought or _("nobody named yet"))))

    def to_json(self) -> str:
        """Write the call for the drafts of the file."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> CallText | None:
        """Read a kept call; None where it is not one. What does not fit is passed over."""
        try:
            values = json.loads(text)
            persons = values.pop("sought", [])
            call = cls(**_known(cls(), values))
            call.sought = [_person(person) for person in persons] or [SoughtText()]
        except (ValueError, TypeError, AttributeError, KeyError):
            return None
        return call

    def build(
        self, actor: str, today: dt.date
    ) -> tuple[EnquiryDraft, list[About], NewPerson | int | None]:
        """Make what the acts take. Raises `CannotSave` with every field that needs a look."""
        problems: list[Problem] = []
        about = [
            made
            for index, person in enumerate(self.sought)
            if not person.empty and (made := _about(index, person, problems)) is not None
        ]
        caller = self._caller(problems)
        draft = self._draft(actor, today, problems)
        if problems or draft is None:
            raise CannotSave(sorted(problems, key=_place))
        return draft, about, caller

    def _caller(self, problems: list[Problem]) -> NewPerson | int | None:
        statistics = self.consent == Consent.STATISTICS_ONLY.value
        if statistics and (self.caller_id is not None or self.caller_name.strip()):
            problems.append(
                Problem(
                    "consent",
                    _("A caller who agrees to statistics only is kept without name: empty it."),
                )
            )
            return None
        if self.caller_id is not None:
            return self.caller_id
        if not self.caller_name.strip():
            return None
        names = _names("caller_name", self.caller_name, -1, problems)
        return NewPerson(PersonDraft(), names) if names else None

    def _draft(self, actor: str, today: dt.date, problems: list[Problem]) -> EnquiryDraft | None:
        day, at = None, ""
        if self.call_back:
            day, at = self._call_back(today, problems)
        notes = _plain("notes", self.notes, problems)
        _fits("promise", self.promise, PROMISE, -1, problems)
        said = [line for person in self.sought if (line := _said(person))]
        summary = "\n".join(filter(None, (notes.strip(), *said)))
        statistics = self.consent == Consent.STATISTICS_ONLY.value
        values: dict[str, Any] = {
            "received_on": dt.date.fromisoformat(self.on) if self.on else today,
            "received_at": self.at,
            "channel": Channel.PHONE,
            "operator": actor[:100],
            "language": self.language,
            "number_typed": "" if statistics else self.number,
            "reason": self.reason,
            "status": EnquiryStatus.CALL_BACK if day else EnquiryStatus.ANSWERED,
            "summary": summary,
            "call_back_on": day,
            "call_back_at": at if day else "",
            "promised": self.promise if self.call_back else "",
            "consent": self.consent,
            "minutes": min(1440, -(-self.seconds // 60)),
        }
        try:
            return EnquiryDraft.checked(values)
        except InvalidDraft as error:
            for name, text in error.fields.items():
                problems.append(Problem(_PLACES.get(name, "notes"), text))
            return None

    def _call_back(self, today: dt.date, problems: list[Problem]) -> tuple[dt.date | None, str]:
        day, at = None, ""
        date = read_date(self.back_on)
        if not self.back_on.strip():
            problems.append(Problem("back_on", _("Say on which day to call back.")))
        elif date is None or date.first != date.last:
            problems.append(Problem("back_on", _("Write the whole date, as 2025-09-03.")))
        elif date.first < today:
            problems.append(Problem("back_on", _("This day has passed. Choose a later one.")))
        else:
            day = date.first
        if self.back_at.strip():
            match = re.fullmatch(r"\s*(\d{1,2})[:.](\d{2})\s*", self.back_at)
            if match is None or int(match[1]) > 23 or int(match[2]) > 59:
                problems.append(Problem("back_at", _("Write the time as 09:30.")))
            else:
                at = f"{int(match[1]):02}:{match[2]}"
        return day, at


_ORDER = (
    "number", "caller_name", "reason", "name", "relation", "born", "sex", "mother", "place",
    "contact", "notes", "back_on", "back_at", "promise", "consent",
)  # fmt: skip
_PLACES = {
    "number_typed": "number",
    "summary": "notes",
    "call_back_on": "back_on",
    "call_back_at": "back_at",
    "promised": "promise",
}


def _place(problem: Problem) -> tuple[bool, bool, int, int]:
    """Sort as the form is read: the caller, the persons one by one, then the rest."""
    index = _ORDER.index(problem.field) if problem.field in _ORDER else len(_ORDER)
    late = problem.person < 0 and index >= _ORDER.index("notes")
    return late, problem.person >= 0, problem.person, index


def read_date(text: str) -> PartialDate | None:
    """Read a date known in part; None where nothing, or nothing readable, is typed."""
    try:
        return PartialDate.parse(text, clock.today()) if text.strip() else None
    except Refused:
        return None


def date_problem(text: str) -> str:
    """Say what is wrong with a date that is typed, or nothing."""
    try:
        if text.strip():
            date = PartialDate.parse(text, clock.today())
            if date.first > clock.today():
                return _("The date lies in the future.")
    except Refused:
        if re.fullmatch(r"\s*\d{4}\s*(\.\.|-|–)\s*\d{4}\s*", text):
            return _("The interval ends before it begins.")
        # shorter than the kernel's sentence, which a field of three in a row has no room for
        return _("Write 1987, 1987-03, ~38 or 1985..1989.")
    return ""


def _about(index: int, person: SoughtText, problems: list[Problem]) -> About | None:
    before = len(problems)
    for name, text in (("born", person.born), ("contact", person.contact)):
        if problem := date_problem(text):
            problems.append(Problem(name, problem, index))
    born, contact = read_date(person.born), read_date(person.contact)
    _fits("mother", person.mother, NAME_PART, index, problems)
    _fits("place", person.place, PLACE, index, problems)
    if person.link is not None:
        return About(
            person.link.person_id,
            person.relation,
            person.link.case_id,
            last_place=person.place.strip(),
            last_contact=contact,
        )
    names = _names("name", person.name, index, problems)
    if len(problems) > before or names is None:
        return None
    values: dict[str, Any] = {"sex": person.sex, "mother_name": person.mother}
    if born is not None:
        values |= {"born_first": born.first, "born_last": born.last}
    try:
        draft = PersonDraft.checked(values)
    except InvalidDraft as error:
        for field_name, text in error.fields.items():
            place = {"mother_name": "mother", "born_last": "born"}.get(field_name, "born")
            problems.append(Problem(place, text, index))
        return None
    return About(
        NewPerson(draft, names),
        person.relation,
        new_case=person.new_case,
        last_place=person.place.strip(),
        last_contact=contact,
    )


def _names(
    place: str, typed: str, index: int, problems: list[Problem]
) -> tuple[PersonNameDraft, ...] | None:
    if not typed.strip():
        problems.append(Problem(place, _("Write at least a family name or a given name."), index))
        return None
    if not _fits(place, typed, 600, index, problems):
        return None
    parsed = parse(typed)
    try:
        name = PersonNameDraft.checked(
            {
                "script": script(typed),
                "family": parsed.family,
                "given": parsed.given,
                "patronymic": parsed.patronymic,
            }
        )
    except InvalidDraft as error:
        text = next(iter(error.fields.values()))
        problems.append(Problem(place, text, index))
        return None
    return (name,)


def _fits(place: str, text: str, longest: int, index: int, problems: list[Problem]) -> bool:
    """Refuse what is too long or holds what cannot be shown, with a sentence that says so."""
    if len(text.strip()) > longest:
        problems.append(
            Problem(
                place,
                _("This is too long: {count} letters, {longest} fit.").format(
                    count=len(text.strip()), longest=longest
                ),
                index,
            )
        )
        return False
    try:
        plain_text(text)
    except ValueError as error:
        problems.append(Problem(place, str(error), index))
        return False
    return True


def _plain(place: str, text: str, problems: list[Problem]) -> str:
    return str(plain_text(text)) if _fits(place, text, LONGEST, -1, problems) else ""


def _said(person: SoughtText) -> str:
    """Write down what was said of a linked person: the file of that person stays as it is."""
    if person.link is None:
        return ""
    parts = []
    if person.name.strip():
        parts.append(_("Asked for {name}.").format(name=person.name.strip()))
    if (born := read_date(person.born)) is not None:
        parts.append(_("Born about {date}.").format(date=partial_words(born)))
    if person.mother.strip():
        parts.append(_("Mother: {name}.").format(name=person.mother.strip()))
    return " ".join(parts)


def _person(values: dict[str, Any]) -> SoughtText:
    link = values.pop("link", None)
    person = SoughtText(**_known(SoughtText(), values))
    if isinstance(link, dict):
        person.link = Link(int(link["person_id"]), link.get("case_id"), str(link.get("words")))
    return person


def _known(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the values that are of the kind the model has there."""
    kinds = {item.name: type(getattr(model, item.name)) for item in fields(model)}
    kinds["caller_id"] = int
    return {
        name: value
        for name, value in values.items()
        if name in kinds and isinstance(value, kinds[name])
    }
