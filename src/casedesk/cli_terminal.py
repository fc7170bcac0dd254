"""What commands share with whoever typed them: the passphrase, the name, how far it is."""

from __future__ import annotations

import getpass
import os
import sys
import warnings
from typing import TYPE_CHECKING

from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import _

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path


def passphrase(options: argparse.Namespace) -> str:
    """Take the passphrase from its file, from the environment, else from whoever types it."""
    if options.passphrase_file is not None:
        try:
            text: str = options.passphrase_file.read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            raise NotFound(_("The passphrase file cannot be read.")) from None
        return text.rstrip("\r\n")
    if (kept := os.environ.get("CASEDESK_PASSPHRASE")) is not None:
        return kept
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", getpass.GetPassWarning)  # read from a pipe
            return getpass.getpass(_("Passphrase: "))
    except EOFError:
        raise Refused(_("No passphrase was given.")) from None


def passphrase_of(options: argparse.Namespace, file: Path) -> str | None:
    """Ask for the passphrase only where the file has one."""
    from casedesk.kernel.vault import MAGIC

    if not file.is_file():
        return None
    try:
        with file.open("rb") as head:
            encrypted = head.read(16).startswith(MAGIC)
    except OSError:
        return None  # opening it says which right is missing
    return passphrase(options) if encrypted else None


def actor() -> str:
    """Name who acts, for the journal: the account that the command runs under."""
    try:
        return getpass.getuser()[:100]
    except (OSError, KeyError):
        return "command line"


def progress() -> Callable[[int, int, str], None]:
    """Tell who watches how far long work is; a script that reads standard error is spared it."""
    told = ""

    def step(done: int, total: int, text: str) -> None:
        nonlocal told
        line = f"{text} {100 * done // max(total, 1)} %"
        if line != told and sys.stderr.isatty():
            print(line, file=sys.stderr)
        told = line

    return step
