"""Whoever opens a unit's figures is written down before they see them."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select, text

from tests.cast import Cast
from tests.web.conftest import ClientOf, on_both_databases
from tests.web.past import page_of
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.figures import find_rounds
from wellbeing.actions.reads import count_reads
from wellbeing.domain.actor import Actor
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


def reads(database: Database) -> Sequence[AuditEvent]:
    """Every read in the log, which must be whole."""
    query = select(AuditEvent).where(AuditEvent.act == "figures.read").order_by(AuditEvent.number)
    with database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None
        return session.scalars(query).all()


@on_both_databases
def test_opening_a_unit_is_written_down_with_reader_role_and_round(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    client_of("Lis").get(page_of("team_a", cast))
    (event,) = reads(database)
    with database.reading(Reach.WORKPLACE) as session:
        rounds = find_rounds(session)
    assert event.by == str(Actor.person(cast.people["Lis"]))
    assert event.subject == str(cast.units["team_a"])
    latest = str(rounds[-1].round_id) if rounds else None
    assert event.details == {"roles": ["leader"], "round": latest, "day": "2026-02-02"}


def test_a_role_that_does_not_reach_the_unit_is_not_named(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        lis = cast.people["Lis"]
        for role, unit in ((Role.HR, "department_2"), (Role.SAFETY_REPRESENTATIVE, "team_a")):
            session.add(RoleGrant(person_id=lis, role=role, unit_id=cast.units[unit]))
    lis_reads = client_of("Lis")
    lis_reads.get(page_of("team_a", cast))
    lis_reads.get(page_of("team_b", cast))
    assert [event.details["roles"] for event in reads(database)] == [
        ["leader", "safety_representative"],
        ["hr"],
    ]


def test_reads_are_counted_by_role_for_the_round_that_was_the_latest(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    for name, unit in (("Lis", "team_a"), ("Ole", "team_b"), ("Hanne", "team_a")):
        client_of(name).get(page_of(unit, cast))
    client_of("Lis").get(page_of("team_a", cast))
    with database.reading(Reach.WORKPLACE) as session:
        rounds = find_rounds(session)
        assert count_reads(session, rounds[-1].round_id) == {
            Role.LEADER: 2,
            Role.HR: 1,
            Role.SAFETY_REPRESENTATIVE: 0,
        }
        assert set(count_reads(session, rounds[-2].round_id).values()) == {0}


@pytest.mark.parametrize("rounds_past", [0])
def test_opening_a_unit_before_the_first_round_names_no_round(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    client_of("Lis").get(page_of("team_a", cast))
    assert [event.details["round"] for event in reads(database)] == [None]


def test_a_chart_alone_and_the_list_are_written_down_and_a_unit_out_of_reach_is_not(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    lis = client_of("Lis")
    lis.get(f"{page_of('team_a', cast)}/BO.svg")
    lis.get(page_of("team_a", cast))
    lis.get(page_of("team_b", cast), 404)
    client_of("Hanne").get("/teams")
    assert [(event.subject, event.details["roles"]) for event in reads(database)] == [
        (str(cast.units["team_a"]), ["leader"]),
        ("organisation", ["hr"]),
    ]


@pytest.mark.asvs("16.5.3")
def test_a_read_that_cannot_be_written_down_shows_no_page(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON audit_event "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        )
    shown = client_of("Lis").get(page_of("team_a", cast), 500)
    assert "Anemonen" not in shown.text
    assert "33" not in shown.text
