"""The supervision calendar on the pages of HR: weeks, offers, moves, series, supervisors, rooms."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.actions.desk import HR, ZONE, at, give_hours
from tests.cast import Cast
from tests.web.conftest import ClientOf, on_both_databases
from tests.web.hr.conftest import Ids
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.own_talks import WantedTime, book_slot
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.incidents import RequestWish, SupportRequest
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import Place, SessionSeries
from wellbeing.store.support import Booking, Offer, OfferState, SupportSession


@pytest.fixture
def offer_id(database: Database, cast: Cast, ids: Ids, now: datetime) -> UUID:
    """An offer to team A, with Susan's hours given."""
    with database.writing(Reach.EVERYTHING) as session:
        give_hours(session, cast.people["Susan"], now)
        return offer_to_unit(
            session,
            cast.units["team_a"],
            SupportForm.TEAM_SUPERVISION,
            today=now.date(),
            now=now,
            by=HR,
        ).id


@pytest.fixture
def asked(database: Database, cast: Cast, offer_id: UUID, now: datetime) -> UUID:
    """The offer that answers Eva's own request."""
    with database.writing(Reach.EVERYTHING) as session:
        offer = Offer(form=SupportForm.DEFUSING, state=OfferState.OFFERED, offered_on=now.date())
        session.add(offer)
        session.flush()
        session.add(
            SupportRequest(
                person_id=cast.people["Eva"],
                wish=RequestWish.TALK,
                contact="",
                asked_on=now.date(),
                offer_id=offer.id,
            )
        )
        return offer.id


