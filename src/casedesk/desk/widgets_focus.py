"""Where the focus is, for the eye and for the ear: the ring of the keyboard, what is read out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFocusEvent
from PySide6.QtWidgets import QWidget

# What is mixed into widgets must be no widget of its own: Qt allows one base of its kind.
if TYPE_CHECKING:
    _Mixed = QWidget
else:
    _Mixed = object

_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again at the properties of a widget."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def set_ring(widget: QWidget, reason: Qt.FocusReason | None) -> None:
    """Show the ring where the focus came by the keyboard; take it away without a reason."""
    on = reason in _KEYBOARD
    if has_ring(widget) is not on:
        widget.setProperty("kbfocus", on)
        restyle(widget)


def has_ring(widget: QWidget) -> bool:
    """Tell whether a widget has the focus by the keyboard, and shows it."""
    return bool(widget.property("kbfocus"))


class Ringed(_Mixed):
    """Mixed into a widget, in front of its Qt class: it shows the ring while it has the focus."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        set_ring(self, event.reason())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        set_ring(self, None)


def announce(widget: QWidget) -> None:
    """Let a screen reader speak the widget's description now."""
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))
