"""New matches for one's own cases, on the first page: the likeliest ones, each to compare."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.today import Fit, Target
from casedesk.desk.widgets import Card, ElidedLabel, button, label
from casedesk.kernel.language import _, ngettext, number

FITS = 3
"""So many new matches stand on the page."""


class FitLine(QWidget):
    """Somebody who may be the person sought: who, in which case, how likely, and Compare."""

    def __init__(self, chosen: Callable[[Target], None]) -> None:
        """Hand the target over when Compare is pressed."""
        super().__init__()
        self.fit: Fit | None = None
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(3))
        words = QVBoxLayout()
        words.setSpacing(0)
        self._name = ElidedLabel("", "strong")
        self._note = ElidedLabel("", "small")
        words.addWidget(self._name)
        words.addWidget(self._note)
        line.addLayout(words, 1)
        self._score = label("", "muted")
        line.addWidget(self._score)
        self.compare = button(_("Compare"))
        self.compare.clicked.connect(lambda: self.fit is not None and chosen(self.fit.open))
        line.addWidget(self.compare)

    def show_fit(self, fit: Fit | None) -> None:
        """Show a match, or nothing."""
        self.fit = fit
        self._name.setText(fit.name if fit else "")
        self._note.setText(fit.note if fit else "")
        self._score.setText(fit.score if fit else "")
        if fit is not None:
            self.compare.setAccessibleName(
                _("Compare: {name}, {note}").format(name=fit.name, note=fit.note)
            )
        self.setVisible(fit is not None)


class FitCard(Card):
    """New matches for one's own cases; not there where there are none."""

    chosen = Signal(object)  # the Target of a match

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(_("New matches for your cases"))
        self.lines = [FitLine(self.chosen.emit) for _line in range(FITS)]
        for line in self.lines:
            self.body.addWidget(line)
        self._more = label("", "muted")
        self.body.addWidget(self._more)
        self.show_fits(())

    def show_fits(self, fits: tuple[Fit, ...]) -> None:
        """Show the likeliest ones; the others come up as these are judged."""
        for at, line in enumerate(self.lines):
            line.show_fit(fits[at] if at < len(fits) else None)
        rest = max(0, len(fits) - FITS)
        words = ngettext("And {count} more", "And {count} more", rest)
        self._more.setText(words.format(count=number(rest)))
        self._more.setVisible(rest > 0)
        self.setVisible(bool(fits))
