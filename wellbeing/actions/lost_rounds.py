"""Rounds whose ballots can never be opened: their ballots are deleted and they have no figures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.codes import delete_codes
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.store.locks import hold_round
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, Participation

CAN_BE_LOST = (RoundState.OPEN, RoundState.CLOSED, RoundState.STOPPED)


def lose_round(session: Session, round_id: UUID, *, because: str, now: datetime, by: Actor) -> None:
    """Closes a round without figures and deletes what was sent; again is fine.

    Only for a round that cannot be counted: afterwards nobody can. The caller destroys its keys.
    """
    hold_round(session, round_id, alone=True)
    round_ = session.get_one(Round, round_id)
    if round_.state is RoundState.LOST:
        return
    if round_.state not in CAN_BE_LOST:
        raise Refused("Only a round that was open and is not published can close without figures.")
    for table in (Ballot, Participation):
        session.execute(delete(table).where(table.round_id == round_id))
    delete_codes(session, round_id)
    round_.closes_at = min(round_.closes_at, now)
    round_.state, round_.stopped_because = RoundState.LOST, None
    record(session, "round.lost", str(round_id), by=by, now=now, because=because)
