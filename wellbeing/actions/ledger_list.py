"""Reads the ledger of units: every suggestion, offer, session and what came of it, step by step.

It knows units and never people, but for who sees to an offer. What somebody asked for themselves
names no unit and is in nobody's ledger.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wellbeing.actions.ledger_records import SessionRecord, find_records
from wellbeing.actions.units import find_groups, find_paths
from wellbeing.domain.flag_rules import FlagKind
from wellbeing.domain.ledger import (
    FOR_ONE,
    Facts,
    StepRead,
    find_overdue,
    is_open,
    read_steps,
)
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import Person
from wellbeing.store.org import Round, Unit
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.support import Offer, OfferState, SessionState


class Origin(StrEnum):
    """What support answers: the figures, something that happened, or a wish, a series included."""

    FLAG = "flag"
    INCIDENT = "incident"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of a ledger; `offer_id` None: suggested by a flag that nobody has answered.

    `record` tells what everyone in the unit may know; of a session for one person only its day.
    """

    offer_id: UUID | None
    flag_id: UUID | None
    unit_id: UUID
    unit: str
    form: SupportForm
    origin: Origin
    since: date
    state: OfferState | None
    owner_id: UUID | None
    owner: str
    closed_because: str
    record: SessionRecord | None
    steps: tuple[StepRead, ...]

    @property
    def overdue(self) -> StepRead | None:
        """The step that should have been taken, if one is."""
        return find_overdue(self.steps)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return is_open(self.steps)

    @property
    def tells_record(self) -> bool:
        """Whether the record is for the whole unit: never that of a talk with one person."""
        return (
            self.record is not None
            and self.record.state is SessionState.HELD
            and not self.record.is_for_one
            and self.form not in FOR_ONE
        )


def find_ledger(
    session: Session,
    unit_ids: Collection[UUID] | None,
    *,
    zone: ZoneInfo,
    now: datetime,
    steps_only: bool = False,
) -> list[LedgerRow]:
    """The ledger of these units (None: of all): overdue first, then what is open, then the rest,
    the newest first in each. With `steps_only` neither who sees to an offer nor what was said in
    its session is read.
    """
    rows = [
        *_of_offers(session, unit_ids, zone, now, steps_only=steps_only),
        *_of_flags(session, unit_ids, zone, now),
    ]
    return sorted(rows, key=_order)


def find_row(
    session: Session, offer_id: UUID, *, zone: ZoneInfo, now: datetime
) -> LedgerRow | None:
    """One offer as the ledger of its unit has it; None where no ledger has it."""
    offer = session.get(Offer, offer_id)
    if offer is None or offer.unit_id is None:
        return None
    rows = find_ledger(session, [offer.unit_id], zone=zone, now=now)
    return next((row for row in rows if row.offer_id == offer_id), None)


def _of_offers(
    session: Session,
    unit_ids: Collection[UUID] | None,
    zone: ZoneInfo,
    now: datetime,
    *,
    steps_only: bool,
) -> list[LedgerRow]:
    query = (
        select(Offer, Flag, Unit.name)
        .outerjoin(Flag, Flag.id == Offer.flag_id)
        .outerjoin(Unit, Unit.id == Offer.unit_id)
        .where(Offer.unit_id.is_not(None), *_within(Offer.unit_id, unit_ids))
    )
    found = session.execute(query).all()
    if not found:
        return []
    ids = [offer.id for offer, *_ in found]
    records = find_records(session, ids, zone=zone, now=now, steps_only=steps_only)
    owners = {} if steps_only else _find_owners(session, {offer.owner_id for offer, *_ in found})
    rounds, paths = _find_rounds(session, zone), find_paths(session)
    rows = []
    for offer, flag, unit_name in found:
        assert offer.unit_id is not None
        record = records.get(offer.id)
        facts = _facts_of(offer, flag, record, rounds)
        rows.append(
            LedgerRow(
                offer_id=offer.id,
                flag_id=offer.flag_id,
                unit_id=offer.unit_id,
                unit=paths.get(offer.unit_id) or unit_name or "–",
                form=offer.form,
                origin=origin_of(offer),
                since=facts.suggested_on,
                state=offer.state,
                owner_id=offer.owner_id,
                owner=owners.get(offer.owner_id, ""),
                closed_because=_reason_of(offer, flag),
                record=record,
                steps=read_steps(facts, today=now.astimezone(zone).date()),
            )
        )
    return rows


