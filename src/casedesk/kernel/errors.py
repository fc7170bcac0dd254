"""What can go wrong, by whose fault it is: each error has a type, a sentence and an owner.

The message is shown to the user as it stands. It MUST NOT hold personal data: it reaches the
screen, the command line and the log.
"""

from __future__ import annotations

from typing import ClassVar


class CaseDeskError(Exception):
    """Base of everything that is told to the user in a sentence; `exit_code` is the command's."""

    exit_code: ClassVar[int] = 3


class Refused(CaseDeskError):
    """The user can mend it: bad input, a stale form, a step that the rules forbid."""


class InvalidDraft(Refused):
    """What was typed breaks a rule; `fields` maps the field's name to its own sentence."""

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        """Keep the sentence and the sentence of each field."""
        super().__init__(message)
        self.fields = fields or {}


class StaleRecord(Refused):
    """Somebody changed the record since it was read."""


class NotPermitted(Refused):
    """The rules of the delegation do not allow this person to do this."""


class NotFound(Refused):
    """What was asked for is not in the file."""


class WrongPassphrase(Refused):
    """The passphrase does not open the file."""


class EnvironmentFault(CaseDeskError):
    """The world is at fault: the disk, the file, another program."""

    exit_code: ClassVar[int] = 4


class StoreBusy(EnvironmentFault):
    """Another program holds the file."""


class DiskFull(EnvironmentFault):
    """There is no room to write."""


class StoreDamaged(EnvironmentFault):
    """The file is not what was written."""


class StoreTooNew(EnvironmentFault):
    """A newer CaseDesk wrote the file."""


class ReadOnly(EnvironmentFault):
    """The file or its folder cannot be written."""


class NotAStore(EnvironmentFault):
    """The file is not a CaseDesk file, or is missing."""


class FontMissing(EnvironmentFault):
    """A font or another part of the program is not where it should be."""


class Cancelled(CaseDeskError):
    """The user stopped a job; nobody needs to be told."""
