"""Support from flag to session: one session, one letter each, one hour only once."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.scheduling import cancel_session, schedule_from_flag
from wellbeing.actions.session_letters import describe_session, is_letter_wanted
from wellbeing.actions.session_record import RecordValues, write_record
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.support import close_flag
from wellbeing.calendar_invitations import Method, make_invitation
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.mail import Mail, MailRenderer
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, RoleGrant
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.org import Membership, Programme, Round, RoundState
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import (
    Booking,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)
from wellbeing.texts import Texts

ZONE = ZoneInfo("Europe/Copenhagen")
HR = Actor.person(UUID(int=1))
MakeFlag = Callable[[str], UUID]


@pytest.fixture
def make_flag(database: Database, cast: Cast, now: datetime) -> MakeFlag:
    """Raises a flag in the unit named."""
    round_id = uuid4()
    with database.writing(Reach.EVERYTHING) as session:
        _add_published_round(session, round_id, now)

    def make(unit: str) -> UUID:
        flag = Flag(
            id=uuid4(),
            unit_id=cast.units[unit],
            round_id=round_id,
            rule_id=f"rule-{uuid4()}",
            kind="offer_supervision",
            figures={},
            raised_on=now.date(),
        )
        with database.writing(Reach.EVERYTHING) as session:
            session.add(flag)
        return flag.id

    return make


def _add_published_round(session: Session, round_id: UUID, now: datetime) -> None:
    programme = Programme(
        id=uuid4(),
        name="Trivsel",
        instrument="proqol5",
        every_months=3,
        window_days=14,
        opening_time="08:00",
        reminder_days="",
        min_group_size=5,
    )
    session.add(programme)
    session.flush()
    session.add(
        Round(
            id=round_id,
            programme_id=programme.id,
            number=1,
            state=RoundState.PUBLISHED,
            opens_at=now - timedelta(days=30),
            closes_at=now - timedelta(days=16),
            min_group_size=5,
        )
    )
    session.flush()
    session.add(
        PublishedRound(
            round_id=round_id,
            number=1,
            closed_on=now.date(),
            instrument="proqol5",
            wording="",
            min_group_size=5,
            key_destroyed_at=now,
        )
    )
    session.flush()


@pytest.fixture
def flag_id(make_flag: MakeFlag) -> UUID:
    """A raised flag in team A."""
    return make_flag("team_a")


@pytest.fixture
def values(cast: Cast) -> SessionValues:
    """Susan, a Monday at one."""
    return SessionValues(
        SupportForm.TEAM_SUPERVISION,
        cast.people["Susan"],
        date(2026, 2, 9),
        time(13),
        90,
        "Mødelokale 2",
    )


def schedule(database: Database, flag_id: UUID, values: SessionValues, now: datetime) -> UUID:
    """The id of the session that the flag gets."""
    with database.writing(Reach.WORKPLACE) as session:
        return schedule_from_flag(session, flag_id, values, zone=ZONE, now=now, by=HR).id


def cancel(database: Database, session_id: UUID, now: datetime) -> None:
    """Cancels as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        cancel_session(session, session_id, now=now, by=HR)


def held(database: Database, session_id: UUID, attended: int, now: datetime) -> None:
    """Writes down as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        write_record(session, session_id, RecordValues(attended), zone=ZONE, now=now, by=HR)


def close(database: Database, flag_id: UUID, reason: str, now: datetime) -> None:
    """Closes as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        close_flag(session, flag_id, reason, now=now, by=HR)


def state_of(database: Database, flag_id: UUID) -> FlagState:
    """Where the flag has got to."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.get_one(Flag, flag_id).state


def session_of(database: Database, session_id: UUID) -> SupportSession:
    """The session as it stands."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.get_one(SupportSession, session_id)


def offers_of(database: Database, flag_id: UUID) -> list[Offer]:
    """Every offer made in answer to the flag."""
    with database.reading(Reach.WORKPLACE) as session:
        return list(session.scalars(select(Offer).where(Offer.flag_id == flag_id)))


def booked(database: Database, session_id: UUID) -> set[UUID]:
    """Everyone invited."""
    with database.reading(Reach.WORKPLACE) as session:
        query = select(Booking.person_id).where(Booking.session_id == session_id)
        return set(session.scalars(query))


def written_to(database: Database, kind: MailKind) -> list[UUID]:
    """Who has a letter of the kind in the outbox, once per letter."""
    with database.reading(Reach.EVERYTHING) as session:
        query = select(OutboxMessage.person_id).where(OutboxMessage.kind == kind.value)
        return list(session.scalars(query))


