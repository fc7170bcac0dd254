"""The case summary: each reader's copy holds what they may see, and every copy is on record."""

from __future__ import annotations

import datetime as dt
import hashlib
import io

import pytest
from pypdf import PdfReader
from sqlmodel import select

from casedesk.cli import main
from casedesk.hotline.records import Channel, EnquiryDraft, EnquirySoughtDraft, Reason
from casedesk.hotline.rules import log_call
from casedesk.kernel import journal, language
from casedesk.kernel.errors import InvalidDraft, NotFound, Refused
from casedesk.people import rules as people
from casedesk.people.records import (
    ContactDraft,
    NameKind,
    PersonDraft,
    PersonNameDraft,
    Script,
    Sex,
)
from casedesk.reports import case_summary, redaction
from casedesk.reports.handed_out import HandedOut, copies
from casedesk.reports.redaction import FIELDS, Profile
from casedesk.tracing import rules
from casedesk.tracing.records import (
    ActionKind,
    CaseActionDraft,
    CaseEnquirer,
    CaseEnquirerDraft,
    FamilyInformedDraft,
    Fate,
    InformationReceivedDraft,
    Reliability,
    Sharing,
    TracingCaseDraft,
)

DAY = dt.date(2025, 5, 14)
# What only some copies may hold, by the field of the table that says so.
SECRETS = {
    "name": "СОКОЛЕНКО",
    "other names": "Соколик",
    "birth place": "Образцово",
    "parents": "Ігор Соколенко",
    "last seen": "Example Village",
    "marks": "Scar on the left forearm",
    "circumstances": "repair a pump station",
    "enquirers": "Коваленко",
    "relation": "sister",
    "telephone": "+7 916 555 01 01",
    "calls": "asked for news twice",
    "actions": "Request to an authority",
    "notes": "second spelling tried",
    "information": "seen in a hospital",
    "source": "Nurse of the ward",
    "informed": "Fate not known",
    "told": "told at the kitchen table",
}


class World:
    """One case with something to hide in every field."""

    def __init__(self, store):
        self.store = store
        names = (
            PersonNameDraft(family="Соколенко", given="Даниил", patronymic="Игоревич"),
            PersonNameDraft(
                script=Script.LATIN, kind=NameKind.PASSPORT, family="Sokolenko", given="Daniil"
            ),
            PersonNameDraft(kind=NameKind.HEARD, given=SECRETS["other names"]),
        )
        born = dt.date(1998, 2, 3)
        person = PersonDraft(
            sex=Sex.M,
            born_first=born,
            born_last=born,
            birth_place=SECRETS["birth place"],
            father_name=SECRETS["parents"],
        )
        sought = self.do(people.register_person, person, names)
        asking = PersonNameDraft(family=SECRETS["enquirers"], given="Ирина")
        phone = ContactDraft(typed=SECRETS["telephone"], safe=False)
        sister = self.do(people.register_person, PersonDraft(), (asking,), (phone,))
        draft = TracingCaseDraft(
            person_id=sought.id,
            opened_on=DAY,
            last_seen_on=DAY,
            last_seen_at=SECRETS["last seen"],
            circumstances=f"Went to <b>{SECRETS['circumstances']}</b> & called +7 495 123-45-67.",
            marks=SECRETS["marks"],
        )
        self.case = self.do(rules.open_case, draft)
        self.enquirer = self.do(
            rules.add_enquirer,
            CaseEnquirerDraft(
                case_id=self.case.id,
                person_id=sister.id,
                relation=SECRETS["relation"],
                main=True,
                consent=True,
            ),
        )
        call = EnquiryDraft(
            received_on=DAY, received_at="10:15", channel=Channel.PHONE,
            reason=Reason.SEEKING_RELATIVE, summary=SECRETS["calls"],
        )  # fmt: skip
        self.do(log_call, call, (EnquirySoughtDraft(person_id=sought.id),))
        action = CaseActionDraft(
            case_id=self.case.id, on_date=DAY, kind=ActionKind.AUTHORITY_REQUEST,
            note=SECRETS["notes"],
        )  # fmt: skip
        self.do(rules.record_action, action)
        self.inform(SECRETS["information"], Sharing.YES)
        told = FamilyInformedDraft(
            case_id=self.case.id, on_date=DAY, told=SECRETS["told"], fate=Fate.UNKNOWN
        )
        self.do(rules.inform_family, told)

    def do(self, act, *args):
        return self.store.write(act, *args, actor="anna")[0]

    def inform(self, where, sharing):
        draft = InformationReceivedDraft(
            case_id=self.case.id, on_date=DAY, source=SECRETS["source"], whereabouts=where,
            reliability=Reliability.PROBABLE, share_with_family=sharing,
        )  # fmt: skip
        self.do(rules.record_information, draft)

    def withdraw_consent(self):
        with self.store.read() as session:
            kept = session.get_one(CaseEnquirer, self.enquirer.id)
        values = {**kept.draft().model_dump(), "consent": False}
        self.do(rules.change_enquirer, kept.id, CaseEnquirerDraft.checked(values), kept.revision)

    def made(self, profile):
        with self.store.read() as session:
            return case_summary.sheet(
                session, self.case.id, profile, to="Partner <branch>", by="anna"
            )

    def text(self, profile):
        return text_of(self.made(profile).data)


