"""A second start hands its file to the first window, whatever became of earlier ones."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from casedesk.desk import single as alone
from casedesk.desk.single import Single

SECOND = """
import sys
from pathlib import Path
from casedesk.desk.single import Single
file = Path(sys.argv[2]) if len(sys.argv) > 2 else None
single = Single(Path(sys.argv[1]))
print("first" if single.first(file) else "second")
sys.stdout.flush()
if len(sys.argv) > 3:
    import os
    os._exit(9)  # as a killed process ends: nothing is put away
single.close()
"""


@pytest.fixture
def single(qtbot, short_folder):
    made = Single(short_folder)
    yield made
    made.close()


@pytest.fixture
def short_folder(tmp_path_factory):
    # The path of a socket may be no longer than 107 letters.
    return tmp_path_factory.mktemp("s")


def start(folder, *words):
    """Start the program a second time, as far as the question who is first."""
    command = [sys.executable, "-c", SECOND, str(folder), *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def answer(process):
    return process.communicate(timeout=30)[0].strip()


def test_first_start_opens_the_window(single):
    assert single.first(None)


def test_second_start_hands_over_its_file_whole(qtbot, single, short_folder):
    assert single.first(None)
    name = "Список за март.cdk"
    with qtbot.waitSignal(single.asked, timeout=20_000) as asked:
        process = start(short_folder, Path(name))
    assert answer(process) == "second"
    assert asked.args == [Path.cwd() / name]


def test_second_start_without_a_file_only_raises(qtbot, single, short_folder):
    assert single.first(None)
    with qtbot.waitSignal(single.asked, timeout=20_000) as asked:
        process = start(short_folder)
    assert answer(process) == "second"
    assert asked.args == [None]


def test_asked_arrives_on_the_thread_of_the_window(qtbot, single, short_folder):
    assert single.first(None)
    threads = []
    single.asked.connect(lambda _file: threads.append(threading.current_thread()))
    assert not Single(short_folder).first(None)
    qtbot.waitUntil(lambda: threads == [threading.main_thread()])


def test_asks_one_after_the_other_all_arrive(qtbot, single, short_folder):
    assert single.first(None)
    came = []
    single.asked.connect(came.append)
    others = [Single(short_folder) for _number in range(5)]
    for number, other in enumerate(others):
        assert not other.first(short_folder / f"{number}.cdk")
    qtbot.waitUntil(lambda: len(came) == 5)
    assert [path.name for path in came] == [f"{number}.cdk" for number in range(5)]


def test_place_of_a_killed_process_is_free(single, short_folder):
    process = start(short_folder, "a.cdk", "killed")
    assert answer(process) == "first"
    assert (short_folder / "desk.lock").exists()
    assert single.first(None)


def test_place_is_free_after_the_end(single, short_folder):
    assert single.first(None)
    single.close()
    assert answer(start(short_folder)) == "first"


def test_start_goes_on_where_the_first_does_not_answer(single, short_folder, monkeypatch):
    assert single.first(None)
    single._listener.close()
    other = Single(short_folder)
    assert other.first(None)
    other.close()
    monkeypatch.setattr(alone, "PATIENCE", 0.1)  # nothing wakes the thread of a dead listener
    single.close()


def test_foreign_words_in_the_socket_do_no_harm(qtbot, single, short_folder):
    from multiprocessing.connection import Client

    assert single.first(None)
    for words in (b"not json", b"[]", b'{"file": 3}', b""):
        with Client(str(short_folder / "desk.socket")) as line:
            line.send_bytes(words)
    with qtbot.waitSignal(single.asked, timeout=20_000):
        assert not Single(short_folder).first(None)


def test_second_start_brings_what_lets_the_window_come_to_the_front(
    qtbot, single, short_folder, monkeypatch
):
    assert single.first(None)
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "token-of-the-click")
    with qtbot.waitSignal(single.asked, timeout=20_000):
        process = start(short_folder)
        assert answer(process) == "second"
        monkeypatch.delenv("XDG_ACTIVATION_TOKEN")
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "token-of-the-click"


def test_second_start_of_an_earlier_version_is_understood(qtbot, single, short_folder):
    from multiprocessing.connection import Client

    assert single.first(None)
    with (
        qtbot.waitSignal(single.asked, timeout=20_000) as asked,
        Client(str(short_folder / "desk.socket")) as line,
    ):
        line.send_bytes(b'{"file": "/home/a/b.cdk"}')
        assert line.recv_bytes(10) == b"yes"
    assert asked.args == [Path("/home/a/b.cdk")]


def test_only_the_user_reaches_the_socket(single, short_folder):
    assert single.first(None)
    assert (short_folder / "desk.socket").stat().st_mode & 0o077 == 0
