"""The rules behind verdicts and flags, as rows of config/flags.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import Scale
from wellbeing.domain.level_model import TrendRules
from wellbeing.resources import folder


class FlagKind(StrEnum):
    """What a flag asks a leader to offer."""

    OFFER_SUPERVISION = "offer_supervision"
    OFFER_DEBRIEFING = "offer_debriefing"


class LooksAt(StrEnum):
    """What a rule judges: a change between rounds, or a steady level against the reference."""

    CHANGE = "change"
    LEVEL = "level"


class Suggestion(StrEnum):
    """An action a flag suggests; its sentence is written where it is shown."""

    WORKLOAD = "workload"
    ROLES = "roles"
    MEETING_STRUCTURE = "meeting_structure"
    SUPERVISION_FORM = "supervision_form"
    EXPOSURE_REVIEW = "exposure_review"
    COLLEGIAL_SUPPORT = "collegial_support"
    RECOGNITION = "recognition"


@dataclass(frozen=True)
class Guidance:
    """A source a flag points to; `link` is empty where none is stable enough to print."""

    id: str
    title: str
    link: str


@dataclass(frozen=True)
class FlagRule:
    """One rule; config/flags.toml says what its numbers mean for each `looks_at`."""

    id: str
    scale: Scale
    kind: FlagKind
    looks_at: LooksAt
    threshold: float
    rounds: int
    at_once: float
    sure_z: float
    actions: tuple[Suggestion, ...]
    guidance: tuple[Guidance, ...]


@dataclass(frozen=True)
class MeasuredTeam:
    """What the rules do in teams of one size: false flags a year, and the percentage of lasting
    rises found within so many rounds.
    """

    size: int
    false_a_year: float
    found: Mapping[int, int]


@dataclass(frozen=True)
class Measured:
    """What the rules cost and find as delivered, for a rise of `rise` points, by which command."""

    command: str
    rise: int
    teams: tuple[MeasuredTeam, ...]


@dataclass(frozen=True)
class FlagRules:
    """Everything config/flags.toml says; `measured` None where the file has no such figures."""

    trend: TrendRules
    rows: tuple[FlagRule, ...]
    measured: Measured | None = None


def load_flag_rules(path: Path | None = None) -> FlagRules:
    """The rules in `path`, or the installed ones (read once); BadInput names every fault."""
    return _read(path) if path else _installed()


@cache
def _installed() -> FlagRules:
    return _read(folder("config") / "flags.toml")


def _read(path: Path) -> FlagRules:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        trend = TrendRules(**table["trend"])
        sources = {row["id"]: Guidance(**row) for row in table["guidance"]}
        rows = table["rules"]
        measured = _as_measured(table["measured"]) if "measured" in table else None
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.") from error
    faults: list[str] = []
    rules = tuple(_as_rule(row, sources, faults) for row in rows)
    ids = [row.get("id") for row in rows]
    faults += [f"the rule '{id_}' stands twice" for id_ in {i for i in ids if ids.count(i) > 1}]
    if faults:
        raise BadInput(f"{path.name} has rules that cannot be used.", tuple(faults))
    return FlagRules(trend, tuple(rule for rule in rules if rule is not None), measured)


def _as_measured(table: dict[str, Any]) -> Measured:
    teams = tuple(
        MeasuredTeam(
            size=int(row["size"]),
            false_a_year=float(row["false_a_year"]),
            found={int(rounds): int(share) for rounds, share in row["found"].items()},
        )
        for row in table["teams"]
    )
    return Measured(str(table["command"]), int(table["rise"]), teams)


def _as_rule(
    row: dict[str, Any], sources: dict[str, Guidance], faults: list[str]
) -> FlagRule | None:
    try:
        rule = FlagRule(
            id=row["id"],
            scale=Scale(row["scale"]),
            kind=FlagKind(row["kind"]),
            looks_at=LooksAt(row["looks_at"]),
            threshold=float(row["threshold"]),
            rounds=int(row["rounds"]),
            at_once=float(row.get("at_once", inf)),
            sure_z=float(row.get("sure_z", inf)),
            actions=tuple(Suggestion(action) for action in row["actions"]),
            guidance=tuple(sources[id_] for id_ in row["guidance"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        faults.append(f"the rule '{row.get('id', '?')}': {error}")
        return None
    if rule.rounds < 1 or not 0 < rule.threshold <= rule.at_once:
        faults.append(f"the rule '{rule.id}': needs rounds ≥ 1 and 0 < threshold ≤ at_once")
    return rule
