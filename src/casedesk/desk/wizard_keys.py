"""What opens a file: a new passphrase, the one it has, and the words for when it is forgotten."""

from __future__ import annotations

import secrets
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.unlock import KeyboardLine, PassphraseEdit, tries_of
from casedesk.desk.widgets import Field, LineEdit, button, label
from casedesk.desk.wizard_steps import Step
from casedesk.kernel import passphrase, recovery
from casedesk.kernel.errors import CaseDeskError, WrongPassphrase
from casedesk.kernel.language import N_, _


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
