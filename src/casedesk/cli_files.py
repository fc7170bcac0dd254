"""The file as a whole, from a terminal: `new`, `demo`, `backup` and `restore`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from casedesk.cli_terminal import passphrase, passphrase_of
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _

if TYPE_CHECKING:
    import argparse

    from casedesk.kernel.store import Store


def new(options: argparse.Namespace) -> int:
    """Create an empty file, encrypted unless it is to be plain."""
    from casedesk import catalog

    catalog.create_store(options.file, None if options.plain else passphrase(options)).close()
    return 0


def demo(options: argparse.Namespace) -> int:
    """Fill a new file; a file that was not finished is removed again."""
    from casedesk import catalog
    from casedesk.illustrative import delegation
    from casedesk.kernel import vault

    store = catalog.create_store(options.file, passphrase(options))
    finished = False
    try:
        with store:
            delegation.create(
                store,
                scale=options.scale,
                seed=options.seed,
                progress=lambda words: print(words, file=sys.stderr),
            )
            finished = True
    finally:
        if not finished:
            vault.discard(options.file)
    return 0


def backup(store: Store, options: argparse.Namespace) -> int:
    """Write a verified copy."""
    store.backup(options.out)
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup in its place; a file that is there is asked about, and kept beside."""
    from casedesk.kernel import vault

    phrase, target = passphrase_of(options, options.backup), options.file
    if not target.exists():
        vault.restore(options.backup, target, phrase)
        return 0
    if target.is_dir() or options.backup.resolve() == target.resolve():
        raise Refused(_("This is a folder, or the backup itself. Choose another name."))
    if not options.yes:
        if not sys.stdin.isatty():
            raise Refused(
                _("There is already a file of this name. Choose another name, or say --yes.")
            )
        answer = input(_("There is already a file of this name. Put the backup there? [y/N] "))
        if answer.strip().casefold() not in ("y", "yes", "д", "да"):
            raise Refused(_("Nothing was changed."))
    fresh = target.with_name(target.name + ".restoring")
    fresh.unlink(missing_ok=True)
    vault.restore(options.backup, fresh, phrase)
    number, kept = 1, target.with_name(target.name + ".before-restore")
    while kept.exists():
        number += 1
        kept = target.with_name(f"{target.name}.before-restore-{number}")
    # What belongs to the old file moves with it: its log would be read into the new one.
    for suffix in vault.PARTS:
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.rename(kept.with_name(kept.name + suffix))
    fresh.rename(target)
    print(_("The file that was there is kept as {name}.").format(name=kept.name), file=sys.stderr)
    return 0
