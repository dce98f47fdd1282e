"""Talks and sessions that people look after themselves."""

import re
from datetime import date, datetime, time
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.actions.desk import HR, ZONE, give_hours
from tests.cast import Cast
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, on_both_databases
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.scheduling import schedule
from wellbeing.actions.session_times import SessionValues
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Booking

PATH = "/support/sessions"
SLOT = re.compile(r'name="slot" value="([^"]+)"')


@pytest.fixture
def desk(database: Database, cast: Cast, now: datetime) -> None:
    """Susan gives hours and has a video link."""
    with database.writing(Reach.EVERYTHING) as session:
        give_hours(session, cast.people["Susan"], now)


def make_session(database: Database, cast: Cast, now: datetime, seats: int | None) -> UUID:
    """Team supervision of team A, with so many places or for all."""
    values = SessionValues(
        SupportForm.TEAM_SUPERVISION,
        cast.people["Susan"],
        date(2026, 2, 9),
        time(13),
        90,
        "Loftet",
        seats=seats,
    )
    with database.writing(Reach.EVERYTHING) as session:
        offer = offer_to_unit(
            session, cast.units["team_a"], values.form, today=now.date(), now=now, by=HR
        )
        return schedule(session, offer.id, values, zone=ZONE, now=now, by=HR).id


