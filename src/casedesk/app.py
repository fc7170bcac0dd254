"""The composition root: settings, the file, the pages, and the window that holds them."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk import catalog
from casedesk.desk import application
from casedesk.desk.application import Guard, StallMonitor
from casedesk.desk.help_view import HelpPage
from casedesk.desk.page import Desk, Finder, Page
from casedesk.desk.run import Lane, window_post
from casedesk.desk.settings_view import SettingsPage
from casedesk.desk.shell import LEAST, USUAL, Shell, Starter
from casedesk.desk.single import Single
from casedesk.desk.unlock import UnlockCard
from casedesk.desk.widgets import EmptyState, button
from casedesk.desk.wizard import NewPassphrase, Ways, Wizard
from casedesk.kernel import clock, language, logs, vault
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.jobs import Jobs, Progress
from casedesk.kernel.language import N_, _
from casedesk.kernel.settings import Settings, get_setting
from casedesk.kernel.store import Store

if TYPE_CHECKING:
    from casedesk.tracing.upkeep_view import Upkeep

STARTERS = (
    Starter(page="hotline", label=N_("New call"), shortcut="F2", icon="phone"),
    Starter(page="cases", label=N_("New case"), icon="folder"),
    Starter(page="import", label=N_("Import a table"), icon="upload"),
)


READERS = 2


def pages(desk: Desk) -> list[Page]:
    """Make every page, in the order of the navigation, with what each may know of the others."""
    from casedesk import intake, leaving, sending, today
    from casedesk.assistance.page import AssistancePage
    from casedesk.desk.history_panel import act_labels
    from casedesk.desk.today_view import TodayPage
    from casedesk.exchange.import_view import ImportPage
    from casedesk.hotline import rules as hotline
    from casedesk.hotline.page import HotlinePage
    from casedesk.hotline.rules import calls_about, done_call_back
    from casedesk.reports import handed_out
    from casedesk.reports.page import SheetsPage
    from casedesk.reports.summary_view import summary_form
    from casedesk.tracing.case_view import CasePage
    from casedesk.tracing.matches_view import MatchesPage
    from casedesk.tracing.page import CasesPage

    def log_call(person_id: int, case_number: str) -> None:
        desk.open("hotline", new=True, person_id=person_id, case_number=case_number)

    return [
        TodayPage(desk, today.load, done_call_back),
        HotlinePage(desk, door=intake.DOOR),
        CasesPage(desk, calls_about, log_call),
        CasePage(
            desk,
            calls_about,
            log_call,
            acts=act_labels(intake, hotline, handed_out),
            summary=summary_form,
        ),
        MatchesPage(desk),
        AssistancePage(desk, leaving.DOOR),
        SheetsPage(desk),
        ImportPage(desk, sending.note_list),
        HelpPage(desk),
        SettingsPage(desk),
    ]


def finders() -> list[Finder]:
    """List what the palette searches."""
    from casedesk import finding
    from casedesk.assistance import page as assistance
    from casedesk.tracing import matches_view

    return [finding.people_and_cases, finding.calls, assistance.places, matches_view.places]


def desk_of(
    store: Store, settings: Settings, lane: Lane | None = None, *, day: str | None = None
) -> Desk:
    """Put a desk over an open file; without a lane all work runs in the caller, for pictures.

    An illustrative file says on which day its invented calls end: its desk lives on that day,
    which is read here where the caller has not read it away from the window.
    """
    if day is None:
        day = trial_day(store)
    with contextlib.suppress(ValueError):
        clock.pin(dt.date.fromisoformat(day) if day else None)
    jobs = Jobs.inline(store) if lane is None else Jobs(store, lane.post)
    lane = lane or Lane(inline=True)
    return Desk(store, jobs, settings, lane, illustrative=bool(day))


def trial_day(store: Store) -> str:
    """Read the day of an illustrative file; nothing where people's real data are kept."""
    with store.read() as session:
        return get_setting(session, "trial_day")


