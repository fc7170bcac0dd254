"""Print the summary of a case from its page: for whom, why, and where the PDF goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog
from sqlmodel import Session

from casedesk.desk.forms import Form
from casedesk.desk.page import Page
from casedesk.desk.widgets import ComboBox, LineEdit, label
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import _
from casedesk.reports import case_summary, handed_out
from casedesk.reports.layout import Drawn
from casedesk.reports.pdf import write_atomically
from casedesk.reports.redaction import Profile, name_of
from casedesk.tracing.records import TracingCase

AskPath = Callable[[Page, str, Callable[[Path], None]], None]


def ask_path(page: Page, name: str, then: Callable[[Path], None]) -> None:
    """Let the user say where the PDF goes; nothing happens where they do not."""
    ask = QFileDialog(page, _("Print summary"))
    ask.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    ask.setNameFilter(_("PDF (*.pdf)"))
    ask.setDefaultSuffix("pdf")
    ask.selectFile(name)
    ask.fileSelected.connect(lambda chosen: then(Path(chosen)))
    ask.finished.connect(ask.deleteLater)
    ask.open()


def summary_form(
    page: Page, case_id: int, done: Callable[[], None], *, ask: AskPath = ask_path
) -> tuple[Form, Callable[[], None]]:
    """Give the form, and what it does when it is sent; `done` is called once the PDF is there.

    A copy that leaves the house is noted in the journal before it is written.
    """
    form = Form(_("Print summary"), _("Choose a place"))
    words = _("What a copy does not show is not in its file. To whom it goes is kept.")
    form.body.insertWidget(0, label(words, "muted", form, wrap=True))
    choices = [(profile.value, name_of(profile)) for profile in Profile]
    form.add("profile", _("Made for"), ComboBox(choices, name=_("Made for")), wide=True)
    form.add("to_whom", _("To whom"), LineEdit())
    form.add("why", _("Why"), LineEdit())

    def submit() -> None:
        if not form.main.isEnabled():
            return
        values = form.values()
        profile = Profile(values["profile"])
        to, why = values["to_whom"].strip(), values["why"].strip()
        if profile is not Profile.INTERNAL and not (to and why):
            missing = {}
            if not to:
                missing["to_whom"] = _("Say to whom the sheet goes.")
            if not why:
                missing["why"] = _("Say why the sheet is given out.")
            form.fail(InvalidDraft("", missing))
            return
        form.main.setEnabled(False)

        def failed(error: Exception) -> None:
            form.main.setEnabled(True)
            if not form.fail(error):
                page.desk.notices.problem(error)

        def read(made: tuple[Drawn, str]) -> None:
            form.main.setEnabled(True)
            drawn, number = made
            name = f"{_('Case')}-{number}-{profile.value}.pdf"
            ask(page, name, lambda path: note(path, drawn, number))

        def note(path: Path, drawn: Drawn, number: str) -> None:
            form.main.setEnabled(False)
            if profile is Profile.INTERNAL:
                write(path, drawn)
                return
            draft = handed_out.draft_of(
                drawn, sheet=handed_out.CASE, number=number, profile=profile.value, to=to, why=why
            )
            page.write(
                handed_out.hand_out, draft, then=lambda _kept: write(path, drawn), failed=failed
            )

        def write(path: Path, drawn: Drawn) -> None:
            def written(_none: object) -> None:
                done()
                page.desk.notices.done(_("The summary is saved."), undo=False)

            page.background(_write, path, drawn.data, then=written, failed=failed)

        page.read(_made, case_id, profile, to, page.desk.actor, then=read, failed=failed)

    return form, submit


def _made(session: Session, case_id: int, profile: Profile, to: str, by: str) -> tuple[Drawn, str]:
    number = session.get_one(TracingCase, case_id).number
    return case_summary.sheet(session, case_id, profile, to=to, by=by), number


def _write(_progress: Progress, path: Path, data: bytes) -> None:
    write_atomically(path, data)