def text_of(data):
    """Read the words of a PDF in their order."""
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def world(store):
    return World(store)


@pytest.mark.parametrize("profile", list(Profile))
def test_copy_holds_what_its_reader_may_see_and_nothing_else(world, profile):
    text = world.text(profile)
    for field, secret in SECRETS.items():
        assert (secret in text) is redaction.shows(profile, field), field


NEVER = {
    Profile.PARTNER: {"telephone", "calls", "notes", "source"},
    Profile.AUTHORITY: {
        *("parents", "circumstances", "enquirers", "relation", "telephone", "calls", "actions"),
        *("notes", "information", "source", "informed", "told"),
    },
    Profile.FAMILY: {
        *("other names", "circumstances", "enquirers", "telephone", "calls", "notes"),
        *("source", "told"),
    },
}


@pytest.mark.parametrize("profile", list(NEVER))
def test_what_a_reader_may_never_see_was_decided_here(profile):
    hidden = {field for field in SECRETS if not redaction.shows(profile, field)}
    assert hidden == NEVER[profile]


@pytest.mark.parametrize("profile", list(Profile))
def test_what_is_left_out_is_not_in_the_file_either(world, profile):
    reader = PdfReader(io.BytesIO(world.made(profile).data))
    hidden = [s for field, s in SECRETS.items() if not redaction.shows(profile, field)]
    told = "\n".join(str(value) for value in reader.metadata.values())
    told += "\n".join(entry.title for entry in reader.outline)
    assert not [secret for secret in [*hidden, "Соколенко", "Sokolenko"] if secret in told]


def test_every_field_says_why_it_is_left_out_in_both_languages():
    for field, rule in FIELDS.items():
        for profile in Profile:
            if not redaction.shows(profile, field):
                assert rule.why["en"], field
                assert rule.why["ru"], field
        assert redaction.shows(Profile.INTERNAL, field)


def test_reason_stands_in_the_place_of_what_is_left_out(world):
    text = world.text(Profile.PARTNER)
    assert "Telephone withheld: telephone numbers stay in the house" in text
    assert "Source withheld: sources are protected" in text


def test_number_in_a_free_text_stays_in_the_house(world):
    assert "+7 495 123-45-67" in world.text(Profile.INTERNAL)
    partner = world.text(Profile.PARTNER)
    assert "<b>repair a pump station</b> & called [number left out]." in partner
    assert "14 May 2025" in partner


def test_what_is_not_cleared_for_the_family_is_not_in_its_copy(world):
    world.inform("taken to Sample Town", Sharing.NO)
    world.inform("moved to another ward", Sharing.AFTER_CONSENT)
    family = world.text(Profile.FAMILY)
    assert SECRETS["information"] in family
    assert "Sample Town" not in family
    assert "another ward" not in family
    assert family.count("withheld: not cleared for the family") == 2
    partner = world.text(Profile.PARTNER)
    assert "Sample Town" in partner
    assert "Some information is not for the family" in partner


def test_without_consent_relatives_are_not_named_and_authorities_get_nothing(world):
    world.withdraw_consent()
    partner = world.text(Profile.PARTNER)
    assert SECRETS["enquirers"] not in partner
    assert "withheld: has not consented" in partner
    assert "Do not share: no consent" in partner
    assert SECRETS["enquirers"] in world.text(Profile.INTERNAL)
    with pytest.raises(Refused, match="has not agreed"):
        world.made(Profile.AUTHORITY)


def test_flags_that_protect_somebody_stand_under_the_name(world):
    text = world.text(Profile.INTERNAL)
    assert "A number is not safe to call" in text
    assert "Child under 18" not in text
    assert "A number is not safe to call" not in world.text(Profile.FAMILY)