def count(database: Database, table: type) -> int:
    """How many rows there are."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_free_times_are_shown_chosen_and_scheduled_without_losing_what_was_typed(
    client_of: ClientOf, offer_id: UUID, answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/offers/{offer_id}/schedule"
    typed = {**answers, "day": "", "start": ""}
    page = browser.post(path, {**typed, "find": "1"}, 200)
    assert "Free times of Susan Clarke" in page.text
    assert 'value="2026-02-03T09:00"' in page.html
    assert 'value="Mødelokale 3"' in page.html
    page = browser.post(path, {**typed, "slot": "2026-02-03T09:00"}, 200)
    assert "Chosen: Tuesday, 3 February 2026 at 09:00." in page.text
    assert 'value="2026-02-03"' in page.html
    shown = browser.post(path, {**typed, "day": "2026-02-03", "start": "09:00"})
    assert "Tuesday, 3 February 2026 at 09:00" in browser.get(shown.location).text
    assert browser.get(path, 302).location == shown.location


def test_a_time_that_is_taken_is_not_offered(
    client_of: ClientOf, offer_id: UUID, ids: Ids, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne")
    taken = {**answers, "day": "2026-02-03", "start": "10:00"}
    browser.post(f"/hr/flags/{ids['flag_id']}/schedule", taken)
    page = browser.post(f"/hr/offers/{offer_id}/schedule", {**answers, "find": "1"}, 200)
    assert 'value="2026-02-03T10:00"' not in page.html
    assert 'value="2026-02-03T11:30"' in page.html


def test_later_times_begin_where_the_list_ended(
    client_of: ClientOf, offer_id: UUID, answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne"), f"/hr/offers/{offer_id}/schedule"
    page = browser.post(path, {**answers, "find": "1"}, 200)
    assert 'name="find" value="2026-02-12"' in page.html
    page = browser.post(path, {**answers, "find": "2026-02-12"}, 200)
    assert 'value="2026-02-12T09:00"' in page.html
    assert 'value="2026-02-03T09:00"' not in page.html


@pytest.mark.parametrize(
    "odd",
    [
        {"find": "9999-12-31"},
        {"find": "0001-01-01"},
        {"find": "x"},
        {"slot": "x"},
        {"slot": ""},
        {"find": "1", "length": "x"},
        {"find": "1", "length": "-5"},
        {"find": "1", "length": "9" * 30},
    ],
)
def test_odd_wishes_for_free_times_are_answered(
    client_of: ClientOf, offer_id: UUID, answers: dict[str, str], odd: dict[str, str]
) -> None:
    page = client_of("Hanne").post(f"/hr/offers/{offer_id}/schedule", {**answers, **odd}, 200)
    assert "Susan Clarke" in page.text


def test_free_times_need_a_supervisor(
    client_of: ClientOf, offer_id: UUID, answers: dict[str, str]
) -> None:
    path = f"/hr/offers/{offer_id}/schedule"
    for supervisor in ("", str(uuid4()), "x"):
        asked = {**answers, "supervisor": supervisor, "find": "1"}
        page = client_of("Hanne", language="en").post(path, asked, 422)
        assert "Choose who leads the session." in page.text


def test_a_supervisor_without_hours_is_said_and_can_still_be_scheduled(
    client_of: ClientOf, ids: Ids, answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/flags/{ids['flag_id']}/schedule"
    page = browser.post(path, {**answers, "find": "1"}, 200)
    assert "No hours are given yet." in page.text
    browser.post(path, answers)


def test_with_places_nobody_is_invited_and_all_can_book(
    client_of: ClientOf, offer_id: UUID, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne", language="en")
    shown = browser.post(f"/hr/offers/{offer_id}/schedule", {**answers, "seats": "4"})
    assert "0 of 4 places are taken" in browser.get(shown.location).text


def test_whoever_asked_is_named_and_booked_and_only_forms_for_one_are_offered(
    client_of: ClientOf, database: Database, cast: Cast, asked: UUID, answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne", language="en"), f"/hr/offers/{asked}/schedule"
    page = browser.get(path)
    assert "Eva Holm" in page.text
    assert 'value="team_supervision"' not in page.html
    shown = browser.post(path, {**answers, "form": "defusing", "length": ""})
    session_page = browser.get(shown.location)
    assert "A talk for one" in session_page.text
    assert "Eva" not in session_page.text
    with database.reading(Reach.WORKPLACE) as session:
        booked = session.scalars(
            select(Booking.person_id).where(Booking.person_id == cast.people["Eva"])
        ).all()
    assert len(booked) == 2


def test_a_talk_for_one_is_for_hr_of_that_person_s_units(
    client_of: ClientOf, asked: UUID, answers: dict[str, str]
) -> None:
    path = f"/hr/offers/{asked}/schedule"
    client_of("Hugo").get(path, 404)
    client_of("Hugo").post(path, answers, 404)
    made = client_of("Hanne").post(path, {**answers, "form": "defusing", "length": "45"})
    for address in (made.location, f"{made.location}/move"):
        client_of("Hugo").get(address, 404)


def test_a_request_that_is_taken_back_is_not_found(
    client_of: ClientOf, database: Database, asked: UUID
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.delete(session.scalars(select(SupportRequest)).one())
    client_of("Hanne").get(f"/hr/offers/{asked}/schedule", 404)


def test_a_closed_offer_leads_home(client_of: ClientOf, database: Database, offer_id: UUID) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Offer, offer_id).state = OfferState.CLOSED
    browser = client_of("Hanne", language="en")
    assert browser.get(f"/hr/offers/{offer_id}/schedule", 302).location == "/hr"
    assert "This offer has been closed." in browser.get("/hr").text


@on_both_databases
def test_a_session_is_moved_and_the_form_shows_where_it_was(
    client_of: ClientOf, database: Database, ids: Ids, answers: dict[str, str]
) -> None:
    browser = client_of("Hanne", language="en")
    room = {"room": str(ids["place_id"]), "place": "ring på døren"}
    path = browser.post(f"/hr/flags/{ids['flag_id']}/schedule", {**answers, **room}).location
    page = browser.get(f"{path}/move")
    for value in ('value="2026-02-09"', 'value="13:00"', 'value="ring på døren"'):
        assert value in page.html
    there = {"day": "2026-02-10", "start": "09:00", "length": "60", "place": "Kantinen"}
    assert browser.post(f"{path}/move", there).location == path
    page = browser.get(path)
    assert "everyone who has a part is told" in page.text
    assert "Tuesday, 10 February 2026 at 09:00" in page.text
    assert "Kantinen" in page.text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"day": "2026-02-01"}, "passed"),
        ({"day": "2026-03-29", "start": "02:30"}, "does not exist"),
        ({"length": "200"}, "60 to 180"),
        ({"room": "x"}, "choice"),
        ({"place": ""}, "where it is"),
        ({"video_link": "ftp://x"}, "https"),
    ],
)
def test_a_move_that_cannot_be_is_said_and_keeps_what_was_typed(
    client_of: ClientOf,
    ids: Ids,
    answers: dict[str, str],
    changes: dict[str, str],
    says: str,
) -> None:
    browser = client_of("Hanne", language="en")
    path = browser.post(f"/hr/flags/{ids['flag_id']}/schedule", answers).location
    there = {"day": "2026-02-10", "start": "09:00", "length": "60", "place": "Kantinen"}
    page = browser.post(f"{path}/move", {**there, **changes}, 422)
    assert says in page.text
    assert "place" in changes or 'value="Kantinen"' in page.html


def test_what_has_begun_is_not_moved(client_of: ClientOf, ids: Ids) -> None:
    path = f"/hr/sessions/{ids['session_id']}"
    browser = client_of("Hanne", language="en")
    assert browser.get(f"{path}/move", 302).location == path
    assert "still to come can be moved" in browser.get(path).text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("da", ("Supervision, uge 7", "09.00–13.00", "14.30–15.00", "Anemonen")),
        ("en", ("Supervision, week 7", "09:00–13:00", "14:30–15:00", "Anemonen")),
    ],
)
def test_a_week_shows_who_where_what_and_the_free_hours(
    client_of: ClientOf,
    offer_id: UUID,
    answers: dict[str, str],
    language: str,
    says: tuple[str, ...],
) -> None:
    browser = client_of("Hanne", language=language)
    browser.post(f"/hr/offers/{offer_id}/schedule", answers)
    text = browser.get("/hr/supervision?week=2026-02-11").text
    assert all(words in text for words in (*says, "Susan Clarke", "Mødelokale 3"))


def test_weeks_lead_to_each_other_and_odd_ones_to_this_week(
    client_of: ClientOf, offer_id: UUID
) -> None:
    browser = client_of("Hanne", language="en")
    page = browser.get("/hr/supervision")
    assert "week=2026-01-26" in page.html
    assert "week=2026-02-09" in page.html
    for odd in ("x", "0001-01-01", "9999-12-31", "2026-13-01"):
        assert "week 6" in browser.get(f"/hr/supervision?week={odd}").text


def test_a_holiday_is_named_and_has_no_free_hours(client_of: ClientOf, offer_id: UUID) -> None:
    text = client_of("Hanne", language="en").get("/hr/supervision?week=2026-03-30").text
    assert "Friday, 3 April 2026 Holiday Nothing planned, and no free hours." in text


def test_out_of_reach_a_session_is_only_taken_time(
    client_of: ClientOf, database: Database, cast: Cast, offer_id: UUID, now: datetime
) -> None:
    wanted = WantedTime(SupportForm.CRISIS_HELP, cast.people["Susan"], at("2026-02-03", "09:00"))
    with database.writing(Reach.EMPLOYEE) as session:
        made = book_slot(session, cast.people["Eva"], wanted, zone=ZONE, now=now)
    page = client_of("Hugo", language="en").get("/hr/supervision")
    assert "Taken" in page.text
    assert str(made.id) not in page.html
    assert "Crisis help" not in page.text
    whole = client_of("Hanne", language="en").get("/hr/supervision")
    assert "A talk for one" in whole.text
    assert "Eva" not in whole.text


@pytest.fixture
def series_answers(cast: Cast) -> dict[str, str]:
    """A series form as HR fills it in."""
    return {
        "unit": str(cast.units["team_b"]),
        "form": "team_supervision",
        "supervisor": str(cast.people["Susan"]),
        "every_weeks": "6",
        "first_day": "2026-02-12",
        "until_day": "2026-12-31",
        "start": "13:00",
        "length": "",
        "place": "Loftet",
    }


@on_both_databases
def test_a_series_is_previewed_made_and_its_rest_cancelled(
    client_of: ClientOf, database: Database, ids: Ids, series_answers: dict[str, str]
) -> None:
    browser, path = client_of("Hanne", language="en"), "/hr/supervision/series/new"
    browser.get(path)
    before = count(database, SupportSession)
    page = browser.post(path, {**series_answers, "preview": "1"}, 200)
    assert "Thursday, 26 March 2026: can be used" in page.text
    assert count(database, SupportSession) == before
    made = browser.post(path, series_answers).location
    text = browser.get(made).text
    assert "Team supervision, every 6 weeks" in text
    assert "Thursday, 26 March 2026 at 13:00" in text
    assert "Bøgen" in browser.get("/hr/supervision").text
    browser.post(f"{made}/cancel")
    assert "Cancel the rest" not in browser.get(made).text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"unit": ""}, "required"),
        ({"unit": str(uuid4())}, "choice"),
        ({"every_weeks": "0"}, "between 1 and 26"),
        ({"until_day": "2026-02-01"}, "before the first"),
        ({"until_day": "2030-02-01"}, "year ahead"),
        ({"form": "individual_supervision"}, "choice"),
        ({"first_day": "2026-12-24"}, "None of these days"),
    ],
)
def test_a_series_that_cannot_be_is_said_and_the_rest_is_kept(
    client_of: ClientOf,
    database: Database,
    ids: Ids,
    series_answers: dict[str, str],
    changes: dict[str, str],
    says: str,
) -> None:
    path, browser = "/hr/supervision/series/new", client_of("Hanne", language="en")
    page = browser.post(path, {**series_answers, **changes}, 422)
    assert says in page.text
    assert 'value="Loftet"' in page.html
    assert count(database, SessionSeries) == 1


def test_hr_of_a_department_makes_series_for_its_own_units_only(
    client_of: ClientOf, database: Database, cast: Cast, ids: Ids, series_answers: dict[str, str]
) -> None:
    path, browser = "/hr/supervision/series/new", client_of("Hugo", language="en")
    assert str(cast.units["team_a"]) not in browser.get(path).html
    browser.post(path, {**series_answers, "unit": str(cast.units["team_a"])}, 422)
    browser.post(path, series_answers)


@on_both_databases
def test_hr_says_what_a_supervisor_offers_and_when(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    susan = cast.people["Susan"]
    browser, path = client_of("Hanne", language="en"), f"/hr/supervision/supervisors/{susan}"
    assert "Has not said yet" in browser.get("/hr/supervision/supervisors").text
    assert "Begin here" in browser.get(path).text
    profile = {
        "do": "profile",
        "profile-qualifications": "Psykolog",
        "profile-forms": ["debriefing", "defusing"],
        "profile-sessions_a_week": "4",
        "profile-is_external": "y",
    }
    browser.post(path, profile)
    hours = {
        "do": "hours",
        "hours-weekday": "2",
        "hours-from_time": "09:00",
        "hours-until_time": "12:00",
        "hours-from_day": "2026-02-02",
    }
    browser.post(path, hours)
    away = {
        "do": "exception",
        "exception-from_day": "2026-02-18",
        "exception-until_day": "2026-02-18",
    }
    browser.post(path, away)
    page = browser.get(path)
    for words in ("Wednesday 09:00–12:00", "18 February 2026: away"):
        assert words in page.text
    assert "From outside the organisation" in browser.get("/hr/supervision/supervisors").text
    assert "09:00–12:00" in browser.get("/hr/supervision?week=2026-02-11").text
    assert "09:00–12:00" not in browser.get("/hr/supervision?week=2026-02-18").text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"do": "profile", "profile-sessions_a_week": "0"}, "between 1 and 60"),
        ({"do": "profile", "profile-sessions_a_week": "3"}, "at least one form"),
        ({"do": "hours", "hours-weekday": "9"}, "choice"),
        (
            {
                "do": "hours",
                "hours-weekday": "1",
                "hours-from_time": "12:00",
                "hours-until_time": "09:00",
                "hours-from_day": "2026-02-02",
            },
            "end after they begin",
        ),
        (
            {
                "do": "exception",
                "exception-from_day": "2026-02-03",
                "exception-until_day": "2026-02-02",
            },
            "before the first",
        ),
    ],
)
def test_what_a_supervisor_cannot_offer_is_said(
    client_of: ClientOf, cast: Cast, offer_id: UUID, wrong: dict[str, str], says: str
) -> None:
    path = f"/hr/supervision/supervisors/{cast.people['Susan']}"
    assert says in client_of("Hanne", language="en").post(path, wrong, 422).text


def test_hours_are_removed_and_odd_presses_do_nothing(
    client_of: ClientOf, database: Database, cast: Cast, offer_id: UUID
) -> None:
    browser = client_of("Hanne", language="en")
    path = f"/hr/supervision/supervisors/{cast.people['Susan']}"
    rows = browser.get(path).html.count('name="remove"')
    row = browser.get(path).html.split('name="remove" value="')[1].split('"')[0]
    for remove in (row, row, "x", str(uuid4())):
        browser.post(path, {"remove": remove})
    assert browser.get(path).html.count('name="remove"') == rows - 1


def test_only_supervisors_have_such_a_page(client_of: ClientOf, cast: Cast) -> None:
    for person_id in (cast.people["Eva"], uuid4()):
        client_of("Hanne").get(f"/hr/supervision/supervisors/{person_id}", 404)


def test_rooms_are_added_changed_and_taken_out_of_use(
    client_of: ClientOf, database: Database
) -> None:
    browser, path = client_of("Hanne", language="en"), "/hr/supervision/places"
    assert "No room is on the list yet" in browser.get(path).text
    browser.post(path, {"name": "Haven", "seats": "0", "active": "y"}, 422)
    browser.post(path, {"name": "Haven", "seats": "6", "active": "y"})
    with database.reading(Reach.WORKPLACE) as session:
        place_id = session.scalars(select(Place.id)).one()
    browser.post(f"{path}/{place_id}", {"name": "", "seats": "6"}, 422)
    browser.post(f"{path}/{place_id}", {"name": "Gården", "seats": "6"})
    text = browser.get(path).text
    assert "Gården" in text
    assert "Out of use" in text
    browser.get(f"{path}/{uuid4()}", 404)


def test_empty_pages_say_what_to_do(client_of: ClientOf, cast: Cast) -> None:
    text = client_of("Hanne", language="en").get("/hr/supervision").text
    assert "No series is running." in text
    assert "Nothing planned, and no free hours." in text
