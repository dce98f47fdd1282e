"""Reads fields out of a parsed file and says in one sentence which field is wrong, and where."""

import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from wellbeing.domain.errors import BadInput, Missing

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A table of a parsed file; each method returns a field of one kind or raises BadInput."""

    data: dict[str, Any]
    where: str

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The whole of a TOML file; Missing when there is none, BadInput when it is not TOML."""
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
        except FileNotFoundError as error:
            raise Missing(f"The file {path.name} does not exist.") from error
        except ValueError as error:
            raise BadInput(f"{path.name} cannot be read: {error}.") from error

    def fault(self, sentence: str) -> BadInput:
        """The error to raise about this table."""
        return BadInput(f"{self.where}: {sentence}")

    def text(self, name: str) -> str:
        """A text that is not blank, trimmed, in Unicode's composed form."""
        return self._tidy(self._get(name, str, "a text"), name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, none of them blank."""
        return tuple(self._tidy(value, name) for value in self._list(name, str, "texts"))

    def whole_number(self, name: str) -> int:
        """A whole number."""
        return self._get(name, int, "a whole number")

    def whole_numbers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(self._list(name, int, "whole numbers"))

    def number(self, name: str) -> float:
        """A number, with or without decimals."""
        value = self.data.get(name)
        return float(value) if type(value) is int else self._get(name, float, "a number")

    def table(self, name: str) -> Self:
        """A table inside this one."""
        return type(self)(self._get(name, dict, "a table"), f"{self.where}, {name}")

    def tables(self, name: str) -> tuple[Self, ...]:
        """A list of tables; absent means none."""
        entries = self._list(name, dict, "tables") if name in self.data else []
        return tuple(
            type(self)(entry, f"{self.where}, {name} {number}")
            for number, entry in enumerate(entries, start=1)
        )

    def check_names(self, *names: str) -> None:
        """Raises BadInput unless the table has exactly these fields."""
        missing = [name for name in names if name not in self.data]
        unknown = [name for name in self.data if name not in names]
        if missing:
            raise self.fault(f"missing: {', '.join(missing)}.")
        if unknown:
            raise self.fault(f"not known: {', '.join(unknown)}.")

    def _get(self, name: str, kind: type[Kind], description: str) -> Kind:
        value = self.data.get(name)
        if type(value) is not kind:
            raise self.fault(f"'{name}' must be {description}.")
        return value

    def _list(self, name: str, kind: type[Kind], description: str) -> list[Kind]:
        values = self._get(name, list, f"a list of {description}")
        if any(type(value) is not kind for value in values):
            raise self.fault(f"'{name}' must be a list of {description}.")
        return values

    def _tidy(self, text: str, name: str) -> str:
        tidied = unicodedata.normalize("NFC", text).strip()
        if not tidied:
            raise self.fault(f"'{name}' is empty.")
        return tidied
