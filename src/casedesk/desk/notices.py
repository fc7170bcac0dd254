"""What the desk tells the person at it: a line that passes, or a banner that stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Banner, button
from casedesk.kernel import logs
from casedesk.kernel.errors import Cancelled, CaseDeskError
from casedesk.kernel.language import _


@dataclass(frozen=True)
class Message:
    """A banner: `buttons` are pairs of words and what they do.

    It stands on the page in front unless `page` names another; one with a `subject` takes the
    place of the one before about the same subject.
    """

    tone: str
    title: str
    text: str = ""
    buttons: tuple[tuple[str, Callable[[], None]], ...] = ()
    page: str = ""
    subject: str = ""


class Notices(QObject):
    """Takes what pages have to say; the shell shows it."""

    said = Signal(str, bool)  # words for the status bar, and whether Undo stands beside them
    raised = Signal(object)  # a Message for the top of the page
    cleared = Signal()
    settled = Signal(str)  # the subject whose banners have nothing more to say
    undo_asked = Signal()

    def done(self, text: str, undo: bool = True) -> None:
        """Say for six seconds what was done, with Undo beside it."""
        self.said.emit(text, undo)

    def problem(self, error: Exception) -> None:
        """Say in a banner what could not be done; it stays until it is dealt with."""
        if isinstance(error, Cancelled):
            return
        if isinstance(error, CaseDeskError):
            self.banner("carmine", str(error))
            return
        logs.failure("job.failed", error)
        self.banner(
            "carmine",
            _("This did not work because of a fault in CaseDesk."),
            _("What was saved before is safe. The kind of fault is in the log: {kind}.").format(
                kind=type(error).__name__
            ),
        )

    def banner(
        self,
        tone: str,
        title: str,
        text: str = "",
        buttons: tuple[tuple[str, Callable[[], None]], ...] = (),
        *,
        page: str = "",
        subject: str = "",
    ) -> None:
        """Show a banner on top of the page; tone is accent, amber, carmine or green."""
        self.raised.emit(Message(tone, title, text, tuple(buttons), page, subject))

    def settle(self, subject: str) -> None:
        """Take away the banners about a subject, on whichever page they stand."""
        self.settled.emit(subject)

    def clear(self) -> None:
        """Take the banners away."""
        self.cleared.emit()


class NoticeArea(QWidget):
    """The banners above a page; each page keeps its own until they are dealt with."""

    def __init__(self, notices: Notices, parent: QWidget | None = None) -> None:
        """Show what is raised while a page is in front."""
        super().__init__(parent)
        self._page = ""
        self._kept: dict[str, list[Message]] = {}
        self._column = QVBoxLayout(self)
        self._column.setSpacing(theme.space(1))
        notices.raised.connect(self._raise)
        notices.cleared.connect(self._clear)
        notices.settled.connect(self._settle)
        self.show_for("")

    def show_for(self, page: str) -> None:
        """Show the banners of a page."""
        self._page = page
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        kept = self._kept.get(page, [])
        side = theme.space(4)
        self._column.setContentsMargins(side, theme.space(2) if kept else 0, side, 0)
        for message in kept:
            self._column.addWidget(self._banner(message))
        self.setVisible(bool(kept))

    def texts(self) -> list[str]:
        """List the titles that are shown."""
        return [message.title for message in self._kept.get(self._page, [])]

    def _banner(self, message: Message) -> Banner:
        buttons = []
        for words, run in message.buttons:
            made = button(words)
            made.clicked.connect(partial(self._take_up, message, run))
            buttons.append(made)
        close = button(_("Dismiss"), kind="link")
        close.clicked.connect(lambda: self._drop(message))
        return Banner(message.tone, message.title, message.text, [*buttons, close])

    def _take_up(self, message: Message, run: Callable[[], None], _on: bool = False) -> None:
        self._drop(message)
        run()

    def _raise(self, message: Message) -> None:
        page = message.page or self._page
        same = (message.tone, message.title, message.text)
        kept = [
            m
            for m in self._kept.get(page, [])
            if (m.tone, m.title, m.text) != same
            and not (message.subject and m.subject == message.subject)
        ]
        self._kept[page] = [*kept[-2:], message]
        self.show_for(self._page)

    def _drop(self, message: Message) -> None:
        self._keep(lambda kept: kept is not message)

    def _settle(self, subject: str) -> None:
        self._keep(lambda kept: kept.subject != subject)

    def _keep(self, stays: Callable[[Message], bool]) -> None:
        for page, messages in self._kept.items():
            self._kept[page] = [message for message in messages if stays(message)]
        self.show_for(self._page)

    def _clear(self) -> None:
        self._kept.pop(self._page, None)
        self.show_for(self._page)
