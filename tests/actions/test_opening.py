"""Opening a round freezes who is asked, where each counts, and with which words."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.cast import Cast
from tests.rounds import BY, ZONE, RoundRunner
from wellbeing.actions.opening import open_round
from wellbeing.actions.programmes import open_now
from wellbeing.domain.errors import Refused
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership, Round, RoundState, RoundUnit, RoundWording, Unit
from wellbeing.store.personal import Participation
from wellbeing.store.reach import Reach


def _reporting_unit(rounds: RoundRunner, round_id: object, person_id: object) -> object:
    with rounds.database.reading(Reach.EVERYTHING) as session:
        return session.get_one(Participation, (round_id, person_id)).reporting_unit_id


def test_everyone_who_works_there_is_on_the_roster_once(rounds: RoundRunner, cast: Cast) -> None:
    round_id = rounds.open()
    with rounds.database.reading(Reach.EVERYTHING) as session:
        people = set(session.scalars(select(Participation.person_id)))
        working = set(session.scalars(select(Membership.person_id)))
        disabled = cast.people["Dan"]
    assert people == working - {disabled}
    assert rounds.state(round_id) is RoundState.OPEN


def test_an_employee_counts_at_home(rounds: RoundRunner, cast: Cast) -> None:
    round_id = rounds.open()
    assert _reporting_unit(rounds, round_id, cast.people["Eva"]) == cast.units["team_a"]


def test_a_leader_counts_above_what_they_lead(rounds: RoundRunner, cast: Cast) -> None:
    round_id = rounds.open()
    assert _reporting_unit(rounds, round_id, cast.people["Lis"]) == cast.units["department_1"]


def test_a_leader_of_two_units_counts_above_both(rounds: RoundRunner, cast: Cast) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        for unit in ("department_1", "team_b"):
            session.add(
                RoleGrant(person_id=cast.people["Lis"], role=Role.LEADER, unit_id=cast.units[unit])
            )
    round_id = rounds.open()
    assert _reporting_unit(rounds, round_id, cast.people["Lis"]) == cast.units["organisation"]


def test_whoever_leads_everything_counts_nowhere(rounds: RoundRunner, cast: Cast) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.add(
            RoleGrant(
                person_id=cast.people["Adam"],
                role=Role.LEADER,
                unit_id=cast.units["organisation"],
            )
        )
    round_id = rounds.open()
    assert _reporting_unit(rounds, round_id, cast.people["Adam"]) is None


def test_the_tree_is_frozen_with_its_paths(rounds: RoundRunner, cast: Cast) -> None:
    round_id = rounds.open()
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_a"]).name = "Renamed"
    with rounds.database.reading(Reach.EVERYTHING) as session:
        unit = session.get_one(RoundUnit, (round_id, cast.units["team_a"]))
    assert unit.path == "Østerhus / Bostøtte / Anemonen"
    assert unit.parent_unit_id == cast.units["department_1"]


def test_the_wordings_are_recorded_with_their_hash(rounds: RoundRunner) -> None:
    round_id = rounds.open()
    with rounds.database.reading(Reach.EVERYTHING) as session:
        wordings = session.scalars(
            select(RoundWording).where(RoundWording.round_id == round_id)
        ).all()
    assert {wording.locale for wording in wordings} == {"da", "en"}
    assert all(len(wording.sha256) == 64 for wording in wordings)


def test_opening_twice_changes_nothing(rounds: RoundRunner) -> None:
    round_id = rounds.open()
    with rounds.database.writing(Reach.EVERYTHING) as session:
        public_key = session.get_one(Round, round_id).public_key
        assert not open_round(session, round_id, keys=rounds.keys, zone=ZONE, now=rounds.now, by=BY)
        assert session.get_one(Round, round_id).public_key == public_key


def test_the_next_round_is_planned_when_one_opens(rounds: RoundRunner) -> None:
    rounds.open()
    with rounds.database.reading(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
    assert planned.number == 2
    assert planned.opens_at.astimezone(ZONE).month == 5


def test_a_second_round_waits_for_the_running_one(rounds: RoundRunner) -> None:
    rounds.open()
    rounds.forward(days=60)
    with pytest.raises(Refused, match="still running"):
        rounds.open()


def test_a_round_less_than_thirty_days_after_another_is_refused(rounds: RoundRunner) -> None:
    first = rounds.open()
    assert rounds.publish(first)
    rounds.forward(days=29)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round.id).where(Round.state == RoundState.PLANNED)).one()
        with pytest.raises(Refused, match="at least 30 days apart"):
            open_now(session, planned, now=rounds.now, by=BY)
        assert open_now(session, planned, now=rounds.now + timedelta(days=1), by=BY)


def test_a_round_whose_days_passed_unseen_is_held_later(rounds: RoundRunner) -> None:
    round_id = rounds.open()
    with rounds.database.writing(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round.id).where(Round.state == RoundState.PLANNED)).one()
        session.get_one(Round, round_id).state = RoundState.PUBLISHED
        late = rounds.now + timedelta(days=200)
        assert not open_round(session, planned, keys=rounds.keys, zone=ZONE, now=late, by=BY)
        postponed = session.get_one(Round, planned)
        assert postponed.state is RoundState.PLANNED
        assert postponed.opens_at > late


def test_whoever_is_disabled_before_opening_is_not_asked(rounds: RoundRunner, cast: Cast) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Eva"]).status = PersonStatus.DISABLED
    rounds.open()
    with rounds.database.reading(Reach.EVERYTHING) as session:
        asked = session.scalar(
            select(func.count())
            .select_from(Participation)
            .where(Participation.person_id == cast.people["Eva"])
        )
    assert asked == 0


def test_a_round_planned_too_near_another_is_held_later_instead_of_never(
    rounds: RoundRunner,
) -> None:
    assert rounds.publish(rounds.open())
    near = rounds.now + timedelta(days=20)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
        planned.opens_at, planned.closes_at = near, near + timedelta(days=14)
        assert not open_round(session, planned.id, keys=rounds.keys, zone=ZONE, now=near, by=BY)
        assert planned.opens_at >= rounds.now + timedelta(days=30)
