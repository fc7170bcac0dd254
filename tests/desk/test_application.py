"""Faults that nobody caught, and a window that did not answer."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, QUrl, qWarning
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from casedesk.desk.application import FileOpener, Guard, StallMonitor, start
from casedesk.kernel import logs
from casedesk.kernel.settings import Settings


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = logs.start(tmp_path / "log")
    yield path
    logs.stop()


@pytest.fixture
def guard(qapp, tmp_path: Path, log: Path) -> Iterator[Guard]:
    start(["casedesk"], Settings(tmp_path))
    made = Guard()
    yield made
    if made.dialog is not None:
        made.dialog.close()
    made.release()


class Window(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.notes = QLineEdit("half a sentence")
        self.button = QPushButton("Save")
        self.button.clicked.connect(self.fail)
        layout = QVBoxLayout(self)
        layout.addWidget(self.notes)
        layout.addWidget(self.button)

    def fail(self) -> None:
        raise ValueError("Kovalenko Olena")


def test_fault_in_a_slot_is_said_and_the_window_stays(guard, log, qtbot):
    window = Window()
    qtbot.addWidget(window)
    window.show()
    window.button.click()
    assert guard.dialog is not None
    assert guard.dialog.isVisible()
    assert window.isVisible()
    assert window.notes.text() == "half a sentence"
    assert guard.dialog.details.startswith("ValueError at test_application:fail:")
    assert "Kovalenko" not in guard.dialog.details + log.read_text("utf-8")
    assert "type=ValueError" in log.read_text("utf-8")


def test_fault_that_comes_again_and_again_shows_one_dialog(guard, qtbot):
    window = Window()
    qtbot.addWidget(window)
    window.button.click()
    first = guard.dialog
    window.button.click()
    assert guard.dialog is first
    first.close()
    assert guard.dialog is None
    window.button.click()
    assert guard.dialog is not first


def test_fault_on_another_thread_is_said_on_the_window_thread(guard, qtbot):
    def fail() -> None:
        raise KeyError("Kovalenko")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: guard.dialog is not None)
    assert guard.dialog.details.startswith("KeyError at test_application:fail:")


def test_message_of_qt_is_kept_without_its_words(guard, log):
    qWarning("QPixmap::load: cannot read /home/kovalenko/scan.png")
    kept = log.read_text("utf-8")
    assert "by=QPixmap::load" in kept
    assert "kovalenko" not in kept


def test_hooks_are_given_back(qapp):
    before = (sys.excepthook, threading.excepthook)
    made = Guard()
    assert sys.excepthook is not before[0]
    made.release()
    assert (sys.excepthook, threading.excepthook) == before


def test_stall_is_seen_with_page_and_job(qapp, qtbot, log):
    monitor = StallMonitor(lambda: "hotline", lambda: "read hotline.page.rows", limit_ms=50)
    # The one place where a test sleeps: this is the fault that the monitor is there to see.
    QTimer.singleShot(30, lambda: time.sleep(0.08))
    qtbot.waitUntil(lambda: any(s.ms >= 80 for s in monitor.stalls))
    stall = next(s for s in monitor.stalls if s.ms >= 80)
    assert (stall.page, stall.jobs) == ("hotline", "read hotline.page.rows")
    assert "page=hotline jobs=read-hotline.page.rows" in log.read_text("utf-8")
    monitor.stop()


def test_double_click_on_macos_brings_its_file(qapp, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "darwin")
    opener = FileOpener(qapp)
    try:
        with qtbot.waitSignal(opener.asked) as asked:
            qapp.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(tmp_path / "дело.cdk"))))
        assert asked.args == [tmp_path / "дело.cdk"]
        with qtbot.assertNotEmitted(opener.asked):
            qapp.sendEvent(qapp, QFileOpenEvent(QUrl("https://example.org/a.cdk")))
    finally:
        qapp.removeEventFilter(opener)


def test_elsewhere_no_event_goes_through_python(qapp, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "linux")
    opener = FileOpener(qapp)
    heard = []
    opener.asked.connect(heard.append)
    qapp.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(tmp_path / "a.cdk"))))
    assert heard == []
