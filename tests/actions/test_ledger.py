"""The ledger of units: what comes into it, who sees to it, how it is closed, opened and read."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from tests.actions.post_office import PostOffice
from tests.actions.support_helpers import (
    HR,
    ZONE,
    acts,
    add_session,
    offer_of,
    rows_of,
)
from tests.cast import Cast, email_of
from tests.crawler import words_of
from tests.mail_server import MailServer
from wellbeing.actions import ledger
from wellbeing.actions.ledger_letters import remind_of_overdue
from wellbeing.actions.ledger_list import LedgerRow, Origin, find_ledger, find_ledger_units
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.scheduling import cancel_session
from wellbeing.actions.session_record import Agreed, RecordValues, write_record
from wellbeing.actions.structure import form_group
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.ledger import Progress, Step
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.org import Pause, Programme, Round, RoundState
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer, OfferState, SessionAction

DAY = timedelta(days=1)


def read(database: Database, cast: Cast, now: datetime, *units: str) -> list[LedgerRow]:
    """The ledger as a leader's connection reads it."""
    wanted = [cast.units[unit] for unit in units] or None
    with database.reading(Reach.LEADER) as session:
        return find_ledger(session, wanted, zone=ZONE, now=now)


def wish(
    database: Database, cast: Cast, now: datetime, form: SupportForm = SupportForm.DEBRIEFING
) -> UUID:
    """A wish of team A's leader."""
    with database.writing(Reach.LEADER) as session:
        unit, today = cast.units["team_a"], now.date()
        return ledger.wish_for_support(session, unit, form, today=today, now=now, by=HR).id


@pytest.fixture
def published(database: Database, now: datetime) -> UUID:
    """A round that closed sixteen days ago."""
    round_id = uuid4()
    with database.writing(Reach.EVERYTHING) as session:
        programme = _programme()
        session.add(programme)
        session.flush()
        add_round(session, programme.id, round_id, 1, now - 30 * DAY)
    return round_id


def _programme() -> Programme:
    return Programme(
        id=uuid4(),
        name="Trivsel",
        instrument="proqol5",
        every_months=3,
        window_days=14,
        opening_time="08:00",
        reminder_days="",
        min_group_size=5,
    )


def add_round(
    session: Session, programme_id: UUID, round_id: UUID, number: int, opens_at: datetime
) -> None:
    """A published round that was open for two weeks."""
    session.add(
        Round(
            id=round_id,
            programme_id=programme_id,
            number=number,
            state=RoundState.PUBLISHED,
            opens_at=opens_at,
            closes_at=opens_at + 14 * DAY,
            min_group_size=5,
        )
    )
    session.flush()
    session.add(
        PublishedRound(
            round_id=round_id,
            number=number,
            closed_on=(opens_at + 14 * DAY).date(),
            instrument="proqol5",
            wording="",
            min_group_size=5,
            key_destroyed_at=opens_at + 14 * DAY,
        )
    )
    session.flush()


@pytest.fixture
def flag_id(database: Database, cast: Cast, now: datetime, published: UUID) -> UUID:
    """A flag in team A, raised today."""
    flag = Flag(
        id=uuid4(),
        unit_id=cast.units["team_a"],
        round_id=published,
        rule_id="bo-up",
        kind="offer_debriefing",
        figures={},
        raised_on=now.date(),
    )
    with database.writing(Reach.EVERYTHING) as session:
        session.add(flag)
    return flag.id


def change(
    database: Database, table: type[Flag] | type[Offer], key: UUID, **values: object
) -> None:
    """Changes columns of a row."""
    with database.writing(Reach.EVERYTHING) as session:
        row = session.get_one(table, key)
        for name, value in values.items():
            setattr(row, name, value)


