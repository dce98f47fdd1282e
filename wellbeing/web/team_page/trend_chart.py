"""What a trend chart shows, without what draws it: pages build one and never load the drawing.

Every text comes from the caller, in the reader's language and with its dates written out.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wellbeing.domain.trends import PointKind

DRAWING_VERSION = 2


class Theme(StrEnum):
    """The paper a chart is drawn on."""

    LIGHT = "light"
    DARK = "dark"


class MarkKind(StrEnum):
    """What happened between rounds."""

    SESSION = "session"
    INCIDENT = "incident"
    BREAK = "break"


@dataclass(frozen=True)
class ChartPoint:
    """One round; `value` None is withheld, `level`, `low` and `high` are the smoothed level."""

    on: date
    label: str
    value: int | None
    kind: PointKind = "exact"
    level: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ChartMark:
    """Something to be seen on its day."""

    on: date
    kind: MarkKind


@dataclass(frozen=True)
class ReferenceBand:
    """Where the reference sample lies, in points."""

    low: float
    high: float
    label: str


@dataclass(frozen=True)
class ChartLabels:
    """The words of the key below the chart, in the reader's language."""

    figure: str
    interval: str
    withheld: str
    or_more: str
    or_less: str
    session: str
    incident: str
    series_break: str


@dataclass(frozen=True)
class TrendChart:
    """Everything a chart shows; equal charts are equal bytes. Points and marks by date."""

    title: str
    points: tuple[ChartPoint, ...]
    labels: ChartLabels
    reference: ReferenceBand | None = None
    marks: tuple[ChartMark, ...] = ()
    theme: Theme = Theme.LIGHT


def chart_key(chart: TrendChart) -> str:
    """A hash of everything the chart's bytes depend on, for an ETag."""
    return hashlib.sha256(f"{DRAWING_VERSION} {chart!r}".encode()).hexdigest()[:32]
