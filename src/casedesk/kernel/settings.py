"""Settings: of this computer in a small TOML file, of the delegation in its journalled file."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, overload

import platformdirs
import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from casedesk.kernel.acts import act
from casedesk.kernel.errors import DiskFull, ReadOnly, Refused
from casedesk.kernel.language import LANGUAGES, N_, _
from casedesk.kernel.records import Draft, Record

T = TypeVar("T", bound=str | int)
FILE = "settings.toml"


class Setting(Generic[T]):
    """One setting of this computer: its type, its default and what it may be."""

    def __init__(self, default: T, fits: Callable[[T], bool] = lambda _value: True) -> None:
        """Declare a setting."""
        self.default: T = default
        self._fits: Callable[[T], bool] = fits
        self.name = ""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        """Learn the name from the class."""
        self.name = name

    @overload
    def __get__(self, settings: None, owner: type[Any]) -> Setting[T]: ...
    @overload
    def __get__(self, settings: Settings, owner: type[Any]) -> T: ...
    def __get__(self, settings: Settings | None, owner: type[Any]) -> Setting[T] | T:
        """Give what was chosen, or the default."""
        if settings is None:
            return self
        value: T = settings._values.get(self.name, self.default)
        return value

    def __set__(self, settings: Settings, value: T) -> None:
        """Keep what was chosen; refuses what the setting cannot be."""
        if not self.allows(value):
            raise Refused(_("This setting cannot have this value."))
        if value != self.__get__(settings, type(settings)):
            settings._keep(self.name, value)

    def allows(self, value: Any) -> bool:
        """Tell whether the setting may have this value."""
        # An exact type: True is an int for Python, and a text size of True would be 1 %.
        return type(value) is type(self.default) and self._fits(value)


def _one_of(*values: str) -> Callable[[str], bool]:
    return lambda value: value in values


def _between(least: int, most: int) -> Callable[[int], bool]:
    return lambda value: least <= value <= most


def _line(value: str) -> bool:
    return len(value) <= 4096 and value.isprintable()


class Settings:
    """The settings of this computer and this user. A name that is none raises AttributeError."""

    language = Setting("en", _one_of(*LANGUAGES))
    theme = Setting("system", _one_of("system", "light", "dark"))
    text_size = Setting(100, _between(90, 150))
    last_file = Setting("", _line)
    lock_minutes = Setting(10, _between(1, 120))
    edition = Setting("public", _one_of("public", "internal"))
    case_columns = Setting("", _line)  # keys of the columns that the case list shows
    actor = Setting("", lambda value: len(value) <= 120 and value.isprintable())

    _own: ClassVar[frozenset[str]] = frozenset({"folder", "path", "_values"})

    def __init__(self, folder: Path | None = None) -> None:
        """Read the settings of a folder; of the user's own where none is named."""
        self.folder = _folder() if folder is None else folder
        self.path = self.folder / FILE
        self._values = self._read()

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse a name that is no setting: a mistyped one would be lost without a word."""
        if name not in self._own and not isinstance(getattr(type(self), name, None), Setting):
            raise AttributeError(f"there is no setting {name}")
        super().__setattr__(name, value)

    def _read(self) -> dict[str, Any]:
        try:
            values = tomllib.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (ValueError, OSError):  # not TOML, not UTF-8, not readable
            with contextlib.suppress(OSError):
                os.replace(self.path, self.path.with_name(FILE + ".broken"))
            return {}
        return {name: value for name, value in values.items() if self._kept(name, value)}

    def _kept(self, name: str, value: Any) -> bool:
        """Drop what does not fit; keep what a newer CaseDesk wrote and this one does not know."""
        setting = getattr(type(self), name, None)
        if isinstance(setting, Setting):
            return setting.allows(value)
        return isinstance(value, (str, int))

    def _keep(self, name: str, value: str | int | bool) -> None:
        self._values[name] = value
        lines = [f"{_key(k)} = {_toml(v)}\n" for k, v in sorted(self._values.items())]
        _write_private(self.path, "".join(lines))


def _folder() -> Path:
    home = os.environ.get("CASEDESK_HOME")
    return Path(home) if home else platformdirs.user_config_path("casedesk", appauthor=False)


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else _toml(name)


def _toml(value: str | int | bool) -> str:
    """Write a value as TOML: a JSON string is one, but for DEL, and so is a whole number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_private(path: Path, text: str) -> None:
    """Put a whole new file in the place of the old one, readable by this user alone."""
    temporary = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # made 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if error.errno == 28:
            raise DiskFull(_("The disk is full. The setting holds until you close.")) from None
        raise ReadOnly(
            _("The settings cannot be written. The setting holds until you close.")
        ) from None


class StoreSettingFields(SQLModel):
    """One setting of the delegation."""

    key: str = Field(min_length=1, max_length=64, unique=True)
    value: str = Field(default="", max_length=4000)


class StoreSettingDraft(Draft, StoreSettingFields):
    """A setting as it is changed."""


class StoreSetting(Record, StoreSettingFields, table=True):
    """One setting that everybody who opens the file shares."""

    __tablename__ = "setting"
    Draft: ClassVar[type[StoreSettingDraft]] = StoreSettingDraft


@act("settings.change", N_("Change a setting"))
def change_setting(session: Session, key: str, value: str) -> None:
    """Give a setting of the delegation a value."""
    draft = StoreSettingDraft.checked({"key": key, "value": value})
    kept = session.exec(select(StoreSetting).where(col(StoreSetting.key) == key)).first()
    if kept is None:
        session.add(StoreSetting.of(draft))
    else:
        kept.apply(draft)
        session.add(kept)


def get_setting(session: Session, key: str, default: str = "") -> str:
    """Read a setting of the delegation."""
    value = session.execute(
        sa.select(col(StoreSetting.value)).where(col(StoreSetting.key) == key)
    ).scalar()
    return default if value is None else str(value)
