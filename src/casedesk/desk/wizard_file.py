"""Which file the wizard makes or opens: its way, its name, its folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Field, LineEdit, RadioButton, Segments, button, label
from casedesk.desk.wizard_steps import Step
from casedesk.kernel import vault
from casedesk.kernel.language import N_, _

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


def is_plain(path: Path) -> bool:
    """Tell whether a file opens without a passphrase."""
    try:
        with path.open("rb") as file:
            return file.read(16) == vault.PLAIN_MAGIC
    except OSError:
        return False  # opening it says what is wrong
