"""One line of a round in full: who, what, what was noted of it, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from casedesk.assistance import wording
from casedesk.assistance.asking import Standing, people_words
from casedesk.assistance.reading import FactLine
from casedesk.assistance.records import EntitlementStatus
from casedesk.desk import theme
from casedesk.desk.widgets import Card, ChipRow, Divider, Tag, button, label
from casedesk.kernel.language import _
from casedesk.names.romanise import romanise


class LinePane(Card):
    """A line as it stands: the household, what it gets, the facts, and the way on."""

    give = Signal(int)
    cancel = Signal(int)
    correct = Signal(int)
    home = Signal(int)
    history = Signal(int)
    closed = Signal()

    def __init__(self, standing: Standing) -> None:
        """Show a line."""
        super().__init__()
        line = standing.line
        self.body.addWidget(label(line.head, "lead", self, wrap=True))
        latin = romanise(line.head)
        if latin != line.head:
            self.body.addWidget(label(latin, "muted", self, wrap=True))
        top = QHBoxLayout()
        top.setSpacing(theme.space(2))
        top.addWidget(Tag(line.tag.text, line.tag.tone, self))
        top.addStretch(1)
        top.addWidget(label(line.code, "muted", self))
        self.body.addLayout(top)
        self.body.addWidget(label(line.what, "section", self, wrap=True))
        about = (line.address, line.site, line.card)
        shown = " · ".join(part for part in about if part)
        if shown:
            self.body.addWidget(label(shown, "muted", self, wrap=True))
        self.body.addWidget(label(people_words(len(line.people)), "small", self))
        for name in line.people:
            self.body.addWidget(label(name, "body", self, wrap=True))
        if line.against:
            against = label(line.against, "body", self, wrap=True)
            against.set_tone("carmine" if line.status is EntitlementStatus.PLANNED else "muted")
            self.body.addWidget(against)
        if standing.facts:
            self.body.addWidget(Divider(self))
            self.body.addWidget(label(_("What was noted"), "section", self))
            for fact in standing.facts:
                self.body.addWidget(label(fact_words(fact), "body", self, wrap=True))
        row = ChipRow(self)
        received = line.status is EntitlementStatus.RECEIVED
        for offered, words, key, kind, signal in (
            (not line.against, _("Hand over"), "Alt+H", "primary", self.give),
            (received, _("Correct receipt"), "Alt+K", "plain", self.correct),
            (received, _("Cancel receipt"), "Alt+B", "plain", self.cancel),
        ):
            if offered:
                made = button(words, key=key, kind=kind)  # type: ignore[arg-type]
                made.clicked.connect(lambda _on=False, s=signal: s.emit(line.id))
                row.add(made)
        for words, key, signal in (
            (_("Change household"), "F3", self.home),
            (_("History"), "Alt+Y", self.history),
        ):
            made = button(words, key=key, listens=False)
            made.clicked.connect(lambda _on=False, s=signal: s.emit(line.id))
            row.add(made)
        close = button(_("Close"), kind="quiet", key="Esc", listens=False)
        close.clicked.connect(self.closed)
        row.add(close)
        self.body.addWidget(row)
        self.setAccessibleName(line.head)


def fact_words(fact: FactLine) -> str:
    """Say one fact in one line; each part stands alone, so no sentence."""
    by = _("noted by {name}, {date}").format(
        name=fact.noted_by, date=wording.short_date(fact.noted_on)
    )
    parts = (
        wording.short_date(fact.on),
        fact.text,
        fact.amount if fact.amount.strip() else "",
        fact.collected_by,
        fact.place,
        by,
        fact.reason,
    )
    return " · ".join(part for part in parts if part)
