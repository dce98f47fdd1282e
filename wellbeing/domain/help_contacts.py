"""Whom a person can turn to, read from config/help.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from wellbeing.domain.checked_table import CheckedTable
from wellbeing.resources import folder


@dataclass(frozen=True, slots=True)
class Contact:
    """A number to call, with its name, what it is for, and when it is answered by language.

    No hours means that the file says nothing of them.
    """

    number: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    hours: Mapping[str, str] = field(default_factory=dict)

    @property
    def dialled(self) -> str:
        """The number as a telephone dials it."""
        return "".join(self.number.split())

    def name_in(self, language: str) -> str:
        """The name in a language, or in the first one it is written in."""
        return self.name.get(language) or next(iter(self.name.values()))

    def about_in(self, language: str) -> str:
        """What it is for in a language, or in the first one it is written in."""
        return self.about.get(language) or next(iter(self.about.values()))

    def hours_in(self, language: str) -> str:
        """When it is answered, in a language or in the first one it is written in; "" unknown."""
        return self.hours.get(language) or next(iter(self.hours.values()), "")


@dataclass(frozen=True, slots=True)
class Contacts:
    """In the order to be shown: the workplace's own, from outside, and last the emergency."""

    workplace: tuple[Contact, ...]
    outside: tuple[Contact, ...]
    emergency: Contact


def load_contacts(path: Path | None = None) -> Contacts:
    """The contacts in a TOML file, by default config/help.toml; BadInput says what is wrong."""
    return _load(path or folder("config") / "help.toml")


@cache
def _load(path: Path) -> Contacts:
    file = CheckedTable.of_file(path)
    return Contacts(
        workplace=tuple(_contact(entry) for entry in file.tables("workplace")),
        outside=tuple(_contact(entry) for entry in file.tables("outside")),
        emergency=_contact(file.table("emergency")),
    )


def _contact(entry: CheckedTable) -> Contact:
    has_hours = "hours" in entry.data
    entry.check_names("number", "name", "about", *(("hours",) if has_hours else ()))
    hours = _texts(entry, "hours") if has_hours else {}
    return Contact(entry.text("number"), _texts(entry, "name"), _texts(entry, "about"), hours)


def _texts(entry: CheckedTable, name: str) -> dict[str, str]:
    by_language = entry.table(name)
    if not by_language.data:
        raise entry.fault(f"'{name}' has no language.")
    return {language: by_language.text(language) for language in by_language.data}
