"""What a page of the desk is, and the desk that every page works on.

A page never touches the database: it asks the desk, which runs the work elsewhere and answers on
the window thread. An answer for a page that is gone is dropped.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid

from casedesk.desk.notices import Notices
from casedesk.desk.run import Lane
from casedesk.kernel import clock, journal, vault
from casedesk.kernel.acts import Act, act_of
from casedesk.kernel.errors import Cancelled, Refused
from casedesk.kernel.language import _
from casedesk.kernel.store import DRAFT, Changes, Store

if TYPE_CHECKING:
    from sqlmodel import Session

    from casedesk.kernel.jobs import Job, Jobs
    from casedesk.kernel.settings import Settings

Then = Callable[[Any], None]
Failed = Callable[[Exception], None]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One verb of a page or of the shell, as the palette offers it."""

    key: str
    label: str
    run: Callable[[], None]
    icon: str = ""
    shortcut: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One result of the palette: a record or a page, and how to go there.

    Finders work in the reader lane and know no desk, so they name the page and its arguments
    instead of opening anything. `kind` is "person", "case", "call" or "page".
    """

    title: str
    kind: str
    page: str = ""
    args: tuple[tuple[str, Any], ...] = ()
    subtitle: str = ""
    shortcut: str = ""
    icon: str = ""


Finder = Callable[["Session", str], list[Place]]


@dataclass(frozen=True)
class Done:
    """An entry of this session that Undo or Redo can act on."""

    entry: int
    label: str


class Desk(QObject):
    """What all pages share: the file, the work lanes, the settings and the way to each other."""

    changed = Signal(object)  # kernel Changes, after commit, on the window thread
    undo_changed = Signal()  # what Undo and Redo would do is another thing now
    open_asked = Signal(str, object)  # page key, its arguments as a dict
    back_asked = Signal()
    forward_asked = Signal()
    lock_asked = Signal()
    settings_changed = Signal(str)  # the name of the setting
    passphrase_asked = Signal()  # somebody wants a new passphrase
    backup_asked = Signal(bool)  # make a backup; True: choose its folder first
    saving_changed = Signal(bool)  # whether an act is on its way to the file

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        settings: Settings,
        lane: Lane,
        *,
        illustrative: bool = False,
        parent: QObject | None = None,
    ) -> None:
        """Take the parts that the composition root made; `lane` keeps drafts and locks."""
        super().__init__(parent)
        self.store = store
        self.jobs = jobs
        self._closed = False
        self.settings = settings
        self.lane = lane
        self.illustrative = illustrative
        with store.path.open("rb") as head:
            self.encrypted = head.read(16) != vault.PLAIN_MAGIC
        self.notices = Notices(self)
        self.notices.undo_asked.connect(self.undo)
        self._acts: dict[str, Act] = {}
        # The acts of this desk that are on their way, in order: whether Undo is to know of each.
        self._asked: defaultdict[str, deque[bool]] = defaultdict(deque)
        self._done: list[Done] = []
        self._undone: list[Done] = []
        self._reverting: str = ""
        self._working: list[Job] = []
        jobs.unhandled = self.notices.problem
        store.listeners.append(self._committed)

    @property
    def actor(self) -> str:
        """Name who works here: the name from the settings, or the computer's user."""
        named = self.settings.actor.strip()
        if named:
            return named
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):
            return _("Not named")

    @property
    def today(self) -> dt.date:
        """Tell the day this desk lives on."""
        return clock.today()

    # Work. `owner` is the page or widget that asks; the answer never reaches it once it is gone.

    def read(
        self,
        owner: QObject,
        fn: Callable[..., Any],
        *args: Any,
        channel: str | None = None,
        then: Then | None = None,
        failed: Failed | None = None,
        **options: Any,
    ) -> Job:
        """Run `fn(session, *args)` in the reader lane; a newer call on a channel replaces it."""
        return self.jobs.read(
            fn,
            *args,
            channel=channel,
            then=self._for(owner, then, while_locked=False),
            failed=self._for(owner, failed or self.notices.problem, while_locked=False),
            **options,
        )

    def write(
        self,
        owner: QObject,
        act: Callable[..., Any],
        *args: Any,
        then: Then | None = None,
        failed: Failed | None = None,
        **options: Any,
    ) -> Job:
        """Run an act in the writer lane as the actor of this desk; Undo knows of it."""
        return self._act(owner, act, args, then, failed, options, undoable=True)

    def note(
        self,
        owner: QObject,
        act: Callable[..., Any],
        *args: Any,
        then: Then | None = None,
        failed: Failed | None = None,
        **options: Any,
    ) -> Job:
        """Run an act that the program does by itself: nobody would think of undoing it."""
        return self._act(owner, act, args, then, failed, options, undoable=False)

    def _act(
        self,
        owner: QObject,
        act: Callable[..., Any],
        args: tuple[Any, ...],
        then: Then | None,
        failed: Failed | None,
        options: dict[str, Any],
        *,
        undoable: bool,
    ) -> Job:
        verb = act_of(act)
        self._acts[verb.key] = verb
        asked = self._asked[verb.key]
        asked.append(undoable and verb.undoable)
        tell = self._for(owner, failed or self.notices.problem)

        def lost(error: Exception) -> None:
            # There is one writer, so what fails is the oldest of its kind.
            if asked:
                asked.popleft()
            if tell is not None:
                tell(error)

        return self._work(
            self.jobs.write(
                act,
                *args,
                actor=self.actor,
                then=self._settled(self._for(owner, then)),
                failed=self._settled(lost),
                **options,
            )
        )

    def background(
        self,
        owner: QObject,
        fn: Callable[..., Any],
        *args: Any,
        then: Then | None = None,
        failed: Failed | None = None,
        **options: Any,
    ) -> Job:
        """Run `fn(progress, *args)` in the lane for long work."""
        return self._work(
            self.jobs.background(
                fn,
                *args,
                then=self._settled(self._for(owner, then)),
                failed=self._settled(self._for(owner, failed or self.notices.problem)),
                **options,
            )
        )

    @property
    def quiet(self) -> bool:
        """Tell whether nothing is being written or worked on at length, so that all is saved."""
        self._working = [job for job in self._working if not job.done]
        return not self._working

    def _work(self, job: Job) -> Job:
        self._working.append(job)
        self.saving_changed.emit(not self.quiet)
        return job

    def _settled(self, answer: Callable[[Any], None] | None) -> Callable[[Any], None]:
        def settle(value: Any) -> None:
            if isValid(self):
                self.saving_changed.emit(not self.quiet)
            if answer is not None:
                answer(value)

        return settle

    def _for(
        self, owner: QObject, answer: Then | Failed | None, *, while_locked: bool = True
    ) -> Callable[[Any], None] | None:
        """Deliver to a living owner only, and nothing that was read once the desk is locked."""
        if answer is None:
            return None

        def deliver(value: Any) -> None:
            if not isValid(owner) or not isValid(self) or isinstance(value, Cancelled):
                return
            if self._closed:
                return  # a write that ended while the window closed: it is done, and nobody looks
            if while_locked or not self.store.locked:
                answer(value)

        return deliver

    def close(self) -> None:
        """Let drafts and writes end, and let go of the file; no answer reaches anybody from now."""
        self._closed = True
        self.lane.close()
        self.jobs.close()
        self.store.close()

    # Drafts: what was typed and is not saved yet. Kept in order, inside the file.

    def keep_draft(self, key: str, text: str) -> None:
        """Keep what has been typed so far; cheap enough to call on every pause of typing."""
        self.lane.do(self.store.keep_draft, key, text, failed=self.notices.problem)

    def drop_draft(self, key: str) -> None:
        """Let go of a draft: it is saved, or was thrown away."""
        self.lane.do(self.store.drop_draft, key, failed=self.notices.problem)

    def drafts(self, owner: QObject, then: Callable[[dict[str, str]], None]) -> None:
        """Read what is kept, by key."""
        self.read(owner, _drafts, then=then)

    # Going places.

    def open(self, page_key: str, **args: Any) -> None:
        """Show a page, for example `open("case", case_id=7)`."""
        self.open_asked.emit(page_key, args)

    def back(self) -> None:
        """Show the page before."""
        self.back_asked.emit()

    def forward(self) -> None:
        """Show the page that Back left."""
        self.forward_asked.emit()

    def lock(self) -> None:
        """Hide everything until the passphrase is typed again."""
        self.lock_asked.emit()

    # Undo.

    @property
    def undoable(self) -> str:
        """Name the act that Undo would take back, in the user's words, or nothing."""
        return _(self._done[-1].label) if self._done else ""

    @property
    def redoable(self) -> str:
        """Name the act that Redo would do again, or nothing."""
        return _(self._undone[-1].label) if self._undone else ""

    def undo(self) -> None:
        """Take back the newest act of this session."""
        self._revert(self._done, "undo")

    def redo(self) -> None:
        """Do again what Undo took back."""
        self._revert(self._undone, "redo")

    def _revert(self, stack: list[Done], way: str) -> None:
        if not stack or self._reverting:
            return
        self._reverting = way
        step = stack[-1]
        label = _(step.label)

        def reverted(_result: object) -> None:
            if stack and stack[-1] is step:  # nothing had changed, so no commit was announced
                self._reverting = ""
            words = _("Undone: {act}") if way == "undo" else _("Done again: {act}")
            self.notices.done(words.format(act=label), undo=False)

        def refused(error: Exception) -> None:
            self._reverting = ""
            if isinstance(error, Refused) and stack and stack[-1] is step:
                stack.pop()  # it will never go; what lies below still may
                self.undo_changed.emit()
            self.notices.problem(error)

        self._work(
            self.jobs.write(
                journal.undo,
                step.entry,
                actor=self.actor,
                then=self._settled(self._for(self, reverted)),
                failed=self._settled(self._for(self, refused)),
            )
        )

    def _committed(self, changes: Changes) -> None:
        """Hear of a commit on the writer's thread and pass it on to the window's."""
        self.lane.post(lambda: self._announce(changes))

    def _announce(self, changes: Changes) -> None:
        if not isValid(self):
            return
        asked = self._asked[changes.act]
        undoable = bool(asked) and asked.popleft()
        if changes.act == act_of(journal.undo).key and self._reverting:
            source, target = self._done, self._undone
            if self._reverting == "redo":
                source, target = target, source
            target.append(Done(changes.entry, source.pop().label))
            self._reverting = ""  # here, where the next one is offered: it may follow at once
        elif undoable and changes.touched:
            self._done.append(Done(changes.entry, self._acts[changes.act].label))
            self._undone.clear()
        self.undo_changed.emit()
        self.changed.emit(changes)


