"""First run: a new file, one that is there, or a look at the illustrative delegation.

The pages lie in `wizard_steps`, `wizard_file` and `wizard_keys`, what leads through them in
`wizard_guide`; here is which page follows which, for the first run and for a new passphrase.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from casedesk.desk.run import Lane
from casedesk.desk.widgets import button
from casedesk.desk.wizard_file import SUFFIX, FileStep, is_plain
from casedesk.desk.wizard_guide import Guide
from casedesk.desk.wizard_keys import OpenStep, PassphraseStep, WordsStep
from casedesk.desk.wizard_steps import LanguageStep, MakingStep, StartStep, Step
from casedesk.kernel import language, passphrase, vault
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import Store


@dataclass(frozen=True)
class Ways:
    """What the wizard does, handed in: each runs in the lane and gives an open file."""

    create: Callable[[Path, str], Store]
    open_file: Callable[[Path, str | None], Store]
    illustrate: Callable[[Progress, Path, float], Store]


class Wizard(Guide):
    """The first run."""

    finished = Signal(object, object)  # Store, Path
    language_chosen = Signal(str)

    def __init__(
        self,
        ways: Ways,
        lane: Lane,
        *,
        actor: str = "",
        ask_folder: Callable[[Path], str] | None = None,
        ask_file: Callable[[Path], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Begin at the language. `actor` names who sits here, as the computer knows them."""
        super().__init__(lane, parent)
        self._ways = ways
        self._ask_folder = ask_folder or self._folder_dialog
        self._ask_file = ask_file or self._file_dialog
        self._actor = actor
        self._store: Store | None = None
        self._progress: Progress | None = None
        self._poll = QTimer(self)
        self._poll.setInterval(100)
        self._poll.timeout.connect(self._look)
        self._anew()

    @property
    def actor(self) -> str:
        """The name that was typed."""
        return self._language.actor.value

    def _anew(self) -> None:
        self._language = LanguageStep(self._actor)
        self._language.picked.connect(self._speak)
        self._file = FileStep(self._ask_folder, self._ask_file)
        self._begin([self._language, self._file])

    def _speak(self, chosen: str) -> None:
        """Change the language at once, on this very page."""
        self._actor = self.actor
        language.use(chosen)
        self.language_chosen.emit(chosen)
        # The sender is one of the widgets that are made anew, so it finishes first.
        QTimer.singleShot(0, self, self._anew)

    def _planned(self) -> list[tuple[str, str]]:
        middle: tuple[type[Step], ...] = {
            "new": (PassphraseStep, WordsStep),
            "open": (OpenStep,),
            "look": (MakingStep,),
        }[self._file.way]
        steps: tuple[type[Step], ...] = (LanguageStep, FileStep, *middle, StartStep)
        return [(step.name, step.about) for step in steps]

    def _may_go_back(self) -> bool:
        # once the file is made there is no way back to its name and passphrase
        made = self._store is not None or isinstance(self.step, MakingStep)
        return self._at > 0 and not made

    def _act(self) -> None:
        match self.step:
            case FileStep() as file:
                self._after_file(file)
            case PassphraseStep() as asked:
                self._work(self._create, self._file.path, asked.value, then=self._created)
            case OpenStep() as known:
                secret = known.typed.text()
                self._work(self._ways.open_file, self._file.path, secret, then=self._opened)
            case WordsStep() as words if not words.asking:
                words.ask(True)
            case WordsStep():
                self._ready()
            case StartStep():
                self._finish()
            case _:
                self._show(self._at + 1)

    def _after_file(self, file: FileStep) -> None:
        if file.way == "new":
            self._next(PassphraseStep())
        elif file.way == "look":
            self._illustrate()
        elif is_plain(file.path):
            self._work(self._ways.open_file, file.path, None, then=self._opened)
        else:
            self._next(OpenStep(file.path))

    def _create(self, path: Path, phrase: str) -> tuple[Store, tuple[str, ...]]:
        store = self._ways.create(path, phrase)
        return store, passphrase.recovery_words(path, phrase)

    def _created(self, made: tuple[Store, tuple[str, ...]]) -> None:
        self._store, words = made
        if isinstance(self.step, PassphraseStep):
            self.step.forget()
        self._next(WordsStep(words))

    def _opened(self, store: Store) -> None:
        self._store = store
        if isinstance(self.step, OpenStep):
            self.step.tries.passed()
            self.step.typed.clear()
        self._ready()

    def _failed(self, error: Exception) -> None:
        self._poll.stop()
        if isinstance(self.step, MakingStep):
            self._at -= 1
            self._cut()
            self._show(self._at)
        super()._failed(error)

    def _illustrate(self) -> None:
        making = MakingStep()
        making.stop.connect(self._stop)
        self._progress = Progress()
        path, scale = self._file.path, self._file.sizes.value
        self._next(making)
        self._poll.start()

        def done(store: Store) -> None:
            self._poll.stop()
            self._opened(store)

        self._lane.do(
            self._ways.illustrate, self._progress, path, scale, then=done, failed=self._failed
        )

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.cancelled = True
        if isinstance(self.step, MakingStep):
            self.step.halt.setEnabled(False)
            self.step.said.setText(_("Stopping"))

    def _look(self) -> None:
        """See how far it is; the job writes, the window looks."""
        if isinstance(self.step, MakingStep) and self._progress and not self._progress.cancelled:
            self.step.said.setText(self._progress.text)
            if self._progress.total:
                self.step.bar.setRange(0, self._progress.total)
                self.step.bar.setValue(self._progress.done)

    def _ready(self) -> None:
        encrypted = not is_plain(self._file.path)
        self._next(StartStep(self._file.path, encrypted=encrypted))
        self.forward.setFocus(Qt.FocusReason.OtherFocusReason)

    def _finish(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            self.finished.emit(store, self._file.path)

    def abandon(self) -> None:
        """Let go of what was begun: the window closes before the end."""
        self._stop()
        if self._store is not None:
            self._store.close()
            self._store = None

    def _folder_dialog(self, start: Path) -> str:
        return QFileDialog.getExistingDirectory(self, _("Choose a folder"), str(start))

    def _file_dialog(self, start: Path) -> str:
        pattern = _("CaseDesk files ({pattern})").format(pattern=f"*{SUFFIX}")
        return QFileDialog.getOpenFileName(self, _("Choose a file"), str(start), pattern)[0]


class NewPassphrase(Guide):
    """A new passphrase for an open file, and the new recovery words that come with it.

    For somebody who came in by the recovery words, and for Settings (`ask_present`). Nothing else
    may use the file meanwhile: the change locks it and opens it again.
    """

    busy_words = N_("The file is being encrypted anew. A large one takes a minute or two.")
    finished = Signal()
    put_off = Signal()  # not now; nothing was changed

    def __init__(
        self, store: Store, lane: Lane, *, ask_present: bool = True, parent: QWidget | None = None
    ) -> None:
        """Begin with the present passphrase where it is to be asked."""
        super().__init__(lane, parent)
        self._store, self._ask_present = store, ask_present
        self._changed = False
        steps: list[Step] = [OpenStep(store.path)] if ask_present else [PassphraseStep()]
        self._begin(steps)

    def _begin(self, steps: Sequence[Step]) -> None:
        super()._begin(steps)
        self.later = button(_("Not now"), kind="link")
        self.later.clicked.connect(self._put_off)
        self._buttons.insertWidget(0, self.later)

    def _planned(self) -> list[tuple[str, str]]:
        first = [(N_("Present passphrase"), N_("Who may change it"))] if self._ask_present else []
        new = (N_("New passphrase"), PassphraseStep.about)
        return [*first, new, (WordsStep.name, WordsStep.about)]

    def _may_go_back(self) -> bool:
        return self._at > 0 and not self._changed

    def _act(self) -> None:
        match self.step:
            case OpenStep() as present:
                secret = present.typed.text()
                self._work(vault.unlock, self._store.path, secret, then=self._known)
            case PassphraseStep() as asked:
                self._work(self._change, asked.value, then=self._done)
            case WordsStep() as words if not words.asking:
                words.ask(True)
            case _:
                self.finished.emit()

    def _known(self, _key: object) -> None:
        if isinstance(self.step, OpenStep):
            self.step.tries.passed()
            self.step.typed.clear()
            # the one that is known now need not be typed again after a step back
            self._ask_present = False
            self._begin([PassphraseStep()])

    def _change(self, phrase: str) -> tuple[str, ...]:
        passphrase.renew(self._store, phrase)
        return passphrase.recovery_words(self._store.path, phrase)

    def _done(self, words: tuple[str, ...]) -> None:
        self._changed = True
        self.later.hide()
        if isinstance(self.step, PassphraseStep):
            self.step.forget()
        self._next(WordsStep(words))

    def _put_off(self) -> None:
        if not self._busy:
            self.put_off.emit()
