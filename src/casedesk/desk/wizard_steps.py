"""A page of the wizard, and those that need no file: language and name, waiting, start."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Field, LineEdit, PlainLabel, Segments, button, label
from casedesk.kernel import language
from casedesk.kernel.language import N_, _

TEXT = 540


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
        self.languages = Segments(list(language.NAMES.items()))
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
