"""The APV pack: what it tells of a period, what it never tells, on both databases."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from tests.apv_past import FORMULAS, HELD_ON, INCIDENT_ON, SECRETS, TODAY, add_apv_past
from tests.cast import Cast
from tests.published_rows import add_held, add_past, add_units, closing
from tests.rounds import BY
from wellbeing.actions.apv import ApvPack, Period, check_period, find_pack, find_usual_period
from wellbeing.actions.ledger_list import Origin
from wellbeing.actions.structure import form_group
from wellbeing.domain.errors import BadInput
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.instrument import Scale
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.trends import Verdict
from wellbeing.store.incidents import Incident
from wellbeing.store.published import (
    FlagState,
    PublishedGroup,
    PublishedRound,
    PublishedWithheld,
)
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import OfferState, SessionFeedback, SupportSession

ZONE = ZoneInfo("Europe/Copenhagen")
DAY = TODAY.date()
THREE_YEARS = find_usual_period(DAY)


def pack_of(
    database: Database, unit_id: UUID, period: Period = THREE_YEARS, reach: Reach = Reach.LEADER
) -> ApvPack:
    """The pack as a leader's page gets it."""
    with database.reading(reach) as session:
        return find_pack(session, unit_id, period, zone=ZONE, today=DAY)


@pytest.fixture
def unit(database: Database, cast: Cast) -> UUID:
    """Team A with its three years."""
    with database.writing(Reach.EVERYTHING) as session:
        add_apv_past(session, cast, cast.units["team_a"])
    return cast.units["team_a"]


@pytest.mark.parametrize("reach", [Reach.LEADER, Reach.WORKPLACE, Reach.EMPLOYEE])
def test_it_tells_rounds_flags_incidents_offers_sessions_agreements_and_effects(
    database: Database, unit: UUID, reach: Reach
) -> None:
    pack = pack_of(database, unit, reach=reach)
    assert [one.points[Scale.BO].point for one in pack.rounds] == [27, 26, 27, 26, 22, 21, 22, 21]
    assert pack.rounds[0].verdicts[Scale.BO] is Verdict.TOO_FEW
    assert [flag.state for flag in pack.flags] == [FlagState.ANSWERED, FlagState.CLOSED]
    assert [flag.answered_by for flag in pack.flags] == [SupportForm.TEAM_SUPERVISION, None]
    (incident,) = pack.incidents
    assert (incident.kind, incident.happened_on) == (IncidentKind.THREAT, INCIDENT_ON)
    assert [(o.form, o.origin, o.state) for o in pack.offers] == [
        (SupportForm.TEAM_SUPERVISION, Origin.FLAG, OfferState.HELD),
        (SupportForm.FIRST_AID, Origin.INCIDENT, OfferState.HELD),
        (SupportForm.PEER_SUPERVISION, Origin.WISH, OfferState.CLOSED),
    ]
    (held,) = pack.sessions
    assert (held.held_on, held.minutes, held.attended) == (HELD_ON, 90, 7)
    assert (held.themes, held.useful) == (("Arbejdspres",), 4)
    assert {one.what for one in pack.agreed} > set(FORMULAS)
    assert [one.done_on is not None for one in pack.agreed].count(True) == 1
    assert [one.held_on for one in pack.effects] == [(HELD_ON,)]


def test_no_name_request_or_detail_is_anywhere_in_it(database: Database, unit: UUID) -> None:
    said = repr(pack_of(database, unit))
    assert "Refleksion" in said
    assert [secret for secret in SECRETS if secret in said] == []


def test_a_conversation_that_was_taken_back_is_not_in_it(database: Database, unit: UUID) -> None:
    forms = {offer.form for offer in pack_of(database, unit).offers}
    assert SupportForm.TEAM_CONVERSATION not in forms


def test_only_what_lies_in_the_period_is_told(database: Database, unit: UUID) -> None:
    pack = pack_of(database, unit, Period(closing(5), closing(6)))
    assert [one.closed_on for one in pack.rounds] == [closing(5), closing(6)]
    assert [flag.raised_on for flag in pack.flags] == [closing(6)]
    assert (pack.sessions, pack.agreed, pack.effects) == ([], [], [])
    assert [incident.happened_on for incident in pack.incidents] == [INCIDENT_ON]


def test_a_verdict_is_that_of_its_day(database: Database, unit: UUID) -> None:
    whole = {one.closed_on: one.verdicts for one in pack_of(database, unit).rounds}
    part = pack_of(database, unit, Period(closing(5), closing(5))).rounds
    assert part[0].verdicts == whole[closing(5)]
    assert whole[closing(6)][Scale.BO] in (Verdict.BETTER, Verdict.PROBABLY_BETTER)
    assert whole[closing(4)][Scale.BO] is Verdict.NO_EVIDENCE


def test_an_unreleased_round_is_not_in_it(database: Database, unit: UUID) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        for row in session.query(PublishedRound).filter(PublishedRound.number >= 6):
            row.key_destroyed_at = None
    pack = pack_of(database, unit)
    assert len(pack.rounds) == 5
    assert [flag.state for flag in pack.flags] == [FlagState.ANSWERED]


