"""When a unit may have an extra check-in: between two rounds of everyone, thirty days from both."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wellbeing.domain.burden import BurdenBudget
from wellbeing.domain.cycles import (
    MIN_DAYS_BETWEEN_ROUNDS,
    Rhythm,
    Window,
    day_outside_pauses,
    keeps_distance,
    window_from,
)

# The first two weeks are for care: what people feel then is expected, and mostly passes.
EARLIEST_DAYS, LATEST_DAYS = 14, 90


class NoRoundReason(StrEnum):
    """Why a unit has no extra check-in."""

    TOO_SMALL = "too_small"
    COUNTED_WITH_OTHERS = "counted_with_others"
    NEXT_COMES_FIRST = "next_comes_first"
    TOO_LATE = "too_late"
    NO_PROGRAMME = "no_programme"
    UNIT_CLOSED = "unit_closed"


def find_extra_window(
    happened_on: date,
    today: date,
    rhythm: Rhythm,
    zone: ZoneInfo,
    *,
    pauses: Iterable[tuple[date, date]],
    asked_at: Collection[datetime],
    next_round_at: datetime | None,
    budget: BurdenBudget,
) -> Window | NoRoundReason:
    """The first window that keeps thirty days to every round that asks the same people, and the
    burden budget.

    `asked_at` are the openings of those that have been or are planned as extra, `next_round_at`
    that of the next round of everyone: no extra one comes after it, for then it does the work.
    """
    spans = list(pauses)
    others = [*asked_at, *([next_round_at] if next_round_at else [])]
    day = max(today + timedelta(days=1), happened_on + timedelta(days=EARLIEST_DAYS))
    while True:
        window = window_from(day_outside_pauses(day, spans), rhythm, zone)
        opens_on = window.opens_at.astimezone(zone).date()
        if next_round_at is not None and not is_well_before(window.opens_at, next_round_at):
            return NoRoundReason.NEXT_COMES_FIRST
        if opens_on > happened_on + timedelta(days=LATEST_DAYS):
            return NoRoundReason.TOO_LATE
        if keeps_distance(window.opens_at, asked_at) and budget.allows(window.opens_at, others):
            return window
        day = opens_on + timedelta(days=1)


def is_well_before(opens_at: datetime, next_round_at: datetime) -> bool:
    """Whether a round opens at least thirty days before another one."""
    return next_round_at - opens_at >= timedelta(days=MIN_DAYS_BETWEEN_ROUNDS)
