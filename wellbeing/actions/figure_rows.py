"""Published figures as rows that leave the service: for files, and for other systems.

They are the very figures that the pages show, read by the same code: withheld stays withheld,
numbers of answers stay ranges, and nothing is worked out here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from wellbeing.actions.figures import (
    RoundShown,
    WithheldUnit,
    find_rounds_of,
    find_series,
    find_withheld_of,
)
from wellbeing.actions.units import find_paths
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.instrument import Scale
from wellbeing.domain.trends import Point

COLUMNS = (
    "unit_id",
    "unit",
    "round_id",
    "round",
    "closed_on",
    "is_extra",
    "wording",
    "scale",
    "point",
    "kind",
    "answers_from",
    "answers_to",
    "withheld",
    "counted_in",
)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A unit in a round that knew it. `answers`: the ends of the range, the upper one None where it
    is open, or None where there is no figure; `withheld` says why there is none.
    """

    round: RoundShown
    points: Mapping[Scale, Point | None]
    answers: tuple[int, int | None] | None
    withheld: WithheldUnit | None


@dataclass(frozen=True, slots=True)
class FiguresOfUnit:
    """Everything published of a unit, oldest round first."""

    unit_id: UUID
    unit: str
    rows: tuple[FigureRow, ...]


def find_figure_rows(session: Session, unit_ids: Collection[UUID]) -> list[FiguresOfUnit]:
    """What is published of these open units and reporting groups, in the order given."""
    rounds_of = find_rounds_of(session, unit_ids)
    series = find_series(session, set(unit_ids), rounds_of=rounds_of)
    withheld, paths = find_withheld_of(session, unit_ids), find_paths(session)
    return [
        FiguresOfUnit(
            unit_id,
            paths[unit_id],
            tuple(_rows(rounds_of[unit_id], series[unit_id], withheld[unit_id])),
        )
        for unit_id in unit_ids
    ]


def as_lines(units: Iterable[FiguresOfUnit]) -> Iterator[tuple[object, ...]]:
    """A line a unit, round and scale, as COLUMNS has them."""
    for unit in units:
        for row in unit.rows:
            for scale, point in row.points.items():
                yield (
                    unit.unit_id,
                    unit.unit,
                    row.round.round_id,
                    row.round.number,
                    row.round.closed_on,
                    row.round.is_extra,
                    row.round.wording,
                    scale.value,
                    point.point if point else None,
                    point.kind if point else None,
                    row.answers[0] if row.answers else None,
                    row.answers[1] if row.answers else None,
                    row.withheld.reason if row.withheld else None,
                    row.withheld.counted_in_label if row.withheld else None,
                )


def _rows(
    rounds: Iterable[RoundShown],
    series: Mapping[Scale, tuple[Point | None, ...]],
    withheld: Mapping[UUID, WithheldUnit],
) -> Iterator[FigureRow]:
    for at, shown in enumerate(rounds):
        points = {scale: series[scale][at] for scale in Scale}
        mark = withheld.get(shown.round_id)
        size = next((point.n for point in points.values() if point), None)
        if size is not None or mark is not None:  # else the unit was not there yet
            yield FigureRow(shown, points, None if size is None else _range(size), mark)


def _range(answers: int) -> tuple[int, int | None]:
    rules = load_rules()
    if answers < rules.min_group_size:  # published when smaller groups were allowed than today
        return 1, rules.min_group_size - 1
    return rules.size_bounds(answers)
