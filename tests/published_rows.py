"""Published figures and held sessions put straight into the tables, for long pasts made at once.

What the real actions would have written, but figures are chosen: the short notation of
`tests.domain.series_notation` gives burnout; traumatic stress lies five points below it and
satisfaction as far below 60.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.domain.series_notation import read_series
from wellbeing.domain.instrument import Scale
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.trends import Point, Series
from wellbeing.store.org import Programme, Round, RoundState, Unit
from wellbeing.store.published import (
    PublishedFigure,
    PublishedGroup,
    PublishedGroupUnit,
    PublishedRound,
    PublishedWithheld,
)
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession

CALM = (
    "23 22 23 24 22 23 23 22",
    "24 23 25 24 23 25 24 24",
    "22 23 21 22 23 22 22 23",
    "20 21 20 21 21 20 21 20",
    "25 24 25 26 25 25 24 25",
)
FELL = "27 26 27 26 22 21 22 21"
WORDING = "proqol5-adapted.da 1"


def add_units(session: Session, parent_id: UUID, *names: str) -> list[UUID]:
    """Teams below a unit."""
    units = [Unit(id=uuid4(), parent_id=parent_id, name=name) for name in names]
    session.add_all(units)
    session.flush()
    return [unit.id for unit in units]


def add_past(
    session: Session,
    shown: Mapping[UUID, str],
    *,
    kind: str = "team",
    wordings: Sequence[str] = (),
    asked: UUID | None = None,
    days_later: int = 0,
) -> list[UUID]:
    """A published round a quarter from February 2024, with these figures of these units; a "-" is
    withheld. `asked`: rounds that asked this unit only. Returns the rounds.
    """
    series = {unit: read_series(figures, 9) for unit, figures in shown.items()}
    length = max(len(points) for points in series.values())
    programme = Programme(
        id=uuid4(),
        name="Trivsel",
        instrument="proqol5",
        every_months=3,
        window_days=14,
        opening_time="08:00",
        reminder_days="",
        min_group_size=5,
    )
    session.add(programme)
    session.flush()
    rounds = []
    for i in range(length):
        closed_on = closing(i + 1) + timedelta(days=days_later)
        wording = wordings[i] if wordings else WORDING
        rounds.append(_add_round(session, programme.id, i + 1, closed_on, wording, asked))
        for unit, points in series.items():
            _add_figures(session, rounds[-1], unit, points, i, kind)
    session.flush()
    return rounds


def closing(number: int) -> date:
    """When the round of this number closed; 1 is the first."""
    at = number - 1
    return date(2024 + at // 4, 2 + 3 * (at % 4), 20)


def add_held(
    session: Session,
    unit_id: UUID | None,
    supervisor_id: UUID,
    *days: date,
    form: SupportForm = SupportForm.TEAM_SUPERVISION,
    state: SessionState = SessionState.HELD,
    **more: Any,
) -> Offer:
    """An offer to a unit with a session on each of these days; `more` are columns of the offer."""
    offer = Offer(
        id=uuid4(),
        unit_id=unit_id,
        form=form,
        state=OfferState.HELD if state is SessionState.HELD else OfferState.OFFERED,
        offered_on=min(days) - timedelta(days=14),
        **more,
    )
    session.add(offer)
    session.flush()
    for day in days:
        starts_at = _free_hour(session, supervisor_id, day)
        session.add(
            SupportSession(
                offer_id=offer.id,
                supervisor_id=supervisor_id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=50),
                place="Mødelokale 2",
                state=state,
                attended_count=7 if state is SessionState.HELD else None,
            )
        )
        session.flush()
    return offer


def _free_hour(session: Session, supervisor_id: UUID, day: date) -> datetime:
    taken = select(SupportSession.starts_at).where(SupportSession.supervisor_id == supervisor_id)
    starts = set(session.scalars(taken))
    hours = (datetime.combine(day, time(hour), tzinfo=UTC) for hour in range(7, 20))
    return next(hour for hour in hours if hour not in starts)


def _add_round(
    session: Session,
    programme_id: UUID,
    number: int,
    closed_on: date,
    wording: str,
    asked: UUID | None,
) -> UUID:
    closes_at = datetime.combine(closed_on, time(12), tzinfo=UTC)
    opened = Round(
        id=uuid4(),
        programme_id=programme_id,
        number=number,
        state=RoundState.PUBLISHED,
        opens_at=closes_at - timedelta(days=14),
        closes_at=closes_at,
        min_group_size=5,
        unit_id=asked,
    )
    session.add(opened)
    session.flush()
    session.add(
        PublishedRound(
            round_id=opened.id,
            number=number,
            closed_on=closed_on,
            instrument="proqol5",
            wording=wording,
            min_group_size=5,
            key_destroyed_at=closes_at,
        )
    )
    session.flush()
    return opened.id


def _add_figures(
    session: Session, round_id: UUID, unit_id: UUID, points: Series, at: int, kind: str
) -> None:
    point = points[at] if at < len(points) else None
    if point is None:
        session.add(
            PublishedWithheld(
                round_id=round_id, unit_id=unit_id, unit_path="Enhed", reason="too_few"
            )
        )
        return
    group = PublishedGroup(
        id=uuid4(),
        round_id=round_id,
        unit_id=unit_id,
        kind=kind,
        label="Enhed",
        size=point.n,
        response_class=1,
    )
    session.add(group)
    session.flush()
    session.add(PublishedGroupUnit(group_id=group.id, unit_id=unit_id, unit_path="Enhed"))
    for scale in Scale:
        session.add(_figure(group.id, scale, point))


def _figure(group_id: UUID, scale: Scale, point: Point) -> PublishedFigure:
    burnout = point.point
    value = {Scale.BO: burnout, Scale.STS: burnout - 5, Scale.CS: 60 - burnout}[scale]
    shown = point.kind
    if scale is Scale.CS and shown != "exact":
        shown = "or_less" if shown == "or_more" else "or_more"
    return PublishedFigure(
        group_id=group_id,
        scale=scale.value,
        point=value,
        kind=shown,
        low=value - 0.5,
        high=value + 0.49,
    )
