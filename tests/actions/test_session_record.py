"""The record of a session: numbers, themes, what was agreed; nothing else, and not for ever."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import String, select

from tests.actions.support_helpers import ZONE, acts, add_session, offer_of, session_of
from tests.cast import Cast
from wellbeing.actions import themes
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.session_record import (
    KEPT_MONTHS,
    MOST_ACTIONS,
    Agreed,
    RecordValues,
    find_agreed,
    find_theme_ids,
    write_record,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.cycles import add_months
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import (
    Booking,
    OfferState,
    SessionAction,
    SessionFeedback,
    SessionState,
    SessionTheme,
    SupportSession,
    Theme,
)

BY = Actor.command("test")
REFLECT = Agreed("Fast refleksion om mandagen", "Lederen", date(2026, 3, 2))
HANDOVER = Agreed("Overlap mellem vagter", "Teamet")
# Whoever writes a session down does it with no more than their own reach.
WRITERS = pytest.mark.parametrize("reach", [Reach.WORKPLACE, Reach.SUPERVISOR])


@pytest.fixture
def session_id(database: Database, cast: Cast, now: datetime) -> UUID:
    """A session of team A that ended an hour ago; eight are invited."""
    return add_session(database, cast, at=now - timedelta(hours=2, minutes=30))


def write(
    database: Database,
    session_id: UUID,
    now: datetime,
    reach: Reach = Reach.WORKPLACE,
    **values: object,
) -> None:
    """Writes the session down."""
    filled = replace(RecordValues(6), **values)  # type: ignore[arg-type]
    with database.writing(reach) as session:
        write_record(session, session_id, filled, zone=ZONE, now=now, by=BY)


def add_themes(database: Database) -> list[UUID]:
    """The first list; the ids by name."""
    with database.writing(Reach.WORKPLACE) as session:
        themes.add_first_themes(session)
        return [theme.id for theme in themes.find_themes(session)]


@WRITERS
def test_a_record_keeps_numbers_themes_agreements_and_the_next_date(
    database: Database, session_id: UUID, now: datetime, reach: Reach
) -> None:
    chosen = frozenset(add_themes(database)[:2])
    next_on = now.date() + timedelta(days=42)
    write(
        database,
        session_id,
        now,
        reach,
        minutes=75,
        theme_ids=chosen,
        agreed=(REFLECT, HANDOVER),
        next_on=next_on,
    )
    found = session_of(database, session_id)
    assert (found.state, found.attended_count, found.minutes_held) == (SessionState.HELD, 6, 75)
    assert found.next_on == next_on
    assert found.delete_on == add_months(now.date(), KEPT_MONTHS)
    assert found.feedback_until == now.date() + timedelta(days=14)
    assert offer_of(database, session_id).state is OfferState.HELD
    with database.reading(Reach.WORKPLACE) as session:
        assert find_theme_ids(session, session_id) == chosen
        agreed = [(a.what, a.owner, a.due_on) for a in find_agreed(session, session_id)]
    assert agreed == [(a.what, a.owner, a.due_on) for a in (REFLECT, HANDOVER)]
    assert acts(database) == ["session.held"]


def test_the_same_record_written_twice_is_one(
    database: Database, session_id: UUID, now: datetime
) -> None:
    chosen = frozenset(add_themes(database)[:2])
    for days in (0, 3):
        write(database, session_id, now + timedelta(days=days), theme_ids=chosen, agreed=(REFLECT,))
    assert acts(database) == ["session.held"]
    assert session_of(database, session_id).feedback_until == now.date() + timedelta(days=14)


def test_a_record_put_right_keeps_what_was_done_of_the_rest(
    database: Database, session_id: UUID, now: datetime
) -> None:
    write(database, session_id, now, agreed=(REFLECT, HANDOVER))
    with database.writing(Reach.EVERYTHING) as session:
        for action in find_agreed(session, session_id):
            action.done_on = now.date()
    later = replace(REFLECT, due_on=date(2026, 4, 1))
    write(database, session_id, now, attended=5, agreed=(later, Agreed("Ny tavle", "Teamet")))
    with database.reading(Reach.WORKPLACE) as session:
        found = [(a.what, a.due_on, a.done_on) for a in find_agreed(session, session_id)]
    assert found == [
        (REFLECT.what, date(2026, 4, 1), now.date()),
        ("Ny tavle", None, None),
    ]


def test_fewer_than_five_invited_are_asked_nothing(
    database: Database, cast: Cast, now: datetime
) -> None:
    few = cast.members_of("team_a")[:4]
    session_id = add_session(database, cast, at=now - timedelta(hours=3), invited=few)
    write(database, session_id, now, attended=4)
    assert session_of(database, session_id).feedback_until is None


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "more than invited": ({"attended": 9}, "0 and 8"),
    "fewer than nobody": ({"attended": -1}, "0 and 8"),
    "no time at all": ({"minutes": 0}, "1 to 600"),
    "all day": ({"minutes": 601}, "1 to 600"),
    "next time before this": ({"next_on": date(2026, 2, 2)}, "after this session"),
    "next time in three years": ({"next_on": date(2029, 2, 2)}, "two years"),
    "a theme of nowhere": ({"theme_ids": frozenset({UUID(int=7)})}, "from the list"),
    "nothing agreed": ({"agreed": (Agreed(" \x00", "Teamet"),)}, "both"),
    "nobody sees to it": ({"agreed": (Agreed("Ny tavle", "\n"),)}, "both"),
    "too long": ({"agreed": (Agreed("x" * 201, "Teamet"),)}, "200"),
    "too many": ({"agreed": (HANDOVER,) * (MOST_ACTIONS + 1)}, "At most 8"),
    "a person number": ({"agreed": (Agreed("Sag 010190-1234", "Teamet"),)}, "person number"),
    "a person number as owner": ({"agreed": (Agreed("Ny tavle", "0101901234"),)}, "person number"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_stores_nothing(
    database: Database, session_id: UUID, now: datetime, wrong: str
) -> None:
    values, says = WRONG[wrong]
    with pytest.raises(BadInput, match=says):
        write(database, session_id, now, **values)
    found = session_of(database, session_id)
    assert (found.state, found.attended_count) == (SessionState.SCHEDULED, None)
    assert acts(database) == []


def test_a_retired_theme_stays_in_old_records_and_cannot_be_newly_chosen(
    database: Database, cast: Cast, session_id: UUID, now: datetime
) -> None:
    old, *_ = add_themes(database)
    write(database, session_id, now, theme_ids=frozenset({old}))
    with database.writing(Reach.WORKPLACE) as session:
        themes.set_active(session, old, is_active=False, now=now, by=BY)
    write(database, session_id, now, attended=5, theme_ids=frozenset({old}))
    other = add_session(database, cast, at=now - timedelta(days=2))
    with pytest.raises(BadInput, match="from the list"):
        write(database, other, now, theme_ids=frozenset({old}))


def test_there_is_no_column_for_notes() -> None:
    texts = {
        f"{model.__tablename__}.{column.name}"
        for model in (SupportSession, SessionAction, SessionTheme)
        for column in model.__table__.columns
        if isinstance(column.type, String)
    }
    assert texts == {
        "support_session.place",
        "support_session.video_link",
        "support_session.state",
        "session_action.what",
        "session_action.owner",
    }


def test_a_session_that_does_not_exist_is_missing(
    database: Database, cast: Cast, now: datetime
) -> None:
    with pytest.raises(Missing):
        write(database, uuid4(), now)


def test_at_its_day_only_that_it_was_held_is_kept(
    database: Database, session_id: UUID, now: datetime
) -> None:
    chosen = frozenset(add_themes(database)[:1])
    write(database, session_id, now, theme_ids=chosen, agreed=(REFLECT,))
    with database.writing(Reach.EVERYTHING) as session:
        session.add(SessionFeedback(session_id=session_id, useful=4, count=5))
    end = datetime.combine(add_months(now.date(), KEPT_MONTHS), now.timetz())
    tables = (SessionTheme, SessionAction, SessionFeedback, Booking)
    for at, left in ((end - timedelta(days=1), [1, 1, 1, 8]), (end, [0, 0, 0, 0])):
        with database.writing(Reach.EVERYTHING) as session:
            delete_expired(session, now=at)
        with database.reading(Reach.EVERYTHING) as session:
            assert [len(session.scalars(select(table)).all()) for table in tables] == left
    found = session_of(database, session_id)
    assert found.state is SessionState.HELD
    gone = (found.attended_count, found.minutes_held, found.next_on, found.feedback_until)
    assert gone == (None, None, None, None)
    with pytest.raises(Refused, match="deleted"):
        write(database, session_id, end)


def test_the_first_themes_are_put_in_once(database: Database, cast: Cast, now: datetime) -> None:
    ids = add_themes(database)
    assert len(ids) >= 8
    with database.writing(Reach.WORKPLACE) as session:
        for theme_id in ids:
            themes.set_active(session, theme_id, is_active=False, now=now, by=BY)
        assert themes.add_first_themes(session) == 0


def test_a_theme_is_added_renamed_retired_and_brought_back_once_each(
    database: Database, cast: Cast, now: datetime
) -> None:
    for _ in range(2):
        with database.writing(Reach.WORKPLACE) as session:
            theme_id = themes.add_theme(session, " Natte\nvagter ", now=now, by=BY).id
            themes.rename_theme(session, theme_id, "Nattevagter", now=now, by=BY)
            themes.set_active(session, theme_id, is_active=False, now=now, by=BY)
            themes.add_theme(session, "Nattevagter", now=now, by=BY)
            themes.rename_theme(session, theme_id, "Natte vagter", now=now, by=BY)
    with database.reading(Reach.WORKPLACE) as session:
        (theme,) = session.scalars(select(Theme)).all()
    assert (theme.name, theme.active) == ("Natte vagter", True)
    assert acts(database)[:4] == [
        "theme.added",
        "theme.renamed",
        "theme.retired",
        "theme.restored",
    ]


def test_two_themes_have_two_names_and_the_list_stays_short(
    database: Database, cast: Cast, now: datetime
) -> None:
    first, second, *_ = add_themes(database)
    with database.writing(Reach.WORKPLACE) as session:
        names = {theme.id: theme.name for theme in themes.find_themes(session)}
        with pytest.raises(BadInput, match="already"):
            themes.rename_theme(session, first, names[second], now=now, by=BY)
        with pytest.raises(BadInput, match="80"):
            themes.add_theme(session, " ", now=now, by=BY)
        for number in range(20 - len(names)):
            themes.add_theme(session, f"Tema {number}", now=now, by=BY)
        with pytest.raises(Refused, match="short"):
            themes.add_theme(session, "Et til", now=now, by=BY)
