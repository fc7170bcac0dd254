"""Imports through the window: the page on which tables are taken in, as one act each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk.desk.page import Command, Desk, Page
from casedesk.kernel.language import N_

if TYPE_CHECKING:
    from casedesk.exchange.flow_view import ImportFlow
    from casedesk.exchange.sending_view import Note


class ImportPage(Page):
    """Take in a table: registrations, a provider's answer, cases or persons.

    Who opens it may say `kind`, `programme`, `round_id` (their numbers) and `source` (a file).
    """

    key: ClassVar[str] = "import"
    title: ClassVar[str] = N_("Import")
    icon: ClassVar[str] = "upload"
    area: ClassVar[bool] = False

    def __init__(self, desk: Desk, note: Note | None = None, parent: QWidget | None = None) -> None:
        """Make an empty page: all that is on it is made when somebody comes for the first time.

        `note` keeps to whom a payment list went; without it none can be sent.
        """
        super().__init__(desk, parent)
        self._note = note
        self._flow: ImportFlow | None = None
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    @property
    def flow(self) -> ImportFlow:
        """What is on the page."""
        if self._flow is None:
            # Loaded now: starting the desk need not wait for what reads tables.
            from casedesk.exchange.flow_view import ImportFlow

            self._flow = ImportFlow(self, self._note)
            self._flow.named.connect(self.subtitle_changed)
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self._flow)
        return self._flow

    def enter(self, **args: Any) -> None:
        """Go on where it was left, or begin what the arguments say."""
        self.flow.enter(**args)

    def leave(self) -> None:
        """Keep what was chosen and typed."""
        if self._flow is not None:
            self._flow.leave()

    def wipe(self) -> None:
        """Take the rows off the screen."""
        if self._flow is not None:
            self._flow.wipe()

    def resume(self) -> None:
        """Read again after unlocking."""
        if self._flow is not None:
            self._flow.resume()

    def refresh(self) -> None:
        """Read the file again, as it is now."""
        if self._flow is not None:
            self._flow.refresh()

    def find(self) -> None:  # type: ignore[override]
        """Put the cursor into the filter of the rows."""
        self.flow.find_row()

    def new_record(self) -> None:
        """Begin another import; one that is on its way is shown as it is."""
        self.flow.new_record()

    def main_action(self) -> None:
        """Look at the rows, take them in, or begin another import: what comes next."""
        self.flow.main_action()

    def commands(self) -> list[Command]:
        """Offer what can be done now."""
        return self.flow.commands()

    def regions(self) -> list[QWidget]:
        """Visit the place, what is shown, and the way on."""
        return self.flow.regions()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let one file be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read the file that was dropped."""
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            event.acceptProposedAction()
            self.flow.take_file(local[0])
