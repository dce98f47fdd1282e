"""Every address either writes down who opened it or is named with why it does not."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import WHO_PLAYS, Cast
from tests.web.conftest import ClientOf, Clock
from tests.web.support_seed import seed_held_session, seed_request
from tests.web.test_policy import EXPECTED
from tests.web.walls.asking import ids_for, rules_of
from tests.web.walls.world import World
from wellbeing.actions.reads import Opened, record_opened
from wellbeing.domain.roles import Role
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.shared.reads import READS, Read, Shows

IN_OFFICE = (Role.LEADER, Role.HR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.EMPLOYEE)
# It ends the visit; and other systems come with a token of their own.
NOT_OPENED_BY_A_ROLE = {
    "shared.sign_out",
    "provisioning.scim",
    "api.units",
    "api.figures",
    "api.unit_figures",
    "api.ledger",
    "api.nothing",
}
READ_ACTS = {shows.value for shows in Shows}


def events(database: Database, after: int = 0) -> list[AuditEvent]:
    """The reads behind this event."""
    query = select(AuditEvent).where(AuditEvent.number > after, AuditEvent.act.in_(READ_ACTS))
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(query.order_by(AuditEvent.number)))


def test_every_address_is_in_the_table_of_reads(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(READS)


def test_why_a_page_is_not_written_down_is_said_in_a_sentence() -> None:
    reasons = {reason for reason in READS.values() if isinstance(reason, str)}
    assert all(reason.endswith(".") and len(reason) > 20 for reason in reasons)


def test_no_page_of_an_office_is_left_out_because_it_is_ones_own() -> None:
    areas = ("leader.", "hr.", "supervisor.", "admin.")
    named = {READS[e] for e in READS if e.startswith(areas) and isinstance(READS[e], str)}
    assert len(named) == 3


@pytest.mark.asvs("16.2.1", "16.3.3")
def test_every_page_that_shows_something_of_others_is_written_down_when_it_is_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def note(session: Session, opened: Sequence[Opened], **who: Any) -> None:
        record_opened(session, opened, **who)
        written.extend(one.act for one in opened)

    monkeypatch.setattr("wellbeing.web.shared.recorded_reads.record_opened", note)
    found, expected = {}, {}
    for endpoint, read in READS.items():
        ways = [rule for rule, method in rules_of(world.app, endpoint) if method == "GET"]
        role = next((role for role in IN_OFFICE if role in EXPECTED[endpoint]), None)
        if not ways or role is None or endpoint in NOT_OPENED_BY_A_ROLE:
            continue
        written.clear()
        path = world.address(ways[0], ids_for(world, ways[0], "team_a"))
        answer = world.ask(WHO_PLAYS[role], path)
        kinds = read.shows if isinstance(read, Read) else ()
        is_shown = answer.status_code == HTTPStatus.OK
        found[endpoint] = (set(written), "audit_event" in world.still.stored)
        expected[endpoint] = ({kind.value for kind in kinds if is_shown}, bool(kinds and is_shown))
    assert sum(is_told for _, is_told in expected.values()) > 25
    assert {e: found[e] for e in found if found[e] != expected[e]} == {}


def test_an_event_says_who_in_which_role_of_what_on_which_day_and_once(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    hanne, susan = client_of("Hanne"), client_of("Susan")
    for _ in range(2):
        hanne.get("/hr/ledger")
        susan.get("/supervisor")
    of_hr, of_supervisor = events(database)
    assert of_hr.by == f"person:{cast.people['Hanne']}"
    assert (of_hr.act, of_hr.subject) == ("support.read", "organisation")
    assert of_hr.details == {"roles": ["hr"], "day": "2026-02-02"}
    assert of_supervisor.subject == str(cast.people["Susan"])


def test_what_is_for_a_single_person_is_written_down_without_whom_it_is_for(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        seed_request(session, cast.people["Tom"], now=clock.now())
        who = [cast.people["Tom"]]
        talk = seed_held_session(session, cast, now=clock.now(), unit=None, invited=who)
    hanne = client_of("Hanne")
    hanne.get("/hr/requests")
    hanne.get(f"/hr/sessions/{talk['session_id']}")
    (event,) = events(database)
    assert (event.act, event.subject) == ("talks.read", "organisation")
    told = f"{event.by} {event.subject} {event.details}"
    assert not any(str(id_) in told for id_ in (cast.people["Tom"], *talk.values()))


def test_what_an_employee_opens_of_their_own_is_nowhere(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    eva = client_of("Eva")
    for path in ("/", "/my-unit", "/my-unit/support", "/support", "/incidents", "/me", "/me/log"):
        eva.get(path)
    eva.get(f"/teams/{cast.units['team_a']}", 404)
    assert events(database) == []


def test_a_page_that_is_shown_again_with_a_fault_is_written_down_too(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    client_of("Lis").post(f"/teams/{cast.units['team_a']}/support/wish", status=422)
    assert [event.act for event in events(database)] == ["support.read"]
