"""Rounds for tests, run through the real actions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from wellbeing.actions.checkin import Answers, Sent, send
from wellbeing.actions.opening import open_round
from wellbeing.actions.programmes import ProgrammeValues, create_programme
from wellbeing.actions.publishing import Publisher
from wellbeing.crypto.handover import Handover
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.actor import Actor
from wellbeing.store.org import Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

ZONE = ZoneInfo("Europe/Copenhagen")
BY = Actor.command("test")
STEADY = (4, 2, 4, 4, 2, 4, 2, 2, 2, 2, 2, 4, 2, 2, 4, 4, 4, 4, 2, 4, 2, 4, 2, 4, 2, 2, 4, 2, 4, 4)
WORN = (2, 4, 4, 2, 4, 4, 3, 4, 4, 4, 4, 3, 4, 4, 2, 3, 2, 3, 4, 3, 4, 3, 4, 3, 4, 4, 3, 4, 2, 3)


@dataclass
class RoundRunner:
    """Opens, answers and publishes rounds in one database at moments the test chooses."""

    database: Database
    folder: Path
    now: datetime
    keys: RoundKeys = field(init=False)
    handover: Handover = field(init=False)

    def __post_init__(self) -> None:
        self.keys = RoundKeys(self.folder / "keys")
        self.handover = Handover(self.keys.folder)

    def open(
        self, *, window_days: int = 14, min_group_size: int = 5, two_keys: bool = False
    ) -> UUID:
        """A round that opens now; the programme is made when there is none."""
        with self.database.writing(Reach.EVERYTHING) as session:
            planned = session.scalars(
                select(Round).where(Round.state == RoundState.PLANNED, Round.unit_id.is_(None))
            ).first()
            if planned is None:
                values = ProgrammeValues(
                    name="Trivsel",
                    every_months=3,
                    window_days=window_days,
                    opening_time=time(9),
                    reminder_days=(5,),
                    first_day=self.now.astimezone(ZONE).date(),
                    min_group_size=min_group_size,
                    two_keys=two_keys,
                )
                create_programme(session, values, zone=ZONE, now=self.now, by=BY)
                planned = session.scalars(select(Round)).one()
            planned.opens_at = self.now
            planned.closes_at = self.now + timedelta(days=window_days)
            round_id = planned.id
        with self.database.writing(Reach.EVERYTHING) as session:
            opened = open_round(session, round_id, keys=self.keys, zone=ZONE, now=self.now, by=BY)
        assert opened
        return round_id

    def answer(self, round_id: UUID, person_id: UUID, values: tuple[int, ...] = STEADY) -> Sent:
        """One person's answers through the ballot box."""
        with self.database.writing(Reach.EMPLOYEE) as session:
            return send(
                session,
                Answers(values, ("da",)),
                person_id=person_id,
                round_id=round_id,
                form_id=uuid4(),
                keys=self.keys,
                now=self.now,
            )

    def answer_all(
        self, round_id: UUID, people: Iterable[UUID], values: tuple[int, ...] = STEADY
    ) -> None:
        """The same answers from each of these people."""
        for person_id in people:
            self.answer(round_id, person_id, values)

    def publisher(self, after: timedelta = timedelta(days=15)) -> Publisher:
        """A publisher whose time is `after` from now."""
        return Publisher(
            self.database,
            self.keys,
            zone=ZONE,
            now=self.now + after,
            by=BY,
            handover=self.handover,
        )

    def publish(self, round_id: UUID) -> bool:
        """Closes and publishes after the round's window."""
        return self.publisher().publish(round_id)

    def state(self, round_id: UUID) -> RoundState:
        """How far the round has come."""
        with self.database.reading(Reach.EVERYTHING) as session:
            return session.get_one(Round, round_id).state

    def forward(self, **by: float) -> None:
        """Moves the runner's time on."""
        self.now += timedelta(**by)
