"""What is made and changed through forms: programmes, rounds and their points, the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casedesk.assistance import asking, editing, rounds, rules
from casedesk.assistance.asking import Choices, Told
from casedesk.assistance.editing import ProgrammeFile, RoundFile, SiteFile
from casedesk.assistance.household_view import HouseholdForm
from casedesk.assistance.pane_view import Pane
from casedesk.assistance.programme_view import ProgrammeForm
from casedesk.assistance.reading import RoundSummary
from casedesk.assistance.round_forms_view import (
    ChangeRoundForm,
    FillForm,
    RoundForm,
    SiteForm,
    SitesCard,
)
from casedesk.assistance.rules import Registered
from casedesk.desk.forms import Found
from casedesk.desk.widgets import button
from casedesk.kernel.errors import InvalidDraft, NotFound
from casedesk.kernel.language import _, ngettext, number


class Making:
    """Opens forms in the pane, and sends them."""

    def __init__(
        self, pane: Pane, opened: Callable[[int], None], doubles: Callable[[list[Told]], None]
    ) -> None:
        """`opened` hears of a new round, `doubles` what a new registration may be a double of."""
        self._pane, self._page = pane, pane.page
        self._opened, self._doubles = opened, doubles

    def _find_partner(self, text: str, show: Callable[[Found], None]) -> None:
        self._page.read(
            editing.partners_for, text, channel="assistance.partner", then=lambda f: show(f)
        )

    # -- programmes -----------------------------------------------------------------------------

    def new_programme(self) -> None:
        """Begin a new programme."""
        pane = self._pane
        today = self._page.desk.today
        form = ProgrammeForm(today, self._find_partner, pane.keeper("programme"))

        def send() -> None:
            pane.submit(
                form,
                _("Programme added"),
                rules.add_programme,
                form.draft(),
                then=lambda _made: pane.drop("programme"),
            )

        pane.with_draft(form, "programme", send)

    def change_programme(self, programme_id: int) -> None:
        """Change a programme."""
        pane, key = self._pane, f"programme.{programme_id}"
        today = self._page.desk.today

        def make(file: ProgrammeFile) -> ProgrammeForm:
            return ProgrammeForm(today, self._find_partner, pane.keeper(key), file)

        def send(form: ProgrammeForm, file: ProgrammeFile) -> None:
            args = (file.id, form.draft(), file.revision)
            done: Callable[[Any], None] = lambda _made: pane.drop(key)  # noqa: E731
            pane.submit(form, _("Programme changed"), rules.change_programme, *args, then=done)

        pane.edit(key, editing.programme_file, programme_id, make=make, send=send)

    # -- rounds ---------------------------------------------------------------------------------

    def new_round(self) -> None:
        """Begin a new round."""
        if isinstance(self._pane.form, RoundForm):
            self._pane.form.focus_first()
            return
        self._page.read(asking.choices, channel="assistance.choices", then=self._new_round)

    def _new_round(self, choices: Choices) -> None:
        pane = self._pane
        form = RoundForm(choices, self._page.desk.today, pane.keeper("round"))

        def opened(made: Any) -> None:
            pane.drop("round")
            self._opened(made.id)

        def send() -> None:
            draft, sites = form.drafts()
            pane.submit(form, _("Round opened"), rounds.open_round, draft, sites, then=opened)

        pane.with_draft(form, "round", send)

    def change_round(self, round_id: int, *, focus: bool = True) -> None:
        """Change name and days of a round, and its points."""
        pane, key = self._pane, f"round.{round_id}"

        def make(file: RoundFile) -> ChangeRoundForm:
            return ChangeRoundForm(file, pane.keeper(key))

        def send(form: ChangeRoundForm, file: RoundFile) -> None:
            args = (file.id, form.draft(), file.revision)
            done: Callable[[Any], None] = lambda _made: pane.drop(key)  # noqa: E731
            pane.submit(form, _("Round changed"), rounds.change_round, *args, then=done)

        def below(file: RoundFile) -> list[Any]:
            card = SitesCard(file)
            by_id = {site.id: site for site in file.sites}
            card.add.connect(lambda: self._site(file, None))
            card.change.connect(lambda i: self._site(file, by_id[i]))
            card.remove.connect(lambda i: self._remove_site(round_id, i))
            change = button(_("Change the programme"), kind="link", key="Alt+P", listens=False)
            change.clicked.connect(lambda: self.change_programme(file.draft.programme_id))
            return [card, change]

        pane.edit(
            key,
            editing.round_file,
            round_id,
            make=make,
            send=send,
            below=below,
            focus=focus,
        )

    def _site(self, file: RoundFile, site: SiteFile | None) -> None:
        pane = self._pane
        key = f"site.{file.id}" if site is None else f"site.{file.id}.{site.id}"
        form = SiteForm(site, pane.keeper(key))

        def done(_made: Any) -> None:
            pane.drop(key)
            self.change_round(file.id, focus=False)

        def send() -> None:
            draft = form.draft(file.id)
            if site is None:
                pane.submit(form, _("Point added"), rounds.add_site, draft, then=done)
            else:
                args = (site.id, draft, site.revision)
                pane.submit(form, _("Point changed"), rounds.change_site, *args, then=done)

        pane.with_draft(form, key, send)

    def _remove_site(self, round_id: int, site_id: int) -> None:
        def done(_made: Any) -> None:
            self._page.desk.notices.done(_("Point removed"))
            self.change_round(round_id, focus=False)

        self._page.write(rounds.remove_site, site_id, then=done)

    def fill(self, summary: RoundSummary) -> None:
        """Ask what the included registrations get, and put them on the list."""
        pane = self._pane
        form = FillForm([(site.id, site.name) for site in summary.sites])

        def words(made: list[Any]) -> str:
            said = ngettext("{count} line put on the list", "{count} lines put on the list",
                            len(made))  # fmt: skip
            return said.format(count=number(len(made)))

        def failed(_error: Exception) -> bool:
            form.working.end()
            return False

        def plan(planned: list[Any]) -> None:
            if not planned:
                form.fail(NotFound(_("Every included registration is on the list already.")))
                return
            form.working.begin(_("Putting on the list"))
            step = form.working.step
            args = (summary.id, planned)
            pane.submit(form, words, rounds.plan, *args, failed=failed, step=step)

        def send() -> None:
            asked = form.asked()
            form.busy(True)
            self._page.read(
                asking.included,
                summary.id,
                then=plan,
                failed=lambda error: pane.tell(form, error),
                **asked,
            )

        pane.show_form(form, send)

    # -- a new household ------------------------------------------------------------------------

    def new_household(self, programme_id: int) -> None:
        """Begin to register a household."""
        self._page.read(
            asking.choices,
            channel="assistance.choices",
            then=lambda choices: self._new_household(choices, programme_id),
        )

    def _new_household(self, choices: Choices, programme_id: int) -> None:
        pane = self._pane
        form = HouseholdForm(choices, self._page.desk.today, programme_id, pane.keeper("household"))

        def looked(found: list[Any]) -> None:
            form.busy(False)
            if not form.show_similar(found):
                keep()
            else:
                form.main.setFocus()

        def keep() -> None:
            try:
                draft, household = form.drafts()
            except InvalidDraft as error:
                form.fail(error)
                return
            words = _("Household registered")
            pane.submit(form, words, rules.register, draft, household, then=self._registered)

        def send() -> None:
            form.drafts()
            if form.looked:
                keep()
                return
            form.busy(True)
            pane.read_for(form, asking.similar, form.asked(), then=looked)

        pane.with_draft(form, "household", send)

    def _registered(self, made: Registered) -> None:
        """Show at once what the new registration may be a double of."""
        self._pane.drop("household")
        if made.findings:
            self._page.read(
                asking.told_of_registration,
                made.registration.id,
                channel="assistance.registered",
                then=self._doubles,
            )
