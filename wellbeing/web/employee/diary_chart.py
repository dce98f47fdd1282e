"""Where the points of a diary's charts stand: one small chart a scale, drawn by a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wellbeing.actions.diary import Entry
from wellbeing.domain.instrument import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    NOT_SCORED,
    Instrument,
    Scale,
)
from wellbeing.web.employee.result import (
    SCALE_NAMES,
    Change,
    ScaleResult,
    change_of,
    describe,
    reference_of,
)
from wellbeing.web.shared.i18n import LazyText

# In units of the drawing, which is shown at about one unit a pixel on a telephone.
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 320, 30, 284, 16, 112
FEWEST_POINTS = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One check-in in a chart."""

    x: float
    y: float
    score: int


@dataclass(frozen=True, slots=True)
class Chart:
    """One scale over time, oldest first; `lines` has gaps where the scale was not scored.

    `band_top` to `band_bottom` is what a next score may be without having changed: the score
    before the newest, give or take what the form itself can be wrong by.
    """

    name: LazyText
    newest: ScaleResult
    since_first: Change | None
    points: tuple[Point, ...]
    lines: tuple[str, ...]
    band_top: float
    band_bottom: float
    mean_y: float
    rows: tuple[tuple[float, int], ...]
    first_at: datetime
    last_at: datetime


def draw_charts(newest_first: Sequence[Entry], instrument: Instrument) -> list[Chart]:
    """A chart for each scale that was scored at least twice; none for a single check-in."""
    entries = list(reversed(newest_first))
    charts = (_draw(entries, place, instrument) for place in range(len(Scale)))
    return [chart for chart in charts if chart]


def height_of(score: float) -> float:
    """How far down a score stands, kept inside the scale."""
    inside = min(max(score, LOWEST_SCORE), HIGHEST_SCORE)
    share = (inside - LOWEST_SCORE) / (HIGHEST_SCORE - LOWEST_SCORE)
    return round(BOTTOM - share * (BOTTOM - TOP), 1)


def _draw(entries: list[Entry], place: int, instrument: Instrument) -> Chart | None:
    scored = [entry for entry in entries if entry.scores[place] != NOT_SCORED]
    if len(scored) < FEWEST_POINTS:
        return None
    scale = list(Scale)[place]
    first, last = entries[0].at, entries[-1].at
    oldest, before, newest = scored[0].scores, scored[-2].scores, scored[-1].scores
    changed = change_of(instrument, scale, oldest[place], newest[place])
    noise = instrument.reliable_change[scale] - 1
    points = {id(entry): _point(entry, place, first, last) for entry in scored}
    return Chart(
        name=SCALE_NAMES[scale],
        newest=describe(instrument, newest, before)[place],
        since_first=changed if len(scored) > FEWEST_POINTS else None,
        points=tuple(points.values()),
        lines=tuple(_lines([points.get(id(entry)) for entry in entries])),
        band_top=height_of(before[place] + noise),
        band_bottom=height_of(before[place] - noise),
        mean_y=height_of(reference_of(instrument).mean[scale]),
        rows=tuple((height_of(score), score) for score in (LOWEST_SCORE, 30, HIGHEST_SCORE)),
        first_at=first,
        last_at=last,
    )


def _point(entry: Entry, place: int, first: datetime, last: datetime) -> Point:
    length = (last - first).total_seconds() or 1
    share = (entry.at - first).total_seconds() / length
    score = entry.scores[place]
    return Point(round(LEFT + 8 + share * (RIGHT - LEFT - 8), 1), height_of(score), score)


def _lines(points: list[Point | None]) -> list[str]:
    """The stretches between points that follow each other, as the points of polylines."""
    stretches: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return [" ".join(f"{p.x},{p.y}" for p in each) for each in stretches if len(each) > 1]
