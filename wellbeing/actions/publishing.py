"""The only door from personal to published: closes a round, publishes it once, forgets the rest.

Each step is one transaction or one repeatable act on files, and begins by reading how far the
round has come. Killed anywhere, the next run goes on from there and writes the same figures.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.codes import delete_codes
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.flagging import raise_flags
from wellbeing.actions.publication import decide, write_publication
from wellbeing.actions.record import read_record
from wellbeing.actions.tally import count_round, scatter
from wellbeing.crypto.handover import Handover, drop_dead, is_handed
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.actor import Actor
from wellbeing.domain.audit import check_promise
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.errors import Refused, WellbeingError
from wellbeing.store.accounts import CheckInCode
from wellbeing.store.locks import hold_round
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

_PERSONAL_OF_A_ROUND = (Ballot.__tablename__, Participation.__tablename__)


class Step(StrEnum):
    """The steps in order; `on_step` hears each before it begins."""

    CLOSE = "close"
    SCATTER = "scatter"
    PUBLISH = "publish"
    DESTROY_KEYS = "destroy_keys"
    SHRED = "shred"
    RELEASE = "release"


class Publisher:
    """Takes one round from open to published."""

    def __init__(
        self,
        database: Database,
        keys: RoundKeys,
        *,
        zone: ZoneInfo,
        now: datetime,
        by: Actor,
        handover: Handover | None = None,
        on_step: Callable[[Step], None] = lambda _step: None,
    ) -> None:
        self._database = database
        self._keys = keys
        self._zone = zone
        self._now = now
        self._by = by
        self._handover = handover
        self._on_step = on_step

    def publish(self, round_id: UUID) -> bool:
        """True when the round is published afterwards; False when it was not due or had stopped.

        A tally that does not add up, a missing key or figures that would break the promise stop
        the round with the reason; nothing is published and nothing destroyed. A closed round with
        two keys waits, as it is, until both have been given.
        """
        self._on_step(Step.CLOSE)
        has_closed = self._close(round_id)
        if self._waits_for_keys(round_id):
            if has_closed:
                self._scatter(round_id)
            return False
        try:
            self._count_and_write(round_id)
        except WellbeingError as fault:
            self._stop(round_id, fault)
            return False
        if self._state(round_id) is RoundState.TALLIED:
            self._forget(round_id)
        return self._state(round_id) is RoundState.PUBLISHED

    def _count_and_write(self, round_id: UUID) -> None:
        if self._state(round_id) is not RoundState.CLOSED:
            return
        self._on_step(Step.SCATTER)
        self._scatter(round_id)
        self._on_step(Step.PUBLISH)
        self._write(round_id)

    def _forget(self, round_id: UUID) -> None:
        self._on_step(Step.DESTROY_KEYS)
        if self._keys.exist(round_id):
            with self._database.writing(Reach.EVERYTHING) as session:
                note(session, Kind.ROUND_KEYS, round_id)
        self._keys.destroy(round_id)
        self._on_step(Step.SHRED)
        self._shred(round_id)
        self._on_step(Step.RELEASE)
        self._release(round_id)

    def _state(self, round_id: UUID) -> RoundState:
        with self._database.reading(Reach.EVERYTHING) as session:
            return session.get_one(Round, round_id).state

    def _held(self, session: Session, round_id: UUID) -> Round:
        hold_round(session, round_id, alone=True)
        return session.get_one(Round, round_id)

    def _close(self, round_id: UUID) -> bool:
        """Whether it has closed just now: on its day, or because both holders said so before."""
        with self._database.writing(Reach.EVERYTHING) as session:
            round_ = self._held(session, round_id)
            is_early = round_.two_keys and is_handed(self._keys.folder, round_id, now=self._now)
            if round_.state is not RoundState.OPEN or (
                round_.closes_at > self._now and not is_early
            ):
                return False
            round_.closes_at = min(round_.closes_at, self._now)
            round_.state = RoundState.CLOSED
            record(session, "round.closed", str(round_id), by=self._by, now=self._now)
            return True

    def _waits_for_keys(self, round_id: UUID) -> bool:
        with self._database.reading(Reach.EVERYTHING) as session:
            round_ = session.get_one(Round, round_id)
        if not round_.two_keys or round_.state is not RoundState.CLOSED:
            return False
        drop_dead(self._keys.folder, round_id, now=self._now)
        return self._find_key(round_) is None

    def _find_key(self, round_: Round) -> bytes | None:
        """The private key; None where two people must give it, or gave it to another process."""
        if not round_.two_keys:
            return self._keys.get_private(round_.id)
        return self._handover.find_key(round_.id) if self._handover else None

    def _scatter(self, round_id: UUID) -> None:
        # A transaction each: two tables held at once could wait for somebody who withdraws.
        for entity in (Participation, Ballot):
            with self._database.writing(Reach.EVERYTHING) as session:
                if self._held(session, round_id).state is RoundState.CLOSED:
                    scatter(session, round_id, entity)
        self._database.scrub(*_PERSONAL_OF_A_ROUND)

    def _write(self, round_id: UUID) -> None:
        with self._database.writing(Reach.EVERYTHING) as session:
            round_ = self._held(session, round_id)
            if round_.state is not RoundState.CLOSED:
                return
            private_key = self._find_key(round_)
            if private_key is None:
                return  # handed to a process that has ended: it is asked for again
            self._say_who_gave(session, round_)
            tally = count_round(session, round_id, private_key, self._keys.get_mac(round_id))
            closed_on = round_.closes_at.astimezone(self._zone).date()
            write_publication(session, round_, tally, decide(tally, round_), closed_on=closed_on)
            check_promise([read_record(session, round_id)], load_rules())
            raise_flags(session, round_id, now=self._now, by=self._by)
            round_.state = RoundState.TALLIED
            record(session, "round.tallied", str(round_id), by=self._by, now=self._now)

    def _say_who_gave(self, session: Session, round_: Round) -> None:
        if not round_.two_keys:
            return
        givers = self._keys.shares.find_givers(round_.id)
        named = {duty.value: str(person_id) for duty, person_id in givers.items()}
        record(session, "round.keys_joined", str(round_.id), by=self._by, now=self._now, **named)

    def _shred(self, round_id: UUID) -> None:
        with self._database.writing(Reach.EVERYTHING) as session:
            self._held(session, round_id)
            for table in (Ballot, Participation):
                session.execute(delete(table).where(table.round_id == round_id))
            delete_codes(session, round_id)
        self._database.scrub(*_PERSONAL_OF_A_ROUND, CheckInCode.__tablename__)

    def _release(self, round_id: UUID) -> None:
        with self._database.writing(Reach.EVERYTHING) as session:
            round_ = self._held(session, round_id)
            if round_.state is not RoundState.TALLIED:
                return
            if self._keys.exist(round_id):
                raise Refused("The round's key still exists, so the round cannot be released.")
            session.get_one(PublishedRound, round_id).key_destroyed_at = self._now
            round_.state = RoundState.PUBLISHED
            record(session, "round.published", str(round_id), by=self._by, now=self._now)

    def _stop(self, round_id: UUID, fault: WellbeingError) -> None:
        with self._database.writing(Reach.EVERYTHING) as session:
            round_ = self._held(session, round_id)
            if round_.state is not RoundState.CLOSED:
                return
            round_.state = RoundState.STOPPED
            round_.stopped_because = str(fault)[:400]
            record(
                session,
                "round.stopped",
                str(round_id),
                by=self._by,
                now=self._now,
                because=str(fault),
            )


def find_due_to_publish(session: Session, keys: RoundKeys, *, now: datetime) -> list[UUID]:
    """Rounds whose closing has come, those that both key holders close before their day, and those
    cut short on the way to published.
    """
    states = (RoundState.OPEN, RoundState.CLOSED, RoundState.TALLIED)
    rounds = session.scalars(select(Round).where(Round.state.in_(states)).order_by(Round.closes_at))
    return [
        round_.id
        for round_ in rounds
        if round_.state is not RoundState.OPEN
        or round_.closes_at <= now
        or (round_.two_keys and is_handed(keys.folder, round_.id, now=now))
    ]


def resume_stopped(session: Session, round_id: UUID, *, now: datetime, by: Actor) -> None:
    """Lets a stopped round be tried again, once its cause is mended."""
    round_ = session.get_one(Round, round_id)
    if round_.state is not RoundState.STOPPED:
        raise Refused("Only a stopped round can be tried again.")
    round_.state, round_.stopped_because = RoundState.CLOSED, None
    record(session, "round.resumed", str(round_id), by=by, now=now)
