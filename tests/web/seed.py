"""One of everything that a page can be about, for tests of who may reach what."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tests.cast import Cast
from wellbeing.actions.incidents import IncidentValues, register_incident
from wellbeing.actions.session_people import invite_to
from wellbeing.actions.webhooks import Event
from wellbeing.domain.actor import Actor
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.org import Programme, Round, RoundState
from wellbeing.store.published import Flag, PublishedRound
from wellbeing.store.supervision import Place, SessionSeries
from wellbeing.store.support import (
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)
from wellbeing.store.webhooks import Webhook


def seed_for_unit(session: Session, cast: Cast, unit: str, *, now: datetime) -> Mapping[str, UUID]:
    """A planned round, and a published one with a flag, an offer and a session of Susan's in the
    unit; by the name that addresses give each id.
    """
    ids = {name: uuid4() for name in ("programme", "planned", "published", "flag", "offer", "held")}
    _add_rounds(session, ids, now)
    unit_id, today = cast.units[unit], now.date()
    session.add(
        Flag(
            id=ids["flag"],
            unit_id=unit_id,
            round_id=ids["published"],
            rule_id="test",
            kind="offer_supervision",
            figures={},
            raised_on=today,
        )
    )
    session.flush()
    session.add(
        Offer(
            id=ids["offer"],
            unit_id=unit_id,
            form=SupportForm.TEAM_SUPERVISION,
            state=OfferState.SCHEDULED,
            offered_on=today,
        )
    )
    session.flush()
    held = SupportSession(
        id=ids["held"],
        offer_id=ids["offer"],
        supervisor_id=cast.people["Susan"],
        starts_at=now - timedelta(days=1),
        ends_at=now - timedelta(days=1) + timedelta(hours=1),
        place="Mødelokale 2",
        state=SessionState.SCHEDULED,
    )
    session.add(held)
    session.flush()
    session.add_all(invite_to(held, person_id) for person_id in cast.members_of(unit))
    place = Place(name=f"Loftet i {unit}", seats=10)
    series = SessionSeries(
        unit_id=unit_id,
        form=SupportForm.TEAM_SUPERVISION,
        supervisor_id=cast.people["Susan"],
        every_weeks=6,
        first_day=today,
        until_day=today,
        start="13:00",
        length_minutes=90,
    )
    session.add_all((place, series))
    session.flush()
    return {
        "unit_id": unit_id,
        "person_id": cast.people["Tom"],
        "programme_id": ids["programme"],
        "round_id": ids["planned"],
        "flag_id": ids["flag"],
        "offer_id": ids["offer"],
        "session_id": ids["held"],
        "supervisor_id": cast.people["Susan"],
        "place_id": place.id,
        "series_id": series.id,
        "incident_id": add_incident(session, unit_id, now=now),
    }


def add_incident(session: Session, unit_id: UUID, *, now: datetime, details: str = "") -> UUID:
    """An incident of yesterday in a unit, with its timeline, registered by nobody named."""
    values = IncidentValues(
        unit_id, IncidentKind.THREAT, now.date() - timedelta(days=1), 2, details=details
    )
    made = register_incident(
        session,
        values,
        form_id=uuid4(),
        person_id=uuid4(),
        named=False,
        today=now.date(),
        now=now,
        by=Actor.command("test"),
    )
    return made.id


def a_webhook(webhook_id: UUID, *, now: datetime) -> Webhook:
    """A system that is told of everything, and to which nothing could be handed over."""
    return Webhook(
        id=webhook_id,
        name="Sagssystem",
        url="https://sager.osterhus.example/hook",
        secret="whsec_AAAA",
        events=[event.value for event in Event],
        made_at=now,
        off_at=now,
    )


def _add_rounds(session: Session, ids: Mapping[str, UUID], now: datetime) -> None:
    session.add(
        Programme(
            id=ids["programme"],
            name="Trivsel",
            instrument="proqol5",
            every_months=3,
            window_days=14,
            opening_time="08:00",
            reminder_days="5,10",
            min_group_size=5,
        )
    )
    session.flush()
    for number, (key, state, days) in enumerate(
        (("published", RoundState.PUBLISHED, -60), ("planned", RoundState.PLANNED, 30)), start=1
    ):
        opens_at = now + timedelta(days=days)
        session.add(
            Round(
                id=ids[key],
                programme_id=ids["programme"],
                number=number,
                state=state,
                opens_at=opens_at,
                closes_at=opens_at + timedelta(days=14),
                min_group_size=5,
            )
        )
    session.flush()
    session.add(
        PublishedRound(
            round_id=ids["published"],
            number=1,
            closed_on=(now - timedelta(days=46)).date(),
            instrument="proqol5",
            wording="proqol5-adapted-da-1",
            min_group_size=5,
            key_destroyed_at=now - timedelta(days=46),
        )
    )
    session.flush()
