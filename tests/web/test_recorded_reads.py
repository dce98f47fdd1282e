"""Every address either writes down who opened it or is named with why it does not."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.cast import WHO_PLAYS, Cast
from tests.web.addresses import address, ids, rules_of, settings, visit
from tests.web.conftest import ClientOf, Clock
from tests.web.support_seed import seed_held_session, seed_request
from tests.web.test_policy import EXPECTED
from wellbeing.actions.audit_log import find_break
from wellbeing.domain.roles import Role
from wellbeing.pdf import can_render_pdf
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.shared.reads import READS, Read, Shows

__all__ = ["ids", "settings"]
IN_OFFICE = (Role.LEADER, Role.HR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.EMPLOYEE)
READ_ACTS = {shows.value for shows in Shows}


def events(database: Database, after: int = 0) -> list[AuditEvent]:
    """The reads behind this event."""
    query = select(AuditEvent).where(AuditEvent.number > after, AuditEvent.act.in_(READ_ACTS))
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(query.order_by(AuditEvent.number)))


def last_number(database: Database) -> int:
    """The number of the newest event."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.max(AuditEvent.number))) or 0


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
    app: Flask, ids: Mapping[str, UUID], client_of: ClientOf, database: Database, clock: Clock
) -> None:
    browsers = {role: client_of(WHO_PLAYS[role]) for role in IN_OFFICE}
    wrong = {}
    for endpoint, read in READS.items():
        ways = [rule for rule, method in rules_of(app, endpoint) if method == "GET"]
        role = next((role for role in IN_OFFICE if role in EXPECTED[endpoint]), None)
        if not ways or role is None or (endpoint.endswith("_pdf") and not can_render_pdf()):
            continue
        if endpoint == "shared.sign_out":
            continue
        clock.forward(days=1)  # so that nothing is written down already
        before = last_number(database)
        shown = visit(browsers[role], address(app, ways[0], ids), "GET")
        found = {event.act for event in events(database, before)}
        is_shown = shown.status == 200
        expected = {kind.value for kind in read.shows} if isinstance(read, Read) else set()
        if found != (expected if is_shown else set()):
            wrong[endpoint] = (shown.status, found)
    assert wrong == {}
    with database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None


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
