"""The 24 words open the same file; a wrong word is named; a new passphrase replaces the old."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk import catalog
from casedesk.kernel import passphrase, recovery, vault
from casedesk.kernel.errors import Refused, StoreBusy, StoreDamaged, WrongPassphrase
from casedesk.kernel.store import Store

PHRASE = "wooden bridge late apples"
NEW = "quiet river seven lanterns north"


@pytest.fixture(scope="module", autouse=True)
def _quick_keys():
    """Derive keys with little memory: how slow guessing is, is not the subject here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vault.ARGON2, "memory_cost", 1024)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    """Make one encrypted file with something in it, and its words."""
    path = tmp_path_factory.mktemp("words") / "delegation.cdk"
    with catalog.create_store(path, PHRASE) as store:
        store.keep_draft("call", "half a sentence")
    return path, passphrase.recovery_words(path, PHRASE)


@pytest.fixture
def file(made: tuple[Path, tuple[str, ...]], tmp_path: Path) -> Path:
    """Copy the encrypted file, so that a test may change it."""
    return Path(shutil.copy(made[0], tmp_path / "delegation.cdk"))


@given(st.binary(min_size=32, max_size=32))
def test_every_key_comes_back_from_its_words(raw):
    words = recovery.words_of(raw)
    assert len(words) == 24
    assert recovery.raw_of(" ".join(words)) == raw


def test_words_are_read_as_people_copy_them_from_paper():
    raw = bytes(range(32))
    words = recovery.words_of(raw)
    numbered = "\n".join(f"{n}. {word.upper()}," for n, word in enumerate(words, 1))
    assert recovery.raw_of(numbered) == raw
    assert recovery.raw_of("  ".join(word[:4] for word in words)) == raw


def test_unknown_word_is_named_by_its_place_and_not_repeated():
    words = list(recovery.words_of(bytes(32)))
    words[6] = "yxqwv"
    with pytest.raises(recovery.UnknownWord, match="Word 7 ") as caught:
        recovery.raw_of(" ".join(words))
    assert caught.value.position == 7
    assert "yxqwv" not in str(caught.value)
    text = "1. " + " 2. ".join(words)
    start, length = recovery.place_of(text, 7)
    assert text[start : start + length] == "yxqwv"


def test_missing_exchanged_and_replaced_words_are_refused():
    words = list(recovery.words_of(bytes(range(32))))
    with pytest.raises(Refused, match="There are 23 words"):
        recovery.raw_of(" ".join(words[:-1]))
    with pytest.raises(Refused, match="do not belong together"):
        recovery.raw_of(" ".join([words[1], words[0], *words[2:]]))
    with pytest.raises(Refused, match="There are 0 words"):
        recovery.raw_of("")


def test_file_opened_by_words_is_the_same_file(made, file):
    words = " ".join(made[1])
    with catalog.open_store(file, words) as store:
        assert store.drafts() == {"call": "half a sentence"}
        assert store.check() == []
        store.lock()
        store.unlock(words)
        assert store.drafts() == {"call": "half a sentence"}
    with catalog.open_store(file, PHRASE) as store:
        assert store.drafts() == {"call": "half a sentence"}


def test_words_of_another_file_do_not_open_this_one(file):
    with pytest.raises(WrongPassphrase):
        catalog.open_store(file, " ".join(recovery.words_of(bytes(range(32)))))


def test_passphrase_that_looks_like_words_still_opens_its_file(tmp_path):
    phrase = " ".join(recovery.words_of(bytes(range(32))))
    path = tmp_path / "f.cdk"
    Store.create(path, phrase).close()
    with Store.open(path, phrase) as store:
        assert store.drafts() == {}


def test_new_passphrase_after_words_replaces_the_old_one_and_the_words(made, file):
    words = " ".join(made[1])
    backup = file.with_name("backup.cdk")
    with catalog.open_store(file, words) as store:
        store.backup(backup)
        passphrase.change_passphrase(store, words, NEW)
        assert not store.locked
        assert store.drafts() == {"call": "half a sentence"}
        store.keep_draft("call", "a sentence")
        assert store.check() == []
    for gone in (PHRASE, words):
        with pytest.raises(WrongPassphrase):
            catalog.open_store(file, gone)
    with catalog.open_store(file, NEW) as store:
        assert store.drafts() == {"call": "a sentence"}
    with catalog.open_store(backup, PHRASE) as store:  # a copy keeps what it was made with
        assert store.drafts() == {"call": "half a sentence"}
    assert passphrase.recovery_words(file, NEW) != made[1]
    assert file.stat().st_mode & 0o077 == 0
    assert sorted(p.name for p in file.parent.glob("delegation.cdk*partial*")) == []


def test_refused_change_leaves_the_file_open_under_the_old_passphrase(file):
    with catalog.open_store(file, PHRASE) as store:
        with pytest.raises(WrongPassphrase):
            passphrase.change_passphrase(store, "not these words at all", NEW)
        with pytest.raises(Refused, match="Too short"):
            passphrase.change_passphrase(store, PHRASE, "apples")
        with catalog.open_store(file, PHRASE) as other:
            other.drafts()  # idle from here on, but it would write into the file that was replaced
            with pytest.raises(StoreBusy):
                passphrase.change_passphrase(store, PHRASE, NEW)
        assert store.drafts() == {"call": "half a sentence"}
    catalog.open_store(file, PHRASE).close()


def test_copy_that_does_not_verify_never_takes_the_place(file, monkeypatch):
    before = file.read_bytes()
    real = vault.damaged_pages
    monkeypatch.setattr(vault, "damaged_pages", lambda path, key: ["page 3"])
    with catalog.open_store(file, PHRASE) as store, pytest.raises(StoreDamaged):
        passphrase.change_passphrase(store, PHRASE, NEW)
    monkeypatch.setattr(vault, "damaged_pages", real)
    assert file.read_bytes()[:16] == before[:16]
    with catalog.open_store(file, PHRASE) as store:
        assert store.drafts() == {"call": "half a sentence"}
    assert list(file.parent.glob("*.partial*")) == []


def test_plain_file_has_neither_passphrase_nor_words(store):
    with pytest.raises(Refused):
        passphrase.recovery_words(store.path, "")
    with pytest.raises(Refused):
        passphrase.change_passphrase(store, "", NEW)


@pytest.mark.parametrize(
    "weak",
    ["", "apples", "correct horse", "aaaaaaaaaaaaaaaaaaaaaaa", "qwertyuiopasdfghjklzxcvbnm",
     "12345678901234567890", "password password password password", "a b c d e f",
     "abcdabcdabcdabcdabcd", "пароль пароль пароль пароль"],
)  # fmt: skip
def test_passphrase_that_is_easy_to_guess_is_refused_in_words(weak):
    judged = passphrase.strength(weak)
    assert not judged.enough
    assert judged.text


@pytest.mark.parametrize(
    "good", [PHRASE, NEW, "деревянный мост поздние яблоки", "Tr0ub4dor&3xkL9!qzV7fLp"]
)
def test_four_words_or_long_random_text_will_do(good):
    assert passphrase.strength(good).enough


def test_offered_words_are_strong_and_differ_each_time():
    offered = {passphrase.suggest() for _ in range(20)}
    assert len(offered) == 20
    assert all(passphrase.strength(one).level >= 2 for one in offered)
