"""Suggestions of support on a unit's page: why, what may help, and what came of them."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.cast import Cast
from tests.rounds import BY, ZONE
from tests.web.conftest import ClientOf, Clock
from tests.web.past import closing_days, page_of
from wellbeing.actions.session_record import RecordValues, write_record
from wellbeing.actions.support import SessionValues, close_flag, schedule_from_flag
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import SupportSession
from wellbeing.texts import translations_for


def schedule(database: Database, flag: Flag, cast: Cast, clock: Clock) -> SupportSession:
    """Team supervision that answers the flag, a week from now."""
    values = SessionValues(
        form=SupportForm.TEAM_SUPERVISION,
        supervisor_id=cast.people["Susan"],
        day=(clock.now() + timedelta(days=7)).date(),
        start=clock.now().time().replace(tzinfo=None),
        length_minutes=90,
        place="Mødelokale 2",
    )
    with database.writing(Reach.WORKPLACE) as session:
        return schedule_from_flag(session, flag.id, values, zone=ZONE, now=clock.now(), by=BY)


def test_a_flag_says_why_what_may_help_and_what_happens_next(
    client_of: ClientOf, cast: Cast, flags: list[Flag], database: Database
) -> None:
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    raised_in = closing_days(database, "en")[6]
    assert len(flags) == 2
    assert (
        f"Signs of burnout have risen. In the round that closed on {raised_in} the figure was 33. "
        "Before that it was about 21." in text
    )
    assert text.count("Next step: HR schedules it together with the leader.") == 2
    assert "Go through the workload together" in text
    assert "Go through what the staff are exposed to" in text
    assert "It is voluntary, led by somebody trained for it" in text
    assert (
        "https://www.nice.org.uk/guidance/ng116"
        in client_of("Lis").get(page_of("team_a", cast)).html
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("da", "Teamsupervision er aftalt til"), ("en", "Team supervision is scheduled for")],
)
def test_a_scheduled_session_takes_the_place_of_the_next_step(
    client_of: ClientOf,
    cast: Cast,
    flags: list[Flag],
    database: Database,
    clock: Clock,
    language: str,
    words: str,
) -> None:
    booked = schedule(database, flags[0], cast, clock)
    text = client_of("Lis", language=language).get(page_of("team_a", cast)).text
    when = translations_for(language).format_moment(booked.starts_at, ZONE, weekday=True)
    assert f"{words} {when}" in text


def test_a_session_that_is_over_waits_for_hr_to_write_it_down(
    client_of: ClientOf, cast: Cast, flags: list[Flag], database: Database, clock: Clock
) -> None:
    schedule(database, flags[0], cast, clock)
    clock.forward(days=8)
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert "HR has yet to write down whether it was held." in text


def test_a_session_that_was_held_is_an_earlier_suggestion(
    client_of: ClientOf, cast: Cast, flags: list[Flag], database: Database, clock: Clock
) -> None:
    booked = schedule(database, flags[0], cast, clock)
    clock.forward(days=8)
    with database.writing(Reach.WORKPLACE) as session:
        write_record(session, booked.id, RecordValues(6), zone=ZONE, now=clock.now(), by=BY)
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    day = translations_for("en").format_day(booked.starts_at.astimezone(ZONE).date())
    assert f"Held on {day}: Team supervision." in text[text.index("Earlier suggestions") :]
    assert text[: text.index("The latest round")].count("Next step") == 1


def test_a_closed_flag_keeps_the_reason_that_hr_gave(
    client_of: ClientOf, cast: Cast, flags: list[Flag], database: Database, clock: Clock
) -> None:
    with database.writing(Reach.WORKPLACE) as session:
        close_flag(session, flags[0].id, "Supervision begyndte i maj.", now=clock.now(), by=BY)
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert "Closed without a session: Supervision begyndte i maj." in text


def test_a_flag_without_figures_still_says_that_support_is_called_for(
    client_of: ClientOf, cast: Cast, flags: list[Flag], database: Database
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(update(Flag).values(figures={}, kind="something new"))
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert "Offer support The published figures call for support." in text
