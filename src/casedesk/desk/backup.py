"""Backing up from the desk: where to, how long ago it was, and a reminder when that is long ago."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from sqlmodel import Session

from casedesk.desk.page import Desk
from casedesk.kernel import clock, journal
from casedesk.kernel.errors import CaseDeskError, ReadOnly
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import _, ngettext
from casedesk.kernel.settings import Setting, Settings, change_setting, get_setting
from casedesk.kernel.store import Changes, Store

LATE = 7
"""After so many days without a backup the desk asks for one."""
MADE_AT = "backup_at"
SUBJECT = "backup"
FIRST_PAGE = "today"
LOOK_MS = 60_000
# The folder belongs to this computer, not to the file, and the desk alone knows of it.
FOLDER: Setting[str] = Setting("", lambda value: len(value) <= 4096 and value.isprintable())
FOLDER.name = "backup_folder"


def backup_folder(settings: Settings) -> str:
    """Name the folder of the backups; nothing where none was chosen yet."""
    return FOLDER.__get__(settings, type(settings))


class FolderGone(ReadOnly):
    """The folder of the backups is not there: a disk that was taken out, or none was chosen."""


@dataclass(frozen=True)
class Known:
    """When the file was backed up from the desk, and since when it is in use."""

    made_at: dt.datetime | None = None
    since: dt.date | None = None


def known(session: Session) -> Known:
    """Read when the last backup was made."""
    first = session.execute(
        sa.select(journal.ENTRY.c.at).order_by(journal.ENTRY.c.id).limit(1)
    ).scalar()
    began = _instant(first or "")
    return Known(_instant(get_setting(session, MADE_AT)), began.date() if began else None)


def make(progress: Progress, store: Store, folder: str) -> Path:
    """Write a verified copy into a folder, named after the file, the day and the time."""
    del progress  # the copy is one statement, which says nothing on its way
    place = Path(folder)
    if not folder or not place.is_dir():
        raise FolderGone(_("The folder of the backups is not there. Choose one."))
    at = clock.now().astimezone()
    name = f"{store.path.stem} {at:%Y-%m-%d %H-%M}"
    target = place / f"{name}{store.path.suffix}"
    count = 2
    while target.exists():
        target = place / f"{name} {count}{store.path.suffix}"
        count += 1
    try:
        store.backup(target)
    except OSError:
        raise ReadOnly(
            _("The backup cannot be written there. Choose another folder in Settings.")
        ) from None
    return target


class Backup(QObject):
    """Makes backups on demand, and knows how long ago the last one was."""

    changed = Signal()  # the words, or whether they are late

    def __init__(
        self,
        desk: Desk,
        parent: QWidget | None = None,
        *,
        ask_folder: Callable[[str], str] | None = None,
    ) -> None:
        """Read what is known; `ask_folder` lets somebody choose, beginning at a folder."""
        super().__init__(parent)
        self._desk, self._window = desk, parent
        self._ask_folder = ask_folder or self._choose
        self._known = Known()
        self._read = self._making = False
        self._day = desk.today
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._next_day)
        self._look.start()
        desk.changed.connect(self._changed)
        self.read()

    @property
    def folder(self) -> str:
        """Name the folder of the backups; nothing where none was chosen yet."""
        return backup_folder(self._desk.settings)

    @property
    def days(self) -> int | None:
        """How many days ago the last backup was made; None where there was none."""
        made = self._known.made_at
        return None if made is None else max(0, (self._desk.today - made.date()).days)

    @property
    def late(self) -> bool:
        """Whether it is time for one; invented data need none."""
        if self._desk.illustrative or not self._read:
            return False
        since = self._known.since
        used = (self._desk.today - since).days if since else 0
        days = self.days
        return (used if days is None else days) > LATE

    @property
    def words(self) -> str:
        """Say it for the status bar."""
        if self._making:
            return _("Making a backup")
        made, days = self._known.made_at, self.days
        if made is None or days is None:
            return _("No backup yet") if self._read else ""
        if days == 0:
            return _("Backup today {time}").format(time=f"{made:%H:%M}")
        return ngettext("Backup {count} day ago", "Backup {count} days ago", days).format(
            count=days
        )

    def read(self) -> None:
        """Read what is known anew."""
        self._desk.read(self, known, channel="backup", then=self._take)

    def tell(self) -> None:
        """Ask for a backup on the first page where one is due; be silent where none is."""
        if not self.late:
            self._desk.notices.settle(SUBJECT)
            return
        days = self.days
        title = (
            _("This file was never backed up.")
            if days is None
            else ngettext("No backup for {count} day.", "No backup for {count} days.", days).format(
                count=days
            )
        )
        self._desk.notices.banner(
            "amber",
            title,
            _("A copy on another disk saves the work when this computer fails."),
            ((_("Back up now"), self.run),),
            page=FIRST_PAGE,
            subject=SUBJECT,
        )

    def run(self) -> None:
        """Make a backup in the long lane; asks for the folder the first time."""
        if self._making:
            return
        if not self.folder and not self.choose_folder():
            self.tell()
            return
        self._set_making(True)
        self._desk.background(
            self, make, self._desk.store, self.folder, then=self._made, failed=self._failed
        )

    def choose_folder(self) -> bool:
        """Let somebody choose the folder of the backups; tells whether one was chosen."""
        chosen = self._ask_folder(self.folder)
        if not chosen:
            return False
        try:
            FOLDER.__set__(self._desk.settings, chosen)
        except CaseDeskError as error:
            self._desk.notices.problem(error)
        self._desk.settings_changed.emit(FOLDER.name)
        return self.folder == chosen

    def _choose(self, begin: str) -> str:
        return QFileDialog.getExistingDirectory(self._window, _("Folder for backups"), begin)

    def _made(self, target: Path) -> None:
        self._set_making(False)
        now = clock.now().astimezone().isoformat(timespec="seconds")
        # The file says it, not this computer: whoever opens it next sees the same age.
        self._desk.note(self, change_setting, MADE_AT, now)
        self._desk.notices.done(_("Backup made: {file}").format(file=target.name), undo=False)

    def _failed(self, error: Exception) -> None:
        self._set_making(False)
        if isinstance(error, FolderGone) and self.choose_folder():
            self.run()
            return
        self._desk.notices.problem(error)
        self.tell()

    def _set_making(self, on: bool) -> None:
        self._making = on
        self.changed.emit()

    def _take(self, found: Known) -> None:
        self._known, self._read = found, True
        self.tell()
        self.changed.emit()

    def _changed(self, changes: Changes) -> None:
        if "setting" in changes.touched:
            self.read()

    def _next_day(self) -> None:
        if self._day != self._desk.today:
            self._day = self._desk.today
            self.tell()
            self.changed.emit()


def _instant(text: str) -> dt.datetime | None:
    with contextlib.suppress(ValueError):
        return dt.datetime.fromisoformat(text).astimezone()
    return None
