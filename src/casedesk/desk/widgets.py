"""Widgets of the house, drawn from tokens: the one door to them, whatever file they lie in."""

from __future__ import annotations

from casedesk.desk.widgets_boxes import Banner, Card, Divider, EmptyState, Scroll, Skeleton
from casedesk.desk.widgets_buttons import Button, ButtonKind, button
from casedesk.desk.widgets_chips import Chip, ChipRow
from casedesk.desk.widgets_choices import CheckBox, RadioButton, Segments
from casedesk.desk.widgets_fields import ComboBox, DateField, Field, LineEdit, TextEdit
from casedesk.desk.widgets_flow import FlowLayout, clear_layout
from casedesk.desk.widgets_focus import announce, has_ring, restyle, set_ring
from casedesk.desk.widgets_text import ElidedLabel, KeyHint, PlainLabel, Tag, label

__all__ = [
    "Banner",
    "Button",
    "ButtonKind",
    "Card",
    "CheckBox",
    "Chip",
    "ChipRow",
    "ComboBox",
    "DateField",
    "Divider",
    "ElidedLabel",
    "EmptyState",
    "Field",
    "FlowLayout",
    "KeyHint",
    "LineEdit",
    "PlainLabel",
    "RadioButton",
    "Scroll",
    "Segments",
    "Skeleton",
    "Tag",
    "TextEdit",
    "announce",
    "button",
    "clear_layout",
    "has_ring",
    "label",
    "restyle",
    "set_ring",
]
