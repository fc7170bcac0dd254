"""What is done to one line and its household: receipts corrected, members, status, many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from casedesk.assistance import asking, correcting, editing, homes, rounds, rules
from casedesk.assistance.doubles import DoubleFound
from casedesk.assistance.editing import HomeFile, MemberFile, ReceiptFile, RegistrationFile
from casedesk.assistance.home_view import (
    HomeForm,
    LeaveForm,
    MemberForm,
    MembersCard,
    NewMemberForm,
    RegistrationForm,
    RegistrationsCard,
    StepForm,
)
from casedesk.assistance.line_forms_view import CancelForm, CorrectForm, MoveForm, StatusForm
from casedesk.assistance.lines_view import LinesView
from casedesk.assistance.pane_view import Pane
from casedesk.assistance.reading import RoundSummary
from casedesk.assistance.records import RegistrationStatus
from casedesk.desk.forms import Form, Found
from casedesk.kernel.language import _, ngettext, number


class Changing:
    """Opens forms about lines and households in the pane, and sends them."""

    def __init__(self, pane: Pane, lines: LinesView, open_line: Callable[[int], None]) -> None:
        """`open_line` shows a line, for example one that may be a double."""
        self._pane, self._page, self._lines = pane, pane.page, lines
        self._open_line = open_line

    # -- receipts -------------------------------------------------------------------------------

    def give(self, ids: list[int]) -> None:
        """Note that the households of lines received."""

        def done(receipts: list[Any]) -> None:
            said = ngettext("{count} line handed over", "{count} lines handed over", len(receipts))
            self._page.desk.notices.done(said.format(count=number(len(receipts))))
            self._lines.table.setFocus()

        def failed(error: Exception) -> None:
            if len(ids) != 1 or not self._found_double(error, ids[0]):
                self._page.desk.notices.problem(error)

        self._page.write(rounds.hand_over, ids, then=done, failed=failed)

    def _found_double(self, error: Exception, line_id: int) -> bool:
        """Keep what handing over has found, so that there is something to decide."""
        if not isinstance(error, DoubleFound):
            return False
        self._page.desk.note(
            self._page, rules.note_double, line_id, then=lambda _n: self._open_line(line_id)
        )
        return True

    def cancel(self, line_id: int) -> None:
        """Ask why a receipt is taken back, and take it back."""
        form = CancelForm()

        def send() -> None:
            words = _("Receipt cancelled")
            self._pane.submit(form, words, rounds.cancel_receipt, line_id, form.reason())

        self._pane.show_form(form, send)

    def correct(self, line_id: int) -> None:
        """Ask what is right of a receipt."""
        pane, key = self._pane, f"receipt.{line_id}"

        def find(text: str, show: Callable[[Found], None]) -> None:
            args = (editing.others_of_round, line_id, text)
            self._page.read(*args, channel="assistance.other", then=lambda found: show(found))

        def make(file: ReceiptFile) -> CorrectForm:
            return CorrectForm(file, find, pane.keeper(key))

        def send(form: CorrectForm, file: ReceiptFile) -> None:
            reason, other = form.reason(), form.other_line()

            def done(_receipt: Any) -> None:
                pane.drop(key)
                self._open_line(line_id)

            if other:
                pane.submit(
                    form,
                    _("Receipt noted for the other household"),
                    correcting.move_receipt,
                    *(line_id, other, reason),
                    then=done,
                    failed=lambda error: self._found_double(error, other),
                )
                return
            asked: dict[str, Any] = form.asked()
            pane.submit(
                form,
                _("Receipt corrected"),
                rounds.correct_receipt,
                *(line_id, reason),
                then=done,
                after=file.sequence,
                **asked,
            )

        pane.edit(key, editing.receipt_file, line_id, make=make, send=send)

    # -- the household --------------------------------------------------------------------------

    def home_of_line(self, line_id: int) -> None:
        """Show the household of a line to change it."""
        self._home(editing.home_of_line, line_id)

    def home(self, household_id: int) -> None:
        """Show a household again after something was done to it."""
        self._home(editing.home_file, household_id, focus=False)

    def _home(self, read: Any, identity: int, *, focus: bool = True) -> None:
        pane = self._pane

        def make(file: HomeFile) -> HomeForm:
            return HomeForm(file, pane.keeper(f"home.{file.id}"))

        def send(form: HomeForm, file: HomeFile) -> None:
            args = (file.id, form.draft(), file.revision, form.phones())

            def done(_home: Any) -> None:
                pane.drop(f"home.{file.id}")
                self.home(file.id)

            pane.submit(form, _("Household changed"), homes.change_home, *args, then=done)

        def below(file: HomeFile) -> list[QWidget]:
            members, registrations = MembersCard(file), RegistrationsCard(file)
            by_id = {member.id: member for member in file.members}
            members.add.connect(lambda: self._add_member(file))
            members.change.connect(lambda i: self._change_member(file, by_id[i]))
            members.head.connect(lambda i: self._choose_head(file, by_id[i]))
            members.leave.connect(lambda i: self._leave(file, by_id[i]))
            by_registration = {one.id: one for one in file.registrations}
            registrations.change.connect(lambda i: self._registration(file, by_registration[i]))
            registrations.step.connect(lambda i: self._step(file, by_registration[i]))
            return [members, registrations]

        key = f"home.{identity}" if read is editing.home_file else f"home.line.{identity}"
        pane.edit(key, read, identity, make=make, send=send, below=below, focus=focus)

    def _back_to(self, file: HomeFile, key: str = "") -> Callable[[Any], None]:
        def done(_result: Any) -> None:
            if key:
                self._pane.drop(key)
            self.home(file.id)

        return done

    def _add_member(self, file: HomeFile) -> None:
        pane, key = self._pane, f"member.new.{file.id}"

        def find(text: str, show: Callable[[Found], None]) -> None:
            args = (editing.persons_for, text)
            self._page.read(*args, channel="assistance.person", then=lambda found: show(found))

        form = NewMemberForm(file, find, pane.keeper(key))

        def keep() -> None:
            args = (file.id, form.member())
            then = self._back_to(file, key)
            pane.submit(form, _("Person added to the household"), rules.add_member, *args,
                        then=then)  # fmt: skip

        def looked(found: list[tuple[int, str]]) -> None:
            form.busy(False)
            if not form.show_found(found):
                keep()

        def send() -> None:
            form.member()
            if not form.asked:
                keep()
                return
            form.busy(True)
            pane.read_for(form, editing.sure_persons, form.asked, then=looked)

        pane.with_draft(form, key, send)

    def _change_member(self, file: HomeFile, member: MemberFile) -> None:
        pane, key = self._pane, f"member.{member.id}"
        form = MemberForm(member, pane.keeper(key))

        def send() -> None:
            args = (member.id, form.draft(), member.revision)
            then = self._back_to(file, key)
            pane.submit(form, _("Member changed"), rules.change_member, *args, then=then)

        pane.with_draft(form, key, send)

    def _choose_head(self, file: HomeFile, member: MemberFile) -> None:
        def done(_member: Any) -> None:
            words = _("{name} is the head of household now")
            self._page.desk.notices.done(words.format(name=member.name))
            self.home(file.id)

        self._page.write(homes.choose_head, member.id, member.revision, then=done)

    def _leave(self, file: HomeFile, member: MemberFile) -> None:
        form = LeaveForm(member, self._page.desk.today)

        def send() -> None:
            args = (member.id, form.on(), member.revision)
            then = self._back_to(file)
            self._pane.submit(form, _("Noted"), homes.leave, *args, then=then)

        self._pane.show_form(form, send)

    def _registration(self, file: HomeFile, own: RegistrationFile) -> None:
        pane, key = self._pane, f"registration.{own.id}"
        form = RegistrationForm(own, pane.keeper(key))

        def send() -> None:
            args = (own.id, form.draft(), own.revision)
            then = self._back_to(file, key)
            pane.submit(form, _("Registration changed"), rules.change_registration, *args,
                        then=then)  # fmt: skip

        pane.with_draft(form, key, send)

    def _step(self, file: HomeFile, own: RegistrationFile) -> None:
        form = StepForm(own, self._page.desk.today)

        def send() -> None:
            status, day, reason = form.asked()
            args = ([own.id], status, day, reason)
            then = self._back_to(file)
            self._pane.submit(form, _("Registration changed"), rules.change_status, *args,
                              then=then)  # fmt: skip

        self._pane.show_form(form, send)

    # -- many at once ---------------------------------------------------------------------------

    def _with_chosen(self, run: Callable[[list[int]], None], form: Form | None = None) -> None:
        def failed(error: Exception) -> None:
            if form is None:
                self._page.desk.notices.problem(error)
            else:
                self._pane.tell(form, error)

        table = self._lines.table
        self._page.read(asking.chosen, table.listing, table.selection(), then=run, failed=failed)

    def move(self, summary: RoundSummary) -> None:
        """Ask for another point, and move the chosen lines."""
        form = MoveForm([(site.id, site.name) for site in summary.sites])

        def words(moved: int) -> str:
            said = ngettext("{count} line moved", "{count} lines moved", moved)
            return said.format(count=number(moved))

        def send() -> None:
            site = form.values()["site"] or None
            self._with_chosen(
                lambda ids: self._pane.submit(form, words, rounds.move_to_site, ids, site), form
            )

        self._pane.show_form(form, send)

    def status(self) -> None:
        """Stop the chosen lines, or pause the registrations behind them."""
        pane, form = self._pane, StatusForm()

        def stopped(count: int) -> str:
            said = ngettext("{count} line stopped", "{count} lines stopped", count)
            return said.format(count=number(count))

        def changed(count: int) -> str:
            said = ngettext("{count} registration changed", "{count} registrations changed", count)
            return said.format(count=number(count))

        def send() -> None:
            reason, way = form.reason(), str(form.values()["way"])
            if way == "stop":
                self._with_chosen(
                    lambda ids: pane.submit(form, stopped, rounds.stop_lines, ids, reason), form
                )
                return
            paused, going = RegistrationStatus.PAUSED, RegistrationStatus.INCLUDED
            new = paused if way == "pause" else going

            def change(registrations: list[int]) -> None:
                args = (registrations, new, self._page.desk.today, reason)
                pane.submit(form, changed, rules.change_status, *args)

            self._with_chosen(
                lambda ids: pane.read_for(form, asking.registrations_of, ids, then=change), form
            )

        pane.show_form(form, send)

    def take_off(self) -> None:
        """Take the chosen lines off the list; Undo brings them back."""

        def done(count: int) -> None:
            self._lines.table.clearSelection()
            said = ngettext("{count} line taken off", "{count} lines taken off", count)
            self._page.desk.notices.done(said.format(count=number(count)))

        def take(ids: list[int]) -> None:
            self._page.write(rounds.take_off, ids, then=done)

        self._with_chosen(take)
