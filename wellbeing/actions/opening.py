"""Opens rounds: the roster, the tree and the wordings are frozen, and the key pair is made."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.key_holders import check_both_sides
from wellbeing.actions.off_cycle import (
    cancel_off_cycle,
    find_asked_by,
    find_tree_below,
    fits,
    has_obstacle,
    overlap,
)
from wellbeing.actions.programmes import RUNNING, find_next_window, plan_round
from wellbeing.actions.roster import find_roster
from wellbeing.actions.structure import Tree, check_approved, find_tree
from wellbeing.actions.wordings import wordings_of_next_round
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.actor import Actor
from wellbeing.domain.cycles import add_months, keeps_distance
from wellbeing.domain.errors import Refused
from wellbeing.store.org import (
    Programme,
    Round,
    RoundState,
    RoundUnit,
    RoundWording,
)
from wellbeing.store.personal import Participation


def find_due_to_open(session: Session, *, now: datetime) -> list[UUID]:
    """Planned rounds whose opening has come."""
    due = select(Round.id).where(Round.state == RoundState.PLANNED, Round.opens_at <= now)
    return list(session.scalars(due.order_by(Round.opens_at)))


def open_round(
    session: Session, round_id: UUID, *, keys: RoundKeys, zone: ZoneInfo, now: datetime, by: Actor
) -> bool:
    """Opens a planned round in the caller's transaction; False when somebody already did.

    The key pair is written before the transaction commits: a crash leaves a key without a round,
    never a round without its key.
    """
    round_ = session.get(Round, round_id, with_for_update=True)
    if round_ is None or round_.state is not RoundState.PLANNED:
        return False
    _check_none_is_running(session, round_)
    if not _may_open(session, round_, zone, now, by):
        return False
    tree = find_tree_below(session, round_.unit_id) if round_.unit_id else find_tree(session)
    if not tree:
        raise Refused("There are no units yet. Import the staff directory first.")
    check_approved(session)
    _freeze_units(session, round_, tree)
    _freeze_wordings(session, round_)
    people = _freeze_roster(session, round_, now.astimezone(zone).date())
    round_.public_key, round_.two_keys = _make_key(session, round_, keys)
    round_.state = RoundState.OPEN
    if round_.unit_id:
        round_.opens_at = now  # thirty days are counted from when people were really asked
    programme = session.get_one(Programme, round_.programme_id)
    if programme.active:
        opened = round_.opens_at.astimezone(zone).date()
        next_day = add_months(opened, programme.every_months)
        plan_round(session, programme, round_.number + 1, next_day, zone)
    record(session, "round.opened", str(round_id), by=by, now=now, people=people)
    return True


def _make_key(session: Session, round_: Round, keys: RoundKeys) -> tuple[str, bool]:
    """The public key, and whether the private one is shared between two people."""
    if session.get_one(Programme, round_.programme_id).two_keys:
        return keys.make_shared(round_.id, check_both_sides(session)), True
    return keys.make(round_.id), False


def _check_none_is_running(session: Session, round_: Round) -> None:
    """An extra round is in the way of others only while it is open, and asks the same people."""
    running = session.scalars(select(Round).where(Round.state.in_(RUNNING))).all()
    for other in running:
        is_in_the_way = other.unit_id is None or other.state is RoundState.OPEN
        if is_in_the_way and overlap(session, round_, other):
            raise Refused("Another round is still running; this one waits until it is published.")


def _may_open(session: Session, round_: Round, zone: ZoneInfo, now: datetime, by: Actor) -> bool:
    """False for a round whose time is not now: it is held later, or if it is extra, cancelled."""
    if round_.unit_id is None:
        may = round_.closes_at > now and not _is_too_near(session, round_)
        if not may:
            _postpone(session, round_, zone, now, by)
        return may
    today = now.astimezone(zone).date()
    may = fits(session, round_, now=now) and not has_obstacle(session, round_, today=today)
    if not may:
        cancel_off_cycle(session, round_.id, now=now, by=by)
    return may


def _is_too_near(session: Session, round_: Round) -> bool:
    opened = select(Round.opens_at).where(
        Round.id != round_.id, Round.state.in_((RoundState.PUBLISHED, RoundState.LOST))
    )
    return not keeps_distance(round_.opens_at, session.scalars(opened))


def _postpone(session: Session, round_: Round, zone: ZoneInfo, now: datetime, by: Actor) -> None:
    # Nothing ran while the round should have been open, or it came too near another one: it is held
    # on the first day that can be, instead of never.
    programme = session.get_one(Programme, round_.programme_id)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    window = find_next_window(session, programme, tomorrow, zone, but=round_.id)
    round_.opens_at, round_.closes_at = window.opens_at, window.closes_at
    record(session, "round.postponed", str(round_.id), by=by, now=now)


def _freeze_units(session: Session, round_: Round, tree: Tree) -> None:
    session.execute(
        insert(RoundUnit),
        [
            {
                "round_id": round_.id,
                "unit_id": unit,
                "parent_unit_id": node.parent_id,
                "path": node.path,
                "pooled": node.pooled,
            }
            for unit, node in tree.items()
        ],
    )


def _freeze_wordings(session: Session, round_: Round) -> None:
    occupation = session.get_one(Programme, round_.programme_id).occupation or {}
    session.add_all(
        RoundWording(
            round_id=round_.id,
            locale=wording.locale,
            wording_id=wording.id,
            sha256=wording.sha256,
            occupation=occupation.get(wording.locale),
        )
        for wording in wordings_of_next_round(session)
    )


def _freeze_roster(session: Session, round_: Round, day: date) -> int:
    asked = find_asked_by(session, round_, day=day) if round_.unit_id else find_roster(session, day)
    rows = [
        {
            "round_id": round_.id,
            "person_id": person_id,
            "reporting_unit_id": unit_id,
            "done": False,
        }
        for person_id, unit_id in asked.items()
    ]
    if rows:
        session.execute(insert(Participation), rows)
    return len(rows)
