"""The window: navigation, top bar, pages, status; undo, history of places, and the lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QKeyCombination,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from casedesk.desk import keymap, theme
from casedesk.desk.backup import Backup
from casedesk.desk.frame import NAME, FindField, Idle, Sidebar, StatusBar
from casedesk.desk.notices import NoticeArea
from casedesk.desk.page import Command, Desk, Finder, Page
from casedesk.desk.palette import Palette
from casedesk.desk.run import Lane
from casedesk.desk.settings_view import SIZES, apply_look
from casedesk.desk.widgets import Divider, ElidedLabel, EmptyState, button, label
from casedesk.kernel import logs, vault
from casedesk.kernel.language import _

LEAST = QSize(1120, 700)
USUAL = QSize(1440, 900)
FOLDED = 1180
CLIPBOARD_MS = 60_000
SEAL_MS = 50


@dataclass(frozen=True, kw_only=True)
class Starter:
    """A record that can be begun from anywhere: the page, the words, the key."""

    page: str
    label: str  # marked with N_
    shortcut: str = ""
    icon: str = ""


class Waiting(QWidget):
    """Covers the desk for the moment until nothing is being written any more."""

    def __init__(self, words: str) -> None:
        """Say what is waited for."""
        super().__init__()
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.addWidget(EmptyState("hourglass", words))


Card = Callable[[Path, Callable[[str], None], Lane, str], QWidget]


class Shell(QMainWindow):
    """The one window of the program."""

    locked = Signal()
    unlocked = Signal()

    def __init__(
        self,
        desk: Desk,
        pages: list[Page],
        finders: list[Finder] | None = None,
        *,
        starters: tuple[Starter, ...] = (),
        make: Callable[[], list[Page]] | None = None,
        card: Card | None = None,
        seconds: Callable[[], float] | None = None,
    ) -> None:
        """Hold the pages; `make` builds them anew, `card` makes what covers a locked desk."""
        super().__init__()
        self.desk = desk
        self._finders = list(finders or [])
        self._starters = starters
        self._make_pages = make
        self._make_card = card or _unlock_card
        self.encrypted = desk.encrypted
        self._back: list[tuple[str, dict[str, Any]]] = []
        self._forward: list[tuple[str, dict[str, Any]]] = []
        self._here: tuple[str, dict[str, Any]] = ("", {})
        self._cover: QWidget | None = None
        self._sealed = False
        self._focus_before: QWidget | None = None
        self._closing = False
        self.setWindowTitle(NAME)
        self.setMinimumSize(LEAST)
        self.resize(USUAL)
        self._root = QStackedWidget()
        self.setCentralWidget(self._root)
        self.backup = Backup(desk, self)
        self._actions = self._make_actions()
        self._construct(pages)
        for signal, slot in (
            (desk.open_asked, self.open),
            (desk.back_asked, self.back),
            (desk.forward_asked, self.forward),
            (desk.lock_asked, self.lock),
            (desk.passphrase_asked, self.renew),
            (desk.backup_asked, self._back_up),
            (desk.undo_changed, self._name_undo),
            (desk.settings_changed, self._setting_changed),
        ):
            signal.connect(slot)
        self._idle = Idle(self._idle_seconds, self._twin, self, clock=seconds)
        self._idle.over.connect(self.lock)
        theme.watch.changed.connect(self._resized)

    # What the window is made of.

    def _construct(self, pages: list[Page]) -> None:
        """Build everything that holds words; done again when the language changes."""
        self._heads: dict[str, tuple[str, str]] = {}  # title and muted words by page
        self.pages = {page.key: page for page in pages}
        whole = QWidget(self._root)  # where it stays: what moves later is dressed once more
        whole.setProperty("ground", "window")
        outer = QVBoxLayout(whole)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        self.sidebar = Sidebar(pages)
        self.sidebar.chosen.connect(lambda key: self.desk.open(key))
        upper.addWidget(self.sidebar)
        upper.addWidget(Divider(vertical=True))
        right = QVBoxLayout()
        right.setSpacing(0)
        self.top = self._top_bar()
        right.addWidget(self.top)
        right.addWidget(Divider())
        self.notices = NoticeArea(self.desk.notices)
        right.addWidget(self.notices)
        self.stack = QStackedWidget()
        right.addWidget(self.stack, 1)
        upper.addLayout(right, 1)
        outer.addLayout(upper, 1)
        outer.addWidget(Divider())
        self.status = StatusBar(self.desk, self.backup, encrypted=self.encrypted)
        outer.addWidget(self.status)
        for page in pages:
            self.stack.addWidget(page)
            page.title_changed.connect(partial(self._retitle, page))
            page.subtitle_changed.connect(partial(self._resubtitle, page))
            if page.shortcut:
                shortcut = QShortcut(QKeySequence(page.shortcut), whole)
                shortcut.activated.connect(lambda key=page.key: self.desk.open(key))
        self._whole = whole
        self._root.addWidget(whole)
        self._root.setCurrentWidget(whole)
        self.palette_view = Palette(
            self.desk, whole, self._finders, self.commands, self._starting_commands
        )
        self.palette_view.closed.connect(self._palette_closed)
        self.palette_view.filter_asked.connect(self._filter_by)
        self.backup.tell()
        self._name_undo()
        self._resized()

    def _make_actions(self) -> dict[str, QAction]:
        made = {}
        for name, run in (
            ("undo", self.desk.undo),
            ("redo", self.desk.redo),
            ("back", self.back),
            ("forward", self.forward),
            ("palette", self.open_palette),
            ("help", lambda: self.desk.open("help")),
            ("backup", self.backup.run),
            ("regions", self.next_region),
            ("larger", lambda: self.zoom(1)),
            ("smaller", lambda: self.zoom(-1)),
            ("usual_size", lambda: self.zoom(0)),
        ):
            action = QAction(self)
            action.setShortcuts(keymap.keys(name))
            action.triggered.connect(partial(self._unless_locked, run))
            self.addAction(action)
            made[name] = action
        return made

    def _unless_locked(self, run: Callable[[], None], _on: bool = False) -> None:
        if self._cover is None:
            run()

    def _top_bar(self) -> QWidget:
        bar = QWidget()
        bar.setProperty("ground", "window")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setAccessibleName(_("Top bar"))
        bar.setFixedHeight(theme.control("topbar"))
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.space(4), 0, theme.space(4), 0)
        row.setSpacing(theme.space(3))
        self.title = label("", "page")
        self.subtitle = ElidedLabel("", "muted")
        row.addWidget(self.title)
        row.addWidget(self.subtitle, 1)
        self.find_field = FindField()
        self.find_field.clicked.connect(self.open_palette)
        row.addWidget(self.find_field)
        if self._starters:
            first = self._starters[0]
            begin = button(_(first.label), key=first.shortcut, kind="primary", icon=first.icon)
            begin.clicked.connect(lambda: self.begin(first))
            row.addWidget(begin)
        if self.encrypted:
            lock = button(_("Lock"), key=keymap.key("lock"), icon="lock", hint=False)
            lock.clicked.connect(self.lock)
            row.addWidget(lock)
        self.menu = self._menu(bar)
        self.menu_button = button(_("Undo and more"), kind="quiet", icon="ellipsis").icon_only()
        self.menu_button.clicked.connect(self._open_menu)
        row.addWidget(self.menu_button)
        return bar

    def _menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        words = {
            "back": _("Back"),
            "forward": _("Forward"),
            "larger": _("Larger text"),
            "smaller": _("Smaller text"),
            "usual_size": _("Usual text size"),
            "help": _("Help and keys"),
            "backup": _("Back up now"),
            "palette": _("Find or run"),
            "regions": _("Next part of the window"),
        }
        for name, text in words.items():
            self._actions[name].setText(text)
        for group in (
            ("undo", "redo"),
            ("back", "forward"),
            ("backup",),
            ("larger", "smaller", "usual_size"),
            ("help",),
        ):
            for name in group:
                menu.addAction(self._actions[name])
            menu.addSeparator()
        menu.addAction(_("Close CaseDesk")).triggered.connect(self.close)
        return menu

    def _open_menu(self) -> None:
        wanted = self.menu.sizeHint().width()
        corner = QPoint(self.menu_button.width() - wanted, self.menu_button.height() + 2)
        self.menu.popup(self.menu_button.mapToGlobal(corner))

    def _name_undo(self) -> None:
        """Let the menu say which act Undo and Redo are about."""
        undo, redo = self._actions["undo"], self._actions["redo"]
        done, undone = self.desk.undoable, self.desk.redoable
        undo.setText(_("Undo: {act}").format(act=done) if done else _("Nothing to undo"))
        redo.setText(_("Redo: {act}").format(act=undone) if undone else _("Nothing to redo"))
        undo.setEnabled(bool(done))
        redo.setEnabled(bool(undone))

    # Going places.

    @property
    def page(self) -> Page | None:
        """The page in front."""
        return self.pages.get(self._here[0])

    @property
    def page_key(self) -> str:
        """The key of the page in front, for whoever watches for stalls."""
        return self._here[0]

    def open(self, key: str, args: dict[str, Any] | None = None) -> None:
        """Bring a page to the front; a page that does not exist is our own mistake.

        What begins a record (`new`) is no place: coming back there does not begin another one.
        """
        place = (key, {k: v for k, v in (args or {}).items() if k != "new"})
        if self._here[0] and not _same(place, self._here):
            self._back.append(self._here)
            self._forward.clear()
        self._go(place, new=bool((args or {}).get("new")))

    def back(self) -> None:
        """Show the place before this one."""
        if self._back:
            self._forward.append(self._here)
            self._go(self._back.pop())

    def forward(self) -> None:
        """Show the place that Back left."""
        if self._forward:
            self._back.append(self._here)
            self._go(self._forward.pop())

    def _go(self, place: tuple[str, dict[str, Any]], *, new: bool = False) -> None:
        page = self.pages[place[0]]
        before = self.page
        if before is not None and before is not page:
            before.leave()
        self._here = place
        # A page of the navigation says its muted words when they change, not on each visit; a
        # page of one record may show another record now.
        title, subtitle = self._heads.get(page.key, ("", "")) if page.area else ("", "")
        self.title.setText(title or _(page.title))
        self.subtitle.setText(subtitle)
        self.stack.setCurrentWidget(page)
        self.sidebar.select(page.key if page.area else page.within)
        self.notices.show_for(page.key)
        self._actions["back"].setEnabled(bool(self._back))
        self._actions["forward"].setEnabled(bool(self._forward))
        page.enter(**place[1], **({"new": True} if new else {}))
        focus = self.focusWidget()
        if focus is None or not (focus is page or _holds(page, focus)):
            # Else the focus stays with what is hidden now, and Tab begins anywhere.
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _retitle(self, page: Page, text: str) -> None:
        self._heads[page.key] = (text, self._heads.get(page.key, ("", ""))[1])
        if page is self.page:
            self.title.setText(text or _(page.title))

    def _resubtitle(self, page: Page, text: str) -> None:
        self._heads[page.key] = (self._heads.get(page.key, ("", ""))[0], text)
        if page is self.page:
            self.subtitle.setText(text)

    def begin(self, starter: Starter) -> None:
        """Open the page of a starter and begin a record there."""
        if self._here[0] != starter.page:
            self.desk.open(starter.page)
        self.pages[starter.page].new_record()

    # Commands.

    def open_palette(self) -> None:
        """Open the palette."""
        if self._cover is None:
            self._focus_before = self.focusWidget()
            self.palette_view.pop_up()

    def _palette_closed(self) -> None:
        before, self._focus_before = self._focus_before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _filter_by(self, text: str) -> None:
        page = self.page
        if page is not None and not page.filter_by(text):
            self.desk.notices.done(_("There is no list to filter here."), undo=False)

    def _back_up(self, choose: bool) -> None:
        if not choose or self.backup.choose_folder():
            self.backup.run()

    def _starting_commands(self) -> list[Command]:
        return [
            Command(
                key=f"begin.{starter.page}",
                label=_(starter.label),
                icon=starter.icon,
                shortcut=starter.shortcut,
                run=partial(self.begin, starter),
            )
            for starter in self._starters
            if starter.page in self.pages
        ]

    def commands(self) -> list[Command]:
        """List what can be run now: of the page in front, of the shell, and the places."""
        page = self.page
        found = [*(page.commands() if page is not None else []), *self._starting_commands()]
        for name, icon in (
            ("undo", "undo-2"),
            ("redo", "redo-2"),
            ("back", "arrow-left"),
            ("backup", "hard-drive"),
            ("larger", ""),
            ("smaller", ""),
            ("usual_size", ""),
            ("help", "circle-question-mark"),
        ):
            action = self._actions[name]
            if action.isEnabled():
                found.append(
                    Command(
                        key=name,
                        label=action.text(),
                        icon=icon,
                        shortcut=keymap.key(name),
                        run=action.trigger,
                    )
                )
        if self.encrypted:
            shortcut = keymap.key("lock")
            found.append(
                Command(key="lock", label=_("Lock"), icon="lock", shortcut=shortcut, run=self.lock)
            )
        for other in self.pages.values():
            if other.area:
                found.append(
                    Command(
                        key=f"go.{other.key}",
                        label=_(other.title),
                        icon=other.icon,
                        shortcut=other.shortcut,
                        run=partial(self.desk.open, other.key),
                    )
                )
        return found

    def zoom(self, way: int) -> None:
        """Make text a step larger (1) or smaller (-1), or as usual (0)."""
        now = self.desk.settings.text_size
        if way > 0:
            size = next((s for s in SIZES if s > now), now)
        elif way < 0:
            size = next((s for s in reversed(SIZES) if s < now), now)
        else:
            size = 100
        if size != now:
            self.desk.settings.text_size = size
            apply_look(self.desk, "text_size")

    def next_region(self) -> None:
        """Move to the next part of the window."""
        page = self.page
        parts = [
            self.sidebar,
            self.top,
            self.notices,
            *(page.regions() if page else []),
            self.status,
        ]
        parts = [part for part in parts if part.isVisible()]
        focus = self.focusWidget()
        at = next(
            (n for n, part in enumerate(parts) if focus and (part is focus or _holds(part, focus))),
            -1,
        )
        for step in range(1, len(parts) + 1):
            part = parts[(at + step) % len(parts)]
            target = _first_focus(part)
            if target is not None:
                target.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Run the keys that belong to the page, where neither the page nor a field took them."""
        pressed = keymap.twin(event.key(), event.modifiers()) or QKeySequence(
            QKeyCombination(
                event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier, Qt.Key(event.key())
            )
        )
        page = self.page
        if page is not None and self._cover is None:
            for name, run in (
                ("new", page.new_record),
                ("main", page.main_action),
                ("filter", page.find),
                ("read_again", page.refresh),
            ):
                if pressed in keymap.keys(name):
                    run()
                    return
        super().keyPressEvent(event)

    def _twin(self, event: QKeyEvent) -> bool:
        """Run the shortcut of the Latin key, where a Cyrillic layout hid it from Qt."""
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if event.type() != QEvent.Type.KeyPress or not event.modifiers() & held:
            return False
        meant = keymap.twin(event.key(), event.modifiers())
        if meant is None or self._cover is not None or not self.isActiveWindow():
            return False
        for action in self._actions.values():
            if meant in action.shortcuts() and action.isEnabled():
                action.trigger()
                return True
        for shortcut in self.findChildren(QShortcut):
            owner = shortcut.parent()
            shown = isinstance(owner, QWidget) and owner.isVisible()
            keys = shortcut.keys()
            if meant in keys and shown and shortcut.isEnabled():
                shortcut.activated.emit()
                return True
        return False

    # Settings that hold at once.

    def _setting_changed(self, name: str) -> None:
        if name == "lock_minutes":
            self._idle.restart()
        elif name == "language":
            # The widget that asked is among those that go: let its event end first.
            QTimer.singleShot(0, self, self.rebuild)
        elif name == "text_size":
            self._resized()

    def rebuild(self) -> None:
        """Build every page again, in the language that holds now."""
        if self._closing:
            return
        here, old = self._here, self._whole
        if (page := self.page) is not None:
            page.leave()
        kinds = [type(page) for page in self.pages.values()]
        self._here = ("", {})
        make = self._make_pages
        self._construct(make() if make else [kind(self.desk) for kind in kinds])
        self._root.removeWidget(old)
        old.deleteLater()
        self._go(here)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the sidebar where the window is narrow."""
        super().resizeEvent(event)
        self._resized()

    def _resized(self) -> None:
        if hasattr(self, "palette_view"):
            self.sidebar.fold(self.width() < FOLDED)
            self.top.setFixedHeight(theme.control("topbar"))
            self.status.setFixedHeight(theme.control("statusbar"))
            self.find_field.setFixedSize(theme.px(300), theme.control("input"))
            if self.palette_view.isVisible():
                self.palette_view.place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close the palette by a click beside it."""
        self.palette_view.dismiss()
        super().mousePressEvent(event)

    # The lock.

    def _idle_seconds(self) -> int:
        return self.desk.settings.lock_minutes * 60 if self.encrypted and not self._cover else 0

    def lock(self) -> None:
        """Cover everything, keep what was typed, and forget the key once all writing has ended."""
        if self._cover is not None or self._closing:
            return
        if not self.encrypted:
            self.desk.notices.banner(
                "accent", _("This file has no passphrase, so it cannot be locked.")
            )
            return
        logs.event("lock", page=self.page_key)
        self._focus_before = self.focusWidget()
        self.palette_view.dismiss()
        self.menu.close()
        for window in QApplication.topLevelWidgets():
            if window is not self and window.isVisible():
                window.reject() if isinstance(window, QDialog) else window.close()
        page = self.page
        note = ""
        if page is not None:
            page.leave()
            note = _("Whatever you typed is kept.")
        for each in self.pages.values():
            each.wipe()
        self.status.hush()
        self._sealed = False
        cover = self._make_card(self.desk.store.path, self._unlock, self.desk.lane, note)
        self._put_over(cover)
        opened: SignalInstance = cover.unlocked  # type: ignore[attr-defined]
        opened.connect(self._uncover)
        QTimer.singleShot(CLIPBOARD_MS, self, _clear_clipboard)
        self._seal()
        self.locked.emit()

    def renew(self) -> None:
        """Cover everything while the file gets a new passphrase, once all writing has ended."""
        if self._cover is not None or self._closing or not self.encrypted:
            return
        self._focus_before = self.focusWidget()
        self.palette_view.dismiss()
        self.menu.close()
        if (page := self.page) is not None:
            page.leave()
        self._put_over(Waiting(_("Waiting until everything is saved.")))
        self._renew_when_quiet()

    def _renew_when_quiet(self) -> None:
        waiting = self._cover
        if waiting is None or self._closing:
            return
        if not self.desk.quiet:
            QTimer.singleShot(SEAL_MS, self, self._renew_when_quiet)
            return
        from casedesk.desk.wizard import NewPassphrase

        guide = NewPassphrase(self.desk.store, self.desk.lane)
        guide.finished.connect(self._renewed)
        guide.put_off.connect(self._take_off)
        self._put_over(guide)
        self._root.removeWidget(waiting)
        waiting.deleteLater()

    def _renewed(self) -> None:
        self._take_off()
        logs.event("passphrase.renewed")
        self.desk.notices.done(
            _("The new passphrase holds. Backups made before open with the old one."), undo=False
        )

    def _put_over(self, cover: QWidget) -> None:
        """Hide all of the desk behind this."""
        self._cover = cover
        self._root.addWidget(cover)
        self._root.setCurrentWidget(cover)
        cover.setFocus()

    def _seal(self) -> None:
        """Forget the key: at once where nothing is being written, else when that has ended."""
        if self._cover is None or self._closing:
            return
        if self.desk.quiet:
            self.desk.lane.do(self._forget, failed=self.desk.notices.problem)
        else:
            QTimer.singleShot(SEAL_MS, self, self._seal)

    def _forget(self) -> None:
        if not self._sealed:
            self._sealed = True
            self.desk.store.lock()

    def _unlock(self, passphrase: str) -> None:
        """Open the file again; the card runs this in the lane, so in turn after the locking."""
        store = self.desk.store
        if store.locked:
            store.unlock(passphrase)
        else:
            vault.identify(store.path, vault.unlock(store.path, passphrase))
            self._sealed = True  # it never came to locking, and must not any more

    def _uncover(self) -> None:
        if self._cover is not None:
            logs.event("unlock")
            self._take_off()
            self.unlocked.emit()

    def _take_off(self) -> None:
        """Show the desk again, as it was."""
        cover, self._cover = self._cover, None
        if cover is None:
            return
        self._root.setCurrentWidget(self._whole)
        self._root.removeWidget(cover)
        cover.deleteLater()
        self._idle.restart()
        if (page := self.page) is not None:
            page.resume()
        self._palette_closed()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what was typed, let every write end, and let go of the file."""
        if not self._closing:
            self._closing = True
            if self._cover is None and (page := self.page) is not None:
                page.leave()
            self._idle.stop()
            self.desk.close()
        super().closeEvent(event)


def _same(one: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]]) -> bool:
    """Compare places; arguments may be statements, which must not be compared by value."""
    plain = (str, int, float, bool, tuple, type(None))
    return (
        one[0] == other[0]
        and one[1].keys() == other[1].keys()
        and all(
            value is other[1][name] or (isinstance(value, plain) and value == other[1][name])
            for name, value in one[1].items()
        )
    )


def _unlock_card(file: Path, unlock: Callable[[str], None], lane: Lane, note: str) -> QWidget:
    from casedesk.desk.unlock import UnlockCard

    return UnlockCard(file, unlock, lane, note=note)


def _holds(part: QWidget, focus: QWidget) -> bool:
    return part.isAncestorOf(focus)


def _first_focus(part: QWidget) -> QWidget | None:
    """Find what a region offers to the keyboard: the chosen line first, else the first that can."""
    candidates = [part, *part.findChildren(QWidget)]
    able = [
        widget
        for widget in candidates
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    for widget in able:
        if isinstance(widget, QAbstractButton) and widget.isCheckable() and widget.isChecked():
            return widget
    return able[0] if able else None


def _clear_clipboard() -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard.ownsClipboard():
        clipboard.clear()
