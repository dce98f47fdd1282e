"""Suggestions of support on a unit's page: why, what may help, and what came of them."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.cast import Cast
from tests.rounds import BY, ZONE
from tests.web.conftest import ClientOf, Clock
from tests.web.past import EITHER_LANGUAGE, closing_days, page_of
from wellbeing.actions.references import choose_reference
from wellbeing.actions.scheduling import schedule_from_flag
from wellbeing.actions.session_record import RecordValues, write_record
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.snoozing import snooze_flag
from wellbeing.actions.support import close_flag
from wellbeing.domain.instrument import Scale
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


@EITHER_LANGUAGE
def test_each_suggestion_and_verdict_leads_to_its_rule(
    client_of: ClientOf, cast: Cast, flags: list[Flag], language: str
) -> None:
    html = client_of("Lis", language=language).get(page_of("team_a", cast)).html
    for flag in flags:
        assert f'href="/flag-rules#{flag.rule_id}"' in html
    assert html.count('href="/flag-rules#trend"') == len(Scale)


def snooze(database: Database, flag: Flag, clock: Clock) -> str:
    """Puts a flag off for two weeks; the day, in English."""
    until = clock.now().date() + timedelta(weeks=2)
    with database.writing(Reach.WORKPLACE) as session:
        snooze_flag(session, flag.id, until, "Ferie i teamet.", zone=ZONE, now=clock.now(), by=BY)
    return translations_for("en").format_day(until)


@pytest.mark.parametrize("place", ["team", "list", "own"])
def test_a_snoozed_suggestion_stands_apart_with_its_reason_until_its_day(
    client_of: ClientOf,
    cast: Cast,
    flags: list[Flag],
    database: Database,
    clock: Clock,
    place: str,
) -> None:
    for flag in flags:
        day = snooze(database, flag, clock)
    name, path = {
        "team": ("Lis", page_of("team_a", cast)),
        "list": ("Hanne", "/teams"),
        "own": ("Eva", "/my-unit"),
    }[place]
    text = client_of(name, language="en").get(path).text
    before, after = text.split("Snoozed suggestions")
    assert after.count(f"Snoozed until {day}: Ferie i teamet.") == 2
    assert "Signs of burnout have risen. Next step" not in text
    assert "Support suggested" not in text
    assert "Offer supervision" not in before
    clock.forward(days=14)
    text = client_of(name, language="en").get(path).text
    assert "Snoozed" not in text
    assert text.count("Next step: HR schedules it together with the leader.") == 2


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (None, "The average in the studies it is compared with is about 23."),
        ("us-teachers", "was about 23 (Teachers in the United States)."),
        ("own-record", "The average of the organisation's own figures was about 23."),
    ],
)
def test_a_flag_names_the_sample_it_was_raised_with(
    client_of: ClientOf,
    cast: Cast,
    flags: list[Flag],
    database: Database,
    sample: str | None,
    words: str,
) -> None:
    figures = {"scale": "BO", "reason": "above_reference", "now": 29, "reference": 23}
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(update(Flag).values(figures={**figures, "sample": sample}))
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert words in text
    assert ("above the organisation's own average" in text) == (sample == "own-record")
    assert ("what is found elsewhere" in text) == (sample != "own-record")


def test_the_page_and_its_chart_compare_with_the_sample_in_use(
    client_of: ClientOf, cast: Cast, database: Database, clock: Clock
) -> None:
    browser, path = client_of("Lis", language="en"), page_of("team_a", cast)
    before = browser.get(f"{path}/BO.svg").headers["ETag"]
    verdicts = [s.split("</strong>")[0] for s in browser.get(path).html.split("<strong>")[1:]]
    with database.writing(Reach.WORKPLACE) as session:
        choose_reference(session, "us-teachers", now=clock.now(), by=BY)
    page = browser.get(path)
    assert "Compared with: Teachers in the United States." in page.text
    assert browser.get(f"{path}/BO.svg").headers["ETag"] != before
    assert [s.split("</strong>")[0] for s in page.html.split("<strong>")[1:]] == verdicts
