"""The page of whoever leads sessions."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.actions.desk import give_hours
from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.seed import seed_for_unit
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import Availability
from wellbeing.store.support import SessionState, SupportSession


@pytest.fixture
def areas() -> tuple[str, ...]:
    """The area runs as a process of its own."""
    return ("supervisor",)


@pytest.fixture
def ids(database: Database, cast: Cast, clock: Clock) -> Mapping[str, UUID]:
    """A session of Susan's in team A, held yesterday and not yet written down."""
    with database.writing(Reach.EVERYTHING) as session:
        return seed_for_unit(session, cast, "team_a", now=clock.now())


@pytest.mark.parametrize(
    ("language", "says"),
    [("da", "Du har ingen møder på vej"), ("en", "No session is planned for you")],
)
def test_an_empty_page_says_so_kindly(client_of: ClientOf, language: str, says: str) -> None:
    assert says in client_of("Susan", language=language).get("/supervisor").text


@on_both_databases
@pytest.mark.parametrize("language", ["da", "en"])
def test_a_session_shows_unit_form_time_place_and_how_many(
    client_of: ClientOf, ids: Mapping[str, UUID], language: str
) -> None:
    text = client_of("Susan", language=language).get("/supervisor").text
    assert "Østerhus / Bostøtte / Anemonen" in text
    assert "Mødelokale 2" in text
    expected = {
        "da": ("Teamsupervision", "søndag den 1. februar 2026 kl. 10.00", "60 minutter", "8 pers"),
        "en": ("Team supervision", "Sunday, 1 February 2026 at 10:00", "60 minutes", "8 people"),
    }
    assert all(words in text for words in expected[language])


def test_nobody_invited_is_named(client_of: ClientOf, ids: Mapping[str, UUID]) -> None:
    text = client_of("Susan").get("/supervisor").text
    assert not any(name in text for name in ("Eva", "Tom", "Sara", "Lis"))


def test_what_is_to_be_written_down_comes_first_and_then_what_is_ahead(
    client_of: ClientOf, database: Database, clock: Clock, ids: Mapping[str, UUID]
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        first = session.get_one(SupportSession, ids["session_id"])
        ahead = SupportSession(
            offer_id=first.offer_id,
            supervisor_id=first.supervisor_id,
            starts_at=clock.now() + timedelta(days=7),
            ends_at=clock.now() + timedelta(days=7, hours=1),
            place="Kantinen",
            state=SessionState.SCHEDULED,
        )
        session.add(ahead)
    text = client_of("Susan", language="en").get("/supervisor").text
    order = ("First of all", "Mødelokale 2", "Sessions to come", "Kantinen")
    assert sorted(order, key=text.index) == list(order)


def test_a_cancelled_session_is_gone(
    client_of: ClientOf, database: Database, ids: Mapping[str, UUID]
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(SupportSession, ids["session_id"]).state = SessionState.CANCELLED
    assert "Mødelokale 2" not in client_of("Susan").get("/supervisor").text


def test_another_supervisor_does_not_see_it(
    client_of: ClientOf, database: Database, cast: Cast, ids: Mapping[str, UUID]
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=cast.people["Dina"], role=Role.SUPERVISOR))
    assert "Mødelokale 2" not in client_of("Dina").get("/supervisor").text


@on_both_databases
def test_a_supervisor_gives_hours_and_days_away(client_of: ClientOf, cast: Cast) -> None:
    browser, path = client_of("Susan", language="en"), "/supervisor/availability"
    page = browser.get(path)
    assert "Begin here" in page.text
    assert "outside the organisation" not in page.text
    profile = {"do": "profile", "profile-forms": ["defusing"], "profile-sessions_a_week": "4"}
    browser.post(path, {**profile, "profile-is_external": "y"})
    hours = {
        "do": "hours",
        "hours-weekday": "0",
        "hours-from_time": "09:00",
        "hours-until_time": "12:00",
        "hours-from_day": "2026-02-02",
    }
    browser.post(path, hours)
    assert "Monday 09:00–12:00, from 2 February 2026" in browser.get(path).text


def test_a_supervisor_cannot_remove_another_one_s_hours(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=cast.people["Dina"], role=Role.SUPERVISOR))
        session.flush()
        give_hours(session, cast.people["Dina"], clock.now())
        row = session.scalars(select(Availability.id)).first()
    client_of("Susan").post("/supervisor/availability", {"remove": str(row)}, 404)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get(Availability, row) is not None
