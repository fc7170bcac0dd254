"""Pictures of every screen: light, dark and in Russian, from a real window that nobody sees.

`./run screenshots` starts it. It works on a copy of the file, so nothing that is typed for a
picture stays anywhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import sqlalchemy as sa
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from sqlmodel import col, select

from casedesk import app as program
from casedesk import catalog
from casedesk.desk import application, theme
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane
from casedesk.desk.shell import Shell
from casedesk.desk.unlock import UnlockCard
from casedesk.desk.wizard import Ways, Wizard
from casedesk.illustrative import delegation
from casedesk.kernel import language
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.people.records import PersonName, Script
from casedesk.tracing.records import CaseAction, CaseStatus, Status, TracingCase

LOOKS = (("light", "en"), ("dark", "en"), ("light", "ru"))
SIZE = (1440, 900)


@dataclass(frozen=True)
class Scene:
    """One picture: its name and the way there from any page."""

    name: str
    reach: Callable[[Shell], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pictures into a folder; says how many."""
    parser = argparse.ArgumentParser(prog="screenshots")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--passphrase-file", type=Path)
    parser.add_argument("--only", default="", help="names of scenes, separated by commas")
    options = parser.parse_args(argv)
    phrase = None
    if options.passphrase_file is not None:
        phrase = options.passphrase_file.read_text("utf-8").rstrip("\r\n")
    only = set(filter(None, options.only.split(",")))
    try:
        count = write(options.folder, options.file, phrase, only)
    except CaseDeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{count} pictures in {options.folder}", file=sys.stderr)
    return 0


