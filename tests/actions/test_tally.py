"""A round is counted the same in batches, by several processes and ballot by ballot."""

from random import Random
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.rounds import RoundRunner
from wellbeing.actions import tally as module
from wellbeing.actions.tally import Tally, count_round
from wellbeing.crypto.ballots import BallotOpener, is_ballot_mac
from wellbeing.store.org import RoundUnit
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.reach import Reach

TEAMS = ("team_a", "team_b", "team_c")


def _random_round(rounds: RoundRunner, cast: Cast) -> UUID:
    random, round_id = Random(81), rounds.open()
    for person in (person for team in TEAMS for person in cast.members_of(team)):
        if random.random() < 0.8:
            rounds.answer(round_id, person, tuple(random.choices(range(6), k=30)))
    return round_id


def _count(rounds: RoundRunner, round_id: UUID) -> Tally:
    private_key, mac_key = rounds.keys.get_private(round_id), rounds.keys.get_mac(round_id)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        return count_round(session, round_id, private_key, mac_key)


def _count_one_by_one(rounds: RoundRunner, round_id: UUID) -> list[tuple[UUID, list[int]]]:
    """As rounds were counted before there were batches: whole rows, in the order of their ids."""
    opener = BallotOpener(rounds.keys.get_private(round_id))
    mac_key, counted = rounds.keys.get_mac(round_id), []
    with rounds.database.reading(Reach.EVERYTHING) as session:
        for row in session.scalars(select(Ballot).order_by(Ballot.id)):
            ids = {"ballot_id": row.id, "round_id": round_id, "unit_id": row.unit_id}
            assert is_ballot_mac(row.mac, mac_key, **ids, sealed=row.sealed)
            opened = opener.open(row.sealed, ballot_id=row.id)
            counted.append((opened.unit_id, list(opened.scores)))
    return counted


@pytest.mark.parametrize(("batch", "cores"), [(1, 1), (4, 2), (1000, 2)])
def test_batches_and_processes_change_nothing(
    rounds: RoundRunner, cast: Cast, monkeypatch: pytest.MonkeyPatch, batch: int, cores: int
) -> None:
    round_id = _random_round(rounds, cast)
    monkeypatch.setattr(module, "BATCH", batch)
    monkeypatch.setattr(module, "count_cores", lambda: cores)
    monkeypatch.setattr(module, "WORTH_SPREADING", 1)
    counted = _count(rounds, round_id)
    units = [counted.unit_ids[unit] for unit in counted.unit_of]
    one_by_one = _count_one_by_one(rounds, round_id)
    assert len(one_by_one) > 4
    assert list(zip(units, counted.scores.tolist(), strict=True)) == one_by_one


def test_everyone_asked_who_can_be_counted_is_on_the_roster(
    rounds: RoundRunner, cast: Cast
) -> None:
    round_id = _random_round(rounds, cast)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        asked = session.scalars(
            select(Participation.reporting_unit_id).where(
                Participation.reporting_unit_id.is_not(None)
            )
        ).all()
        units = session.scalars(select(RoundUnit.unit_id).order_by(RoundUnit.path)).all()
    counted = _count(rounds, round_id)
    assert counted.unit_ids == tuple(units)
    assert sorted(counted.roster_of.tolist()) == sorted(units.index(unit) for unit in asked if unit)


def test_a_round_nobody_answered_has_no_ballots(rounds: RoundRunner, cast: Cast) -> None:
    counted = _count(rounds, rounds.open())
    assert counted.scores.shape == (0, 3)
    assert counted.scores.dtype == np.int16
    assert counted.unit_of.size == 0
    assert counted.roster_of.size > 0