def _drafts(session: Session) -> dict[str, str]:
    return {row.key: row.text for row in session.execute(sa.select(DRAFT))}


class Page(QWidget):
    """One view in the shell's stack. Subclasses say what they are, and override what they need."""

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""  # marked with N_
    icon: ClassVar[str] = ""
    shortcut: ClassVar[str] = ""  # for example "Ctrl+3"
    area: ClassVar[bool] = True  # has a line in the navigation
    bottom: ClassVar[bool] = False  # and that line stands at its foot
    within: ClassVar[str] = ""  # the area that a page without a line of its own belongs to

    subtitle_changed = Signal(str)  # the muted words beside the title
    title_changed = Signal(str)  # a page of one record shows its name instead of the area's
    count_changed = Signal(int, bool)  # the number in the navigation, and whether it is urgent

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Keep the desk; a subclass builds its widgets and reads nothing yet."""
        super().__init__(parent)
        self.desk = desk

    def enter(self, **args: Any) -> None:
        """Come to the front, with the arguments of `desk.open`. Called on every visit."""

    def leave(self) -> None:
        """Go from the front, or be locked or closed: keep drafts now."""

    def refresh(self) -> None:
        """Read again (F5, and after unlocking)."""

    def new_record(self) -> None:
        """Begin a new record of this page (Ctrl+N)."""

    def main_action(self) -> None:
        """Do what the page's main button does (Ctrl+Enter)."""

    def find(self) -> None:  # type: ignore[override]  # Qt's static find() is never called on a page
        """Put the cursor into the filter (Ctrl+F)."""

    def filter_by(self, text: str) -> bool:
        """Filter the list by a text, as if it had been typed there; False where there is no list.

        The field that `find` puts the cursor into is the filter of a page.
        """
        before = self.focusWidget()
        if before is not None:
            before.clearFocus()  # where `find` does nothing, nobody's field must be written into
        self.find()
        field = self.focusWidget()
        if not isinstance(field, QLineEdit):
            if before is not None:
                before.setFocus()
            return False
        field.selectAll()
        field.insert(text)
        return True

    def commands(self) -> list[Command]:
        """List the verbs the palette and the help offer while this page is in front."""
        return []

    def resume(self) -> None:
        """Come back after unlocking: what was typed still stands here, lists are read again."""
        self.refresh()

    def regions(self) -> list[QWidget]:
        """List the parts that Ctrl+F6 visits, in reading order; the whole page unless told."""
        return [self]

    def wipe(self) -> None:
        """Take personal data off the screen when the desk is locked; `refresh` brings it back."""

    def read(
        self,
        fn: Callable[..., Any],
        *args: Any,
        channel: str | None = None,
        then: Then | None = None,
        failed: Failed | None = None,
        **options: Any,
    ) -> Job:
        """Read for this page; see `Desk.read`."""
        return self.desk.read(self, fn, *args, channel=channel, then=then, failed=failed, **options)

    def write(
        self,
        act: Callable[..., Any],
        *args: Any,
        then: Then | None = None,
        failed: Failed | None = None,
        **options: Any,
    ) -> Job:
        """Run an act for this page; see `Desk.write`."""
        return self.desk.write(self, act, *args, then=then, failed=failed, **options)

    def background(
        self,
        fn: Callable[..., Any],
        *args: Any,
        then: Then | None = None,
        failed: Failed | None = None,
        **options: Any,
    ) -> Job:
        """Run long work for this page; see `Desk.background`."""
        return self.desk.background(self, fn, *args, then=then, failed=failed, **options)
