"""Reads incidents and how far their timelines have come; never who was affected."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_path_up, find_paths
from wellbeing.domain.incident_timeline import STEPS, plan_steps
from wellbeing.domain.incidents import ClosingReason, IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import Person
from wellbeing.store.incidents import Incident
from wellbeing.store.org import Round, RoundState, Unit
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession

_MISTAKE = ClosingReason.MISTAKE.value


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step of the timeline: when it is due, and what has come of it.

    `session_id` and `starts_at` are those of its session, scheduled or held; `held_on` is set where
    it took place without one.
    """

    offer_id: UUID
    form: SupportForm
    state: OfferState
    from_day: date
    due_on: date
    held_on: date | None
    session_id: UUID | None
    starts_at: datetime | None
    closed_because: str | None

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be taken."""
        return self.state in (OfferState.OFFERED, OfferState.SCHEDULED)

    def is_overdue(self, today: date) -> bool:
        """Whether its day has gone and nothing is planned."""
        return self.state is OfferState.OFFERED and self.due_on < today


@dataclass(frozen=True, slots=True)
class IncidentShown:
    """An incident without what was written of it, and its timeline in the order of the steps."""

    id: UUID
    unit_id: UUID
    unit: str
    kind: IncidentKind
    happened_on: date
    registered_on: date
    affected_count: int
    closed_on: date | None
    steps: tuple[StepShown, ...]
    extra_round: Round | None

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was registered by mistake."""
        return any(step.closed_because == _MISTAKE for step in self.steps)

    def list_overdue(self, today: date) -> list[StepShown]:
        """The steps whose day has gone with nothing planned."""
        return [step for step in self.steps if step.is_overdue(today)]


@dataclass(frozen=True, slots=True)
class IncidentPrivate:
    """What only the unit's leader and HR read; "" where nothing was written or nobody named."""

    details: str
    registered_by: str


def find_incidents(session: Session, unit_ids: Collection[UUID]) -> list[IncidentShown]:
    """The incidents registered for these very units, open ones first, then the newest."""
    query = (
        select(Incident)
        .where(Incident.unit_id.in_(unit_ids))
        .order_by(
            Incident.closed_on.is_not(None), Incident.happened_on.desc(), Incident.registered_on
        )
    )
    return _show(session, session.scalars(query).all())


def find_incident(session: Session, incident_id: UUID) -> IncidentShown | None:
    """One incident; None where there is none."""
    incident = session.get(Incident, incident_id)
    return _show(session, [incident])[0] if incident is not None else None


def find_private(session: Session, incident_id: UUID) -> IncidentPrivate:
    """What was written of an incident, and by whom where they wished it; for its leader and HR."""
    row = session.execute(
        select(Incident.details, Person.name)
        .outerjoin(Person, Person.id == Incident.registered_by)
        .where(Incident.id == incident_id)
    ).one()
    return IncidentPrivate(row.details, row.name or "")


def find_incident_days(session: Session, unit_id: UUID) -> tuple[date, ...]:
    """The days of the incidents that concern a unit: registered there or for a unit above it.

    Those of the units below are for the readers of their pages; a mistake leaves no mark.
    """
    query = (
        select(Incident.happened_on)
        .where(
            Incident.unit_id.in_(find_path_up(session, unit_id)),
            ~select(Offer.id)
            .where(Offer.incident_id == Incident.id, Offer.closed_because == _MISTAKE)
            .exists(),
        )
        .distinct()
        .order_by(Incident.happened_on)
    )
    return tuple(session.scalars(query))


def _show(session: Session, incidents: Sequence[Incident]) -> list[IncidentShown]:
    ids = [incident.id for incident in incidents]
    offers = session.scalars(select(Offer).where(Offer.incident_id.in_(ids))).all()
    sessions = _find_sessions(session, [offer.id for offer in offers])
    paths, names = find_paths(session), _find_names(session, incidents)
    rounds = _find_rounds(session, incidents)
    return [
        IncidentShown(
            id=incident.id,
            unit_id=incident.unit_id,
            unit=paths.get(incident.unit_id, names[incident.unit_id]),
            kind=incident.kind,
            happened_on=incident.happened_on,
            registered_on=incident.registered_on,
            affected_count=incident.affected_count,
            closed_on=incident.closed_on,
            steps=_steps(incident, [o for o in offers if o.incident_id == incident.id], sessions),
            extra_round=rounds.get(incident.round_id) if incident.round_id else None,
        )
        for incident in incidents
    ]


def _steps(
    incident: Incident, offers: Sequence[Offer], sessions: dict[UUID, SupportSession]
) -> tuple[StepShown, ...]:
    planned = {p.form: p for p in plan_steps(incident.happened_on, incident.registered_on)}
    steps = []
    for offer in sorted(
        (offer for offer in offers if offer.form in planned), key=lambda o: STEPS.index(o.form)
    ):
        found = sessions.get(offer.id)
        steps.append(
            StepShown(
                offer_id=offer.id,
                form=offer.form,
                state=offer.state,
                from_day=planned[offer.form].from_day,
                due_on=offer.due_on or planned[offer.form].due_on,
                held_on=offer.held_on,
                session_id=found.id if found else None,
                starts_at=found.starts_at if found else None,
                closed_because=offer.closed_because,
            )
        )
    return tuple(steps)


def _find_sessions(session: Session, offer_ids: Sequence[UUID]) -> dict[UUID, SupportSession]:
    query = (
        select(SupportSession)
        .where(
            SupportSession.offer_id.in_(offer_ids), SupportSession.state != SessionState.CANCELLED
        )
        .order_by(SupportSession.starts_at)
    )
    return {found.offer_id: found for found in session.scalars(query)}


def _find_names(session: Session, incidents: Sequence[Incident]) -> dict[UUID, str]:
    units = {incident.unit_id for incident in incidents}
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units)))
    return {row.id: row.name for row in rows}


def _find_rounds(session: Session, incidents: Sequence[Incident]) -> dict[UUID, Round]:
    ids = [incident.round_id for incident in incidents if incident.round_id]
    query = select(Round).where(Round.id.in_(ids), Round.state != RoundState.CANCELLED)
    return {found.id: found for found in session.scalars(query)} if ids else {}
