"""Every sentence of the program is plain, whole, and said in Russian as well."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import get_type_hints

import pytest

import casedesk
from casedesk.kernel import language
from casedesk.kernel.fields import Ui
from casedesk.kernel.language import _, ngettext
from casedesk.kernel.records import Record

SOURCES = sorted(Path(casedesk.__file__).parent.rglob("*.py"))
TOOL = Path(__file__).resolve().parents[1] / "packaging" / "words.py"


def _tool() -> ModuleType:
    # by its path: the folder has the name of a library of Python
    spec = importlib.util.spec_from_file_location("casedesk_words", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


words = _tool()


@pytest.fixture(scope="module")
def marked() -> dict[object, str]:
    """Collect the sentences of the program once: that reads all its sources."""
    return words.marked()


# ------------------------------------------------------------------------------ the whole of it


def test_every_sentence_is_said_in_russian_and_compiled(marked, monkeypatch):
    monkeypatch.setattr(words, "marked", lambda: marked)
    assert words.problems() == []


@pytest.mark.parametrize(
    ("key", "string", "flaw"),
    [
        ("Save {name}", "Сохранить {name}", ""),
        ("Save {name}", "Сохранить", "other placeholders"),
        ("Save {name}", "Сохранить {имя}", "other placeholders"),
        ("Save", "", "not translated"),
        ("Passphrase: ", "Парольная фраза:", "another space at the end"),
        (("{n} kit", "{n} kits"), ("{n} набор", "{n} набора"), "wrong number of plural forms"),
        (("{n} kit", "{n} kits"), ("{n} набор", "{n} набора", "наборов"), "other placeholders"),
        (("One kit", "{n} kits"), ("{n} набор", "{n} набора", "{n} наборов"), ""),
    ],
)
def test_tool_finds_the_flaws_of_a_translation(key, string, flaw):
    assert words.flaws(key, string) == flaw


def test_tool_keeps_translations_and_drops_what_is_no_longer_said(tmp_path):
    source = tmp_path / "src" / "one.py"
    source.parent.mkdir()
    source.write_text("a = _('Save')\nb = N_('New')\nc = ngettext('{n} kit', '{n} kits', 1)\n")
    po = tmp_path / "ru.po"
    have = {"Save": "Сохранить", "Gone": "Ушло", "New": "Новое"}
    po.write_bytes(words.po_bytes(words.catalogue(have, have)))
    sentences = words.marked(source.parent)
    assert sentences.keys() == {"Save", "New", ("{n} kit", "{n} kits")}
    written = words.po_bytes(words.catalogue(sentences, words.kept(po)))
    po.write_bytes(written)
    assert words.kept(po) == {
        "New": "Новое",
        "Save": "Сохранить",
        ("{n} kit", "{n} kits"): ("", "", ""),
    }
    # nothing of the machine or of the day, so that the file changes with words only
    assert b"one.py" not in written
    assert b"Date" not in written
    assert written == words.po_bytes(words.catalogue(sentences, words.kept(po)))


# ------------------------------------------------------------------------------------ plain words

BROKEN = re.compile(
    r"!|\b(please|successfully|beneficiar|target|hit)\b|\b(пожалуйста|успешно)\b", re.IGNORECASE
)


def test_words_are_plain(marked):
    said = [text for key in marked for text in words._forms(key)]
    said += [text for string in words.kept().values() for text in words._forms(string)]
    assert [text for text in said if BROKEN.search(text)] == []


@pytest.mark.parametrize("text", ["Saved!", "Please wait", "Saved successfully", "Успешно"])
def test_plain_words_are_told_from_others(text):
    assert BROKEN.search(text)


def unreadable(tree: ast.Module) -> list[int]:
    """Give the lines on which the tool cannot read a sentence, because it is put together."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        literal = [isinstance(arg, ast.Constant) for arg in node.args]
        # `_` also translates a sentence that N_ marked elsewhere; nothing that is made of parts
        whole = [
            isinstance(arg, ast.Constant | ast.Name | ast.Attribute | ast.Subscript | ast.IfExp)
            or (isinstance(arg, ast.Call) and ast.unparse(arg.func).endswith(".get"))
            for arg in node.args
        ]
        wrong = {
            "_": not all(whole),
            "N_": not all(literal),
            "ngettext": not all(literal[:2]),
        }
        if wrong.get(node.func.id):
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_sentences_are_literals(path, tree_of):
    assert unreadable(tree_of(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "_(f'Case {number}')",
        "_('Case ' + number)",
        "_('Case {number}'.format(number=1))",
        "N_(words)",
        "ngettext(one, 'calls', 2)",
    ],
)
def test_sentences_made_of_parts_are_found(source):
    assert unreadable(ast.parse(source)) == [1]


