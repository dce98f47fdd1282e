"""Giving a share of a round's key, and how far a round with two keys has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.key_holders import find_holders, has_duty, unlock
from wellbeing.crypto.handover import hand_over, is_handed
from wellbeing.crypto.round_shares import RoundShares
from wellbeing.domain.actor import Actor
from wellbeing.domain.duties import Duty
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.accounts import KeyHolder
from wellbeing.store.org import Programme, Round, RoundState

OVERDUE_AFTER = timedelta(days=7)
_SHARED = (RoundState.OPEN, RoundState.CLOSED)


@dataclass(frozen=True, slots=True)
class SharedRound:
    """A round whose key is shared, while it is open or waits to be counted.

    `givers`: who has given, by side. `can_give`: the sides of which somebody still can.
    `is_handed`: both have given and the count is about to begin.
    """

    id: UUID
    name: str
    number: int
    is_open: bool
    closes_at: datetime
    givers: Mapping[Duty, UUID]
    holders: Mapping[Duty, frozenset[UUID]]
    can_give: frozenset[Duty]
    is_handed: bool
    is_overdue: bool

    def needs(self, person_id: UUID, duty: Duty) -> bool:
        """Whether this person's share is asked for: after both gave, anybody's once more."""
        is_asked = duty not in self.givers or (duty.other in self.givers and not self.is_handed)
        return is_asked and person_id in self.holders[duty]

    @property
    def is_stuck(self) -> bool:
        """Whether a side that must still give has nobody left who can."""
        return any(duty not in self.givers and duty not in self.can_give for duty in Duty)


def find_shared_rounds(session: Session, folder: Path, *, now: datetime) -> list[SharedRound]:
    """Every round that has two keys and is not counted yet, the one that closes first before."""
    query = (
        select(Round, Programme.name)
        .join(Programme, Programme.id == Round.programme_id)
        .where(Round.two_keys, Round.state.in_(_SHARED))
        .order_by(Round.closes_at)
    )
    able = find_holders(session)
    return [_describe(round_, name, folder, able, now) for round_, name in session.execute(query)]


def give_share(
    session: Session,
    round_id: UUID,
    code: str,
    *,
    person_id: UUID,
    folder: Path,
    closes_early: bool = False,
    now: datetime,
    by: Actor,
) -> bool:
    """Gives the person's share; True when both are given and the count can begin.

    Before the round closes it must be said that it shall close now, by both. Again is fine, and
    needed where the counting part of the service was restarted in between.
    """
    round_ = _get_shared(session, round_id)
    if round_.state is RoundState.OPEN and round_.closes_at > now and not closes_early:
        raise BadInput("The round is still open. Tick that it shall close now, or wait.")
    holder = session.get(KeyHolder, person_id)
    if holder is None or not has_duty(session, person_id, holder.duty):
        raise Refused("You hold no key that this round needs.")
    shares, private = RoundShares(folder), unlock(holder, code)
    assert round_.public_key is not None
    whole = shares.give(round_id, holder.duty, person_id, private, round_.public_key)
    record(session, "round.share_given", str(round_id), by=by, now=now, duty=holder.duty.value)
    if whole is None:
        return False
    hand_over(folder, round_id, whole, now=now)
    return True


def take_shares_back(
    session: Session, round_id: UUID, *, person_id: UUID, folder: Path, now: datetime, by: Actor
) -> None:
    """Takes back what was given while the round is open, so that it closes on its day."""
    round_ = _get_shared(session, round_id)
    holder, shares = session.get(KeyHolder, person_id), RoundShares(folder)
    if holder is None or not has_duty(session, person_id, holder.duty):
        raise Refused("You hold no key that this round needs.")
    if round_.state is not RoundState.OPEN or is_handed(folder, round_id, now=now):
        raise Refused("The round is closed or about to close, so the share cannot be taken back.")
    if shares.is_given(round_id, holder.duty):
        shares.take_back(round_id)
        record(session, "round.share_taken_back", str(round_id), by=by, now=now)


def _get_shared(session: Session, round_id: UUID) -> Round:
    round_ = session.get(Round, round_id)
    if round_ is None or not round_.two_keys or round_.state not in _SHARED:
        raise Missing("There is no such round that waits for a key.")
    return round_


def _describe(
    round_: Round,
    name: str,
    folder: Path,
    able: Mapping[Duty, Mapping[UUID, bytes]],
    now: datetime,
) -> SharedRound:
    shares = RoundShares(folder)
    holders = {
        duty: frozenset(shares.find_holders(round_.id, duty) & able[duty].keys()) for duty in Duty
    }
    return SharedRound(
        id=round_.id,
        name=name,
        number=round_.number,
        is_open=round_.state is RoundState.OPEN and round_.closes_at > now,
        closes_at=round_.closes_at,
        givers=shares.find_givers(round_.id),
        holders=holders,
        can_give=frozenset(duty for duty in Duty if holders[duty]),
        is_handed=is_handed(folder, round_.id, now=now),
        is_overdue=now - round_.closes_at > OVERDUE_AFTER,
    )