def offer_for_flag(database: Database, cast: Cast, flag_id: UUID, now: datetime) -> UUID:
    """The offer that answers the flag, not scheduled."""
    with database.writing(Reach.WORKPLACE) as session:
        return offer_to_unit(
            session,
            cast.units["team_a"],
            SupportForm.DEBRIEFING,
            today=now.date(),
            flag_id=flag_id,
            now=now,
            by=HR,
        ).id


def close(
    database: Database, offer_id: UUID, now: datetime, reason: str = "Løst på anden vis"
) -> None:
    """Closes as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        ledger.close_offer(session, offer_id, reason, now=now, by=HR)


def test_a_raised_flag_is_in_the_ledger_before_anybody_answers_it(
    database: Database, cast: Cast, flag_id: UUID, now: datetime
) -> None:
    (row,) = read(database, cast, now)
    assert (row.offer_id, row.flag_id, row.origin) == (None, flag_id, Origin.FLAG)
    assert (row.form, row.unit) == (SupportForm.DEBRIEFING, "Østerhus / Bostøtte / Anemonen")
    assert row.steps[0].progress is Progress.NEXT


def test_a_flag_nobody_answers_for_two_weeks_is_overdue(
    database: Database, cast: Cast, flag_id: UUID, now: datetime
) -> None:
    (row,) = read(database, cast, now + 14 * DAY)
    assert row.overdue is None
    (row,) = read(database, cast, now + 15 * DAY)
    assert row.overdue
    assert row.overdue.step is Step.OFFERED


def test_a_flag_put_off_counts_from_the_day_it_asks_again(
    database: Database, cast: Cast, flag_id: UUID, now: datetime
) -> None:
    change(database, Flag, flag_id, snoozed_until=now.date() + 30 * DAY)
    (row,) = read(database, cast, now + 44 * DAY)
    assert row.overdue is None
    (row,) = read(database, cast, now + 45 * DAY)
    assert row.overdue


@pytest.mark.parametrize("state", [FlagState.CLOSED, FlagState.ANSWERED])
def test_a_flag_seen_to_without_an_offer_is_in_no_ledger(
    database: Database, cast: Cast, flag_id: UUID, now: datetime, state: FlagState
) -> None:
    change(database, Flag, flag_id, state=state)
    assert read(database, cast, now) == []


def test_a_flag_of_a_round_that_is_not_released_is_in_no_ledger(
    database: Database, cast: Cast, flag_id: UUID, published: UUID, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(PublishedRound, published).key_destroyed_at = None
    assert read(database, cast, now) == []


def test_an_offer_takes_the_place_of_its_flag(
    database: Database, cast: Cast, flag_id: UUID, now: datetime
) -> None:
    offer_id = offer_for_flag(database, cast, flag_id, now)
    (row,) = read(database, cast, now)
    assert (row.offer_id, row.flag_id, row.origin) == (offer_id, flag_id, Origin.FLAG)


def test_a_ledger_has_its_own_unit_only(database: Database, cast: Cast, now: datetime) -> None:
    wish(database, cast, now)
    assert len(read(database, cast, now, "team_a")) == 1
    assert read(database, cast, now, "team_b", "team_c", "department_1") == []


def test_a_team_counted_with_others_has_the_group_s_rows_too(
    database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        teams = (cast.units["team_a"], cast.units["team_c"])
        group_id = form_group(session, teams, now=now, by=HR).id
    with database.reading(Reach.EMPLOYEE) as session:
        assert find_ledger_units(session, cast.units["team_c"]) == {cast.units["team_c"], group_id}
        assert find_ledger_units(session, cast.units["team_b"]) == {cast.units["team_b"]}


def test_what_a_person_asked_for_is_in_nobody_s_ledger(
    database: Database, cast: Cast, now: datetime
) -> None:
    add_session(database, cast, at=now, unit=None, invited=[cast.people["Eva"]])
    assert read(database, cast, now) == []


def test_a_wish_pressed_twice_or_by_eight_at_once_is_one(
    database: Database, cast: Cast, now: datetime
) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: wish(database, cast, now), range(8)))
    assert len(made) == 1
    assert acts(database) == ["support.offered"]
    (row,) = read(database, cast, now)
    assert row.origin is Origin.WISH


def test_a_new_wish_can_be_made_once_the_first_is_arranged(
    database: Database, cast: Cast, now: datetime
) -> None:
    first = wish(database, cast, now)
    change(database, Offer, first, state=OfferState.HELD)
    assert wish(database, cast, now) != first


@pytest.mark.parametrize("form", [SupportForm.INDIVIDUAL_SUPERVISION, SupportForm.FOLLOW_UP])
def test_nothing_can_be_wished_that_points_at_one_person(
    database: Database, cast: Cast, now: datetime, form: SupportForm
) -> None:
    with pytest.raises(BadInput):
        wish(database, cast, now, form)
    assert rows_of(database, Offer) == []


@pytest.mark.parametrize(
    ("name", "may"),
    [("Lis", True), ("Hanne", True), ("Hugo", False), ("Eva", False), ("Ole", False)],
)
def test_an_offer_is_seen_to_by_hr_in_reach_or_the_unit_s_leader(
    database: Database, cast: Cast, now: datetime, name: str, may: bool
) -> None:
    offer_id = wish(database, cast, now)

    def choose() -> None:
        with database.writing(Reach.LEADER) as session:
            ledger.set_owner(session, offer_id, cast.people[name], now=now, by=HR)

    if may:
        choose()
        choose()
        assert acts(database) == ["support.offered", "offer.owner_set"]
        assert read(database, cast, now)[0].owner_id == cast.people[name]
    else:
        with pytest.raises(BadInput):
            choose()
        assert read(database, cast, now)[0].owner_id is None


def test_closing_an_offer_keeps_its_reason_and_closes_its_flag(
    database: Database, cast: Cast, flag_id: UUID, now: datetime
) -> None:
    offer_id = offer_for_flag(database, cast, flag_id, now)
    for _ in range(2):
        close(database, offer_id, now)
    (row,) = read(database, cast, now)
    assert (row.closed_because, row.is_open) == ("Løst på anden vis", False)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Flag, flag_id).state is FlagState.CLOSED
    assert acts(database) == ["support.offered", "flag.closed", "offer.closed"]


def test_a_closing_is_undone_and_the_flag_raised_again(
    database: Database, cast: Cast, flag_id: UUID, now: datetime
) -> None:
    offer_id = offer_for_flag(database, cast, flag_id, now)
    close(database, offer_id, now)
    for _ in range(2):
        with database.writing(Reach.WORKPLACE) as session:
            ledger.reopen_offer(session, offer_id, now=now, by=HR)
    (row,) = read(database, cast, now)
    assert (row.state, row.closed_because) == (OfferState.OFFERED, "")
    with database.reading(Reach.EVERYTHING) as session:
        flag = session.get_one(Flag, flag_id)
    assert (flag.state, flag.closed_because) == (FlagState.RAISED, None)
    assert acts(database)[-1:] == ["offer.reopened"]


@pytest.mark.parametrize(
    ("state", "says"),
    [(OfferState.SCHEDULED, "Cancel the session"), (OfferState.HELD, "taken place")],
)
def test_what_is_arranged_or_held_is_not_closed(
    database: Database, cast: Cast, now: datetime, state: OfferState, says: str
) -> None:
    offer_id = wish(database, cast, now)
    change(database, Offer, offer_id, state=state)
    with pytest.raises(Refused, match=says):
        close(database, offer_id, now)


@pytest.mark.parametrize("reason", ["", " \n\x00", "x" * 401])
def test_closing_needs_a_reason_that_can_be_kept(
    database: Database, cast: Cast, now: datetime, reason: str
) -> None:
    offer_id = wish(database, cast, now)
    with pytest.raises(BadInput):
        close(database, offer_id, now, reason)
    assert read(database, cast, now)[0].state is OfferState.OFFERED


def test_a_person_s_own_offer_is_not_closed_or_taken_on_here(
    database: Database, cast: Cast, now: datetime
) -> None:
    session_id = add_session(database, cast, at=now, unit=None)
    offer_id = offer_of(database, session_id).id
    with pytest.raises(Missing):
        close(database, offer_id, now)
    with pytest.raises(Missing), database.writing(Reach.WORKPLACE) as session:
        ledger.set_owner(session, offer_id, cast.people["Hanne"], now=now, by=HR)


def hold(database: Database, offer_id: UUID, held_on: date, now: datetime) -> None:
    """Writes a talk without a session down as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        today = now.date()
        ledger.hold_without_session(session, offer_id, held_on, today=today, now=now, by=HR)


