"""What may be done to organisations: add, change, find by a name in either script."""

from __future__ import annotations

from sqlmodel import Session, col, select

from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import N_, _
from casedesk.names.fold import fold, fold_start, readings
from casedesk.names.parse import tokens
from casedesk.partners.records import Organisation, OrganisationDraft


@act("partners.add", N_("Add organisation"))
def add_organisation(session: Session, draft: OrganisationDraft) -> Organisation:
    """Note an organisation; the same name twice would part its answers in two."""
    _refuse_twin(session, draft, None)
    organisation = Organisation.of(draft)
    session.add(organisation)
    session.flush()
    return organisation


@act("partners.change", N_("Change organisation"))
def change_organisation(
    session: Session, organisation_id: int, draft: OrganisationDraft, revision: int
) -> Organisation:
    """Correct what is noted of an organisation."""
    organisation = known(session, organisation_id)
    _refuse_twin(session, draft, organisation_id)
    organisation.apply(draft, revision=revision)
    session.add(organisation)
    session.flush()
    return organisation


def known(session: Session, organisation_id: int) -> Organisation:
    """Get an organisation, or say that there is none."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(_("There is no such organisation."))
    return organisation


def find(session: Session, text: str, limit: int = 20) -> list[Organisation]:
    """Find organisations whose names hold every word, begun or whole, in either script.

    A delegation deals with hundreds of organisations, not with hundreds of thousands: each name
    is compared as it stands, and no table of keys has to be kept in step.
    """
    words = tokens(text)
    everyone = session.exec(select(Organisation).order_by(col(Organisation.name))).all()
    rated = [(_rate(words, item), item) for item in everyone]
    fitting = [pair for pair in rated if pair[0] is not None]
    fitting.sort(key=lambda pair: (pair[0], pair[1].name or pair[1].latin_name))
    return [item for _rank, item in fitting[:limit]]


def _rate(words: list[str], item: Organisation) -> int | None:
    """Count the words that are only begun; None where a word is nowhere in the names."""
    keys = [key for name in (item.name, item.latin_name) for w in tokens(name) for key in _keys(w)]
    begun = 0
    for word in words:
        if any(reading in keys for reading in _keys(word)):
            continue
        start = fold_start(word) or word.casefold()
        if not any(key.startswith(start) for key in keys):
            return None
        begun += 1
    return begun


def _keys(word: str) -> tuple[str, ...]:
    # a number (Hospital 3) has no sound and stands for itself
    return readings(word) if fold(word) else (word.casefold(),)


def _refuse_twin(session: Session, draft: OrganisationDraft, own_id: int | None) -> None:
    wanted = {_folded(name) for name in (draft.name, draft.latin_name)} - {()}
    for other in session.exec(select(Organisation)).all():
        if other.id == own_id or other.country.casefold() != draft.country.casefold():
            continue
        if wanted & {_folded(other.name), _folded(other.latin_name)}:
            raise Refused(_("An organisation with this name is noted already."))


def _folded(name: str) -> tuple[str, ...]:
    return tuple(_keys(word)[0] for word in tokens(name))
