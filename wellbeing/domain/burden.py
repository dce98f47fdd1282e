"""The burden budget: the most that any quarter may ask of one person, as config/burden.toml."""

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from wellbeing.domain.errors import BadInput
from wellbeing.resources import folder

MOST_MINUTES = 20
_QUARTER_MONTHS = 3
_QUARTER = timedelta(days=91)


@dataclass(frozen=True, slots=True)
class BurdenBudget:
    """Minutes that one check-in takes, and the most that a quarter may ask of one person."""

    minutes_per_check_in: int
    most_minutes_a_quarter: int

    def minutes_of(self, months_between_rounds: Iterable[int]) -> int:
        """What programmes with these rhythms ask of one person in their fullest quarter."""
        each_quarter = sum(_QUARTER_MONTHS / months for months in months_between_rounds)
        return math.ceil(each_quarter) * self.minutes_per_check_in

    def allows(self, opens_at: datetime, others: Iterable[datetime]) -> bool:
        """Whether a check-in that opens then keeps every 91 days around it within the budget."""
        near = sorted(one for one in others if abs(one - opens_at) < _QUARTER)
        moments = sorted([*near, opens_at])
        starts = [one for one in moments if one <= opens_at]
        fullest = max(sum(start <= one < start + _QUARTER for one in moments) for start in starts)
        return fullest * self.minutes_per_check_in <= self.most_minutes_a_quarter


def load_burden_budget(path: Path | None = None) -> BurdenBudget:
    """The budget in `path`, or the installed one (read once); BadInput says what is wrong."""
    return _read(path) if path else _installed()


@cache
def _installed() -> BurdenBudget:
    return _read(folder("config") / "burden.toml")


def _read(path: Path) -> BurdenBudget:
    try:
        budget = BurdenBudget(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.") from error
    least, most = budget.minutes_per_check_in, budget.most_minutes_a_quarter
    if type(least) is not int or type(most) is not int or not 1 <= least <= most <= MOST_MINUTES:
        raise BadInput(
            f"{path.name}: whole minutes are needed, at least 1 for a check-in, and room for one "
            f"in a quarter of at most {MOST_MINUTES}."
        )
    return budget