def _find_owners(session: Session, ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    query = select(Person.id, Person.name).where(Person.id.in_([one for one in ids if one]))
    return {row.id: row.name for row in session.execute(query)}


def _of_flags(
    session: Session, unit_ids: Collection[UUID] | None, zone: ZoneInfo, now: datetime
) -> list[LedgerRow]:
    """Raised flags without an offer; one that is put off counts from the day it asks again."""
    answered = select(Offer.flag_id).where(Offer.flag_id.is_not(None))
    query = (
        select(Flag, Unit.name)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .outerjoin(Unit, Unit.id == Flag.unit_id)
        .where(
            Flag.state == FlagState.RAISED,
            Flag.id.not_in(answered),
            PublishedRound.key_destroyed_at.is_not(None),
            *_within(Flag.unit_id, unit_ids),
        )
    )
    today, paths = now.astimezone(zone).date(), find_paths(session)
    rows = []
    for flag, unit_name in session.execute(query):
        form = form_for(flag.kind)
        since = max(flag.raised_on, flag.snoozed_until or flag.raised_on)
        rows.append(
            LedgerRow(
                offer_id=None,
                flag_id=flag.id,
                unit_id=flag.unit_id,
                unit=paths.get(flag.unit_id) or unit_name or "–",
                form=form,
                origin=Origin.FLAG,
                since=since,
                state=None,
                owner_id=None,
                owner="",
                closed_because="",
                record=None,
                steps=read_steps(Facts(form, suggested_on=since), today=today),
            )
        )
    return rows


def form_for(kind: str) -> SupportForm:
    """The form of support that a flag of this kind suggests."""
    is_debriefing = kind == FlagKind.OFFER_DEBRIEFING
    return SupportForm.DEBRIEFING if is_debriefing else SupportForm.TEAM_SUPERVISION


def _within(
    column: InstrumentedAttribute[UUID | None] | InstrumentedAttribute[UUID],
    unit_ids: Collection[UUID] | None,
) -> tuple[ColumnElement[bool], ...]:
    return () if unit_ids is None else (column.in_(unit_ids),)


def _facts_of(
    offer: Offer,
    flag: Flag | None,
    record: SessionRecord | None,
    rounds: list[tuple[date, date, UUID | None]],
) -> Facts:
    assert offer.unit_id is not None
    held_on = record.held_on if record and record.state is SessionState.HELD else offer.held_on
    return Facts(
        form=offer.form,
        suggested_on=flag.raised_on if flag else offer.offered_on,
        offered_on=offer.offered_on,
        due_on=offer.due_on,
        scheduled_for=record.held_on if record else None,
        held_on=held_on,
        is_counted=record is not None and (record.attended is not None or record.is_deleted),
        feedback_until=record.feedback_until if record else None,
        scores_on=_first_after(held_on, offer.unit_id, rounds),
        is_closed=offer.state is OfferState.CLOSED,
    )


def _find_rounds(session: Session, zone: ZoneInfo) -> list[tuple[date, date, UUID | None]]:
    """Released rounds, the earliest first: opened on, closed on, and the one unit asked if any."""
    query = (
        select(Round.opens_at, PublishedRound.closed_on, Round.unit_id)
        .join(PublishedRound, PublishedRound.round_id == Round.id)
        .where(PublishedRound.key_destroyed_at.is_not(None))
        .order_by(PublishedRound.closed_on)
    )
    return [
        (opens_at.astimezone(zone).date(), closed_on, unit_id)
        for opens_at, closed_on, unit_id in session.execute(query)
    ]


def _first_after(
    held_on: date | None, unit_id: UUID, rounds: list[tuple[date, date, UUID | None]]
) -> date | None:
    """When the first round closed of which everybody was asked after the support was held."""
    if held_on is None:
        return None
    after = (
        closed for opened, closed, asked in rounds if opened >= held_on and _asks(asked, unit_id)
    )
    return next(after, None)


def _asks(asked: UUID | None, unit_id: UUID) -> bool:
    return asked is None or asked == unit_id


def origin_of(offer: Offer) -> Origin:
    """What the offer answers."""
    if offer.flag_id is not None:
        return Origin.FLAG
    return Origin.WISH if offer.incident_id is None else Origin.INCIDENT


def _reason_of(offer: Offer, flag: Flag | None) -> str:
    if offer.state is not OfferState.CLOSED:
        return ""
    return offer.closed_because or (flag.closed_because if flag else "") or ""


def _order(row: LedgerRow) -> tuple[int, int, str]:
    rank = 0 if row.overdue else 1 if row.is_open else 2
    return rank, -row.since.toordinal(), row.unit


def find_ledger_units(session: Session, unit_id: UUID) -> set[UUID]:
    """The units whose rows belong on this unit's page: itself, and a group of teams it is in."""
    return {unit_id, *(g for g, teams in find_groups(session).items() if unit_id in teams)}
