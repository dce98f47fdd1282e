"""The parameters of disclosure control, with floors that no configuration can lower."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from wellbeing import resources
from wellbeing.domain.errors import BadInput

LOWEST, HIGHEST = 10, 50
FLOORS = {
    "min_group_size": 5,
    "point": 1,
    "pooled_answers": 1,
    "other_room": 20,
    "min_days_between_rounds": 30,
    "promised_points": 20,
    "highest_satisfaction_at_least": 30,
}
CEILINGS = {"lowest_strain_at_most": 30}
LEAST_WIDTHS = {"size_range_starts": 5, "response_class_starts": 20}


@dataclass(frozen=True)
class Rules:
    """What `config/disclosure.toml` explains; BadInput names a parameter weaker than its floor."""

    min_group_size: int = 5
    point: int = 1
    pooled_answers: int = 2
    other_room: int = 20
    size_range_starts: tuple[int, ...] = (5, 10, 20, 50)
    response_class_starts: tuple[int, ...] = (60, 80)
    min_days_between_rounds: int = 30
    promised_points: int = 20
    lowest_strain_at_most: int = 30
    highest_satisfaction_at_least: int = 30

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name in LEAST_WIDTHS:
                _check_starts(field.name, getattr(self, field.name))
            else:
                _check_number(field.name, getattr(self, field.name))
        if self.size_range_starts[0] > self.min_group_size:
            raise BadInput("'size_range_starts' must begin at or below 'min_group_size'.")
        self._check_rooms()

    @property
    def strained_room(self) -> int:
        """The room at the strained end: the whole scale per pooled answer, and what is kept."""
        kept = max(
            HIGHEST - self.lowest_strain_at_most, self.highest_satisfaction_at_least - LOWEST
        )
        return (HIGHEST - LOWEST) * self.pooled_answers + kept

    def _check_rooms(self) -> None:
        if self.other_room < self.promised_points:
            raise BadInput(
                f"'other_room' is below {self.promised_points}, which the promise needs."
            )
        taken = (self.strained_room + self.other_room) / self.min_group_size + 3 * self.point
        if taken > HIGHEST - LOWEST:
            raise BadInput("'pooled_answers', 'other_room' and 'point' leave no value to be shown.")

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> Self:
        """Rules from named parameters, the rest at their defaults; BadInput for an unknown name."""
        unknown = sorted(mapping.keys() - {field.name for field in fields(cls)})
        if unknown:
            raise BadInput(f"'{unknown[0]}' is not a parameter of disclosure control.")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in mapping.items()
        }
        return cls(**values)

    def size_range(self, answers: int) -> str:
        """The range shown in place of a number of answers: "5–9" or "50+"; BadInput below k."""
        low, high = self.size_bounds(answers)
        return f"{low}+" if high is None else f"{low}–{high}"

    def size_bounds(self, answers: int) -> tuple[int, int | None]:
        """The ends of that range, the upper one None where it is open; BadInput below k."""
        if answers < self.min_group_size:
            raise BadInput(f"{answers} answers are too few to be shown.")
        for start, following in pairwise(self.size_range_starts):
            if answers < following:
                return start, following - 1
        return self.size_range_starts[-1], None


def _check_number(name: str, value: object) -> None:
    if type(value) is not int:
        raise BadInput(f"'{name}' must be a whole number, not {value!r}.")
    if value < FLOORS.get(name, value):
        raise BadInput(f"'{name}' is {value}, below its floor of {FLOORS[name]}.")
    if value > CEILINGS.get(name, value):
        raise BadInput(f"'{name}' is {value}, above its ceiling of {CEILINGS[name]}.")


def _check_starts(name: str, value: object) -> None:
    if not isinstance(value, tuple) or not value or any(type(start) is not int for start in value):
        raise BadInput(f"'{name}' must be a list of whole numbers.")
    edges = (0, *value, 100) if name == "response_class_starts" else value
    if value[0] < 1 or any(b - a < LEAST_WIDTHS[name] for a, b in pairwise(edges)):
        raise BadInput(f"'{name}' has a step below its floor of {LEAST_WIDTHS[name]}.")


def load_rules(path: Path | None = None) -> Rules:
    """The rules in `config/disclosure.toml` or another file; BadInput as `Rules` has it."""
    text = (path or resources.folder("config") / "disclosure.toml").read_text(encoding="utf-8")
    try:
        return Rules.from_mapping(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise BadInput(f"The rules of disclosure control cannot be read: {fault}.") from fault
