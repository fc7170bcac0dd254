"""First run: a new file, one that is there, or a look at the illustrative delegation."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QRect, QRectF, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.run import Lane
from casedesk.desk.unlock import KeyboardLine, Mark, PassphraseEdit, tries_of
from casedesk.desk.widgets import (
    Button,
    Divider,
    Field,
    LineEdit,
    PlainLabel,
    RadioButton,
    Segments,
    button,
    label,
)
from casedesk.kernel import language, passphrase, recovery, vault
from casedesk.kernel.errors import Cancelled, CaseDeskError, WrongPassphrase
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import Store

SIZE = (940, 560)
MOST = (1100, 680)  # with large text, still inside the smallest window
LEFT = 248
TEXT = 540
SUFFIX = ".cdk"
# A folder that is copied elsewhere by itself would carry people's data there, and damage the file.
CLOUDS = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud",
    "yandex.disk",
    "nextcloud",
)
SMALL, FULL = 0.02, 1.0
LANGUAGES = (("en", "English"), ("ru", "Русский"))  # each in its own words


@dataclass(frozen=True)
class Ways:
    """What the wizard does, handed in: each runs in the lane and gives an open file."""

    create: Callable[[Path, str], Store]
    open_file: Callable[[Path, str | None], Store]
    illustrate: Callable[[Progress, Path, float], Store]


class Step(QWidget):
    """One page of the wizard: what it asks, and why one cannot go on yet."""

    name: ClassVar[str] = ""
    about: ClassVar[str] = ""  # one short line under the name, in the list of steps

    changed = Signal()

    def __init__(self, title: str, text: str = "", parent: QWidget | None = None) -> None:
        """Begin with a title and a sentence under it."""
        super().__init__(parent)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.space(3))
        self.title = label(title, "page", wrap=True)
        self.body.addWidget(self.title)
        if text:
            self.add_text(text)
        self.setAccessibleName(title)

    def add_text(self, text: str, style: str = "body") -> PlainLabel:
        """Add a paragraph, no wider than one reads with ease."""
        made = label(text, style, wrap=True)
        made.setMaximumWidth(theme.px(TEXT))
        self.body.addWidget(made)
        return made

    def add(self, widget: QWidget) -> None:
        """Add a widget, no wider than the text."""
        widget.setMaximumWidth(theme.px(TEXT))
        self.body.addWidget(widget)

    def reason(self) -> str:
        """Say what is missing before one can go on; nothing when one can."""
        return ""

    def first(self) -> QWidget | None:
        """Name the field that has the focus when the page comes to the front."""
        return None


class LanguageStep(Step):
    """In which language, and under which name in the journal."""

    name = N_("Language")
    about = N_("And your name")
    picked = Signal(object)

    def __init__(self, actor: str) -> None:
        """Show the languages, each in its own words."""
        super().__init__(
            _("Language and your name"),
            _("CaseDesk speaks this language from now on. It can be changed in Settings."),
        )
        self.languages = Segments(list(LANGUAGES))
        self.languages.setAccessibleName(_("Language"))
        self.languages.set_value(language.current())
        self.languages.chosen.connect(self.picked)
        self.body.addWidget(self.languages, 0, Qt.AlignmentFlag.AlignLeft)
        self.actor = LineEdit(actor)
        self.actor.setMaxLength(120)
        self.actor.textChanged.connect(self.changed)
        hint = _("Every change is kept under this name, so that others know whom to ask.")
        self.add(Field(_("Your name"), self.actor, hint=hint))
        self.body.addStretch(1)

    def reason(self) -> str:
        """Ask for the name: a journal without names helps nobody."""
        return "" if self.actor.value else _("Type your name.")

    def first(self) -> QWidget:
        """Begin in the name."""
        return self.actor


def usual_folder() -> Path:
    """Give a folder that is there: Documents, else the home folder."""
    location = QStandardPaths.StandardLocation.DocumentsLocation
    documents = Path(QStandardPaths.writableLocation(location) or Path.home())
    return documents if documents.is_dir() else Path.home()


class FileStep(Step):
    """Which file: a new one, one that is there, or the illustrative delegation."""

    name = N_("File")
    about = N_("New, known or invented")

    def __init__(self, ask_folder: Callable[[Path], str], ask_file: Callable[[Path], str]) -> None:
        """Offer the three ways."""
        super().__init__(
            _("The file of the delegation"),
            _("Everything lies in one file on this computer. Nothing is sent anywhere."),
        )
        self._ask_folder, self._ask_file = ask_folder, ask_file
        self.ways: dict[str, RadioButton] = {}
        choices = QVBoxLayout()
        choices.setSpacing(0)  # one question: the rows stand together, 28 high each
        group = QButtonGroup(self)
        for key, text in (
            ("new", _("Make a new file")),
            ("open", _("Open a file that is there")),
            ("look", _("Look at an illustrative delegation")),
        ):
            choice = RadioButton(text)
            group.addButton(choice)
            choice.toggled.connect(self._chosen)
            self.ways[key] = choice
            choices.addWidget(choice)
        self.body.addLayout(choices)
        self.file_name = LineEdit(_("delegation"))
        self.name_field = Field(_("Name of the file"), self.file_name)
        self.folder = LineEdit(str(usual_folder()))
        self.folder.setAccessibleName(_("Folder"))
        self.folder_field = Field(_("Folder"), _beside(self.folder, _("Choose"), self._folder))
        self.make_folder = button(_("Make this folder"))
        self.make_folder.clicked.connect(self._make_folder)
        self.make_folder.hide()
        self.existing = LineEdit(name=_("File"))
        self.existing_field = Field(_("File"), _beside(self.existing, _("Choose"), self._file))
        self.sizes = Segments(
            [
                (SMALL, _("Small, ready in a minute")),
                (FULL, _("Full size, takes several minutes")),
            ]
        )
        self.sizes.setAccessibleName(_("Size of the delegation"))
        self.sizes.set_value(SMALL)
        self.invented = label(
            _(
                "All people in it are invented. It has no passphrase and must not hold real "
                "people's data."
            ),
            "muted",
            wrap=True,
        )
        self.add(self.name_field)
        self.add(self.folder_field)
        self.body.addWidget(self.make_folder, 0, Qt.AlignmentFlag.AlignLeft)
        self.add(self.existing_field)
        self.add(self.invented)
        self.body.addWidget(self.sizes, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.folder.textChanged.connect(self._offer)
        for editor in (self.file_name, self.folder, self.existing):
            editor.textChanged.connect(self.changed)
        self.ways["new"].setChecked(True)

    @property
    def way(self) -> str:
        """Which way was chosen: new, open or look."""
        return next((key for key, choice in self.ways.items() if choice.isChecked()), "new")

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        if self.way == "open":
            return Path(self.existing.value)
        name = self.file_name.value
        if not name.casefold().endswith(SUFFIX):
            name += SUFFIX
        return Path(self.folder.value) / name

    def reason(self) -> str:
        """Say what is wrong with name, folder or file."""
        if self.way == "open":
            if not self.existing.value:
                return _("Choose the file.")
            return "" if self.path.is_file() else _("There is no file of this name.")
        name, folder = self.file_name.value, Path(self.folder.value)
        if not name:
            return _("Type a name for the file.")
        if any(character in name for character in '/\\:*?"<>|') or not name.isprintable():
            return _("The name holds a character that file names cannot have.")
        if not self.folder.value or not folder.is_dir():
            return _("The folder does not exist.")
        if any(cloud in part.casefold() for part in folder.parts for cloud in CLOUDS):
            return _("This folder is copied to a cloud. Choose one that stays on this computer.")
        if not os.access(folder, os.W_OK):
            return _("This folder cannot be written to.")
        if self.path.exists():
            return _("There is already a file of this name.")
        return ""

    def first(self) -> QWidget:
        """Begin in the choice."""
        return self.ways[self.way]

    def _chosen(self, on: bool) -> None:
        if not on:
            return
        makes = self.way != "open"
        self.name_field.setVisible(makes)
        self.folder_field.setVisible(makes)
        self.existing_field.setVisible(not makes)
        self._offer()
        self.sizes.setVisible(self.way == "look")
        self.invented.setVisible(self.way == "look")
        if makes and self.file_name.value in (_("delegation"), _("illustrative")):
            self.file_name.setText(_("illustrative") if self.way == "look" else _("delegation"))
        self.changed.emit()

    def _offer(self) -> None:
        """Offer to make the folder where it is not there, but the one above it is."""
        typed = self.folder.value
        folder = Path(typed)
        missing = folder.is_absolute() and not folder.exists() and folder.parent.is_dir()
        self.make_folder.setVisible(bool(typed) and missing and self.way != "open")

    def _make_folder(self) -> None:
        try:
            Path(self.folder.value).mkdir(mode=0o700)
        except OSError:
            self.folder_field.error(_("This folder cannot be made. Choose another one."))
            return
        self.folder_field.error(None)
        self._offer()
        self.changed.emit()
        self.folder.setFocus(Qt.FocusReason.OtherFocusReason)

    def _folder(self) -> None:
        if chosen := self._ask_folder(Path(self.folder.value or ".")):
            self.folder.setText(chosen)

    def _file(self) -> None:
        if chosen := self._ask_file(Path(self.folder.value or ".")):
            self.existing.setText(chosen)


class PassphraseStep(Step):
    """A passphrase that is hard to guess, typed twice, or five words that the computer drew."""

    name = N_("Passphrase")
    about = N_("Locks the file")

    def __init__(self) -> None:
        """Ask for it, and offer one."""
        super().__init__(
            _("A passphrase for the file"),
            _(
                "Whoever has the file and the passphrase can read everything. Use words that do "
                "not belong together, and use them nowhere else."
            ),
        )
        self.typed = PassphraseEdit()
        self.again = PassphraseEdit()
        self.typed_field = Field(_("Passphrase"), self.typed)
        self.strength = label("", "small", wrap=True)
        self.again_field = Field(_("The same again"), self.again)
        self.keyboard = KeyboardLine()
        self.offer = label("", "strong", wrap=True)
        self.offer.setAccessibleName(_("Offered passphrase"))
        self.offer.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.use = button(_("Use these words"))
        self.other = button(_("Other words"), kind="link")
        self.use.clicked.connect(self._use)
        self.other.clicked.connect(self._draw)
        offered = QFrame()
        offered.setProperty("card", True)
        row = QHBoxLayout(offered)
        row.addWidget(self.offer, 1)
        row.addWidget(self.other)
        row.addWidget(self.use)
        for part in (self.typed_field, self.strength, self.again_field, self.keyboard):
            self.add(part)
        self.add_text(_("Or take words that the computer has drawn:"), "muted")
        self.add(offered)
        self.body.addStretch(1)
        for editor in (self.typed, self.again):
            editor.textChanged.connect(self._judge)
            editor.caps_changed.connect(self.keyboard.show_caps)
        self._draw()
        self._judge()

    @property
    def value(self) -> str:
        """What was typed."""
        return self.typed.text()

    def reason(self) -> str:
        """Name what the passphrase lacks."""
        judged = passphrase.strength(self.typed.text())
        if not judged.enough:
            return judged.text
        if self.typed.text() != self.again.text():
            return _("The two passphrases differ.")
        return ""

    def first(self) -> QWidget:
        """Begin in the passphrase."""
        return self.typed

    def forget(self) -> None:
        """Leave no passphrase in the fields."""
        self.typed.clear()
        self.again.clear()
        self.offer.clear()

    def _judge(self) -> None:
        judged = passphrase.strength(self.typed.text())
        self.strength.setText(judged.text)
        tone = "green" if judged.level > 1 else "" if judged.enough else "amber"
        self.strength.set_tone(tone if self.typed.text() else "muted")
        self.changed.emit()

    def _draw(self) -> None:
        self.offer.setText(passphrase.suggest())

    def _use(self) -> None:
        for editor in (self.typed, self.again):
            editor.setText(self.offer.text())
            editor.show_text(True)


class OpenStep(Step):
    """The passphrase of a file that is there."""

    name = N_("Passphrase")
    about = N_("Opens the file")

    def __init__(self, path: Path) -> None:
        """Ask for it; the recovery words do as well."""
        super().__init__(_("The passphrase of this file"), path.name)
        self.typed = PassphraseEdit()
        self.field = Field(
            _("Passphrase"), self.typed, hint=_("The 24 recovery words open the file as well.")
        )
        self.keyboard = KeyboardLine()
        self.typed.caps_changed.connect(self.keyboard.show_caps)
        self.typed.textChanged.connect(self._typed)
        # the same counter as the unlock card's: this page is no way round its waits
        self.tries = tries_of(path)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._wait)
        self.add(self.field)
        self.add(self.keyboard)
        self.body.addStretch(1)

    def reason(self) -> str:
        """Wait for something typed, and after too many wrong ones for the time to pass."""
        if told := self.tries.words:
            return told
        return "" if self.typed.text().strip() else _("Type the passphrase.")

    def first(self) -> QWidget:
        """Begin in the passphrase."""
        return self.typed

    def refuse(self, error: CaseDeskError) -> None:
        """Say under the field why the file did not open."""
        if isinstance(error, WrongPassphrase):
            self.tries.failed()
        self.field.error(str(error))
        self.typed.selectAll()
        if self.tries.wait:
            self._second.start()
        self.changed.emit()

    def _wait(self) -> None:
        if not self.tries.wait:
            self._second.stop()
        self.changed.emit()

    def _typed(self) -> None:
        self.field.error(None)
        self.changed.emit()


class WordsStep(Step):
    """The recovery words: shown once, then two of them asked back."""

    name = N_("Recovery words")
    about = N_("On paper, if it is forgotten")

    def __init__(self, words: tuple[str, ...]) -> None:
        """Show the words, numbered."""
        super().__init__(
            _("Write these 24 words on paper"),
            _(
                "They open the file when the passphrase is forgotten. Nobody can make them again. "
                "Keep the paper locked away, apart from this computer."
            ),
        )
        self._words = words
        self.asked = tuple(sorted(secrets.SystemRandom().sample(range(len(words)), 2)))
        self.sheet = QFrame()
        self.sheet.setProperty("card", True)
        grid = QGridLayout(self.sheet)
        grid.setHorizontalSpacing(theme.space(4))
        rows = len(words) // 4
        for index, word in enumerate(words):
            cell = QHBoxLayout()
            place = label(str(index + 1), "muted")
            place.setFixedWidth(theme.px(20))
            cell.addWidget(place)
            cell.addWidget(label(word, "strong"), 1)
            grid.addLayout(cell, index % rows, index // rows)
        self.add(self.sheet)
        self.editors = [LineEdit(), LineEdit()]
        self.fields = [
            Field(_("Word {position}").format(position=place + 1), editor)
            for place, editor in zip(self.asked, self.editors, strict=True)
        ]
        self.show_again = button(_("Show the words again"), kind="link")
        self.show_again.clicked.connect(lambda: self.ask(False))
        for editor, field in zip(self.editors, self.fields, strict=True):
            editor.textChanged.connect(self.changed)
            self.add(field)
        self.body.addWidget(self.show_again)
        self.body.addStretch(1)
        self.asking = False
        self.ask(False)

    def ask(self, on: bool) -> None:
        """Hide the words and ask for two of them, or show them again."""
        self.asking = on
        self.sheet.setVisible(not on)
        for field in self.fields:
            field.setVisible(on)
        self.show_again.setVisible(on)
        self.title.setText(
            _("Two of the words, from the paper") if on else _("Write these 24 words on paper")
        )
        if on:
            self.editors[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def reason(self) -> str:
        """Compare the two words with the paper."""
        if not self.asking:
            return ""
        for place, editor in zip(self.asked, self.editors, strict=True):
            if recovery.split(editor.text()) != [self._words[place]]:
                return _("Word {position} is not the one on the paper.").format(position=place + 1)
        return ""

    def first(self) -> QWidget | None:
        """Begin in the first word that is asked."""
        return self.editors[0] if self.asking else None


class MakingStep(Step):
    """The illustrative delegation is being made; it can be stopped."""

    name = N_("Illustrative delegation")
    about = N_("Invented families and calls")
    stop = Signal()

    def __init__(self) -> None:
        """Show how far it is."""
        super().__init__(
            _("The illustrative delegation is being made"),
            _("Families, cases and calls are invented one after the other."),
        )
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.said = label("", "muted")
        self.halt = button(_("Stop"))
        self.halt.clicked.connect(self.stop)
        self.add(self.bar)
        self.add(self.said)
        self.body.addWidget(self.halt, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def reason(self) -> str:
        """Wait until it is made."""
        return _("The file is being made.")

    def first(self) -> QWidget:
        """Let Enter or Space stop it."""
        return self.halt


class StartStep(Step):
    """All is ready."""

    name = N_("Start")
    about = N_("All is ready")

    def __init__(self, path: Path, *, encrypted: bool) -> None:
        """Say where the file is and how it is kept."""
        super().__init__(_("The file is ready"), str(path))
        if encrypted:
            self.add_text(_("It is encrypted. CaseDesk locks itself when nobody works."))
            self.add_text(_("Make a copy on another disk every week. It needs no other key."))
        else:
            self.add_text(_("It has no passphrase. Use it to try things, never for real people."))
        self.add_text(_("F1 shows the help, F2 begins a call, Ctrl+K finds everything."), "muted")
        self.body.addStretch(1)


class _Side(QWidget):
    """The ground of the list of steps; it follows the round corners of the card."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the window, inside the line of the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("window"))
        corner = theme.radius("panel")
        # the right corners lie beyond the edge, so only the left ones are round
        box = QRectF(self.rect()).adjusted(1, 1, corner, -1)
        painter.drawRoundedRect(box, corner - 1, corner - 1)
        painter.end()


