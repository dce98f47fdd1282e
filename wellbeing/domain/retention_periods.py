"""The retention table as data: what is kept, how long, and which job deletes it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from wellbeing.domain.errors import BadInput
from wellbeing.resources import folder

BY_ITS_OWNER = "person"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of data; the texts are by language, and {n} in `how_long` is the period."""

    key: str
    tables: tuple[str, ...]
    data_class: str
    job: str
    what: Mapping[str, str]
    how_long: Mapping[str, str]
    why: Mapping[str, str]
    days: int | None = None
    months: int | None = None
    setting: str | None = None

    def say_how_long(self, language: str, settings: Mapping[str, object]) -> str:
        """The period in words; a language that is not there falls back to the first."""
        number = settings[self.setting] if self.setting else self.days or self.months
        return in_language(self.how_long, language).format(n=number)


@dataclass(frozen=True, slots=True)
class Kept:
    """Tables that stay, and why they may."""

    tables: tuple[str, ...]
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RetentionTable:
    """Everything that is stored, with the end of it or the reason that there is none."""

    rows: tuple[Row, ...]
    kept: tuple[Kept, ...]

    def days_of(self, key: str) -> int:
        """The period of a row in days."""
        days = self._get(key).days
        assert days is not None, key
        return days

    def months_of(self, key: str) -> int:
        """The period of a row in months."""
        months = self._get(key).months
        assert months is not None, key
        return months

    def of_tables(self) -> set[str]:
        """Every table that is named."""
        ends = {table for row in self.rows for table in row.tables}
        return ends | {table for kept in self.kept for table in kept.tables}

    def _get(self, key: str) -> Row:
        return next(row for row in self.rows if row.key == key)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else in the first there is."""
    return texts.get(language) or next(iter(texts.values()))


@cache
def load_retention_table() -> RetentionTable:
    """What config/retention.toml says; BadInput names what cannot be read."""
    path = folder("config") / "retention.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = tuple(Row(**_with_tables(row)) for row in found["rows"])
        return RetentionTable(rows, tuple(Kept(**_with_tables(kept)) for kept in found["kept"]))
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.") from error


def _with_tables(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "tables": tuple(said["tables"])}
