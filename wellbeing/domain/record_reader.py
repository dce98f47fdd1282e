"""Reads JSON strictly: every fault names the place where it stands."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from wellbeing.domain.errors import BadInput


@dataclass(frozen=True)
class Place:
    """A value in a JSON document and the path to it, such as `rounds[0].groups[2].n`."""

    path: str
    value: object

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The whole document; BadInput where it is no JSON, has NaN or names a member twice."""
        try:
            value = json.loads(text, object_pairs_hook=_members_once, parse_constant=_refuse)
        except (ValueError, RecursionError) as fault:
            raise BadInput(f"The record is not readable JSON: {fault}.") from fault
        return cls("", value)

    def fault(self, what: str) -> BadInput:
        """The error to raise about this place."""
        path = self.path or "The record"
        return BadInput(f"{path}: {what}.", faults=(path,))

    def members(self, *names: str) -> dict[str, "Place"]:
        """The members of an object that has exactly these names."""
        if not isinstance(self.value, dict):
            raise self.fault("must be an object")
        for name in names:
            if name not in self.value:
                raise self.fault(f"'{name}' is missing")
        for name in self.value:
            if name not in names:
                raise self.fault(f"'{name}' does not belong here")
        return {name: Place(f"{self.path}.{name}".strip("."), self.value[name]) for name in names}

    def items(self) -> Iterator["Place"]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.fault("must be a list")
        return (Place(f"{self.path}[{at}]", item) for at, item in enumerate(self.value))

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fault("must be a text")
        return self.value

    def matching(self, pattern: re.Pattern[str]) -> str:
        """A text of the pattern's form."""
        if not pattern.fullmatch(self.text()):
            raise self.fault(f"'{self.value}' is not a value that is shown")
        return self.text()

    def one_of(self, choices: Collection[str]) -> str:
        """One of the texts that may stand here."""
        if self.text() not in choices:
            raise self.fault(f"'{self.value}' is not known here")
        return self.text()

    def date(self) -> date:
        """A day as YYYY-MM-DD."""
        try:
            day = date.fromisoformat(self.text())
        except ValueError:
            raise self.fault(f"'{self.value}' is not a date") from None
        if day.isoformat() != self.value:
            raise self.fault(f"'{self.value}' is not written as a date")
        return day

    def whole(self, least: int, most: int) -> int:
        """A whole number between two ends."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.fault("must be a whole number")
        if not least <= self.value <= most:
            raise self.fault(f"must be between {least} and {most}")
        return self.value

    def number(self, least: float, most: float) -> float:
        """A number between two ends."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self.fault("must be a number")
        if not least <= self.value <= most:
            raise self.fault(f"must be between {least} and {most}")
        return float(self.value)

    def check_unique(self, names: Sequence[str]) -> None:
        """BadInput where a name stands twice in this list."""
        for name, times in Counter(names).items():
            if times > 1:
                raise self.fault(f"'{name}' stands here {times} times")


def _members_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object names a member twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")
