"""The settings: those of this computer hold at once; the passphrase and the backups of the file."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.backup import backup_folder
from casedesk.desk.page import Desk, Page
from casedesk.desk.widgets import (
    Card,
    ComboBox,
    ElidedLabel,
    Field,
    LineEdit,
    Scroll,
    Segments,
    button,
    label,
)
from casedesk.desk.words_view import RecoveryWords
from casedesk.kernel import language
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.language import N_, _, ngettext
from casedesk.version import build

SIZES = (90, 100, 110, 125, 150)
MINUTES = (2, 5, 10, 15, 30, 60)
TYPING_PAUSE_MS = 500
FIELD = 420


class SettingsPage(Page):
    """Language, look, locking and the name under which changes are kept."""

    key: ClassVar[str] = "settings"
    title: ClassVar[str] = N_("Settings")
    icon: ClassVar[str] = "settings"
    bottom: ClassVar[bool] = True

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Build the form from what holds now."""
        super().__init__(desk, parent)
        settings = desk.settings
        languages = list(language.NAMES.items())
        self.language = Segments(languages, value=settings.language, name=_("Language"))
        modes = (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark")))
        self.mode = Segments(modes, value=settings.theme, name=_("Theme"))
        self.text_size = ComboBox(_percents(settings.text_size), value=settings.text_size)
        self.minutes = ComboBox(_minutes(settings.lock_minutes), value=settings.lock_minutes)
        self.actor = LineEdit()
        self.actor.setText(settings.actor)
        self.actor.setMaxLength(120)
        self._actor_field = Field(
            _("Your name"),
            self.actor,
            hint=_("Stands in the history beside each change you make."),
        )
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._keep_actor)
        self.actor.textEdited.connect(lambda _text: self._pause.start())
        self.actor.editingFinished.connect(self._keep_actor)
        desk.settings_changed.connect(self._say_folder)
        self.language.chosen.connect(lambda value: self._keep("language", value))
        self.mode.chosen.connect(lambda value: self._keep("theme", value))
        self.text_size.chosen.connect(lambda value: self._keep("text_size", value))
        self.minutes.chosen.connect(lambda value: self._keep("lock_minutes", value))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(*[theme.space(4)] * 4)
        column.setSpacing(theme.space(4))
        cards: list[tuple[str, list[QWidget]]] = [
            (_("You"), [self._actor_field]),
            (
                _("Language and look"),
                [
                    Field(_("Language"), self.language),
                    Field(_("Theme"), self.mode),
                    Field(_("Text size"), self.text_size),
                ],
            ),
            (
                _("Locking"),
                [
                    Field(
                        _("Lock when nobody works for"),
                        self.minutes,
                        hint=_("What you type is kept. The passphrase opens the desk again."),
                    )
                ],
            ),
            (_("Backup"), [self._make_backup()]),
        ]
        self.recovery: RecoveryWords | None = None
        if desk.encrypted:
            cards.append((_("Passphrase"), self._make_passphrase()))
        for title, fields in cards:
            card = Card(title)
            for field in fields:
                row = QHBoxLayout()
                if isinstance(field, Field):
                    # as wide as a sentence: a hint below does not break after three words
                    field.setFixedWidth(theme.px(FIELD))
                    inside = field.layout()
                    if inside is not None and not isinstance(field.editor, LineEdit):
                        inside.setAlignment(field.editor, Qt.AlignmentFlag.AlignLeft)
                row.addWidget(field)
                row.addStretch(1)
                card.body.addLayout(row)
            card.setMaximumWidth(theme.px(640))
            column.addWidget(card)
        where = _("These settings belong to this computer: {path}")
        middle = Qt.TextElideMode.ElideMiddle
        column.addWidget(ElidedLabel(where.format(path=settings.path), "caption", mode=middle))
        column.addWidget(label(build().signature, "caption"))
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Scroll(inner))

    def _make_backup(self) -> QWidget:
        self.folder = ElidedLabel("", mode=Qt.TextElideMode.ElideMiddle)
        self.folder.setMinimumWidth(theme.px(300))
        now = button(_("Back up now"))  # its key is the window's
        now.clicked.connect(lambda: self.desk.backup_asked.emit(False))
        other = button(_("Choose another folder"))
        other.clicked.connect(lambda: self.desk.backup_asked.emit(True))
        row = QHBoxLayout()
        row.setSpacing(theme.space(2))
        for each in (now, other):
            row.addWidget(each)
        row.addStretch(1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addWidget(self.folder)
        column.addLayout(row)
        self._say_folder()
        return whole

    def _make_passphrase(self) -> list[QWidget]:
        self.renew = button(_("New passphrase"))
        self.renew.clicked.connect(self.desk.passphrase_asked)
        words = label(
            _(
                "The file is encrypted anew and gets new recovery words. "
                "Backups made before keep the old passphrase and the old words."
            ),
            "muted",
            wrap=True,
        )
        words.setMinimumWidth(theme.px(480))
        self.recovery = RecoveryWords(self.desk)
        return [words, self.renew, self.recovery]

    def _say_folder(self, _name: str = "") -> None:
        folder = backup_folder(self.desk.settings)
        words = _("Folder: {path}").format(path=folder)
        self.folder.setText(words if folder else _("The folder is asked for the first time."))

    def enter(self, **args: Any) -> None:
        """Say what holds now."""
        del args
        self._say_folder()

    def resume(self) -> None:
        """Come back after unlocking, or with a new passphrase."""
        self._say_folder()

    def wipe(self) -> None:
        """Take the recovery words off the screen."""
        if self.recovery is not None:
            self.recovery.hide_words()

    def leave(self) -> None:
        """Keep a name that was being typed, and hide the recovery words."""
        self._keep_actor()
        self.wipe()

    def _keep_actor(self) -> None:
        self._pause.stop()
        name = self.actor.text().strip()
        if name != self.desk.settings.actor:
            self._keep("actor", name)

    def _keep(self, name: str, value: str | int) -> None:
        try:
            setattr(self.desk.settings, name, value)
        except CaseDeskError as error:
            # The setting holds until the program ends; only keeping it did not work.
            self.desk.notices.problem(error)
        apply_look(self.desk, name)


def apply_look(desk: Desk, name: str) -> None:
    """Let a changed setting hold at once."""
    app = QApplication.instance()
    if name in ("theme", "text_size") and isinstance(app, QApplication):
        theme.apply(app, desk.settings.theme, desk.settings.text_size)  # type: ignore[arg-type]
    desk.settings_changed.emit(name)


def _percents(now: int) -> list[tuple[int, str]]:
    return [(size, _("{size} %").format(size=size)) for size in sorted({*SIZES, now})]


def _minutes(now: int) -> list[tuple[int, str]]:
    return [
        (count, ngettext("{count} minute", "{count} minutes", count).format(count=count))
        for count in sorted({*MINUTES, now})
    ]