class StepLine(QWidget):
    """One step in the list: number and name, a line about it, and a bar where one is."""

    def __init__(
        self, number: int, name: str, about: str, way: int, parent: QWidget | None = None
    ) -> None:
        """Show a step; `way` is 0 for the one in front, less for those behind."""
        super().__init__(parent)
        self.here = way == 0
        edge = theme.space(5)
        column = QVBoxLayout(self)
        column.setContentsMargins(edge, theme.space(2), theme.space(3), theme.space(2))
        column.setSpacing(1)
        title = label(
            _("{number}. {step}").format(number=number, step=name),
            "strong" if self.here else "body",
            wrap=True,
        )
        title.set_tone("accent" if self.here else "" if way < 0 else "muted")
        column.addWidget(title)
        column.addWidget(label(about, "small", wrap=True))
        said = _("{step}, this is where you are") if self.here else _("{step}")
        self.setAccessibleName(said.format(step=name))
        theme.watch.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar of the step in front."""
        if self.here:
            painter = QPainter(self)
            painter.fillRect(QRect(1, 0, self.width(), self.height()), theme.colour("select"))
            painter.fillRect(QRect(1, 0, 3, self.height()), theme.colour("accent"))
            painter.end()


class Guide(QWidget):
    """A card of steps in the middle of the window ground: a list at the left, a page at the right.

    Continue is off until the page has what it needs, and the reason stands beside it.
    """

    busy_words: ClassVar[str] = N_("A moment, the key is being made.")

    def __init__(self, lane: Lane, parent: QWidget | None = None) -> None:
        """Build the empty card; `_begin` fills it."""
        super().__init__(parent)
        self._lane = lane
        self._busy = False
        self._steps: list[Step] = []
        self._at = 0
        self._listed: tuple[object, ...] = ()
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.card = QFrame()
        self.card.setProperty("card", True)
        wide, tall = (min(theme.px(side), most) for side, most in zip(SIZE, MOST, strict=True))
        self.card.setFixedSize(wide, tall)
        row = QHBoxLayout(self.card)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        side = _Side()
        side.setFixedWidth(theme.px(LEFT))
        self._side = QVBoxLayout(side)
        margin = theme.space(5)
        self._side.setContentsMargins(0, margin, 0, margin)
        self._side.setSpacing(theme.space(3))
        row.addWidget(side)
        row.addWidget(Divider(vertical=True))
        main = QVBoxLayout()
        main.setContentsMargins(margin, margin, margin, margin)
        main.setSpacing(theme.space(3))
        self.pages = QStackedWidget()
        main.addWidget(self.pages, 1)
        self.problem = label("", "small", wrap=True)
        self.problem.set_tone("carmine")
        self.problem.hide()
        main.addWidget(self.problem)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.space(2))
        main.addLayout(self._buttons)
        row.addLayout(main, 1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    @property
    def step(self) -> Step:
        """The page that is in front."""
        return self._steps[self._at]

    def _planned(self) -> list[tuple[str, str]]:
        """Name all steps, each with its line, for the list at the left."""
        raise NotImplementedError

    def _act(self) -> None:
        """Do what the page in front asks for, and go on."""
        raise NotImplementedError

    def _begin(self, steps: Sequence[Step]) -> None:
        """Make everything anew, in the language that holds now."""
        _empty(self._side)
        _empty(self._buttons)
        while (old := self.pages.currentWidget()) is not None:
            self.pages.removeWidget(old)
            old.deleteLater()
        head = QHBoxLayout()
        head.setContentsMargins(theme.space(5), 0, 0, theme.space(2))
        head.addWidget(Mark(theme.px(32)))
        head.addStretch(1)
        self._side.addLayout(head)
        self._marks = QVBoxLayout()
        self._marks.setSpacing(0)
        self._side.addLayout(self._marks)
        self._side.addStretch(1)
        self.why = label("", "small", wrap=True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = button(_("Back"), key="Alt+Left", hint=False)
        self.back.clicked.connect(self._back)
        self.forward: Button = button(_("Continue"), key="Ctrl+Return", kind="primary")
        self.forward.clicked.connect(self._forward)
        self._buttons.addWidget(self.back)
        self._buttons.addWidget(self.why, 1)
        self._buttons.addWidget(self.forward)
        self._steps, self._listed, self._at = [], (), 0
        for step in steps:
            self._append(step)
        self._show(0)

    def _append(self, step: Step) -> None:
        self._steps.append(step)
        self.pages.addWidget(step)
        step.changed.connect(self._update)
        for editor in step.findChildren(LineEdit):
            editor.returnPressed.connect(self._forward)

    def _cut(self) -> None:
        """Forget the pages after this one: another choice was made."""
        for step in self._steps[self._at + 1 :]:
            self.pages.removeWidget(step)
            step.deleteLater()
        del self._steps[self._at + 1 :]

    def _next(self, step: Step) -> None:
        """Put this page after the one in front, and go there."""
        self._cut()
        self._append(step)
        self._show(self._at + 1)

    def _show(self, at: int) -> None:
        self._at = at
        self.pages.setCurrentWidget(self.step)
        self._say(None)
        self._update()
        first = self.step.first()
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _may_go_back(self) -> bool:
        return self._at > 0

    def _update(self) -> None:
        """Say why one cannot go on, and where one is."""
        why = self.step.reason()
        last = isinstance(self.step, StartStep)
        self.forward.set_text(_("Start") if last else _("Continue"))
        self.forward.setEnabled(not why and not self._busy)
        self.forward.setAccessibleDescription(why)
        self.why.setText(_(self.busy_words) if self._busy else why)
        self.back.setVisible(self._may_go_back())
        self.back.setEnabled(not self._busy)
        self.step.setEnabled(not self._busy)
        self._list()

    def _list(self) -> None:
        planned = (self._at, *self._planned())
        if planned == self._listed:
            return
        self._listed = planned
        _empty(self._marks)
        for index, (name, about) in enumerate(self._planned()):
            self._marks.addWidget(StepLine(index + 1, _(name), _(about), index - self._at))

    def _say(self, problem: Exception | None) -> None:
        if problem is None:
            self.problem.hide()
            return
        told = isinstance(problem, CaseDeskError)
        self.problem.setText(str(problem) if told else _("This did not work: a fault in CaseDesk."))
        self.problem.show()

    def _back(self) -> None:
        if not self._busy and self._may_go_back():
            self._show(self._at - 1)

    def _forward(self) -> None:
        """Go on, doing what the page asks for first."""
        if not self._busy and not self.step.reason():
            self._say(None)
            self._act()

    def _work(self, fn: Callable[..., object], *args: object, then: Callable[..., None]) -> None:
        """Run in the lane what derives a key; the page stays alive."""
        self._busy = True
        self._update()

        def done(result: object) -> None:
            self._busy = False
            self.step.setEnabled(True)
            then(result)

        self._lane.do(fn, *args, then=done, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._update()
        if isinstance(self.step, OpenStep) and isinstance(error, CaseDeskError):
            self.step.refuse(error)
        elif not isinstance(error, Cancelled):
            self._say(error)
        first = self.step.first()
        if first is not None:  # it lost the focus while it was switched off
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Let the person type at once."""
        super().showEvent(event)
        first = self.step.first()
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)


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
        elif _is_plain(file.path):
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
        encrypted = not _is_plain(self._file.path)
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


def _beside(editor: LineEdit, words: str, act: Callable[[], None]) -> QWidget:
    """Put a button at the right of a field."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.space(2))
    row.addWidget(editor, 1)
    chooser = button(words)
    chooser.clicked.connect(act)
    row.addWidget(chooser)
    pair.setFocusProxy(editor)
    return pair


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            _empty(inner)


def _is_plain(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == vault.PLAIN_MAGIC
    except OSError:
        return False  # opening it says what is wrong
