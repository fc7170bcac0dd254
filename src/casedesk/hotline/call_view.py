"""The reading pane of one call, and its correction in the same place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.page import Page
from casedesk.desk.widgets import (
    ComboBox,
    DateField,
    Field,
    LineEdit,
    Scroll,
    Tag,
    TextEdit,
    button,
    label,
)
from casedesk.hotline import rules
from casedesk.hotline.door import case_words
from casedesk.hotline.listing import CHANNELS, LANGUAGES, REASONS, STATUSES, partial_words
from casedesk.hotline.records import Consent, EnquiryDraft, EnquiryStatus, Reason
from casedesk.hotline.rules import CallDetail, SoughtLine
from casedesk.kernel.errors import CaseDeskError, InvalidDraft, Refused, StaleRecord
from casedesk.kernel.language import N_, _, date_text, ngettext
from casedesk.people.wording import relation_words

CHANGES = "hotline.change."
KEEP_MS = 1000
_CONSENT = {
    Consent.YES: N_("Agrees that the data are kept"),
    Consent.STATISTICS_ONLY: N_("Statistics only"),
    Consent.UNKNOWN: N_("Not known"),
}
OpenCase = Callable[[str], None]


class CallPane(QWidget):
    """Shows one call; Change turns it into fields in the same place."""

    closed = Signal()

    def __init__(self, page: Page, open_case: OpenCase | None) -> None:
        """Work for a page; `open_case` opens a case by its number, where there are cases."""
        super().__init__(page)
        self._page, self._open_case = page, open_case
        self.detail: CallDetail | None = None
        self._texts: dict[int, dict[str, Any]] = {}  # changes that are typed and not saved
        self._wanted = 0
        self._filling = False
        self._saving = False
        self._keep_soon = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keep_soon.timeout.connect(self.keep)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Call"))
        self.setMinimumWidth(300)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        column.addWidget(self._stack)
        self._reading = QWidget()
        self._lines = QVBoxLayout(self._reading)
        side = theme.space(4)
        self._lines.setContentsMargins(side, theme.space(3), side, theme.space(3))
        self._lines.setSpacing(theme.space(1))
        self._stack.addWidget(Scroll(self._reading))
        self._stack.addWidget(Scroll(self._make_form()))

    def _make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        side = theme.space(4)
        column.setContentsMargins(side, theme.space(3), side, theme.space(3))
        column.setSpacing(theme.space(3))
        column.addWidget(label(_("Change call"), "lead"))
        self.fault = label("", "body", wrap=True)
        self.fault.set_tone("carmine")
        self.fault.hide()
        column.addWidget(self.fault)
        self.reason = ComboBox([(key, _(words)) for key, words in REASONS.items()])
        self.status = ComboBox([(key, _(words)) for key, (words, _t) in STATUSES.items()])
        self.number = LineEdit()
        self.speaks = ComboBox([("", _("Not noted"))])
        self.back_on = DateField()
        self.back_at = LineEdit(placeholder=_("09:30"))
        self.promise = LineEdit()
        self.summary = TextEdit(lines=8)
        self.fields = {
            "reason": Field(_("Reason for the call"), self.reason),
            "status": Field(_("Status"), self.status),
            "number_typed": Field(_("Telephone number"), self.number),
            "language": Field(_("Speaks"), self.speaks),
            "call_back_on": Field(_("Call back on"), self.back_on, optional=True),
            "call_back_at": Field(_("Time"), self.back_at, optional=True),
            "promised": Field(_("What we promised, one line"), self.promise, optional=True),
            "summary": Field(_("Notes"), self.summary),
        }
        for name, field in self.fields.items():
            column.addWidget(field, 1 if name == "summary" else 0)
        line = QHBoxLayout()
        self.save_button = button(_("Save changes"), key="Ctrl+Return", kind="primary")
        self.save_button.clicked.connect(self.save)
        self.again_button = button(_("Read the call again"))
        self.again_button.clicked.connect(self.read_newest)
        self.again_button.hide()
        self.drop_button = button(_("Do not change"))
        self.drop_button.clicked.connect(self.stop_changing)
        for made in (self.save_button, self.again_button, self.drop_button):
            line.addWidget(made)
        line.addStretch(1)
        column.addLayout(line)
        for combo in (self.reason, self.status, self.speaks):
            combo.chosen.connect(self._edited)
        for edit in (self.number, self.back_on, self.back_at, self.promise):
            edit.textChanged.connect(self._edited)
        self.summary.textChanged.connect(self._edited)
        return form

    # -- reading --------------------------------------------------------------------------------

    @property
    def changing(self) -> bool:
        """Whether the call is being changed."""
        return self._stack.currentIndex() == 1

    @property
    def shown(self) -> int:
        """The call that is shown or on its way, or 0."""
        return self._wanted

    def show_call(self, enquiry_id: int, *, then: Callable[[], None] | None = None) -> None:
        """Show a call; changes that are typed and not saved are kept for when it comes back."""
        if self.changing:
            self.keep()
        self._wanted = enquiry_id

        def found(detail: CallDetail) -> None:
            if self._wanted == detail.enquiry_id:
                self._fill(detail)
                if then is not None:
                    # the new widgets are shown first: only then can they take the focus
                    QTimer.singleShot(0, self, then)

        def failed(error: Exception) -> None:
            if self._wanted != enquiry_id:
                return
            self.clear()
            if isinstance(error, Refused):
                self._lines.addWidget(label(str(error), "muted", wrap=True))
            else:
                self._page.desk.notices.problem(error)

        self._page.read(rules.call_detail, enquiry_id, channel="call", then=found, failed=failed)

    def refresh(self) -> None:
        """Read the call again unless it is being changed: a save finds out what changed."""
        if self.detail is not None and not self.changing:
            self.show_call(self.detail.enquiry_id)

    def clear(self) -> None:
        """Show nobody."""
        self.detail, self._wanted = None, 0
        self._stack.setCurrentIndex(0)
        while (item := self._lines.takeAt(0)) is not None:
            if (inner := item.layout()) is not None:
                inner.deleteLater()
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for widget in self._reading.findChildren(QWidget, options=direct):
            widget.hide()
            widget.deleteLater()

    def _fill(self, detail: CallDetail) -> None:
        self.clear()
        self.detail, self._wanted = detail, detail.enquiry_id
        draft = detail.draft
        head = QHBoxLayout()
        head.addWidget(label(detail.caller or _("Caller not known"), "lead", wrap=True), 1)
        words, tone = STATUSES[draft.status]
        head.addWidget(Tag(_(words), tone), 0, Qt.AlignmentFlag.AlignTop)
        self._lines.addLayout(head)
        if detail.caller_latin:
            self._lines.addWidget(label(detail.caller_latin, "muted", wrap=True))
        self._lines.addLayout(self._make_buttons(draft))
        when = date_text(draft.received_on)
        if draft.received_at:
            when = _("{date}, {time}").format(date=when, time=draft.received_at)
        taken = (
            ngettext("{count} minute", "{count} minutes", draft.minutes).format(count=draft.minutes)
            if draft.minutes
            else ""
        )
        number = draft.number_typed or draft.number_e164 or ""
        language = LANGUAGES.get(draft.language)
        for name, text in (
            (_("Received"), when),
            (_("Channel"), _(CHANNELS[draft.channel])),
            (_("Reason"), _(REASONS[draft.reason])),
            (_("Number"), number or _("None noted")),
            (_("Speaks"), _(language) if language else draft.language or _("Not known")),
            (_("Operator"), draft.operator or _("Not known")),
            (_("Length"), taken or _("Not known")),
            (_("Consent"), _(_CONSENT[draft.consent])),
        ):
            self._line(name, text)
        if draft.call_back_on is not None:
            back = date_text(draft.call_back_on)
            if draft.call_back_at:
                back = _("{date}, {time}").format(date=back, time=draft.call_back_at)
            self._line(_("Call back on"), back)
        if draft.promised:
            self._line(_("We promised"), draft.promised)
        self._lines.addWidget(label(_("Persons sought"), "section"))
        if not detail.sought:
            self._lines.addWidget(label(_("None noted"), "muted"))
        for line in detail.sought:
            self._sought(line)
        self._lines.addWidget(label(_("Notes"), "section"))
        self._lines.addWidget(label(draft.summary or _("None noted"), "body", wrap=True))
        self._lines.addStretch(1)

    def _make_buttons(self, draft: EnquiryDraft) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme.space(2))
        self.change_button = button(_("Change"), key="F3")
        self.change_button.clicked.connect(self.change)
        line.addWidget(self.change_button)
        self.done_button = button(_("Call-back made"), kind="primary", parent=self._reading)
        self.done_button.clicked.connect(self.call_back_made)
        if draft.call_back_on is not None:
            line.addWidget(self.done_button)
        else:
            self.done_button.hide()
        close = button(_("Close"), kind="quiet")
        close.clicked.connect(self.closed)
        line.addStretch(1)
        line.addWidget(close)
        return line

    def _line(self, name: str, text: str) -> None:
        line = QHBoxLayout()
        caption = label(name, "muted")
        caption.setFixedWidth(theme.px(110))
        line.addWidget(caption, 0, Qt.AlignmentFlag.AlignTop)
        value = label(text, "body", wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line.addWidget(value, 1)
        self._lines.addLayout(line)

    def _sought(self, sought: SoughtLine) -> None:
        name = sought.name or sought.latin or _("Name not known")
        self._lines.addWidget(label(name, "strong", wrap=True))
        if sought.latin and sought.name:
            self._lines.addWidget(label(sought.latin, "muted", wrap=True))
        if sought.relation:
            self._line(_("The caller is the"), relation_words(sought.relation))
        if sought.last_place:
            self._line(_("Last place"), sought.last_place)
        if sought.last_contact is not None:
            self._line(_("Last contact"), partial_words(sought.last_contact))
        number = sought.case_number
        if number is None:
            self._line(_("Case"), _("No case"))
        elif self._open_case is None:
            self._line(_("Case"), case_words(number))
        else:
            link = button(case_words(number), kind="link")
            opens = self._open_case
            link.clicked.connect(lambda _on=False, number=number: opens(number))
            self._lines.addWidget(link)

    def call_back_made(self) -> None:
        """Note that the promised call was made."""
        if self.detail is None:
            return

        def done(_result: Any) -> None:
            self._page.desk.notices.done(_("Call-back noted as made."))

        self._page.write(
            rules.done_call_back,
            self.detail.enquiry_id,
            revision=self.detail.revision,
            then=done,
        )

    # -- changing -------------------------------------------------------------------------------

    def change(self) -> None:
        """Turn the call into fields; what was typed before and not saved stands in them again."""
        if self.detail is None:
            return
        draft, kept = self.detail.draft, self._texts.get(self.detail.enquiry_id, {})
        self._filling = True
        languages = {"": N_("Not noted"), **LANGUAGES}
        languages.setdefault(draft.language, draft.language)
        self.reason.set_value(Reason(kept.get("reason", draft.reason)))
        self.status.set_value(EnquiryStatus(kept.get("status", draft.status)))
        self.number.set_value(kept.get("number_typed", draft.number_typed))
        self.speaks.set_choices(
            [(key, _(words)) for key, words in languages.items()],
            value=kept.get("language", draft.language),
        )
        back = draft.call_back_on.isoformat() if draft.call_back_on else ""
        self.back_on.set_value(kept.get("call_back_on", back))
        self.back_at.set_value(kept.get("call_back_at", draft.call_back_at))
        self.promise.set_value(kept.get("promised", draft.promised))
        self.summary.set_value(kept.get("summary", draft.summary))
        self._filling = False
        self._show_fault("")
        self._stack.setCurrentIndex(1)
        self.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _values(self) -> dict[str, Any]:
        return {
            "reason": self.reason.value.value,
            "status": self.status.value.value,
            "number_typed": self.number.text(),
            "language": self.speaks.value or "",
            "call_back_on": self.back_on.text(),
            "call_back_at": self.back_at.text(),
            "promised": self.promise.text(),
            "summary": self.summary.toPlainText(),
        }

    def _edited(self, *_values: Any) -> None:
        if not self._filling and self.detail is not None:
            self._keep_soon.start()

    def keep(self) -> None:
        """Keep changes that are typed and not saved."""
        self._keep_soon.stop()
        if not self.changing or self.detail is None or self._saving:
            return
        number = self.detail.enquiry_id
        self._texts[number] = self._values()
        self._page.desk.keep_draft(f"{CHANGES}{number}", json.dumps(self._texts[number]))

    def take_drafts(self, drafts: dict[str, str]) -> None:
        """Take over changes that were typed before the program ended."""
        for key, text in drafts.items():
            number = key.removeprefix(CHANGES)
            if key == number or not number.isdecimal() or int(number) in self._texts:
                continue
            try:
                values = json.loads(text)
                Reason(values["reason"]), EnquiryStatus(values["status"])
            except (ValueError, KeyError, TypeError):
                continue
            self._texts[int(number)] = values

    def _forget(self) -> None:
        self._keep_soon.stop()
        if self.detail is not None:
            number = self.detail.enquiry_id
            if self._texts.pop(number, None) is not None:
                self._page.desk.drop_draft(f"{CHANGES}{number}")

    def stop_changing(self) -> None:
        """Go back to reading; what was typed can be brought back for as long as it is shown."""
        values, number = self._values(), self.detail.enquiry_id if self.detail else 0
        self._forget()
        self._stack.setCurrentIndex(0)
        if self.detail is not None and values != _as_typed(self.detail.draft):

            def bring_back() -> None:
                self._texts[number] = values
                self.show_call(number, then=self.change)
                self._page.desk.notices.clear()

            self._page.desk.notices.banner(
                "accent",
                _("The call was not changed."),
                _("What you typed can be brought back."),
                ((_("Bring back"), bring_back),),
            )

    def read_newest(self) -> None:
        """Read the call as it is now and go on changing it with what is typed."""
        if self.detail is not None:
            self.keep()
            self.show_call(self.detail.enquiry_id, then=self.change)

    def save(self) -> None:
        """Save the changes; what needs a look is said under its field, and nothing is lost."""
        if self.detail is None or self._saving or not self.changing:
            return
        for field in self.fields.values():
            field.error(None)
        self._show_fault("")
        values: dict[str, Any] = {**self.detail.draft.model_dump(), **self._values()}
        problem = self.back_on.problem()
        if problem:
            self._show_errors({"call_back_on": problem})
            return
        day = values["call_back_on"] = self.back_on.date()
        if day is None and values["call_back_at"] == self.detail.draft.call_back_at:
            values["call_back_at"] = ""  # the day was taken away, and its time with it
        settled = (EnquiryStatus.NEW, EnquiryStatus.ANSWERED, EnquiryStatus.REFERRED)
        fresh = day is not None and day != self.detail.draft.call_back_on
        if fresh and self.status.value in settled:
            # a new promise makes the call wait again; else nobody would be told of it
            values["status"] = EnquiryStatus.CALL_BACK
        try:
            draft = EnquiryDraft.checked(values)
        except InvalidDraft as error:
            self._show_errors(error.fields)
            return
        self._saving = True

        def done(_result: Any) -> None:
            self._saving = False
            self._forget()
            self._stack.setCurrentIndex(0)
            self.refresh()
            self._page.desk.notices.done(_("Call changed."))

        def failed(error: Exception) -> None:
            self._saving = False
            self.keep()
            if isinstance(error, CaseDeskError):
                self._show_fault(str(error))
                self.again_button.setVisible(isinstance(error, StaleRecord))
            else:
                self._page.desk.notices.problem(error)

        self._page.write(
            rules.change_enquiry,
            self.detail.enquiry_id,
            draft,
            self.detail.revision,
            then=done,
            failed=failed,
        )

    def _show_errors(self, errors: dict[str, str]) -> None:
        others = [text for name, text in errors.items() if name not in self.fields]
        for name, text in errors.items():
            if name in self.fields:
                self.fields[name].error(text)
        first = next((name for name in self.fields if name in errors), "")
        if first:
            self.fields[first].editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._show_fault(" ".join(others))

    def _show_fault(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        self.again_button.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.changing:
            self.closed.emit()
            return
        super().keyPressEvent(event)


def _as_typed(draft: EnquiryDraft) -> dict[str, Any]:
    return {
        "reason": draft.reason.value,
        "status": draft.status.value,
        "number_typed": draft.number_typed,
        "language": draft.language,
        "call_back_on": draft.call_back_on.isoformat() if draft.call_back_on else "",
        "call_back_at": draft.call_back_at,
        "promised": draft.promised,
        "summary": draft.summary,
    }