def test_a_team_conversation_is_written_down_with_its_day_alone(
    database: Database, cast: Cast, now: datetime
) -> None:
    offer_id = wish(database, cast, now, SupportForm.TEAM_CONVERSATION)
    for _ in range(2):
        hold(database, offer_id, now.date(), now)
    (row,) = read(database, cast, now)
    assert (row.is_open, row.state) == (False, OfferState.HELD)
    assert acts(database) == ["support.offered", "offer.held"]


@pytest.mark.parametrize("days", [-1, 1])
def test_it_cannot_have_taken_place_before_the_offer_or_tomorrow(
    database: Database, cast: Cast, now: datetime, days: int
) -> None:
    offer_id = wish(database, cast, now, SupportForm.TEAM_CONVERSATION)
    with pytest.raises(BadInput):
        hold(database, offer_id, now.date() + days * DAY, now)


def test_supervision_is_not_held_without_a_session(
    database: Database, cast: Cast, now: datetime
) -> None:
    with pytest.raises(Refused):
        hold(database, wish(database, cast, now), now.date(), now)


def write(database: Database, session_id: UUID, now: datetime, attended: int = 5) -> None:
    """Writes a session down."""
    with database.writing(Reach.WORKPLACE) as session:
        write_record(session, session_id, RecordValues(attended), zone=ZONE, now=now, by=HR)