def build(desk: Desk) -> Shell:
    """Make the window over a desk, without showing it; the first page is open in it."""
    shell = Shell(desk, pages(desk), finders(), starters=STARTERS, make=lambda: pages(desk))
    desk.open(next(iter(shell.pages)))
    return shell


def warm(desk: Desk, warmed: Callable[[], None]) -> None:
    """Let the readers open the file and load the names before somebody waits for a search.

    What goes wrong here is told by whoever reads next.
    """
    from casedesk import finding

    for _reader in range(READERS):
        desk.read(desk, finding.warm, then=lambda _none: warmed(), failed=lambda _error: None)


def upkeep(desk: Desk, shell: Shell) -> Upkeep:
    """Let the window look after matches and the name index; the status bar says what runs."""
    from casedesk.tracing.upkeep_view import Upkeep, WorkLine

    made = Upkeep(desk)
    shell.status.layout().insertWidget(2, WorkLine(made))  # type: ignore[union-attr]
    shell.unlocked.connect(made.begin)
    made.begin()
    return made


class Ground(QWidget):
    """The window before the window, around a card, the wizard or a trouble."""

    closed_by_hand = Signal()

    def __init__(self, inner: QWidget) -> None:
        """Show one thing on an empty ground."""
        super().__init__()
        self.setWindowTitle(application.NAME)
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumSize(LEAST)
        self.resize(USUAL)
        self.inner = inner
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(inner)
        inner.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Let whoever stands here let go of what was begun."""
        if isinstance(self.inner, Wizard):
            self.inner.abandon()
        self.closed_by_hand.emit()
        super().closeEvent(event)


class Program:
    """What runs from start to end: first the way to a file, then the window."""

    def __init__(self, settings: Settings, *, settle: Callable[[], None] | None = None) -> None:
        """Hold the settings, and the lane in which files are opened.

        `settle` is called whenever much was loaded that stays.
        """
        self.settings = settings
        self._settle = settle or (lambda: None)
        self.lane = Lane(window_post())
        self.front: QWidget | None = None
        self.path: Path | None = None
        self.stalls: StallMonitor | None = None

    def asked(self, path: Path | None) -> None:
        """Come to the front for a second start; another file takes the place of this one."""
        front = self.front
        if front is not None:
            front.setWindowState(front.windowState() & ~Qt.WindowState.WindowMinimized)
            front.raise_()
            front.activateWindow()
        if path is None or path.resolve() == self.path:
            return
        if isinstance(front, Shell):
            self.lane = Lane(window_post())  # the window takes its own along when it closes
        self.begin(path)

    def begin(self, path: Path | None, phrase: str | None = None) -> None:
        """Open a file: the one named, else the last one, else the wizard makes or finds one.

        A passphrase from the command line opens it without the card.
        """
        kept = self.settings.last_file
        if path is None and kept and Path(kept).is_file():
            path = Path(kept)
        self.path = path.resolve() if path is not None else None
        if path is None:
            self.wizard()
        elif phrase is not None or is_plain(path):
            self.lane.do(catalog.open_store, path, phrase, then=self.work, failed=self.trouble)
        else:
            opener = partial(catalog.open_store, path)
            card = UnlockCard(path, opener, self.lane, choose_other=True)
            card.unlocked.connect(self.unlocked)
            card.other_file.connect(self.wizard)
            self.show(Ground(card))

    def unlocked(self, store: Store, by_words: bool) -> None:
        """Go to work; who came in by the recovery words may give a new passphrase first."""
        if not by_words:
            self.work(store)
            return
        guide = NewPassphrase(store, self.lane, ask_present=False)
        ground = Ground(guide)

        def on() -> None:
            ground.closed_by_hand.disconnect()
            self.work(store)

        guide.finished.connect(on)
        guide.put_off.connect(on)
        # In turn after an encryption that is under way.
        ground.closed_by_hand.connect(lambda: self.lane.do(store.close))
        self.show(ground)

    def trouble(self, error: Exception) -> None:
        """Say why a file does not open, and offer another."""
        if not isinstance(error, CaseDeskError):
            raise error
        other = button(_("Choose another file"), kind="primary")
        other.clicked.connect(self.wizard)
        self.show(Ground(EmptyState("folder", _("The file does not open"), str(error), other)))

    def wizard(self) -> None:
        """Make a file, open one, or look at an invented delegation."""
        self.path = None
        ways = Ways(catalog.create_store, catalog.open_store, illustrate)
        wizard = Wizard(ways, self.lane, actor=self.settings.actor)

        def finished(store: Store, _path: Path) -> None:
            with contextlib.suppress(CaseDeskError):
                self.settings.actor = wizard.actor.strip()
            self.work(store)

        wizard.finished.connect(finished)
        wizard.language_chosen.connect(self._speak)
        self.show(Ground(wizard))

    def _speak(self, chosen: str) -> None:
        with contextlib.suppress(CaseDeskError):  # it holds all the same, until the end
            self.settings.language = chosen

    def work(self, store: Store) -> None:
        """Show the desk over an open file, once the lane has read on which day it lives."""
        self.lane.do(trial_day, store, then=partial(self._work_on, store), failed=self.trouble)

    def _work_on(self, store: Store, day: str) -> None:
        self.path = store.path.resolve()
        with contextlib.suppress(CaseDeskError):
            self.settings.last_file = str(self.path)
        desk = desk_of(store, self.settings, self.lane, day=day)
        shell = build(desk)
        if os.environ.get("CASEDESK_STALLS"):
            self.stalls = StallMonitor(
                lambda: shell.page_key, lambda: desk.jobs.current, parent=shell
            )
        self._settle()
        self.show(shell)
        shell.unlocked.connect(partial(warm, desk, self._settle))
        # Not before the first page has asked for what it shows.
        QTimer.singleShot(0, shell, partial(warm, desk, self._settle))
        upkeep(desk, shell)
        logs.event("open", encrypted=shell.encrypted, illustrative=desk.illustrative)

    def show(self, window: QWidget) -> None:
        """Put a window in the place of the one before, where that one stands."""
        before, self.front = self.front, window
        if before is not None:
            window.setGeometry(before.geometry())
        window.show()
        if before is not None:
            before.close()
            before.deleteLater()


def illustrate(progress: Progress, path: Path, scale: float) -> Store:
    """Make an invented delegation without a passphrase; nothing stays of one that was stopped."""
    from casedesk.illustrative import delegation

    store = catalog.create_store(path, None)

    def step(words: str) -> None:
        progress.step(progress.done + 1, text=words)

    try:
        delegation.create(store, scale=scale, seed=1, progress=step)
    except BaseException:
        store.close()
        vault.discard(path)
        raise
    return store


def is_plain(path: Path) -> bool:
    """Tell whether a file needs no passphrase; one that is missing is told so when opened."""
    try:
        with path.open("rb") as head:
            return head.read(16) == vault.PLAIN_MAGIC
    except OSError:
        return True


def main(file: Path | None = None, argv: Sequence[str] = (), *, phrase: str | None = None) -> int:
    """Run the window until it is closed; gives the exit code."""
    os.umask(0o077)
    settings = Settings()
    single = Single(settings.folder)
    if not single.first(file):
        return 0
    logs.start()
    language.use(settings.language)
    app = application.start(argv or sys.argv[:1], settings)
    guard = Guard()
    program = Program(settings, settle=application.settle)
    single.asked.connect(program.asked)
    opener = application.FileOpener(app)
    opener.asked.connect(program.asked)
    try:
        program.begin(file, phrase)
        return app.exec()
    finally:
        single.close()
        program.lane.close()
        guard.release()
        logs.stop()
