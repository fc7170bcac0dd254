"""Who may read what of a case on paper: one table, and the reason for whatever is left out.

What a copy may not show is never written into its file: a bar stands there, of one length for
everything, and the reason in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from casedesk.kernel.language import N_, _
from casedesk.reports.wording import Lang


class Profile(StrEnum):
    """For whom a copy is made."""

    INTERNAL = "internal"
    PARTNER = "partner"
    AUTHORITY = "authority"
    FAMILY = "family"


I, P, A, F = Profile.INTERNAL, Profile.PARTNER, Profile.AUTHORITY, Profile.FAMILY  # noqa: E741
PROFILES: dict[Profile, str] = {
    I: N_("For the delegation"),
    P: N_("For a partner"),
    A: N_("For an authority"),
    F: N_("For the family"),
}


@dataclass(frozen=True)
class Rule:
    """A field of the summary: whose copies show it, and why the others do not."""

    shown_to: frozenset[Profile]
    why: dict[Lang, str]


def _rule(*shown_to: Profile, en: str = "", ru: str = "") -> Rule:
    return Rule(frozenset(shown_to), {"en": en, "ru": ru})


FIELDS: dict[str, Rule] = {
    "name": _rule(I, P, A, F),
    "other names": _rule(
        I, P, A, en="names heard from others stay with the search",
        ru="имена со слов других нужны только для поиска",
    ),
    "birth": _rule(I, P, A, F),
    "birth place": _rule(I, P, A, F),
    "parents": _rule(
        I, P, F, en="relatives are not named here", ru="родственники здесь не называются"
    ),
    "last seen": _rule(I, P, A, F),
    "marks": _rule(I, P, A, F),
    "circumstances": _rule(
        I, P, en="may name other people or a source", ru="может называть других людей или источник"
    ),
    "status": _rule(
        I, P, F, en="the state of the search is told to the family first",
        ru="о ходе поиска первой узнаёт семья",
    ),
    "work": _rule(I, en="work inside the delegation", ru="внутренняя работа делегации"),
    "flags": _rule(
        I, P, en="protects the family", ru="защищает семью",
    ),
    "enquirers": _rule(
        I, P, en="relatives are not named here", ru="родственники здесь не называются"
    ),
    "relation": _rule(
        I, P, F, en="relatives are not named here", ru="родственники здесь не называются"
    ),
    "telephone": _rule(
        I, en="telephone numbers stay in the house", ru="номера телефонов не выдаются"
    ),
    "consent": _rule(I, P, en="between the family and us", ru="между семьёй и нами"),
    "calls": _rule(I, en="what callers said stays in the house", ru="слова звонивших не выдаются"),
    "actions": _rule(
        I, P, F, en="whom we ask is not told", ru="к кому мы обращаемся, не сообщается"
    ),
    "whom": _rule(I, P, en="whom we ask is not told", ru="к кому мы обращаемся, не сообщается"),
    "notes": _rule(I, en="work inside the delegation", ru="внутренняя работа делегации"),
    "information": _rule(
        I, P, F, en="what came back is for the family", ru="полученные сведения предназначены семье"
    ),
    "source": _rule(I, en="sources are protected", ru="источники защищены"),
    "informed": _rule(
        I, P, F, en="between the family and us", ru="между семьёй и нами"
    ),
    "told": _rule(I, P, en="relatives are not named here", ru="родственники здесь не называются"),
}  # fmt: skip
NO_CONSENT: dict[Lang, str] = {"en": "has not consented", "ru": "нет согласия"}
NOT_FOR_FAMILY: dict[Lang, str] = {
    "en": "not cleared for the family", "ru": "не разрешено для семьи"
}  # fmt: skip
_NUMBER = re.compile(r"\+?\d[\d\s()./-]{5,}\d")
_MAIL = re.compile(r"\S+@\S+\.\w+")


def shows(profile: Profile, field: str) -> bool:
    """Tell whether a copy shows a field."""
    return profile in FIELDS[field].shown_to


def why_not(field: str, lang: Lang) -> str:
    """Say why a field is left out of the copies that do not show it."""
    return FIELDS[field].why[lang]


def free_text(text: str, profile: Profile, lang: Lang) -> str:
    """Take telephone numbers and addresses of mail out of a free text that leaves the house.

    Dates stay: they have the digits of a number, but not so many.
    """
    if profile is Profile.INTERNAL:
        return text
    left_out = {"en": "[number left out]", "ru": "[номер не показан]"}[lang]

    def number(found: re.Match[str]) -> str:
        digits = sum(sign.isdigit() for sign in found.group())
        return left_out if digits >= 9 else found.group()

    return _NUMBER.sub(number, _MAIL.sub(left_out, text))


def name_of(profile: Profile) -> str:
    """Name a profile in the language in use."""
    return _(PROFILES[profile])