def test_name_stands_in_the_script_of_the_language_first(world):
    english = world.text(Profile.INTERNAL)
    assert english.index("SOKOLENKO, Daniil") < english.index("СОКОЛЕНКО, Даниил Игоревич")
    language.use("ru")
    russian = world.text(Profile.INTERNAL)
    assert russian.index("СОКОЛЕНКО, Даниил Игоревич") < russian.index("SOKOLENKO, Daniil")
    assert "СВОДКА" not in russian
    assert "Сводка по делу" in russian


@pytest.mark.parametrize("profile", list(Profile))
def test_same_case_gives_the_same_bytes(world, profile):
    assert world.made(profile).data == world.made(profile).data


def test_long_case_runs_on_with_its_head_and_loses_nothing(world):
    with world.store.read() as session:
        kept = session.get_one(type(world.case), world.case.id)
    told = " ".join(f"word{at}" for at in range(1500))
    values = {**kept.draft().model_dump(), "circumstances": told}
    world.do(rules.change_case, kept.id, TracingCaseDraft.checked(values), kept.revision)
    made = world.made(Profile.INTERNAL)
    text = text_of(made.data)
    assert made.pages > 1
    assert all(f"word{at}" in text for at in range(1500))
    assert text.count("SOKOLENKO, Daniil") == made.pages


def test_copy_that_leaves_is_noted_before_it_is_written(world):
    given = {"to": "Partner <branch>", "why": "Search in the lists", "actor": "boris"}
    first = case_summary.give_out(world.store, world.case.id, Profile.PARTNER, **given)
    case_summary.give_out(world.store, world.case.id, Profile.INTERNAL, to="", why="", actor="b")
    second = case_summary.give_out(world.store, world.case.id, Profile.PARTNER, **given)
    assert "Copy 1 for: Partner <branch>" in text_of(first.data)
    assert "Copy 2 for:" in text_of(second.data)
    with world.store.read() as session:
        kept = session.exec(select(HandedOut).order_by(HandedOut.id)).all()
        assert copies(session, "case", world.case.number) == tuple(row.id for row in kept)
        (line,) = journal.history(session, "handed_out", kept[0].id)
    assert [row.sha256 for row in kept] == [
        hashlib.sha256(one.data).hexdigest() for one in (first, second)
    ]
    assert (kept[0].to_whom, kept[0].why, kept[0].profile) == (
        "Partner <branch>", "Search in the lists", "partner",
    )  # fmt: skip
    assert (line.act, line.actor) == ("reports.hand_out", "boris")


@pytest.mark.parametrize(("to", "why"), [("", "Reason"), ("Somebody", " "), ("\u200b", "Reason")])
def test_nobody_takes_a_copy_without_a_name_and_a_reason(world, to, why):
    with pytest.raises(InvalidDraft):
        case_summary.give_out(
            world.store, world.case.id, Profile.FAMILY, to=to, why=why, actor="anna"
        )
    with world.store.read() as session:
        assert session.exec(select(HandedOut)).all() == []


def test_case_is_found_as_its_number_is_said(world):
    number = world.case.number
    with world.store.read() as session:
        for asked in (number, number[:-2], number[:-2].replace("-", ""), f" {number} "):
            assert case_summary.find_case(session, asked) == world.case.id
        with pytest.raises(NotFound):
            case_summary.find_case(session, "2001-000009")


def test_command_writes_a_copy_and_refuses_what_is_not_whole(world, tmp_path, capsys):
    out = tmp_path / "case.pdf"
    command = ["sheet", str(world.store.path), "case", "--out", str(out)]
    case = ["--case", world.case.number]
    assert main([*command, *case]) == 0
    assert "For the delegation only" in text_of(out.read_bytes())
    to = ["--to", "The sister", "--why", "She asked for it"]
    assert main([*command, *case, "--profile", "family", *to]) == 0
    assert "Copy 1 for: The sister" in text_of(out.read_bytes())
    assert out.stat().st_mode & 0o077 == 0
    before = out.read_bytes()
    assert main([*command, "--case", "2001-000009"]) == 3
    assert main([*command, *case, "--profile", "family", "--to", " ", "--why", "x"]) == 3
    world.withdraw_consent()
    assert main([*command, *case, "--profile", "authority", *to]) == 3
    assert "has not agreed" in capsys.readouterr().err
    for wrong in (case[:0], [*case, "--profile", "partner"], [*case, "--profile", "press", *to]):
        with pytest.raises(SystemExit) as stopped:
            main([*command, *wrong])
        assert stopped.value.code == 2
    assert out.read_bytes() == before


def test_fonts_lie_in_the_file(world):
    reader = PdfReader(io.BytesIO(world.made(Profile.INTERNAL).data))
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]
