"""Rows of the page of a case: somebody who asks, an answer that is awaited; and who owns cases."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.forms import FindField, Found
from casedesk.desk.page import Page
from casedesk.desk.widgets import (
    Card,
    button,
)
from casedesk.kernel import clock
from casedesk.kernel.language import _, ngettext
from casedesk.kernel.query import Tagged
from casedesk.people.wording import relation_words
from casedesk.tracing import reading, wording
from casedesk.tracing.parting import Parting
from casedesk.tracing.parts_view import (
    TagLine,
    WrapLabel,
)
from casedesk.tracing.reading import Awaited, Enquirer


class OwnerField(FindField):
    """A name of somebody who works here: those who have cases are offered, any name may stand."""

    def __init__(self, page: Page) -> None:
        """Offer the names that cases carry, and whoever sits here."""
        self._page = page
        super().__init__(self._look, name=_("Owner"), placeholder=_("Empty for nobody"))

    def _look(self, text: str, show: Callable[[Found], None]) -> None:
        def offer(names: list[str]) -> None:
            known = dict.fromkeys([self._page.desk.actor, *names])
            show([(n, n) for n in known if text.casefold() in n.casefold() and n != text])

        self._page.read(reading.owners, channel="case.owners", then=offer)


class _NamedRow(QWidget):
    """A name with what can be done to it, and a line below."""

    def __init__(self, words: str, do: Callable[[], None]) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.space(0))
        head = QHBoxLayout()
        self._name = WrapLabel("", "strong", self)
        head.addWidget(self._name, 1)
        self.button = button(words, kind="link")
        self.button.clicked.connect(lambda: do())
        head.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(head)
        self._line = WrapLabel("", "muted", self)
        self.column.addWidget(self._line)

    def say(self, name: str, line: str) -> None:
        """Show the name and the line."""
        self._name.setText(name)
        self._line.setText(line)


class EnquirerRow(_NamedRow):
    """Somebody who asks: name, relation, numbers, calls, consent; and the way to change it."""

    def __init__(self, change: Callable[[Enquirer], None]) -> None:
        """Hand the enquirer over when Change is pressed."""
        super().__init__(_("Change"), lambda: change(self._item) if self._item else None)
        self._item: Enquirer | None = None
        self._tags = TagLine()
        self.column.addWidget(self._tags)

    def show_item(self, item: Enquirer | None) -> None:
        """Show somebody, or forget who was shown."""
        self._item = item
        if item is None:
            self.say("", "")
            return
        calls = ngettext("{count} call", "{count} calls", item.calls).format(count=item.calls)
        parts = [relation_words(item.relation) or _("Relation not known"), *item.phones, calls]
        self.say(item.name, ", ".join(parts))
        tags = [Tagged(_("Main contact"), "accent")] if item.main else []
        given = Tagged(_("Consent given"), "green")
        self._tags.set_tags([*tags, given if item.consent else Tagged(_("No consent"), "amber")])


class AwaitedCard(Card):
    """An answer that is not there yet: what was asked, until when, and the way to record it."""

    def __init__(self, answer: Callable[[Awaited], None]) -> None:
        """Hand the action over when its answer is to be recorded."""
        super().__init__()
        self._item: Awaited | None = None
        self._what = WrapLabel("", "strong", self)
        self._due = TagLine()
        self._note = WrapLabel("", "muted", self)
        self._record = button(_("Record answer"), kind="link")
        self._record.clicked.connect(lambda: self._item is not None and answer(self._item))
        for widget in (self._what, self._due, self._note, self._record):
            self.body.addWidget(widget)

    def show_item(self, shown: tuple[Awaited, bool] | None) -> None:
        """Show an action and whether it can be answered, or forget what was shown."""
        self._item = shown[0] if shown else None
        if shown is None:
            self._what.setText("")
            self._note.setText("")
            return
        item, can = shown
        self._what.setText(awaited_words(item))
        due = [Tagged(*wording.due(item.due, clock.today()))] if item.due is not None else []
        self._due.set_tags(due)
        self._note.setText(item.note)
        self._note.setVisible(bool(item.note))
        self._record.setVisible(can)


class MergedRow(_NamedRow):
    """A file that was merged into the one shown, and the way to take the two apart."""

    def __init__(self, part: Callable[[Parting], None]) -> None:
        """Hand the file over when Separate is pressed."""
        super().__init__(_("Separate"), lambda: part(self._item) if self._item else None)
        self._item: Parting | None = None

    def show_item(self, item: Parting | None) -> None:
        """Show a file, or forget which was shown."""
        self._item = item
        self.say(item.name if item else "", item.merged() if item else "")
        name = _("Separate {name}").format(name=item.name) if item else ""
        self.button.setAccessibleName(name)


def awaited_words(item: Awaited) -> str:
    if item.whom:
        return _("{action}: {organisation}").format(action=item.what, organisation=item.whom)
    return item.what