def test_a_session_walks_through_the_steps(database: Database, cast: Cast, now: datetime) -> None:
    session_id = add_session(database, cast, at=now + DAY)
    (row,) = read(database, cast, now)
    assert progress(row, Step.SCHEDULED, Step.HELD) == [Progress.DONE, Progress.NEXT]
    (row,) = read(database, cast, now + 9 * DAY)
    assert row.overdue
    assert row.overdue.step is Step.HELD
    write(database, session_id, now + 9 * DAY)
    (row,) = read(database, cast, now + 9 * DAY)
    assert row.overdue is None
    assert progress(row, Step.HELD, Step.ATTENDED, Step.USEFUL) == [
        Progress.DONE,
        Progress.DONE,
        Progress.NEXT,
    ]
    assert row.record
    assert row.record.attended == 5
    assert row.tells_record


def progress(row: LedgerRow, *steps: Step) -> list[Progress]:
    """How far these steps have come."""
    return [read.progress for read in row.steps if read.step in steps]


def test_a_cancelled_session_is_not_the_ledger_s(
    database: Database, cast: Cast, now: datetime
) -> None:
    session_id = add_session(database, cast, at=now + DAY)
    with database.writing(Reach.WORKPLACE) as session:
        cancel_session(session, session_id, now=now, by=HR)
    (row,) = read(database, cast, now)
    assert row.record is None
    assert progress(row, Step.SCHEDULED) == [Progress.NEXT]


@pytest.mark.parametrize("form", [SupportForm.INDIVIDUAL_SUPERVISION, SupportForm.CRISIS_HELP])
def test_of_a_talk_with_one_person_only_that_it_was_held_is_told(
    database: Database, cast: Cast, now: datetime, form: SupportForm
) -> None:
    session_id = add_session(database, cast, at=now - DAY, form=form)
    write(database, session_id, now, 1)
    (row,) = read(database, cast, now)
    assert progress(row, Step.HELD) == [Progress.DONE]
    assert not row.tells_record