def acts(database: Database) -> list[str]:
    """What the audit log says happened."""
    with database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None
        return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)))


def count_sessions(database: Database) -> int:
    """How many sessions there are."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.scalar(select(func.count()).select_from(SupportSession)) or 0


def test_a_flag_becomes_an_offer_and_a_session(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    found = session_of(database, schedule(database, flag_id, values, now))
    assert found.starts_at == datetime(2026, 2, 9, 12, 0, tzinfo=UTC)
    assert found.ends_at == datetime(2026, 2, 9, 13, 30, tzinfo=UTC)
    assert (found.state, found.sequence) == (SessionState.SCHEDULED, 0)
    (offer,) = offers_of(database, flag_id)
    assert (offer.form, offer.state) == (SupportForm.TEAM_SUPERVISION, OfferState.SCHEDULED)
    assert state_of(database, flag_id) is FlagState.ANSWERED
    assert acts(database) == ["support.offered", "session.scheduled"]


def test_the_members_and_the_leader_are_invited_and_the_supervisor_gets_a_letter(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    expected = {*cast.members_of("team_a"), cast.people["Lis"]}
    assert booked(database, session_id) == expected
    letters = written_to(database, MailKind.SESSION_INVITATION)
    assert sorted(letters) == sorted({*expected, cast.people["Susan"]})


def test_the_members_of_units_below_are_invited(
    database: Database, cast: Cast, make_flag: MakeFlag, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, make_flag("department_1"), values, now)
    below = {*cast.members_of("team_a"), *cast.members_of("team_c")}
    assert booked(database, session_id) == {*below, cast.people["Lis"]}


def test_whoever_has_left_or_is_about_to_or_cannot_sign_in_is_not_invited(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        for name, until in (("Eva", now.date()), ("Tom", date(2026, 2, 9))):
            query = select(Membership).where(Membership.person_id == cast.people[name])
            session.scalars(query).one().until_day = until
        unit = cast.units["team_a"]
        tomorrow = now.date() + timedelta(days=1)
        for name, day in (("Dan", date(2025, 1, 1)), ("Hugo", tomorrow)):
            session.add(Membership(person_id=cast.people[name], unit_id=unit, from_day=day))
    invited = booked(database, schedule(database, flag_id, values, now))
    assert invited.isdisjoint(cast.people[name] for name in ("Eva", "Tom", "Dan", "Hugo"))


def test_whoever_has_no_address_is_booked_but_gets_no_letter(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Eva"]).email = None
    session_id = schedule(database, flag_id, values, now)
    assert cast.people["Eva"] in booked(database, session_id)
    assert cast.people["Eva"] not in written_to(database, MailKind.SESSION_INVITATION)


def test_a_supervisor_from_the_unit_itself_leads_and_is_not_counted_as_invited(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    anne = cast.people["Anne"]
    with database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=anne, role=Role.SUPERVISOR))
    session_id = schedule(database, flag_id, replace(values, supervisor_id=anne), now)
    assert anne not in booked(database, session_id)
    assert written_to(database, MailKind.SESSION_INVITATION).count(anne) == 1


def test_asking_twice_makes_one_session_and_one_letter_each(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    first = schedule(database, flag_id, values, now)
    letters = written_to(database, MailKind.SESSION_INVITATION)
    assert schedule(database, flag_id, replace(values, start=time(9)), now) == first
    assert written_to(database, MailKind.SESSION_INVITATION) == letters
    assert acts(database) == ["support.offered", "session.scheduled"]


def test_a_closed_flag_gets_no_session(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    close(database, flag_id, "Der er supervision i forvejen.", now)
    with pytest.raises(Refused, match="closed"):
        schedule(database, flag_id, values, now)


def test_a_flag_that_does_not_exist_is_missing(
    database: Database, values: SessionValues, now: datetime
) -> None:
    with pytest.raises(Missing):
        schedule(database, uuid4(), values, now)


WRONG: Mapping[str, tuple[dict[str, object], str]] = {
    "yesterday": ({"day": date(2026, 2, 1)}, "passed"),
    "this moment": ({"day": date(2026, 2, 2), "start": time(10)}, "passed"),
    "the year one": ({"day": date.min}, "passed"),
    "in two years": ({"day": date(2028, 2, 2)}, "year"),
    "the last day there is": ({"day": date.max}, "year"),
    "a skipped hour": ({"day": date(2026, 3, 29), "start": time(2, 30)}, "does not exist"),
    "a doubled hour": ({"day": date(2026, 10, 25), "start": time(2, 30)}, "comes twice"),
    "too short": ({"length_minutes": 59}, "60 to 180"),
    "too long": ({"length_minutes": 181}, "60 to 180"),
    "nowhere": ({"place": " \x00\n"}, "where"),
    "far too much place": ({"place": "x" * 201}, "200"),
    "somebody who does not exist": ({"supervisor_id": UUID(int=9)}, "who leads"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_session_that_cannot_be_is_refused_and_the_flag_stays_raised(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime, wrong: str
) -> None:
    changes, says = WRONG[wrong]
    with pytest.raises(BadInput, match=says):
        schedule(database, flag_id, replace(values, **changes), now)  # type: ignore[arg-type]
    assert state_of(database, flag_id) is FlagState.RAISED
    assert offers_of(database, flag_id) == []
    assert acts(database) == []


def test_only_somebody_with_the_role_can_lead(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    with pytest.raises(BadInput, match="who leads"):
        schedule(database, flag_id, replace(values, supervisor_id=cast.people["Lis"]), now)


@pytest.mark.parametrize(
    ("start", "minutes", "is_free"),
    [
        (time(11, 30), 90, True),
        (time(11, 30), 91, False),
        (time(13, 30), 60, False),
        (time(12), 180, False),
        (time(14, 29), 60, False),
        (time(14, 30), 60, True),
    ],
)
def test_a_supervisor_cannot_be_in_two_places(
    database: Database,
    make_flag: MakeFlag,
    values: SessionValues,
    now: datetime,
    start: time,
    minutes: int,
    is_free: bool,
) -> None:
    schedule(database, make_flag("team_a"), values, now)
    other = replace(values, start=start, length_minutes=minutes)
    flag = make_flag("team_b")
    if is_free:
        schedule(database, flag, other, now)
    else:
        with pytest.raises(Refused, match="taken"):
            schedule(database, flag, other, now)
        assert state_of(database, flag) is FlagState.RAISED


def test_two_supervisors_can_meet_two_teams_in_one_hour(
    database: Database, cast: Cast, make_flag: MakeFlag, values: SessionValues, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=cast.people["Dina"], role=Role.SUPERVISOR))
    schedule(database, make_flag("team_a"), values, now)
    other = replace(values, supervisor_id=cast.people["Dina"])
    schedule(database, make_flag("team_b"), other, now)
    assert count_sessions(database) == 2


def test_eight_at_once_give_a_supervisors_hour_away_once(
    database: Database, make_flag: MakeFlag, values: SessionValues, now: datetime
) -> None:
    flags = [make_flag("team_a") for _ in range(8)]

    def attempt(flag_id: UUID) -> bool:
        try:
            schedule(database, flag_id, values, now)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(attempt, flags))
    assert sum(given) == 1
    assert count_sessions(database) == 1
    assert acts(database) == ["support.offered", "session.scheduled"]


def test_eight_presses_of_one_button_make_one_session(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: schedule(database, flag_id, values, now), range(8)))
    assert len(made) == 1
    assert count_sessions(database) == 1
    assert len(written_to(database, MailKind.SESSION_INVITATION)) == len(
        {*cast.members_of("team_a"), cast.people["Lis"], cast.people["Susan"]}
    )


def test_cancelling_tells_everyone_and_raises_the_flag_again(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    cancel(database, session_id, now)
    found = session_of(database, session_id)
    assert (found.state, found.sequence) == (SessionState.CANCELLED, 1)
    assert state_of(database, flag_id) is FlagState.RAISED
    assert sorted(written_to(database, MailKind.SESSION_CANCELLED)) == sorted(
        written_to(database, MailKind.SESSION_INVITATION)
    )
    assert acts(database) == ["support.offered", "session.scheduled", "session.cancelled"]


def test_cancelling_twice_counts_once(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    cancel(database, session_id, now)
    cancel(database, session_id, now)
    assert session_of(database, session_id).sequence == 1
    assert acts(database) == ["support.offered", "session.scheduled", "session.cancelled"]


def test_after_a_cancellation_the_flag_gets_a_new_session_and_keeps_its_one_offer(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    first = schedule(database, flag_id, values, now)
    cancel(database, first, now)
    second = schedule(database, flag_id, replace(values, form=SupportForm.DEFUSING), now)
    assert second != first
    (offer,) = offers_of(database, flag_id)
    assert (offer.form, offer.state) == (SupportForm.DEFUSING, OfferState.SCHEDULED)


def test_a_late_second_cancellation_leaves_the_new_session_alone(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    first = schedule(database, flag_id, values, now)
    cancel(database, first, now)
    schedule(database, flag_id, values, now)
    cancel(database, first, now)
    assert state_of(database, flag_id) is FlagState.ANSWERED


def test_a_session_that_did_not_take_place_is_cancelled_without_mail(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    cancel(database, session_id, now + timedelta(days=8))
    assert written_to(database, MailKind.SESSION_CANCELLED) == []
    assert state_of(database, flag_id) is FlagState.RAISED


def test_what_was_held_is_written_down_as_a_number(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    held(database, session_id, 7, now + timedelta(days=8))
    found = session_of(database, session_id)
    assert (found.state, found.attended_count) == (SessionState.HELD, 7)
    assert offers_of(database, flag_id)[0].state is OfferState.HELD
    assert acts(database) == ["support.offered", "session.scheduled", "session.held"]


def test_the_number_can_be_put_right_and_each_number_is_in_the_log(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    later = now + timedelta(days=8)
    for attended in (7, 7, 6):
        held(database, session_id, attended, later)
    assert session_of(database, session_id).attended_count == 6
    assert acts(database).count("session.held") == 2


@pytest.mark.parametrize("attended", [-1, 10])
def test_no_more_than_were_invited_can_have_come(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime, attended: int
) -> None:
    session_id = schedule(database, flag_id, values, now)
    assert len(booked(database, session_id)) == 9
    with pytest.raises(BadInput, match="0 and 9"):
        held(database, session_id, attended, now + timedelta(days=8))


@pytest.mark.asvs("2.3.1")
def test_a_session_is_not_written_down_before_it_begins(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    begins = session_of(database, session_id).starts_at
    with pytest.raises(Refused, match="begun"):
        held(database, session_id, 5, begins - timedelta(seconds=1))
    held(database, session_id, 5, begins)


def test_held_and_cancelled_exclude_each_other(
    database: Database, make_flag: MakeFlag, values: SessionValues, now: datetime
) -> None:
    later = now + timedelta(days=8)
    first = schedule(database, make_flag("team_a"), values, now)
    held(database, first, 5, later)
    with pytest.raises(Refused, match="taken place"):
        cancel(database, first, later)
    second = schedule(database, make_flag("team_b"), replace(values, start=time(9)), now)
    cancel(database, second, later)
    with pytest.raises(Refused, match="cancelled"):
        held(database, second, 5, later)


def test_a_session_that_does_not_exist_is_missing(
    database: Database, cast: Cast, now: datetime
) -> None:
    with pytest.raises(Missing):
        cancel(database, uuid4(), now)
    with pytest.raises(Missing):
        held(database, uuid4(), 0, now)


def test_closing_keeps_the_reason_with_the_flag_and_out_of_the_log(
    database: Database, flag_id: UUID, now: datetime
) -> None:
    close(database, flag_id, "  Der er supervision\r\ni forvejen. ", now)
    with database.reading(Reach.EVERYTHING) as session:
        flag = session.get_one(Flag, flag_id)
        details = session.scalars(select(AuditEvent.details)).one()
    assert flag.closed_because == "Der er supervision i forvejen."
    assert details == {}
    assert state_of(database, flag_id) is FlagState.CLOSED


def test_closing_twice_with_the_same_reason_is_one_act(
    database: Database, flag_id: UUID, now: datetime
) -> None:
    for _ in range(2):
        close(database, flag_id, "Allerede i gang", now)
    assert acts(database) == ["flag.closed"]
    with pytest.raises(Refused, match="closed"):
        close(database, flag_id, "En anden grund", now)


@pytest.mark.parametrize("reason", ["", " \n\x00", "x" * 401])
def test_closing_needs_a_reason_that_can_be_kept(
    database: Database, flag_id: UUID, now: datetime, reason: str
) -> None:
    with pytest.raises(BadInput):
        close(database, flag_id, reason, now)
    assert state_of(database, flag_id) is FlagState.RAISED


def test_a_flag_with_a_session_is_not_closed_behind_its_back(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    schedule(database, flag_id, values, now)
    with pytest.raises(Refused, match="Cancel the session"):
        close(database, flag_id, "Alligevel ikke", now)


def test_closing_after_a_cancellation_closes_the_offer(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    cancel(database, schedule(database, flag_id, values, now), now)
    close(database, flag_id, "Teamet vil hellere vente", now)
    assert offers_of(database, flag_id)[0].state is OfferState.CLOSED


@pytest.fixture
def settings() -> Settings:
    """The settings that name the service in a calendar."""
    return Settings(
        base_url="https://trivsel.example.dk",
        mail_from="trivsel@osterhus.example",
        organisation="Østerhus",
    )


def test_a_letter_tells_one_person_about_the_session_in_their_language(
    database: Database,
    cast: Cast,
    flag_id: UUID,
    values: SessionValues,
    now: datetime,
    settings: Settings,
) -> None:
    session_id = schedule(database, flag_id, values, now)
    with database.reading(Reach.WORKPLACE) as session:
        letter = describe_session(
            session, session_id, cast.people["Eva"], texts=Texts("da"), settings=settings, now=now
        )
    assert letter.words == {
        "title": "Tid til faglig refleksion",
        "starts_text": "mandag den 9. februar 2026 kl. 13.00",
        "ends_text": "9. februar 2026 kl. 14.30",
        "place": "Mødelokale 2",
        "video_link": "",
        "form_label": "Teamsupervision",
        "supervisor_name": "Susan Clarke",
        "unit_label": "Østerhus / Bostøtte / Anemonen",
        "is_moved": False,
        "leads": False,
        "may_reply": False,
    }
    calendar = make_invitation(letter.event).decode()
    assert "mailto:eva@osterhus.example" in calendar.replace("\r\n ", "")
    assert "Susan" not in calendar
    assert "Tom" not in calendar


def test_a_cancellation_describes_the_same_event_one_step_on(
    database: Database,
    cast: Cast,
    flag_id: UUID,
    values: SessionValues,
    now: datetime,
    settings: Settings,
) -> None:
    session_id = schedule(database, flag_id, values, now)
    events = []
    for cancelled in (False, True):
        if cancelled:
            cancel(database, session_id, now)
        with database.reading(Reach.WORKPLACE) as session:
            letter = describe_session(
                session,
                session_id,
                cast.people["Susan"],
                texts=Texts("en"),
                settings=settings,
                now=now,
            )
        events.append(letter.event)
    assert [event.method for event in events] == [Method.REQUEST, Method.CANCEL]
    assert [event.sequence for event in events] == [0, 1]
    assert events[0].uid == events[1].uid


@pytest.mark.parametrize("kind", ["session_invitation", "session_cancelled"])
@pytest.mark.parametrize("locale", ["da", "en"])
def test_the_mail_templates_take_the_letter_as_it_is(
    database: Database,
    cast: Cast,
    flag_id: UUID,
    values: SessionValues,
    now: datetime,
    settings: Settings,
    kind: str,
    locale: str,
) -> None:
    session_id = schedule(database, flag_id, values, now)
    with database.reading(Reach.WORKPLACE) as session:
        letter = describe_session(
            session, session_id, cast.people["Eva"], texts=Texts(locale), settings=settings, now=now
        )
    mail = Mail(
        to_name="Eva Holm",
        to_address="eva@osterhus.example",
        kind=kind,
        locale=locale,
        variables={"person_name": "Eva", "session": letter.words},
        message_id="<1@trivsel.example.dk>",
        calendar=(make_invitation(letter.event), letter.event.method.value),
    )
    message = MailRenderer(settings).render(mail, now=now)
    words = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Mødelokale 2" in words
    assert str(letter.words["title"]) in message["Subject"]


def test_somebody_who_is_not_invited_is_told_nothing(
    database: Database,
    cast: Cast,
    flag_id: UUID,
    values: SessionValues,
    now: datetime,
    settings: Settings,
) -> None:
    session_id = schedule(database, flag_id, values, now)
    with database.reading(Reach.WORKPLACE) as session, pytest.raises(Missing):
        describe_session(
            session, session_id, cast.people["Ida"], texts=Texts("da"), settings=settings, now=now
        )


def test_an_invitation_that_waits_is_dropped_once_the_session_is_cancelled_or_over(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)

    def wanted(kind: MailKind, at: datetime) -> bool:
        with database.reading(Reach.WORKPLACE) as session:
            return is_letter_wanted(session, kind, session_id, cast.people["Eva"], now=at)

    assert wanted(MailKind.SESSION_INVITATION, now)
    assert not wanted(MailKind.SESSION_CANCELLED, now)
    assert not wanted(MailKind.SESSION_INVITATION, now + timedelta(days=8))
    cancel(database, session_id, now)
    assert not wanted(MailKind.SESSION_INVITATION, now)
    assert wanted(MailKind.SESSION_CANCELLED, now)


def test_a_letter_about_a_session_that_is_gone_is_not_wanted(
    database: Database, cast: Cast, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(SupportSession))
    with database.reading(Reach.WORKPLACE) as session:
        kind, eva = MailKind.SESSION_INVITATION, cast.people["Eva"]
        assert not is_letter_wanted(session, kind, session_id, eva, now=now)
