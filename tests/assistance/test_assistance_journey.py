"""A day at a distribution, by keys alone: from a double to the sheet in the hand."""

from __future__ import annotations

from cold_hall import NAMES, go, received, status
from pypdfium2 import PdfDocument
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from casedesk.assistance import counts
from casedesk.assistance.counts import Scope
from casedesk.assistance.reading import EVER
from casedesk.assistance.records import Decision, Double, Receipt, ReceiptKind, RoundStatus
from casedesk.kernel import clock
from casedesk.reports.handed_out import HandedOut
from keyboard import ALT, CTRL

ENTER, ESC, SHIFT = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.KeyboardModifier.ShiftModifier


def words_of(pdf):
    """Read the text of all pages of a PDF."""
    with PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_day_at_a_distribution(me, world, tmp_path):
    world.serve_elsewhere()
    go(me)
    me.press(ENTER, CTRL)  # lock
    me.wait(lambda: status(me) is RoundStatus.LOCKED)

    me.press(Qt.Key.Key_D, ALT)  # what has to be decided, and its row opened
    me.wait(lambda: me.page.table.total == 1)
    me.press(ENTER)
    me.wait(lambda: me.page.panels)
    me.type("The passport was written wrongly there")
    me.press(ENTER)
    me.type("Tomas Berg")
    me.press(ENTER)
    me.wait(lambda: me.all(Double)[0].decision is Decision.GIVEN_ANYWAY)
    me.wait(lambda: me.page.summary.to_decide == 0 and not me.page.table.open_id)

    me.press(ENTER, CTRL)  # I approve
    me.wait(lambda: "approve_second" in me.page.head.made)
    me.press(ENTER, CTRL)  # somebody else does
    me.type("Tomas Berg")
    me.press(ENTER)
    me.wait(lambda: status(me) is RoundStatus.APPROVED)
    me.wait(lambda: "start" in me.page.head.made)
    me.press(ENTER, CTRL)
    me.wait(lambda: "hand_over" in me.page.head.made)

    me.press(Qt.Key.Key_F7)
    for at in range(1, 11):
        me.scan(f"4000-{at:04}")
        me.wait(lambda: me.page.counter.lookup is not None)
        me.press(ENTER)
        me.wait(lambda at=at: received(me) == at)
        me.wait(lambda: me.page.counter.lookup is None)
    me.press(ESC)
    me.press(ESC)
    assert not me.page.at_table

    me.page.loosen()
    me.wait(lambda: me.page.table.total == len(NAMES))
    me.press(Qt.Key.Key_Home)
    me.press(ENTER)
    me.wait(lambda: me.page.standing is not None and me.page.standing.facts)
    me.press(Qt.Key.Key_K, ALT)  # one was given another amount
    me.wait(lambda: me.page.form is not None)
    me.page.form.editors["amount"].setFocus()
    me.page.form.editors["amount"].selectAll()
    me.type("14000")
    me.page.form.editors["reason"].setFocus()
    me.type("A note was missing from the envelope")
    me.press(ENTER, CTRL)
    me.wait(lambda: len(me.all(Receipt)) == 12)  # ten here, one elsewhere, one correction
    assert me.all(Receipt)[-1].kind is ReceiptKind.CORRECTED
    me.wait(lambda: me.page.standing is not None and len(me.page.standing.facts) == 2)
    me.press(ESC)

    me.press(Qt.Key.Key_R, CTRL | SHIFT)
    me.wait(lambda: status(me) is RoundStatus.RECONCILED)
    assert me.said() == "Reconciled. 2 lines were not collected"

    me.press(Qt.Key.Key_P, CTRL)
    me.wait(lambda: me.page.form is not None)
    me.type("Russian Red Cross")
    me.page.form.editors["why"].setFocus()
    me.type("For the archive of the point")
    me.press(ENTER, CTRL)
    out = tmp_path / "list.pdf"
    me.wait(lambda: me.page.findChild(QFileDialog) is not None)
    me.page.findChild(QFileDialog).fileSelected.emit(str(out))
    me.page.findChild(QFileDialog).close()
    me.wait(out.exists)
    me.wait(lambda: me.said() == "1 page written")
    sheet = words_of(out)
    for name in NAMES:
        assert name.split()[0] in sheet
    assert "Cash in autumn" in sheet
    (copy,) = me.all(HandedOut)
    assert copy.to_whom == "Russian Red Cross"

    with me.store.read() as session:
        own = Scope(round_id=world.round)
        paid = counts.amount(session, own, EVER, clock.today())
    assert paid == {"RUB": 9 * 1_500_000 + 1_400_000}
    assert me.page.head.figures["amount"].value.text() == "149,000\xa0RUB"
    me.press(Qt.Key.Key_1, CTRL)
    assert me.shell.page_key == "today"
    assert me.shell.notices.texts() == []
