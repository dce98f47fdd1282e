"""The rules behind "did it help?", as config/effects.toml."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from wellbeing.domain.errors import BadInput
from wellbeing.resources import folder


@dataclass(frozen=True)
class EffectRules:
    """Everything config/effects.toml says; each number is explained there."""

    settling_days: int
    min_rounds_before: int
    min_rounds_after: int
    min_comparisons: int
    min_units: int
    effect_sd: float
    least_effect: float
    widest_margin: float


def load_effect_rules(path: Path | None = None) -> EffectRules:
    """The rules in `path`, or the installed ones (read once); BadInput names every fault."""
    return _read(path) if path else _installed()


@cache
def _installed() -> EffectRules:
    return _read(folder("config") / "effects.toml")


def _read(path: Path) -> EffectRules:
    try:
        rules = EffectRules(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.") from error
    faults = tuple(_faults(rules))
    if faults:
        raise BadInput(f"{path.name} has numbers that cannot be used.", faults)
    return rules


def _faults(rules: EffectRules) -> list[str]:
    """What is not a number, or too small: counts from 1, days from 0, points above 0."""
    faults = []
    for field in fields(EffectRules):
        value = getattr(rules, field.name)
        whole = field.type is int
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            faults.append(f"{field.name}: {value!r} is not a {'whole ' if whole else ''}number")
        elif value < _least(field.name) or (not whole and not 0 < value < float("inf")):
            faults.append(f"{field.name}: {value} is too small or has no end")
    return faults


def _least(name: str) -> int:
    return 1 if name.startswith("min_") else 0