def write(folder: Path, file: Path | None, phrase: str | None, only: set[str]) -> int:
    """Take every picture, or those of the scenes that are named."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with tempfile.TemporaryDirectory() as own:
        # Neither the settings nor the file of whoever asks for pictures are touched.
        os.environ["CASEDESK_HOME"] = own
        settings = Settings()
        settings.actor = "E. Marchetti"
        app = application.start(["casedesk"], settings)
        app.setQuitOnLastWindowClosed(False)
        path = Path(own, "delegation.cdk")
        if file is None:
            file = Path(own, "invented.cdk")
            with catalog.create_store(file, None) as made:
                delegation.create(made, scale=0.02, seed=1)
        for mode, lang in LOOKS:
            language.use(lang)
            settings.theme, settings.language = mode, lang
            theme.apply(app, "dark" if mode == "dark" else "light")
            look = mode if lang == "en" else lang
            shutil.copy(file, path)  # each look begins without the drafts of the one before
            with catalog.open_store(path, phrase) as store:
                for name, window in chain(_alone(path), _scenes(store, settings, only)):
                    if only and name not in only:
                        continue
                    _settle()
                    window.grab().save(str(folder / f"{name}-{look}.png"))
                    count += 1
    return count


def _alone(path: Path) -> Iterator[tuple[str, QWidget]]:
    """Give what is seen before a file is open."""
    lane = Lane(inline=True)
    ways = Ways(catalog.create_store, catalog.open_store, program.illustrate)
    wizard = _shown(program.Ground(Wizard(ways, lane, actor="E. Marchetti")))
    yield "wizard-language", wizard
    QTest.keyClick(wizard, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    yield "wizard-file", wizard
    wizard.close()
    card = UnlockCard(path, lambda _: None, lane, note=language._("A call is kept."))
    unlock = _shown(program.Ground(card))
    yield "unlock", unlock
    unlock.close()


def _scenes(store: Store, settings: Settings, only: set[str]) -> Iterator[tuple[str, QWidget]]:
    """Give every page of the window over a file, in states that people meet."""
    desk = program.desk_of(store, settings)
    shell = program.build(desk)
    _shown(shell)
    for scene in _list(desk):
        if only and scene.name not in only:
            continue
        scene.reach(shell)
        yield scene.name, shell
        QTest.keyClick(shell, Qt.Key.Key_Escape)
        for popup in QApplication.topLevelWidgets():
            if popup is not shell and popup.isVisible():
                popup.close()
    shell.hide()
    shell.deleteLater()


def _list(desk: Desk) -> list[Scene]:
    person, case = _chosen(desk.store)
    family = person.family[:6]

    def call(shell: Shell) -> None:
        desk.open("hotline", new=True)
        _settle()
        _type(f"{family} {person.given[:2]}")
        _settle(500)

    def wrong(shell: Shell) -> None:
        call(shell)
        for text in ("19x7", "32 March"):
            QTest.keyClick(_focus(shell), Qt.Key.Key_Tab)
            QTest.keyClick(_focus(shell), Qt.Key.Key_Tab)
            _type(text)
        QTest.keyClick(_focus(shell), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def find(shell: Shell) -> None:
        desk.open("cases")
        QTest.keyClick(shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        _settle()
        _type(family)
        _settle(500)

    def ticked(shell: Shell) -> None:
        desk.open("cases")
        _settle()
        for _row in range(3):
            QTest.keyClick(_focus(shell), Qt.Key.Key_X)
            QTest.keyClick(_focus(shell), Qt.Key.Key_Down)

    def nothing(shell: Shell) -> None:
        desk.open("cases")
        QTest.keyClick(shell, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        _type("Ъъъъ")
        _settle(600)

    def double(shell: Shell) -> None:
        desk.open("assistance")
        _settle()
        QTest.keyClick(_focus(shell), Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
        _settle()
        QTest.keyClick(_focus(shell), Qt.Key.Key_Return)
        _settle(500)

    def table(shell: Shell) -> None:
        desk.open("assistance")
        QTest.keyClick(shell, Qt.Key.Key_F7)

    return [
        Scene("today", lambda shell: desk.open("today")),
        Scene("hotline", lambda shell: desk.open("hotline")),
        Scene("cases", lambda shell: desk.open("cases")),
        Scene("cases-chosen", ticked),
        Scene("cases-none", nothing),
        Scene("case", lambda shell: desk.open("case", case_id=case)),
        Scene("matches", lambda shell: desk.open("matches", case_id=case)),
        Scene("sheets", lambda shell: desk.open("sheets", figure="001-13")),
        Scene("find", find),
        Scene("call", call),
        Scene("call-wrong", wrong),
        Scene("assistance", lambda shell: desk.open("assistance")),
        Scene("assistance-double", double),
        Scene("assistance-table", table),
        Scene("settings", lambda shell: desk.open("settings")),
        Scene("help", lambda shell: desk.open("help")),
        Scene("locked", lambda shell: desk.lock()),
    ]


def _chosen(store: Store) -> tuple[PersonName, int]:
    """Choose a case that has seen much: the pictures are about her."""
    steps = sa.func.count(col(CaseStatus.id))
    with store.read() as session:
        case_id, person_id = session.exec(
            select(col(TracingCase.id), col(TracingCase.person_id))
            .join(CaseStatus, col(CaseStatus.case_id) == TracingCase.id)
            .join(CaseAction, col(CaseAction.case_id) == TracingCase.id)
            .where(TracingCase.status != Status.CLOSED)
            .group_by(col(TracingCase.id))
            .order_by(steps.desc(), col(TracingCase.id).desc())
        ).first() or (0, 0)
        name = session.exec(
            select(PersonName)
            .where(PersonName.person_id == person_id)
            .where(PersonName.script == Script.CYRILLIC)
        ).first()
    if name is None:
        raise LookupError("a case without a name")
    return name, int(case_id or 0)


def _shown(window: QWidget) -> QWidget:
    window.resize(*SIZE)
    window.show()
    _settle()
    return window


def _settle(milliseconds: int = 250) -> None:
    """Let timers run and everything be painted."""
    QTest.qWait(milliseconds)


def _focus(shell: QWidget) -> QWidget:
    return QApplication.focusWidget() or shell


def _type(text: str) -> None:
    """Type like an input method: key events know no Cyrillic."""
    field = QApplication.focusWidget()
    if field is not None:
        event = QInputMethodEvent()
        event.setCommitString(text)
        QCoreApplication.sendEvent(field, event)


if __name__ == "__main__":
    raise SystemExit(main())