def test_labels_of_all_fields_are_marked(marked):
    importlib.import_module("casedesk.catalog")  # maps the records of every register
    records = [kind for kind in _kinds(Record) if kind.__module__.startswith("casedesk")]
    assert len(records) > 8
    lost = set()
    for record in records:
        for hint in get_type_hints(record, include_extras=True).values():
            for ui in getattr(hint, "__metadata__", ()):
                if isinstance(ui, Ui):
                    lost |= {text for text in (ui.label, ui.group) if text and text not in marked}
    assert lost == set()


def _kinds(kind: type) -> set[type]:
    return {kind} | {below for child in kind.__subclasses__() for below in _kinds(child)}


# --------------------------------------------------------------------------------- the languages


def test_use_changes_what_is_said():
    assert _("Save call") == "Save call"
    language.use("ru")
    assert _("Save call") == "Сохранить звонок"
    assert _("Not a sentence of the program") == "Not a sentence of the program"
    with pytest.raises(ValueError, match="unknown language"):
        language.use("fr")
    assert language.current() == "ru"


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 звонок"), (2, "2 звонка"), (5, "5 звонков"), (11, "11 звонков"), (21, "21 звонок")],
)
def test_russian_counts_in_three_forms(count, said):
    language.use("ru")
    assert ngettext("{count} call", "{count} calls", count).format(count=count) == said


def test_words_can_be_stretched_to_try_a_layout(monkeypatch):
    monkeypatch.setenv("CASEDESK_PSEUDO", "150")
    language.use("en")
    sentence = "Nothing is due. Say what comes next: record an action with a date."
    stretched = _(sentence)
    assert stretched.startswith(sentence)
    assert len(stretched) == pytest.approx(1.5 * len(sentence), abs=1)
    assert max(map(len, stretched[len(sentence) :].split())) < 8  # it still breaks into lines
    assert _("Case {number}").format(number="7").startswith("Case 7")
    assert _("") == ""
    for off in ("", "100", "much"):
        monkeypatch.setenv("CASEDESK_PSEUDO", off)
        language.use("en")
        assert _("Save") == "Save"


# ------------------------------------------------------------------------------------------ dates

TUESDAY = dt.date(2025, 12, 30)
SEPTEMBER = dt.date(2025, 9, 3)


@pytest.mark.parametrize(
    ("lang", "write", "day", "said"),
    [
        ("en", language.date_text, SEPTEMBER, "3 September 2025"),
        ("ru", language.date_text, SEPTEMBER, "3 сентября 2025 г."),
        ("en", language.short_date, SEPTEMBER, "3 Sept 2025"),
        ("ru", language.short_date, SEPTEMBER, "3 сент. 2025"),
        ("en", language.short_date, dt.date(2025, 12, 31), "31 Dec 2025"),
        ("ru", language.short_date, dt.date(2025, 12, 31), "31 дек. 2025"),
        ("en", language.weekday_text, TUESDAY, "Tuesday 30 December 2025"),
        ("ru", language.weekday_text, TUESDAY, "вторник, 30 декабря 2025"),
        ("en", language.month_text, SEPTEMBER, "September 2025"),
        ("ru", language.month_text, SEPTEMBER, "сентябрь 2025"),
        ("en", language.month_label, SEPTEMBER, "Sept"),
        ("ru", language.month_label, SEPTEMBER, "сент"),
        ("en", language.day_label, SEPTEMBER, "3 Sept"),
        ("ru", language.day_label, SEPTEMBER, "3 сент."),
    ],
)
def test_dates_are_written_as_people_write_them(lang, write, day, said):
    assert write(day, lang).replace("\u202f", " ").replace("\u00a0", " ") == said
    language.use(lang)
    assert write(day) == write(day, lang)


def test_month_inside_a_sentence_is_declined():
    language.use("ru")
    month = language.month_text(SEPTEMBER, inside=True)
    assert _("since {month}").format(month=month) == "с сентября 2025"
