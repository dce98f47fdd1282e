"""Reporting groups, and the second person who must approve a changed tree."""

from uuid import UUID

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.rounds import BY, STEADY, ZONE, RoundRunner
from wellbeing.actions.opening import open_round
from wellbeing.actions.structure import (
    approve,
    dissolve_group,
    find_changes,
    find_counted_in,
    form_group,
    is_approved,
)
from wellbeing.actions.units import find_scope
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.roles import Role
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.org import Membership, Round, RoundState, RoundUnit, Unit
from wellbeing.store.personal import Participation
from wellbeing.store.reach import Reach

HANNE, HUGO = Actor.command("Hanne"), Actor.command("Hugo")


@pytest.fixture
def team_d(rounds: RoundRunner, cast: Cast) -> UUID:
    """A second small team beside Kløveren: two of Anemonen's people move there."""
    team = Unit(parent_id=cast.units["department_1"], name="Dalien")
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.add(team)
        session.flush()
        for name in ("Gry", "Jens"):
            home = session.scalars(
                select(Membership).where(Membership.person_id == cast.people[name])
            ).one()
            home.unit_id = team.id
    return team.id


def _form(rounds: RoundRunner, *teams: UUID) -> UUID:
    with rounds.database.writing(Reach.WORKPLACE) as session:
        return form_group(session, teams, now=rounds.now, by=HANNE).id


def _try_to_open(rounds: RoundRunner) -> bool:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
        planned.opens_at = rounds.now
        return open_round(session, planned.id, keys=rounds.keys, zone=ZONE, now=rounds.now, by=BY)


def test_the_first_round_needs_no_approval(rounds: RoundRunner, cast: Cast, team_d: UUID) -> None:
    _form(rounds, cast.units["team_c"], team_d)
    rounds.open()


