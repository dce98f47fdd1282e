"""How long closing and publishing takes for twenty thousand answers, step by step."""

import sys
import tempfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests.rounds import RoundRunner
from wellbeing.actions.publishing import Publisher, Step
from wellbeing.crypto.ballots import BallotOpener, OpenedBallot, ballot_mac, seal_ballot
from wellbeing.domain.instrument import load_wording
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.org import Membership, Round, RoundState, Unit
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.schema import upgrade
from wellbeing.store.sealed import columns_of
from wellbeing.store.sessions import Database

TEAMS = 1_000
PEOPLE_PER_TEAM = 20
TEAMS_PER_DEPARTMENT = 20

Row = dict[str, Any]


def run() -> list[Row]:
    """Seconds of the whole and of each step; the floor is opening the same ballots in a loop."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'wellbeing.db'}")
        upgrade(database)
        _say("people and units")
        _make_people(database)
        rounds = RoundRunner(database, folder, datetime.now(UTC))
        round_id = rounds.open()
        _say("ballots")
        _fill_ballot_box(database, rounds, round_id)
        floor = _open_plainly(database, rounds, round_id)
        _say("publishing")
        steps, whole = _publish(rounds, round_id)
        if rounds.state(round_id) is not RoundState.PUBLISHED:
            raise AssertionError("the round was not published")
        database.close()
    answers = TEAMS * PEOPLE_PER_TEAM
    rows = [_row(f"publish {answers:,} answers of {TEAMS:,} teams", whole, floor)]
    return rows + [_row(f"of it: {step}", seconds, floor) for step, seconds in steps.items()]


def _make_people(database: Database) -> None:
    top = uuid4()
    departments = [uuid4() for _ in range(TEAMS // TEAMS_PER_DEPARTMENT)]
    teams = [uuid4() for _ in range(TEAMS)]
    people = [uuid4() for _ in range(TEAMS * PEOPLE_PER_TEAM)]
    with database.writing(Reach.EVERYTHING) as session:
        session.add(Unit(id=top, name="Kommune"))
        session.flush()
        _add_units(session, "Afdeling", dict.fromkeys(departments, top))
        over = (departments[at % len(departments)] for at in range(TEAMS))
        _add_units(session, "Team", dict(zip(teams, over, strict=True)))
        session.execute(
            insert(Person),
            [
                columns_of(
                    Person,
                    person,
                    id=person,
                    employee_number=str(at),
                    name=f"Person {at}",
                    language="da",
                    status=PersonStatus.ACTIVE,
                )
                for at, person in enumerate(people)
            ],
        )
        day = datetime(2024, 1, 1, tzinfo=UTC).date()
        session.execute(
            insert(Membership),
            [
                {"person_id": person, "unit_id": teams[at // PEOPLE_PER_TEAM], "from_day": day}
                for at, person in enumerate(people)
            ],
        )


def _add_units(session: Session, name: str, parent_of: dict[UUID, UUID]) -> None:
    rows = [
        {"id": unit, "parent_id": parent, "name": f"{name} {at}"}
        for at, (unit, parent) in enumerate(parent_of.items())
    ]
    session.execute(insert(Unit), rows)


def _fill_ballot_box(database: Database, rounds: RoundRunner, round_id: UUID) -> None:
    mac_key, wording = rounds.keys.get_mac(round_id), load_wording("da").sha256
    with database.writing(Reach.EVERYTHING) as session:
        public_key = session.get_one(Round, round_id).public_key
        assert public_key
        units = session.scalars(
            select(Participation.reporting_unit_id).where(Participation.round_id == round_id)
        ).all()
        rows = []
        for at, unit in enumerate(units):
            assert unit
            scores = (25 + at % 17, 18 + at % 13, 15 + at % 11)
            ballot_id = uuid4()
            sealed = seal_ballot(
                OpenedBallot(scores, unit, wording), ballot_id=ballot_id, public_key_hex=public_key
            )
            mac = ballot_mac(
                mac_key, ballot_id=ballot_id, round_id=round_id, unit_id=unit, sealed=sealed
            )
            rows.append({"id": ballot_id, "round_id": round_id, "unit_id": unit,
                         "sealed": sealed, "mac": mac})  # fmt: skip
        session.execute(insert(Ballot), rows)
        session.execute(
            update(Participation).where(Participation.round_id == round_id).values(done=True)
        )


def _open_plainly(database: Database, rounds: RoundRunner, round_id: UUID) -> float:
    with database.reading(Reach.EVERYTHING) as session:
        rows = session.execute(select(Ballot.id, Ballot.sealed)).all()
    opener = BallotOpener(rounds.keys.get_private(round_id))
    start = perf_counter()
    for ballot_id, sealed in rows:
        opener.open(sealed, ballot_id=ballot_id)
    return perf_counter() - start


def _publish(rounds: RoundRunner, round_id: UUID) -> tuple[dict[Step, float], float]:
    began: dict[Step, float] = {}
    publisher: Publisher = rounds.publisher()

    def note(step: Step) -> None:
        began[step] = perf_counter()

    publisher._on_step = note
    start = perf_counter()
    publisher.publish(round_id)
    end = perf_counter()
    seconds = [after - before for before, after in pairwise([*began.values(), end])]
    return dict(zip(began, seconds, strict=True)), end - start


def _say(line: str) -> None:
    sys.stderr.write(f"  {line} …\n")


def _row(name: str, value: float, floor: float) -> Row:
    return {"name": name, "value": value, "unit": "s", "floor": floor, "ratio": value / floor}
