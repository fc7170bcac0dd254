"""Whatever is typed or pasted is answered, by the index and by a batch of queries alike."""

from __future__ import annotations

import json

import pytest

from casedesk.catalog import create_store, open_store
from casedesk.cli import main
from casedesk.people import index, rules
from casedesk.people.records import PersonDraft, PersonNameDraft

ODD = {
    "nothing": "",
    "a space": " ",
    "one letter": "х",
    "500 letters": "щ" * 500,
    "500 letters in words": "Иванов " * 71,
    "emoji": "😀👩‍👩‍👧",
    "emoji beside a name": "Иванов 😀",
    "right to left": "محمد",
    "right to left mark": "\u202eИванов",
    "mixed directions": "Иванов محمد שלום",
    "combining mark alone": "\u0301",
    "many combining marks": "И" + "\u0301" * 90 + "ванов",
    "quotes": "\"'«Иванов»'\"",
    "statement": "'; DROP TABLE person; --",
    "percent": "%",
    "percent beside a name": "Иванов%",
    "star": "*",
    "star beside a name": "Ива*",
    "NUL": "Иванов\x00Иван",
    "NUL alone": "\x00",
    "mixed scripts": "Ivanov Иван Oleksandrович",
    "homoglyphs": "Ивaнoв",  # a and o are Latin
    "fullwidth": "\uff29\uff56\uff41\uff4e\uff4f\uff56",
    "digits": "9" * 400,
    "points": "." * 500,
    "hyphens": "- - -",
    "unassigned": "\u0378\ue000",
}
STILL_FOUND = {
    *("500 letters in words", "emoji beside a name", "right to left mark"),
    *("many combining marks", "quotes", "percent beside a name"),
    *("star beside a name", "NUL", "mixed scripts", "homoglyphs", "fullwidth"),
}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """File one Иванов, plain."""
    path = tmp_path_factory.mktemp("odd") / "one.cdk"
    with create_store(path, None) as store:
        name = PersonNameDraft(family="Иванов", given="Иван", script="cyrillic")
        store.write(rules.register_person, PersonDraft(), [name], actor="anna")
    return path


@pytest.fixture(scope="module")
def answers(file, tmp_path_factory):
    """Ask all at once, as a batch is asked."""
    queries = tmp_path_factory.mktemp("odd") / "queries"
    queries.write_text("".join(text + "\n" for text in ODD.values()), encoding="utf-8")
    written = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda text, **_more: written.append(text))
        assert main(["search", str(file), "--batch", str(queries), "--json"]) == 0
    return [json.loads(line) for line in written]


@pytest.mark.parametrize("name", ODD)
def test_batch_answers_each_line_in_its_place(name, answers):
    answer = answers[list(ODD).index(name)]
    assert len(answers) == len(ODD)
    assert answer["query"] == ODD[name]
    assert (len(answer["hits"]) == 1) or name not in STILL_FOUND
    assert answer["ms"] >= 0


@pytest.mark.parametrize("name", ODD)
def test_index_answers(name, file):
    with open_store(file, None) as store, store.read() as session:
        found = [hit.name for hit in index.search(session, ODD[name])]
    assert found == ["Иванов Иван"] or name not in STILL_FOUND