@pytest.mark.parametrize(
    ("counts", "days", "useful"),
    [
        ({4: 4}, -1, None),
        ({4: 5}, -1, 4),
        ({1: 2, 2: 3}, -1, 2),
        ({4: 5, 5: 5}, -1, 5),
        ({5: 9}, 0, None),
        ({5: 9}, 5, None),
    ],
)
def test_usefulness_is_told_once_nothing_more_can_come_in_and_from_five_on(
    database: Database,
    cast: Cast,
    counts: dict[int, int],
    days: int,
    useful: int | None,
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        offer = add_held(session, unit, cast.people["Susan"], DAY - timedelta(days=20))
        held = session.query(SupportSession).filter_by(offer_id=offer.id).one()
        held.feedback_until = DAY + timedelta(days=days)
        session.add_all(
            SessionFeedback(session_id=held.id, useful=value, count=count)
            for value, count in counts.items()
        )
    assert [one.useful for one in pack_of(database, unit).sessions] == [useful]


def test_of_a_talk_with_one_person_there_is_the_day_only(database: Database, cast: Cast) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        for number, form in enumerate(
            (SupportForm.INDIVIDUAL_SUPERVISION, SupportForm.DEFUSING), start=1
        ):
            day = DAY - timedelta(days=number)
            offer = add_held(session, unit, cast.people["Susan"], day, form=form)
            held = session.query(SupportSession).filter_by(offer_id=offer.id).one()
            held.seats, held.attended_count, held.minutes_held = 1, 1, 45
    for one in pack_of(database, unit).sessions:
        assert (one.attended, one.minutes, one.themes, one.useful) == (None, None, (), None)


def test_a_department_has_its_teams_in_it_and_a_team_nothing_of_its_neighbours(
    database: Database, cast: Cast, unit: UUID
) -> None:
    department, neighbour = cast.units["department_1"], cast.units["team_c"]
    pack = pack_of(database, department)
    assert {one.unit_id for one in pack.offers} == {unit}
    assert {one.unit_id for one in pack.incidents} == {unit}
    assert {one.unit_id for one in pack.flags} == {unit}
    assert pack.units >= {department, unit, neighbour}
    other = pack_of(database, neighbour)
    assert not any((other.offers, other.incidents, other.flags, other.sessions, other.rounds))


def test_a_team_counted_in_a_group_has_the_figures_of_the_group_but_not_its_incidents(
    database: Database, cast: Cast
) -> None:
    team, neighbour = cast.units["team_a"], cast.units["team_c"]
    with database.writing(Reach.EVERYTHING) as session:
        group = form_group(session, (team, neighbour), now=TODAY, by=BY).id
        _add_pooled_past(session, group, team)
        for unit in (team, neighbour):
            session.add(
                Incident(
                    unit_id=unit,
                    kind=IncidentKind.ACCIDENT,
                    happened_on=DAY,
                    registered_on=DAY,
                    affected_count=1,
                    details="",
                )
            )
        add_held(session, group, cast.people["Susan"], DAY - timedelta(days=3))
    pack = pack_of(database, team)
    assert pack.counted_in == group
    assert [one.points[Scale.BO].point for one in pack.rounds] == [25, 24]
    assert [one.unit_id for one in pack.incidents] == [team]
    assert [one.unit_id for one in pack.sessions] == [group]


def _add_pooled_past(session: Session, group: UUID, team: UUID) -> None:
    rounds = add_past(session, {group: "25 24"}, kind="pooled")
    for round_id in rounds:
        counted_in = session.query(PublishedGroup).filter_by(round_id=round_id).one()
        session.add(
            PublishedWithheld(
                round_id=round_id,
                unit_id=team,
                unit_path="x",
                reason="pooled",
                group_id=counted_in.id,
            )
        )
    session.flush()


def test_an_empty_period_and_an_empty_unit_have_an_empty_pack(
    database: Database, cast: Cast
) -> None:
    pack = pack_of(database, cast.units["team_b"], Period(DAY, DAY))
    assert not any((pack.rounds, pack.flags, pack.offers, pack.sessions, pack.effects))


def test_ten_years_of_monthly_rounds_are_all_in_it(database: Database, cast: Cast) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        add_units(session, cast.units["department_2"], "D")
        for year in range(10):
            add_past(session, {unit: "23 24 22 25"}, days_later=-365 * year)
    pack = pack_of(database, unit, Period(date(2015, 2, 3), date(2025, 2, 2)))
    assert len(pack.rounds) == 40


def test_the_usual_period_is_the_three_years_up_to_today() -> None:
    assert find_usual_period(date(2026, 2, 2)) == Period(date(2023, 2, 3), date(2026, 2, 2))
    assert find_usual_period(date(2024, 2, 29)) == Period(date(2021, 3, 1), date(2024, 2, 29))


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (date(2025, 1, 2), date(2025, 1, 1), "before the first"),
        (date(2026, 2, 3), date(2026, 2, 4), "has begun"),
        (date(2015, 1, 1), date(2025, 1, 1), "at most 10 years"),
        (date(1, 1, 1), date(2025, 1, 1), "at most 10 years"),
        (date(9999, 1, 1), date(9999, 12, 31), "has begun"),
    ],
)
def test_a_period_that_cannot_be_is_refused(first: date, last: date, wrong: str) -> None:
    with pytest.raises(BadInput, match=wrong):
        check_period(Period(first, last), today=DAY)


@pytest.mark.parametrize(
    ("first", "last"),
    [(DAY, DAY), (date(2015, 1, 1), date(2024, 12, 31)), (DAY, DAY + timedelta(days=9))],
)
def test_a_day_and_ten_years_are_periods(first: date, last: date) -> None:
    check_period(Period(first, last), today=DAY)