def test_a_group_stands_between_its_teams_and_their_unit(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    group = _form(rounds, cast.units["team_c"], team_d)
    round_id = rounds.open()
    with rounds.database.reading(Reach.EVERYTHING) as session:
        member = session.get_one(RoundUnit, (round_id, team_d))
        above = session.get_one(RoundUnit, (round_id, group))
    assert (member.parent_unit_id, member.pooled) == (group, True)
    assert (above.parent_unit_id, above.pooled) == (cast.units["department_1"], False)
    assert above.path == "Østerhus / Bostøtte / Dalien, Kløveren"


def test_a_leader_of_a_team_in_a_group_counts_above_the_group(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    _form(rounds, cast.units["team_a"], team_d)
    round_id = rounds.open()
    with rounds.database.reading(Reach.EVERYTHING) as session:
        leader = session.get_one(Participation, (round_id, cast.people["Lis"]))
    assert leader.reporting_unit_id == cast.units["department_1"]


def test_a_changed_tree_opens_no_round_until_somebody_else_approves(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    assert rounds.publish(rounds.open())
    _form(rounds, cast.units["team_c"], team_d)
    rounds.forward(days=95)
    with pytest.raises(Refused, match="must approve"):
        _try_to_open(rounds)
    with rounds.database.writing(Reach.WORKPLACE) as session:
        with pytest.raises(Refused, match="somebody else"):
            approve(session, now=rounds.now, by=HANNE)
        assert approve(session, now=rounds.now, by=HUGO) > 0
    assert _try_to_open(rounds)


def test_approval_is_for_exactly_the_tree_that_was_seen(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    assert rounds.publish(rounds.open())
    _form(rounds, cast.units["team_c"], team_d)
    with rounds.database.writing(Reach.WORKPLACE) as session:
        approve(session, now=rounds.now, by=HUGO)
        assert is_approved(session)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_b"]).name = "Renamed"
    with rounds.database.reading(Reach.WORKPLACE) as session:
        assert not is_approved(session)


def test_approving_tells_the_people_it_concerns_once(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    assert rounds.publish(rounds.open())
    _form(rounds, cast.units["team_c"], team_d)
    with rounds.database.writing(Reach.WORKPLACE) as session:
        assert approve(session, now=rounds.now, by=HUGO) == 5
        assert approve(session, now=rounds.now, by=HUGO) == 0
        told = set(
            session.scalars(
                select(OutboxMessage.person_id).where(OutboxMessage.kind == "structure_changed")
            )
        )
    names = ("Otto", "Ulla", "Viggo", "Gry", "Jens")
    assert told == {cast.people[name] for name in names}


def test_an_unchanged_tree_needs_no_approval(rounds: RoundRunner) -> None:
    assert rounds.publish(rounds.open())
    with rounds.database.reading(Reach.WORKPLACE) as session:
        assert find_changes(session) == []
        assert is_approved(session)


def test_dissolving_a_group_counts_its_teams_apart_again(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    group = _form(rounds, cast.units["team_c"], team_d)
    with rounds.database.writing(Reach.WORKPLACE) as session:
        dissolve_group(session, group, now=rounds.now, by=HANNE)
        dissolve_group(session, group, now=rounds.now, by=HANNE)
    round_id = rounds.open()
    with rounds.database.reading(Reach.EVERYTHING) as session:
        member = session.get_one(RoundUnit, (round_id, team_d))
    assert (member.parent_unit_id, member.pooled) == (cast.units["department_1"], False)


@pytest.mark.parametrize(
    ("teams", "words"),
    [
        (["team_c"], "at least two"),
        (["team_c", "team_c"], "at least two"),
        (["team_a", "team_b"], "same unit"),
        (["department_1", "department_2"], "same unit"),
    ],
)
def test_only_teams_of_one_unit_can_be_counted_together(
    rounds: RoundRunner, cast: Cast, teams: list[str], words: str
) -> None:
    with (
        rounds.database.writing(Reach.WORKPLACE) as session,
        pytest.raises(BadInput, match=words),
    ):
        form_group(session, [cast.units[team] for team in teams], now=rounds.now, by=HANNE)


def test_a_team_is_in_one_group_only(rounds: RoundRunner, cast: Cast, team_d: UUID) -> None:
    _form(rounds, cast.units["team_c"], team_d)
    with pytest.raises(BadInput, match="already"):
        _form(rounds, cast.units["team_a"], team_d)


def test_a_leader_reaches_the_group_their_team_is_in(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    group = _form(rounds, cast.units["team_a"], team_d)
    with rounds.database.reading(Reach.WORKPLACE) as session:
        scope = find_scope(session, cast.people["Lis"], frozenset({Role.LEADER}))
        stranger = find_scope(session, cast.people["Ole"], frozenset({Role.LEADER}))
    assert scope == {cast.units["team_a"], group}
    assert group not in stranger


def test_everyone_can_see_what_they_are_counted_as(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    _form(rounds, cast.units["team_c"], team_d)
    with rounds.database.reading(Reach.EMPLOYEE) as session:
        today = rounds.now.date()
        assert find_counted_in(session, cast.people["Otto"], today=today) == (
            "Østerhus / Bostøtte / Dalien, Kløveren"
        )
        assert find_counted_in(session, cast.people["Susan"], today=today) is None


def test_a_group_of_small_teams_gets_a_line_of_its_own(
    rounds: RoundRunner, cast: Cast, team_d: UUID
) -> None:
    from wellbeing.actions.record import read_records

    _form(rounds, cast.units["team_c"], team_d)
    round_id = rounds.open()
    people = [cast.people[name] for name in ("Otto", "Ulla", "Viggo", "Gry", "Jens")]
    rounds.answer_all(round_id, people, STEADY)
    assert rounds.publish(round_id)
    with rounds.database.reading(Reach.WORKPLACE) as session:
        (record,) = read_records(session)
    (group,) = record.groups
    assert group.label == "Østerhus / Bostøtte / Dalien, Kløveren"
    assert group.n == 5
    marks = {mark.unit: (mark.reason, mark.counted_in) for mark in record.withheld}
    assert marks["Østerhus / Bostøtte / Dalien"] == ("pooled", group.id)
    assert marks["Østerhus / Bostøtte / Kløveren"] == ("pooled", group.id)