# Held on 1 February; answers given before that say nothing about it.
@pytest.mark.parametrize(("opens_after", "counts"), [(-1, False), (0, True), (40, True)])
def test_scores_after_are_those_of_a_round_that_opened_after_it_was_held(
    database: Database, cast: Cast, now: datetime, published: UUID, opens_after: int, counts: bool
) -> None:
    session_id = add_session(database, cast, at=now - DAY)
    write(database, session_id, now)
    with database.writing(Reach.EVERYTHING) as session:
        programme_id = session.get_one(Round, published).programme_id
        add_round(session, programme_id, uuid4(), 2, now + (opens_after - 1) * DAY)
    (row,) = read(database, cast, now + 90 * DAY)
    assert progress(row, Step.SCORES) == [Progress.DONE if counts else Progress.NEXT]


def test_overdue_rows_come_first_and_what_is_over_last(
    database: Database, cast: Cast, now: datetime
) -> None:
    held = add_session(database, cast, at=now - DAY)
    write(database, held, now)
    fresh = wish(database, cast, now)
    late = wish(database, cast, now - 20 * DAY, SupportForm.TEAM_SUPERVISION)
    change(database, Offer, late, offered_on=(now - 20 * DAY).date())
    rows = read(database, cast, now)
    assert [row.offer_id for row in rows] == [late, fresh, offer_of(database, held).id]


# 2026-02-02 is a Monday.
LATE = datetime(2026, 2, 17, 9, 0, tzinfo=UTC)


def remind(database: Database, now: datetime) -> int:
    """Runs the reminding."""
    with database.writing(Reach.EVERYTHING) as session:
        return remind_of_overdue(session, zone=ZONE, now=now)


@pytest.fixture
def late_wish(database: Database, cast: Cast, now: datetime) -> UUID:
    """A wish of team A from 2 February: overdue from 17 February on."""
    return wish(database, cast, now)


def test_hr_in_reach_and_the_leader_are_reminded_the_day_after_it_was_due(
    database: Database, late_wish: UUID, office: PostOffice, mail_server: MailServer
) -> None:
    assert remind(database, LATE - DAY) == 0
    assert [remind(database, LATE) for _ in range(2)] == [2, 0]
    assert {row.kind for row in office.rows()} == {MailKind.SUPPORT_OVERDUE}
    office.clock.moment = LATE
    assert office.deliver().sent == 2
    assert to(mail_server) == ["Hanne", "Lis"]


def test_whoever_has_taken_it_on_is_reminded_in_hr_s_place(
    database: Database, cast: Cast, late_wish: UUID, office: PostOffice, mail_server: MailServer
) -> None:
    change(database, Offer, late_wish, owner_id=cast.people["Lis"])
    remind(database, LATE)
    office.clock.moment = LATE
    office.deliver()
    assert to(mail_server) == ["Lis"]


def to(mail_server: MailServer) -> list[str]:
    """Who got mail."""
    addresses = [str(mail.message["To"]) for mail in mail_server.received]
    names = ("Hanne", "Hugo", "Lis", "Ole", "Sara", "Eva", "Susan")
    return sorted(n for n in names for address in addresses if email_of(n) in address)


def test_a_reminder_names_nobody_and_says_what_is_to_be_done(
    database: Database, late_wish: UUID, office: PostOffice, mail_server: MailServer, cast: Cast
) -> None:
    change(database, Offer, late_wish, owner_id=cast.people["Hanne"])
    remind(database, LATE)
    office.clock.moment = LATE
    office.deliver()
    for mail in mail_server.received:
        words = words_of(mail.message).replace(str(mail.message["To"]), "")
        assert "Anemonen" not in str(mail.message["Subject"])
        assert "Find en tid" in words
        assert "Susan" not in words
    bodies = [words_of(m.message) for m in mail_server.received]
    assert sum("/hr/ledger" in body for body in bodies) == 1
    assert sum(f"/teams/{cast.units['team_a']}/support" in body for body in bodies) == 1


