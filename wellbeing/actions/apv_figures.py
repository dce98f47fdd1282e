"""The figures and flags of a unit in a period, for its APV pack."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.figures import UnitSeries, find_rounds, find_series, find_withheld
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.trends import Point, Verdict, find_trend
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.support import Offer


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """A round that asked the unit: its figures and what they said by then, or why there are none.

    `size` is shown as a range only.
    """

    closed_on: date
    points: Mapping[Scale, Point]
    verdicts: Mapping[Scale, Verdict]
    size: int
    withheld: str


@dataclass(frozen=True, slots=True)
class FlagRaised:
    """A flag and what came of it; `answered_by` is the form that was offered."""

    unit_id: UUID
    raised_on: date
    kind: str
    figures: Mapping[str, Any]
    state: FlagState
    closed_because: str
    snoozed_until: date | None
    snoozed_because: str
    answered_by: SupportForm | None


def find_group_of_figures(session: Session, unit_id: UUID) -> UUID | None:
    """The reporting group that counted the unit in its latest round, as on its page, if one did."""
    closed_on = {shown.round_id: shown.closed_on for shown in find_rounds(session)}
    series = find_series(session, {unit_id})[unit_id]
    shown_on = max((p.closed_on for p in series[Scale.BO] if p is not None), default=date.min)
    marks = find_withheld(session, unit_id).items()
    newer = [
        (closed_on[round_id], mark.reporting_group_id)
        for round_id, mark in marks
        if round_id in closed_on and closed_on[round_id] > shown_on
    ]
    return max(newer, key=lambda mark: mark[0])[1] if newer else None


def find_round_figures(
    session: Session, unit_id: UUID, first: date, last: date
) -> list[RoundFigures]:
    """Every released round of the period that shows a figure of the unit, or says why not."""
    shown = _shown(find_series(session, {unit_id})[unit_id])
    closed_on = {one.round_id: one.closed_on for one in find_rounds(session)}
    withheld = (
        RoundFigures(closed_on[round_id], {}, {}, 0, mark.reason)
        for round_id, mark in find_withheld(session, unit_id).items()
        if round_id in closed_on
    )
    inside = [one for one in (*shown, *withheld) if first <= one.closed_on <= last]
    return sorted(inside, key=lambda one: one.closed_on)


def _shown(series: UnitSeries) -> Iterator[RoundFigures]:
    """Each round with a figure, judged as it was on the day: by what had been published by then."""
    instrument, rules = load_instrument(), load_flag_rules().trend
    for i in range(len(series[Scale.BO])):
        points = {scale: point for scale in Scale if (point := series[scale][i]) is not None}
        if not points:
            continue
        verdicts = {
            scale: find_trend(series[scale][: i + 1], scale, instrument, rules).verdict
            for scale in points
        }
        any_point = next(iter(points.values()))
        yield RoundFigures(any_point.closed_on, points, verdicts, any_point.n, "")


def find_flags_raised(
    session: Session, unit_ids: Collection[UUID], first: date, last: date
) -> list[FlagRaised]:
    """The flags of released rounds that were raised in the period, earliest first."""
    query = (
        select(Flag, Offer.form)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .outerjoin(Offer, Offer.flag_id == Flag.id)
        .where(
            Flag.unit_id.in_(unit_ids),
            Flag.raised_on.between(first, last),
            PublishedRound.key_destroyed_at.is_not(None),
        )
        .order_by(Flag.raised_on, Flag.rule_id, Flag.id)
    )
    return [
        FlagRaised(
            unit_id=flag.unit_id,
            raised_on=flag.raised_on,
            kind=flag.kind,
            figures=flag.figures,
            state=flag.state,
            closed_because=flag.closed_because or "",
            snoozed_until=flag.snoozed_until,
            snoozed_because=flag.snoozed_because or "",
            answered_by=form if flag.state is FlagState.ANSWERED else None,
        )
        for flag, form in session.execute(query)
    ]
