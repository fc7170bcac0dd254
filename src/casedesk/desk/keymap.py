"""The one table of keys: shortcuts, hints on screen and the help page read it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from casedesk.kernel.language import N_


@dataclass(frozen=True)
class Key:
    """One line of the table: `keys` as Qt writes them; the first is the one that hints show."""

    name: str
    keys: tuple[str, ...]
    words: str
    where: str


EVERYWHERE, CALL, LISTS, FORMS, CASE, MATCHES, ASSISTANCE, IMPORT, TODAY, SHEETS, PALETTE = (
    N_("Everywhere"),
    N_("In a call"),
    N_("In lists"),
    N_("In forms"),
    N_("In a case"),
    N_("Among possible duplicates"),
    N_("In assistance"),
    N_("In an import"),
    N_("On the first page"),
    N_("On sheets"),
    N_("In the palette"),
)
TABLE: tuple[Key, ...] = (
    Key("palette", ("Ctrl+K",), N_("Find a person, case or call, or run a command"), EVERYWHERE),
    Key("areas", ("Ctrl+1",), N_("First area; each key stands beside its area"), EVERYWHERE),
    Key("new_call", ("F2",), N_("New call"), EVERYWHERE),
    Key("help", ("F1",), N_("Help and keys"), EVERYWHERE),
    Key("lock", ("Ctrl+L",), N_("Lock at once"), EVERYWHERE),
    Key("undo", ("Ctrl+Z",), N_("Undo, also for a change of state"), EVERYWHERE),
    Key("redo", ("Ctrl+Shift+Z",), N_("Redo"), EVERYWHERE),
    Key("back", ("Alt+Left",), N_("Back"), EVERYWHERE),
    Key("forward", ("Alt+Right",), N_("Forward"), EVERYWHERE),
    Key("new", ("Ctrl+N",), N_("New record of this page"), EVERYWHERE),
    Key("backup", ("Ctrl+B",), N_("Back up now"), EVERYWHERE),
    Key("regions", ("Ctrl+F6",), N_("Next part of the window"), EVERYWHERE),
    Key("escape", ("Esc",), N_("Close what is open; never throws away what is typed"), EVERYWHERE),
    Key("larger", ("Ctrl++", "Ctrl+="), N_("Larger text"), EVERYWHERE),
    Key("smaller", ("Ctrl+-",), N_("Smaller text"), EVERYWHERE),
    Key("usual_size", ("Ctrl+Shift+0", "Ctrl+)"), N_("Usual text size"), EVERYWHERE),
    Key("main", ("Ctrl+Return", "Ctrl+Enter"), N_("Save, or the main button"), FORMS),
    Key("keep", ("Ctrl+S",), N_("Keep the draft now"), FORMS),
    Key("read_again", ("F5",), N_("Read again"), LISTS),
    Key("filter", ("Ctrl+F",), N_("Filter by text"), LISTS),
    Key("add_filter", ("Ctrl+Shift+F",), N_("Add a filter"), LISTS),
    Key("open", ("Return",), N_("Open the record"), LISTS),
    Key("open_chosen", ("F4",), N_("Open the chosen record"), LISTS),
    Key("tick", ("X", "Space"), N_("Tick the row"), LISTS),
    Key("range", ("Shift+Down", "Shift+Up"), N_("Tick row after row"), LISTS),
    Key("select_all", ("Ctrl+A",), N_("Select all that the filter shows"), LISTS),
    Key("sort", ("F9",), N_("Sort by the next column"), LISTS),
    Key("turn", ("Shift+F9",), N_("Turn the order around"), LISTS),
    Key("export", ("Ctrl+E",), N_("Export the list"), LISTS),
    Key("call_now", ("Ctrl+Shift+C",), N_("Call back the person of the row"), TODAY),
    Key("done", ("Space",), N_("Tick off the call-back"), TODAY),
    Key("chart_table", ("Ctrl+T",), N_("Change a chart into a table, and back"), TODAY),
    Key("link", ("Alt+1",), N_("Link the call to match 1, and so on to 9"), CALL),
    Key("refuse", ("Alt+Shift+1",), N_("Match 1 is not the same person, and so on to 9"), CALL),
    Key("weak", ("Alt+M",), N_("Show the weaker matches"), CALL),
    Key("to_matches", ("Alt+Down",), N_("From the form to the matches"), CALL),
    Key("to_form", ("Alt+Up",), N_("From the matches to the form"), CALL),
    Key("same_caller", ("Alt+C",), N_("The same person is calling"), CALL),
    Key("notes", ("Alt+N",), N_("Go to the notes"), CALL),
    Key("another", ("Ctrl+Shift+N",), N_("Another person is looked for"), CALL),
    Key("call_case", ("Ctrl+N",), N_("Save the call and open a new case"), CALL),
    Key("park", ("F6",), N_("Park the call, or go on with it"), CALL),
    Key("parked", ("Shift+F6",), N_("Parked calls"), CALL),
    Key("scam", ("F8",), N_("The scam warning, large, to read aloud"), CALL),
    Key("reason", ("1",), N_("Reason 1, and so on to 6, while the reasons have focus"), CALL),
    Key("next_case", ("J",), N_("Next case of the list"), CASE),
    Key("previous_case", ("K",), N_("Previous case of the list"), CASE),
    Key("edit", ("F3",), N_("Edit the case"), CASE),
    Key("record", ("R",), N_("Record an event"), CASE),
    Key("enquirer", ("L",), N_("Add an enquirer"), CASE),
    Key("call_about", ("Ctrl+Shift+C",), N_("Log a call about this case"), CASE),
    Key("next_tab", ("Ctrl+Tab",), N_("Next tab"), CASE),
    Key("summary", ("Ctrl+P",), N_("Print a summary of the case"), CASE),
    Key("matches", ("V",), N_("Review who may be the same person"), CASE),
    Key("same", ("S",), N_("The same person"), MATCHES),
    Key("not_same", ("N",), N_("Not the same person"), MATCHES),
    Key("unsure", ("U",), N_("Not sure"), MATCHES),
    Key("merge_persons", ("M",), N_("Merge the two files"), MATCHES),
    Key("next_pair", ("J",), N_("Next pair"), MATCHES),
    Key("previous_pair", ("K",), N_("Previous pair"), MATCHES),
    Key("table", ("F7",), N_("Hand over at a table: scan or type, Enter, Enter"), ASSISTANCE),
    Key("edit_household", ("F3",), N_("Change the household of the row"), ASSISTANCE),
    Key("undecided", ("Alt+D",), N_("Show what has to be decided"), ASSISTANCE),
    Key("rounds", ("Alt+R",), N_("To the list of rounds"), ASSISTANCE),
    Key("hand_over", ("Alt+H",), N_("Hand over to the household that is open"), ASSISTANCE),
    Key("correct_receipt", ("Alt+K",), N_("Correct the receipt that is open"), ASSISTANCE),
    Key("cancel_receipt", ("Alt+B",), N_("Take the receipt back that is open"), ASSISTANCE),
    Key("line_history", ("Alt+Y",), N_("History of the row or the round"), ASSISTANCE),
    Key("give_anyway", ("Alt+G",), N_("Give anyway, with the reason"), ASSISTANCE),
    Key("merge", ("Alt+M",), N_("Merge the two households"), ASSISTANCE),
    Key("stop", ("Alt+S",), N_("Stop: nothing is given"), ASSISTANCE),
    Key("decide_again", ("Alt+J",), N_("Decide again"), ASSISTANCE),
    Key("new_programme", ("Alt+N",), N_("New programme"), ASSISTANCE),
    Key("change_programme", ("Alt+P",), N_("Change the programme of the round"), ASSISTANCE),
    Key("change_round", ("Alt+O",), N_("Change the round and its points"), ASSISTANCE),
    Key("register_household", ("Alt+F",), N_("Register a household"), ASSISTANCE),
    Key("another_person", ("Alt+A",), N_("One more person, or one more point"), ASSISTANCE),
    Key("registration_status", ("Alt+U",), N_("Change the status of a registration"), ASSISTANCE),
    Key("fill", ("Alt+I",), N_("Put included registrations on the list"), ASSISTANCE),
    Key("unlock_list", ("Ctrl+Shift+U",), N_("Unlock the list"), ASSISTANCE),
    Key("reconcile", ("Ctrl+Shift+R",), N_("Reconcile the round"), ASSISTANCE),
    Key("move_lines", ("Alt+V",), N_("Move the chosen rows to another point"), ASSISTANCE),
    Key("lines_status", ("Alt+T",), N_("Stop or pause the chosen rows"), ASSISTANCE),
    Key("take_off", ("Del",), N_("Take the chosen rows off the list"), ASSISTANCE),
    Key("import", ("Ctrl+I",), N_("Import registrations from a table"), ASSISTANCE),
    Key("provider_file", ("Ctrl+Shift+I",), N_("Take in the provider's file"), ASSISTANCE),
    Key("print_list", ("Ctrl+P",), N_("Print the list that people sign"), ASSISTANCE),
    Key("export_round", ("Ctrl+E",), N_("Export the round as a table"), ASSISTANCE),
    Key("same_household", ("S",), N_("The chosen rows are the household that is there"), IMPORT),
    Key("other_household", ("N",), N_("The chosen rows are another household"), IMPORT),
    Key("leave_out", ("O",), N_("Leave the chosen rows out"), IMPORT),
    Key("pdf", ("Ctrl+P",), N_("Save the sheet as PDF"), SHEETS),
    Key("only_people", ("Tab",), N_("Only people"), PALETTE),
    Key("only_commands", (">",), N_("Only commands"), PALETTE),
    Key("filter_list", ("Ctrl+Return", "Ctrl+Enter"), N_("Filter the list by the text"), PALETTE),
)
_BY_NAME = {key.name: key for key in TABLE}
# What lies on the same key: the layouts that Ukrainian and Russian keyboards have over QWERTY.
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_LAYOUTS = ("йцукенгшщзхїфівапролджєячсмитьбю", "йцукенгшщзхъфывапролджэячсмитьбю")
_TO_LATIN = {c: k for layout in _LAYOUTS for c, k in zip(layout, _LATIN, strict=True)}


def keys(name: str) -> list[QKeySequence]:
    """Give the key sequences of a line of the table."""
    return [QKeySequence(text) for text in _BY_NAME[name].keys]


def key(name: str) -> str:
    """Give the first key of a line, as Qt writes it."""
    return _BY_NAME[name].keys[0]


def combination(name: str) -> QKeyCombination:
    """Give the first key of a line as the one press it is."""
    first: QKeyCombination = QKeySequence(key(name))[0]  # type: ignore[index]
    return first


def native(text: str) -> str:
    """Write a key as this system prints it on its keyboard."""
    return QKeySequence(text).toString(QKeySequence.SequenceFormat.NativeText) or text


def relaid(text: str) -> str:
    """Read a text as if it had been typed with the Latin layout switched on."""
    return "".join(_TO_LATIN.get(c, c) for c in text.casefold())


def latin(code: int) -> int:
    """Give the code of the Latin key that lies under a Cyrillic one; 0 where there is none."""
    letter = chr(code) if 0x0400 <= code <= 0x04FF else ""
    found = _TO_LATIN.get(letter.lower(), "") if letter else ""
    return ord(found.upper()) if found else 0


def twin(code: int, modifiers: Qt.KeyboardModifier) -> QKeySequence | None:
    """Give the shortcut meant by a key press under a Cyrillic layout."""
    found = latin(code)
    if not found:
        return None
    held = modifiers & (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.ShiftModifier
    )
    return QKeySequence(held.value | found)