def test_one_row_gives_at_most_one_mail_a_week_and_person(
    database: Database, late_wish: UUID
) -> None:
    days = (LATE + n * DAY for n in range(27))
    sent = [remind(database, day) for day in days]
    assert sum(sent) == 2 * 4
    assert [day for day, count in enumerate(sent) if count] == [0, 6, 13, 20]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 2, 21, 9, 0, tzinfo=UTC),
        datetime(2026, 2, 22, 9, 0, tzinfo=UTC),
        datetime(2026, 4, 3, 9, 0, tzinfo=UTC),
        datetime(2026, 12, 24, 9, 0, tzinfo=UTC),
        datetime(2026, 7, 8, 9, 0, tzinfo=UTC),
        datetime(2026, 2, 17, 6, 59, tzinfo=UTC),
        datetime(2026, 2, 17, 15, 0, tzinfo=UTC),
    ],
    ids=["Saturday", "Sunday", "Good Friday", "Christmas Eve", "pause", "early", "evening"],
)
def test_nobody_is_reminded_on_days_off_in_pauses_or_in_the_evening(
    database: Database, late_wish: UUID, moment: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(Pause(from_day=date(2026, 7, 1), until_day=date(2026, 8, 1), reason="Sommer"))
    assert remind(database, moment) == 0


def seen_to(database: Database, offer_id: UUID, cast: Cast) -> None:
    """A time is found before the mail goes."""
    add_session(database, cast, at=LATE + DAY, offer_id=offer_id)


def handed_over(database: Database, offer_id: UUID, cast: Cast) -> None:
    """Hanne, who was reminded as one of HR, leaves it to the leader; Lis still gets hers."""
    change(database, Offer, offer_id, owner_id=cast.people["Lis"])


@pytest.mark.parametrize(("act", "left"), [(seen_to, []), (handed_over, ["Lis"])])
def test_a_reminder_that_is_no_longer_true_is_not_sent(
    database: Database,
    cast: Cast,
    late_wish: UUID,
    office: PostOffice,
    mail_server: MailServer,
    act: object,
    left: Iterable[str],
) -> None:
    remind(database, LATE)
    act(database, late_wish, cast)  # type: ignore[operator]
    office.clock.moment = LATE
    office.deliver()
    assert to(mail_server) == left


def test_a_reminder_that_waits_into_the_weekend_is_dropped(
    database: Database, late_wish: UUID, office: PostOffice, mail_server: MailServer
) -> None:
    friday = datetime(2026, 2, 20, 14, 30, tzinfo=UTC)
    assert remind(database, friday) == 2
    office.clock.moment = friday + timedelta(hours=20)
    assert office.deliver().sent == 0


def test_an_action_is_marked_done_once_and_can_be_unmarked(
    database: Database, cast: Cast, now: datetime
) -> None:
    session_id = add_session(database, cast, at=now - DAY)
    with database.writing(Reach.WORKPLACE) as session:
        values = RecordValues(5, agreed=(Agreed("Ny tavle", "Teamet"),))
        write_record(session, session_id, values, zone=ZONE, now=now, by=HR)
    (action,) = rows_of(database, SessionAction)
    assert isinstance(action, SessionAction)
    for is_done in (True, True, False, False):
        with database.writing(Reach.LEADER) as session:
            today = now.date()
            ledger.mark_action(session, action.id, is_done=is_done, today=today, now=now, by=HR)
    assert acts(database) == ["session.held", "action.marked", "action.marked"]
    with pytest.raises(Missing), database.writing(Reach.LEADER) as session:
        ledger.mark_action(session, uuid4(), is_done=True, today=now.date(), now=now, by=HR)
