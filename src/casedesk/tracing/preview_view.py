"""The case of the current row beside the list."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.page import Desk
from casedesk.desk.widgets import (
    Divider,
    ElidedLabel,
    FlowLayout,
    Scroll,
    button,
    label,
)
from casedesk.kernel.language import _, ngettext
from casedesk.people.wording import relation_words
from casedesk.tracing import wording
from casedesk.tracing.events_view import EventList
from casedesk.tracing.parts_view import (
    Facts,
    Rows,
    TagLine,
    WrapLabel,
)
from casedesk.tracing.reading import CaseFile, Enquirer

SCROLLED = 16
"""Room beside the preview for its scroll bar."""


class Preview(QWidget):
    """The current case beside the list."""

    def __init__(self, open_case: Callable[[], None], call: Callable[[], None] | None) -> None:
        """Begin empty; `call` is missing on a desk without a hotline."""
        super().__init__()
        self.setAccessibleName(_("Preview"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        inner = QWidget()
        column = QVBoxLayout(inner)
        side = theme.space(3)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(theme.space(2))
        self._none = label(_("No case chosen"), "muted", inner)
        column.addWidget(self._none)
        self._body = QWidget(inner)
        column.addWidget(self._body)
        column.addStretch(1)
        self._make_body()
        self._scroll = Scroll(inner)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(Divider())
        self._bar = QWidget(self)
        line = FlowLayout(self._bar, gap=2)
        line.setContentsMargins(side, theme.space(2), side, theme.space(2))
        go = button(_("Open case"), kind="primary", key="Return", listens=False)
        go.clicked.connect(open_case)
        line.addWidget(go)
        if call is not None:
            made = button(_("Log a call"))
            made.clicked.connect(call)
            line.addWidget(made)
        outer.addWidget(self._bar)
        self.shown = 0
        self.show_case(None, None)

    def _make_body(self) -> None:
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        self.name = WrapLabel("", "lead", self._body)
        self.latin = WrapLabel("", "muted", self._body)
        column.addWidget(self.name)
        column.addWidget(self.latin)
        self._head = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._head.setSpacing(theme.space(2))
        self.tags = TagLine()
        self.number = ElidedLabel("", "muted", self._body)
        self._head.addWidget(self.tags, 1)
        self._head.addWidget(self.number)
        column.addLayout(self._head)
        self.due = WrapLabel("", "strong", self._body)
        column.addWidget(self.due)
        self.facts = Facts()
        column.addWidget(self.facts)
        column.addWidget(Divider(self._body))
        column.addWidget(label(_("Who asks"), "section", self._body))
        self.asking = Rows(AskingRow, _("Nobody is noted as asking"))
        column.addWidget(self.asking)
        column.addWidget(Divider(self._body))
        column.addWidget(label(_("Latest"), "section", self._body))
        self.latest = EventList(limit=5, fold=True, more=False)
        column.addWidget(self.latest)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(368), theme.px(400))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_head()

    def _fit_head(self) -> None:
        """Put the number beside the tags where both have room in one line, else below them."""
        need = self.tags.sizeHint().width() + theme.space(2) + self.number.sizeHint().width()
        room = self.width() - 2 * theme.space(3) - theme.px(SCROLLED)
        way = QBoxLayout.Direction
        self._head.setDirection(way.LeftToRight if need <= room else way.TopToBottom)

    def show_case(self, file: CaseFile | None, desk: Desk | None) -> None:
        """Show a case, or nothing; the same widgets show one case after the other."""
        fresh = file is None or file.id != self.shown
        self.shown = file.id if file else 0
        known = file is not None and desk is not None
        for widget, seen in ((self._bar, known), (self._body, known), (self._none, not known)):
            widget.setVisible(seen)
        if file is None or desk is None:
            for line in (self.name, self.latin, self.number, self.due):
                line.setText("")
            self.tags.set_tags(())
            self.facts.set_facts(())
            self.asking.show_items(())
            self.latest.show_events(())
            return
        self.name.setText(file.name)
        self.latin.setText(file.latin)
        self.latin.setVisible(bool(file.latin))
        self.number.setText(wording.case_title(file.number))
        self.tags.set_tags(file.tags)
        self._fit_head()
        due = file.awaited[0].due if file.awaited else None
        if due is not None:
            words, tone = wording.due(due, desk.today)
            what = file.awaited[0].what
            self.due.setText(_("{due}: {what}").format(due=words, what=what))
            self.due.set_tone(tone)
        self.due.setVisible(due is not None)
        self.facts.set_facts(file.facts)
        self.asking.show_items(file.enquirers)
        self.latest.show_events(file.events, fresh=fresh)
        self._lay_out()

    def _lay_out(self) -> None:
        """Give each part its room now, whatever was shown and hidden in it.

        Left to themselves the layouts hear of it one after the other, in as many turns as they lie
        within each other, and the first picture would be of the room that was needed before.
        """
        parts = [part for part in self._scroll.findChildren(QWidget) if part.layout() is not None]
        for part in parts:
            part.layout().invalidate()  # type: ignore[union-attr]
            part.updateGeometry()
        QApplication.sendEvent(self._scroll, QEvent(QEvent.Type.LayoutRequest))
        for part in parts:  # the outer ones first, which give the inner ones their place
            part.layout().activate()  # type: ignore[union-attr]


class AskingRow(QWidget):
    """Somebody who asks, in two lines."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(0))
        self._name = WrapLabel("", "strong", self)
        self._line = WrapLabel("", "muted", self)
        column.addWidget(self._name)
        column.addWidget(self._line)

    def show_item(self, item: Enquirer | None) -> None:
        """Show somebody, or forget who was shown."""
        self._name.setText(item.name if item else "")
        if item is None:
            self._line.setText("")
            return
        calls = ngettext("{count} call", "{count} calls", item.calls).format(count=item.calls)
        parts = (relation_words(item.relation), *item.phones, calls)
        self._line.setText(", ".join(part for part in parts if part))
