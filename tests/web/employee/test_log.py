"""Who looked at what concerns me: everything of that, and nothing of anybody else."""

from datetime import timedelta

import pytest

from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import EITHER_LANGUAGE
from tests.web.seed import add_incident
from tests.web.support_seed import seed_held_session
from wellbeing.actions import accounts
from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.store.incidents import IncidentAffected
from wellbeing.store.org import Membership
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.admin import wording
from wellbeing.web.employee import log_words

PAGE = "/me/log"
OF_A_PERSON = ("calendar", "identity", "key", "passkey", "password", "person", "sign_in")


def test_what_is_done_with_an_account_has_words_of_its_own() -> None:
    acts = {act for act in wording.ACTS if act.partition(".")[0] in OF_A_PERSON}
    assert acts - {"person.erased"} <= set(log_words.ACTS)


@EITHER_LANGUAGE
def test_a_page_without_lines_is_kind(client_of: ClientOf, language: str) -> None:
    shown = client_of("Eva", language=language).get(PAGE)
    assert {"en": "Nobody has looked yet", "da": "Ingen har kigget endnu"}[language] in shown.text


@on_both_databases
def test_whoever_opened_the_figures_of_my_unit_is_named_with_office_and_day(
    client_of: ClientOf, cast: Cast
) -> None:
    client_of("Lis").get(f"/teams/{cast.units['team_a']}")
    client_of("Hanne").get("/teams")
    client_of("Ole").get(f"/teams/{cast.units['team_b']}")
    text = client_of("Eva", language="en").get(PAGE).text
    assert "2 February 2026 Lis Vestergaard (leader) Opened the figures of Anemonen" in text
    assert "Hanne Thomsen (HR) Opened the figures of the whole organisation" in text
    assert "Ole" not in text
    assert "10.00" not in text
    assert "Lis Vestergaard" not in client_of("Mia", language="en").get(PAGE).text


def test_another_system_that_took_figures_out_is_told_as_such(
    client_of: ClientOf, cast: Cast, database: Database, clock: Clock
) -> None:
    unit, day = str(cast.units["team_a"]), clock.now().date().isoformat()
    with database.writing(Reach.EVERYTHING) as session:
        for act in ("figures.taken", "support.taken"):
            details = {"roles": [], "day": day, "token": "x"}
            by = Actor.system("BI")
            record(session, act, unit, by=by, now=clock.now(), **details)
    text = client_of("Eva", language="en").get(PAGE).text
    assert "Another system of your workplace Took the figures of Anemonen out as a file" in text
    assert "Another system of your workplace Took the support for Anemonen out as a file" in text


def test_whoever_looked_themselves_reads_you(client_of: ClientOf, cast: Cast) -> None:
    lis = client_of("Lis", language="en")
    lis.get(f"/teams/{cast.units['department_1']}", 404)
    with_role = client_of("Sara", language="en")
    with_role.get(f"/teams/{cast.units['team_a']}/support")
    text = with_role.get(PAGE).text
    assert "You (safety representative) Opened the support for Anemonen" in text


def test_the_list_of_requests_is_told_to_whoever_asked_and_to_whoever_did_not(
    client_of: ClientOf,
) -> None:
    client_of("Hanne").get("/hr/requests")
    told = "Opened the list of people's own requests and talks in the whole organisation"
    for name in ("Eva", "Tom", "Mia"):
        assert told in client_of(name, language="en").get(PAGE).text


def test_what_an_administrator_did_with_my_account_is_told_to_me_alone(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    by = Actor.person(cast.people["Adam"])
    with database.writing(Reach.ADMIN) as session:
        accounts.send_link(session, cast.people["Eva"], by=by, now=clock.now())
        record(session, "person.odd_act", str(cast.people["Eva"]), by=by, now=clock.now())
        left = [str(cast.people["Eva"])]
        by = Actor.command("import-staff")
        record(session, "staff.imported", "staff", by=by, now=clock.now(), roles=left)
    text = client_of("Eva", language="en").get(PAGE).text
    assert "Adam Ravn Sent you a link to choose a password" in text
    assert "Adam Ravn Changed something about your account" in text
    assert "Whoever runs Wellbeing, on the server Changed something about you" in text
    assert "Nobody has looked yet" in client_of("Tom", language="en").get(PAGE).text


def test_sessions_and_incidents_that_i_am_part_of_are_told(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    by = Actor.person(cast.people["Hanne"])
    with database.writing(Reach.EVERYTHING) as session:
        eva = cast.people["Eva"]
        held = seed_held_session(session, cast, now=clock.now(), invited=[eva])
        incident = add_incident(session, cast.units["organisation"], now=clock.now())
        session.add(IncidentAffected(incident_id=incident, person_id=eva))
        record(session, "session.moved", str(held["session_id"]), by=by, now=clock.now())
        record(session, "incident.closed", str(incident), by=by, now=clock.now())
    client_of("Susan").get("/supervisor")
    text = client_of("Eva", language="en").get(PAGE).text
    assert "Hanne Thomsen Moved a session that you have a place in" in text
    assert "Hanne Thomsen Closed an incident that you are part of" in text
    assert "Susan Clarke (supervisor) Opened the sessions they lead" in text
    assert "Nobody has looked yet" in client_of("Mia", language="en").get(PAGE).text


def test_what_was_read_before_i_came_or_after_i_left_is_not_mine(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    client_of("Ole").get(f"/teams/{cast.units['team_b']}")
    clock.forward(days=2)
    today = clock.now().date()
    with database.writing(Reach.EVERYTHING) as session:
        query = session.query(Membership).filter_by(person_id=cast.people["Eva"])
        query.one().until_day = today
        session.add(
            Membership(person_id=cast.people["Eva"], unit_id=cast.units["team_b"], from_day=today)
        )
    client_of("Lis").get(f"/teams/{cast.units['team_a']}")
    text = client_of("Eva", language="en").get(PAGE).text
    assert "Ole" not in text
    assert "Lis" not in text
    client_of("Ole").get(f"/teams/{cast.units['team_b']}/support")
    assert "Ole Nørgaard (leader) Opened the support for Bøgen" in (
        client_of("Eva", language="en").get(PAGE).text
    )


@pytest.mark.parametrize("page", ["2", "99", "-1", "x", "9" * 30])
def test_the_list_comes_in_pages_and_any_number_finds_one(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, page: str
) -> None:
    by = Actor.person(cast.people["Adam"])
    with database.writing(Reach.ADMIN) as session:
        for number in range(51):
            moment = clock.now() - timedelta(days=number)
            record(session, "person.link_sent", str(cast.people["Eva"]), by=by, now=moment)
    eva = client_of("Eva", language="en")
    shown = eva.get(f"{PAGE}?page={page}")
    assert shown.html.count('<th scope="row"') in (1, 50)
    assert f'href="{PAGE}' in eva.get("/me").html
