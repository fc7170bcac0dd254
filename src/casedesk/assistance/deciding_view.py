"""Carries out what is decided of possible doubles, wherever their panels stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casedesk.assistance import rules, second
from casedesk.assistance.asking import Told
from casedesk.assistance.double_view import DoublePanel, Words
from casedesk.desk.page import Page
from casedesk.kernel.language import _


class Deciding:
    """Makes panels whose decisions are written, once each."""

    def __init__(self, page: Page, decided: Callable[[Told], None]) -> None:
        """`decided` hears of each decision that is in the file."""
        self._page, self._decided = page, decided
        self._words: Words = {}
        self.busy = False

    def panel(self, told: Told, *, wide: bool = False) -> DoublePanel:
        """Make a panel for a warning."""
        panel = DoublePanel(told, self._page.desk.actor, self._words, wide=wide)
        panel.give.connect(lambda _i, reason, name: self._give(told, reason, name))
        panel.confirm.connect(lambda _i, name: self._confirm(told, name))
        panel.merge.connect(lambda _i, reason, same: self._merge(told, reason, same))
        panel.stop.connect(lambda _i, reason: self._stop(told, reason))
        panel.reopen.connect(lambda _i: self._reopen(told))
        return panel

    def _write(self, told: Told, words: str, act: Any, *args: Any) -> None:
        if self.busy:
            return
        self.busy = True

        def done(_result: object) -> None:
            self.busy = False
            self._decided(told)
            self._page.desk.notices.done(words)

        def failed(error: Exception) -> None:
            self.busy = False
            self._page.desk.notices.problem(error)

        self._page.write(act, *args, then=done, failed=failed)

    def _give(self, told: Told, reason: str, name: str) -> None:
        double, revision = told.warning.double_id, told.warning.revision
        if name:
            words = _("Given anyway, confirmed by {name}").format(name=name)
            self._write(told, words, second.give_anyway, double, reason, name, revision)
        else:
            words = _("Noted. A second person has to confirm it")
            self._write(told, words, rules.give_anyway, double, reason, revision)

    def _confirm(self, told: Told, name: str) -> None:
        words = _("Given anyway, confirmed by {name}").format(name=name)
        self._write(told, words, second.confirm, told.warning.double_id, name)

    def _merge(self, told: Told, reason: str, same: tuple[tuple[int, int], ...]) -> None:
        warning = told.warning
        args = (warning.double_id, reason, same, warning.revision)
        self._write(told, _("Households merged"), rules.merge_double, *args)

    def _stop(self, told: Told, reason: str) -> None:
        warning = told.warning
        args = (warning.double_id, reason, warning.revision)
        self._write(told, _("Stopped: nothing is given"), rules.stop_double, *args)

    def _reopen(self, told: Told) -> None:
        self._write(told, _("To be decided again"), rules.reopen_double, told.warning.double_id)