def count_bookings(database: Database) -> int:
    """How many rows there are."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(Booking)) or 0


def free_times(browser: Browser, form: str = "crisis_help") -> list[str]:
    """The values of the free times shown first."""
    return SLOT.findall(browser.get(f"{PATH}?form={form}").html)


@pytest.mark.parametrize(
    ("language", "says"),
    [("da", "Der er ikke noget på vej til dig."), ("en", "Nothing is planned for you.")],
)
def test_an_empty_page_says_so(client_of: ClientOf, language: str, says: str) -> None:
    page = client_of("Eva", language=language).get(PATH)
    assert says in page.text


def test_without_free_times_the_page_says_whom_to_turn_to(client_of: ClientOf) -> None:
    text = client_of("Eva", language="en").get(f"{PATH}?form=defusing").text
    assert "There are no free times right now" in text


@on_both_databases
def test_a_free_time_is_booked_shown_and_given_back(
    client_of: ClientOf, database: Database, desk: None
) -> None:
    browser = client_of("Eva", language="en")
    slot = free_times(browser)[0]
    shown = browser.post(PATH, {"do": "book", "form": "crisis_help", "slot": slot})
    assert shown.location == PATH
    page = browser.get(PATH)
    assert "The time is yours." in page.text
    assert "Crisis help Monday, 2 February 2026 at 12:00, 60 minutes" in page.text
    assert slot not in free_times(browser)
    session_id = re.findall(r'name="session" value="([^"]+)"', page.html)[0]
    browser.post(PATH, {"do": "step-back", "session": session_id})
    page = browser.get(PATH)
    assert "nothing about it is kept" in page.text
    assert "Nothing is planned for you." in page.text
    assert count_bookings(database) == 0


def test_a_talk_by_video_has_its_link(client_of: ClientOf, desk: None) -> None:
    browser = client_of("Eva", language="en")
    slot = free_times(browser)[0]
    fields = {"do": "book", "form": "crisis_help", "slot": slot, "meet": "video"}
    browser.post(PATH, fields)
    assert 'href="https://video.example/susan"' in browser.get(PATH).html


def test_whoever_was_slower_is_told_and_keeps_what_they_had_chosen(
    client_of: ClientOf, desk: None
) -> None:
    eva, tom = client_of("Eva"), client_of("Tom", language="en")
    slot = free_times(eva)[0]
    fields = {"do": "book", "form": "crisis_help", "slot": slot, "meet": "video"}
    eva.post(PATH, fields)
    page = tom.post(PATH, fields, 422)
    assert "That time is no longer free." in page.text
    assert 'value="video" checked' in page.html
    assert '<option value="crisis_help" selected' in page.html


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"do": "book"},
        {"do": "book", "form": "crisis_help", "slot": "x"},
        {"do": "book", "form": "crisis_help", "slot": f"{uuid4()}/2026-02-03T08:00:00+00:00"},
        {"do": "book", "form": "crisis_help", "slot": f"{uuid4()}/2026-02-03T08:00:00"},
        {"do": "book", "form": "crisis_help", "slot": f"{uuid4()}/9999-12-31T23:59:59-12:00"},
        {"do": "book", "form": "crisis_help", "slot": f"{uuid4()}/0001-01-01T00:00:00+14:00"},
        {"do": "book", "form": "debriefing", "slot": f"{uuid4()}/2026-02-03T08:00:00+00:00"},
        {"do": "book", "form": "follow_up", "slot": f"{uuid4()}/2026-02-03T08:00:00+00:00"},
        {"do": "take", "session": "x"},
        {"do": "step-back"},
        {"do": "everything"},
    ],
)
def test_odd_presses_are_answered_in_one_sentence(
    client_of: ClientOf, database: Database, desk: None, odd: dict[str, str]
) -> None:
    assert 'role="alert"' in client_of("Eva").post(PATH, odd, 422).html
    assert count_bookings(database) == 0


def test_later_times_can_be_looked_at(client_of: ClientOf, desk: None) -> None:
    browser = client_of("Eva")
    page = browser.get(f"{PATH}?form=crisis_help")
    later = re.findall(r'href="(/support/sessions\?[^"#]+)', page.html)[0].replace("&amp;", "&")
    assert not set(SLOT.findall(browser.get(later).html)) & set(SLOT.findall(page.html))
    for odd in ("x", "0001-01-01", "9999-12-31"):
        browser.get(f"{PATH}?form=crisis_help&from={odd}")


def test_an_invitation_with_the_unit_is_shown_without_a_way_to_say_no(
    client_of: ClientOf, database: Database, cast: Cast, desk: None, now: datetime
) -> None:
    make_session(database, cast, now, None)
    page = client_of("Eva", language="en").get(PATH)
    assert "You are invited with your unit." in page.text
    assert "Step back" not in page.text


def test_places_fill_up_and_the_next_one_waits_in_line(
    client_of: ClientOf, database: Database, cast: Cast, desk: None, now: datetime
) -> None:
    session_id = make_session(database, cast, now, 1)
    take = {"do": "take", "session": str(session_id)}
    eva, tom = client_of("Eva", language="en"), client_of("Tom", language="en")
    assert "1 place is free." in eva.get(PATH).text
    eva.post(PATH, take)
    assert "Booked" in eva.get(PATH).text
    assert "All places are taken." in tom.get(PATH).text
    tom.post(PATH, take)
    assert "You are number 1 in line." in tom.get(PATH).text
    eva.post(PATH, {"do": "step-back", "session": str(session_id)})
    assert "Booked" in tom.get(PATH).text


def test_places_of_another_unit_are_neither_shown_nor_given(
    client_of: ClientOf, database: Database, cast: Cast, desk: None, now: datetime
) -> None:
    session_id = make_session(database, cast, now, 4)
    browser = client_of("Karl", language="en")
    assert "Sessions you can join" not in browser.get(PATH).text
    browser.post(PATH, {"do": "take", "session": str(session_id)}, 404)
    assert count_bookings(database) == 0


def test_nobody_else_is_named(
    client_of: ClientOf, database: Database, cast: Cast, desk: None, now: datetime
) -> None:
    session_id = make_session(database, cast, now, 2)
    client_of("Tom").post(PATH, {"do": "take", "session": str(session_id)})
    assert "Tom" not in client_of("Eva").get(PATH).text


@pytest.mark.parametrize("areas", [("employee", "leader", "hr", "supervisor")])
def test_what_eva_books_is_on_no_page_of_leaders_and_without_her_name_on_those_of_hr(
    client_of: ClientOf, cast: Cast, desk: None, areas: tuple[str, ...]
) -> None:
    eva = client_of("Eva", language="en")
    eva.post(PATH, {"do": "book", "form": "crisis_help", "slot": free_times(eva)[0]})
    unit = f"/teams/{cast.units['team_a']}"
    for name in ("Lis", "Sara"):
        for path in (unit, PATH):
            text = client_of(name, language="en").get(path).text
            assert "2 February 2026 at 12:00" not in text
    for path in ("/hr/supervision", "/hr"):
        assert "Eva" not in client_of("Hanne").get(path).text
    susan = client_of("Susan", language="en").get("/supervisor").text
    assert "Eva Holm" in susan
