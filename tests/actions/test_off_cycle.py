"""An extra check-in between two rounds: it asks one unit, and leaves everybody else untouched."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.cast import Cast
from tests.rounds import BY, STEADY, WORN, ZONE, RoundRunner
from tests.web.seed import add_incident
from wellbeing.actions.figures import find_rounds_of, find_series
from wellbeing.actions.letters import announce, invite
from wellbeing.actions.off_cycle import (
    asks,
    cancel_off_cycle,
    find_asked_by,
    find_option,
    plan_off_cycle,
)
from wellbeing.actions.open_checkin import find_open_checkin
from wellbeing.actions.opening import find_due_to_open, open_round
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.programmes import open_now
from wellbeing.actions.publishing import Publisher, Step
from wellbeing.actions.record import read_record, read_records
from wellbeing.actions.structure import find_changes, form_group, is_approved
from wellbeing.domain.audit import check_promise
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.errors import Refused
from wellbeing.domain.instrument import Scale
from wellbeing.domain.off_cycle import NoRoundReason
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.incidents import Incident
from wellbeing.store.org import Membership, Round, RoundState, RoundUnit, Unit
from wellbeing.store.personal import Participation
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.team_page.queries import find_awaited_round

TEAM_A_PATH = "Østerhus / Bostøtte / Anemonen"


class _CutShort(Exception):
    """The process ends here."""


@dataclass
class Extra:
    """The cast after one published round of everyone, and what is done about an incident."""

    rounds: RoundRunner
    cast: Cast
    first: UUID

    @property
    def database(self) -> Database:
        """The database."""
        return self.rounds.database

    def register(self, unit: str = "team_a") -> UUID:
        """An incident of yesterday in a unit."""
        with self.database.writing(Reach.EVERYTHING) as session:
            return add_incident(session, self.cast.units[unit], now=self.rounds.now)

    def option(self, incident_id: UUID) -> date | NoRoundReason | None:
        """The earliest day, or why there is none."""
        with self.database.reading(Reach.WORKPLACE) as session:
            incident = session.get_one(Incident, incident_id)
            found = find_option(session, incident, zone=ZONE, now=self.rounds.now)
        return found.window.opens_at.astimezone(ZONE).date() if found.window else found.reason

    def plan(self, incident_id: UUID) -> UUID:
        """Plans the check-in on the earliest day, as HR."""
        day = self.option(incident_id)
        assert isinstance(day, date)
        with self.database.writing(Reach.WORKPLACE) as session:
            now = self.rounds.now
            return plan_off_cycle(session, incident_id, on=day, zone=ZONE, now=now, by=BY).id

    def open(self, round_id: UUID) -> bool:
        """Moves on to the round's day and opens it."""
        with self.database.writing(Reach.EVERYTHING) as session:
            self.rounds.now = max(self.rounds.now, session.get_one(Round, round_id).opens_at)
            now = self.rounds.now
            keys = self.rounds.keys
            return open_round(session, round_id, keys=keys, zone=ZONE, now=now, by=BY)

    def hold(self, unit: str, people: list[UUID], answers: tuple[int, ...] = WORN) -> UUID:
        """A whole extra round, from incident to figures."""
        round_id = self.plan(self.register(unit))
        assert self.open(round_id)
        self.rounds.answer_all(round_id, people, answers)
        assert self.rounds.publish(round_id)
        return round_id

    def hold_next(self, answers: tuple[int, ...] = STEADY) -> UUID:
        """The next round of everyone, on the day it was planned for."""
        with self.database.reading(Reach.EVERYTHING) as session:
            planned = session.scalars(
                select(Round).where(Round.state == RoundState.PLANNED, Round.unit_id.is_(None))
            ).one()
        assert self.open(planned.id)
        for team in ("team_a", "team_b"):
            self.rounds.answer_all(planned.id, self.cast.members_of(team), answers)
        assert self.rounds.publish(planned.id)
        return planned.id


@pytest.fixture
def extra(rounds: RoundRunner, cast: Cast) -> Extra:
    """After one round of everyone, ten days ago."""
    first = rounds.open()
    for team in ("team_a", "team_b"):
        rounds.answer_all(first, cast.members_of(team), STEADY)
    assert rounds.publish(first)
    rounds.forward(days=25)
    return Extra(rounds, cast, first)


def test_the_earliest_day_keeps_thirty_days_to_the_last_round(extra: Extra) -> None:
    day = extra.option(extra.register())
    assert isinstance(day, date)
    opened = (extra.rounds.now - timedelta(days=25)).date()
    assert day - opened >= timedelta(days=30)
    assert day - (extra.rounds.now.date() - timedelta(days=1)) >= timedelta(days=14)


def test_planning_twice_plans_once(extra: Extra) -> None:
    incident_id = extra.register()
    first = extra.plan(incident_id)
    with extra.database.writing(Reach.WORKPLACE) as session:
        now = extra.rounds.now
        again = plan_off_cycle(session, incident_id, on=now.date(), zone=ZONE, now=now, by=BY)
        assert again.id == first


def test_another_day_than_the_one_seen_is_refused(extra: Extra) -> None:
    incident_id, now = extra.register(), extra.rounds.now
    with extra.database.writing(Reach.WORKPLACE) as session, pytest.raises(Refused):
        plan_off_cycle(session, incident_id, on=now.date(), zone=ZONE, now=now, by=BY)


def test_a_unit_too_small_for_a_group_is_told_before(extra: Extra) -> None:
    incident_id = extra.register("team_c")
    assert extra.option(incident_id) is NoRoundReason.TOO_SMALL
    now = extra.rounds.now
    with extra.database.writing(Reach.WORKPLACE) as session, pytest.raises(Refused):
        plan_off_cycle(session, incident_id, on=now.date(), zone=ZONE, now=now, by=BY)


def test_a_team_counted_with_others_has_none_of_its_own(extra: Extra) -> None:
    incident_id, units = extra.register(), extra.cast.units
    with extra.database.writing(Reach.EVERYTHING) as session:
        form_group(session, (units["team_a"], units["team_c"]), now=extra.rounds.now, by=BY)
    assert extra.option(incident_id) is NoRoundReason.COUNTED_WITH_OTHERS


def test_shortly_before_the_next_round_there_is_none(extra: Extra) -> None:
    extra.rounds.forward(days=30)
    assert extra.option(extra.register()) is NoRoundReason.NEXT_COMES_FIRST


def test_only_the_unit_is_asked_and_its_leader_is_not(extra: Extra, cast: Cast) -> None:
    with extra.database.writing(Reach.EVERYTHING) as session:
        eva = cast.people["Eva"]
        grant = RoleGrant(person_id=eva, role=Role.LEADER, unit_id=cast.units["team_a"])
        session.add(grant)
    round_id = extra.plan(extra.register())
    assert extra.open(round_id)
    with extra.database.reading(Reach.EVERYTHING) as session:
        asked = set(
            session.scalars(
                select(Participation.person_id).where(Participation.round_id == round_id)
            )
        )
        units = session.scalars(select(RoundUnit).where(RoundUnit.round_id == round_id)).all()
    assert asked == set(cast.members_of("team_a")) - {eva}
    assert [(u.unit_id, u.parent_unit_id) for u in units] == [(cast.units["team_a"], None)]


def test_each_person_is_told_rightly_whether_it_asks_them(extra: Extra, cast: Cast) -> None:
    round_id = extra.plan(extra.register("department_1"))
    with extra.database.reading(Reach.EMPLOYEE) as session:
        planned = session.get_one(Round, round_id)
        day = planned.opens_at.date()
        asked = set(find_asked_by(session, planned, day=day))
        told = {p for p in cast.people.values() if asks(session, planned, p, day=day)}
    assert told == asked
    assert cast.people["Lis"] in asked


def test_the_letters_go_to_those_asked_only(extra: Extra, cast: Cast) -> None:
    round_id = extra.plan(extra.register())
    assert extra.open(round_id)
    with extra.database.writing(Reach.EVERYTHING) as session:
        invite(session, now=extra.rounds.now)
    extra.rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    assert extra.rounds.publish(round_id)
    with extra.database.writing(Reach.EVERYTHING) as session:
        announce(session, now=extra.rounds.now + timedelta(days=15))
        told = {
            kind: set(
                session.scalars(
                    select(OutboxMessage.person_id).where(
                        OutboxMessage.round_id == round_id, OutboxMessage.kind == kind
                    )
                )
            )
            for kind in (MailKind.INVITATION, MailKind.ROUND_PUBLISHED)
        }
    team_a = set(cast.members_of("team_a"))
    assert told[MailKind.INVITATION] == team_a
    assert told[MailKind.ROUND_PUBLISHED] == team_a | {cast.people["Lis"]}


def test_somebody_outside_cannot_answer(extra: Extra, cast: Cast) -> None:
    round_id = extra.plan(extra.register())
    assert extra.open(round_id)
    for name in ("Karl", "Otto", "Lis", "Hanne"):
        with extra.database.reading(Reach.EMPLOYEE) as session:
            found = find_open_checkin(session, cast.people[name], now=extra.rounds.now)
        assert found is None
        with pytest.raises(Refused):
            extra.rounds.answer(round_id, cast.people[name])


def test_only_the_unit_s_group_is_published(extra: Extra, cast: Cast) -> None:
    round_id = extra.hold("team_a", cast.members_of("team_a"))
    with extra.database.reading(Reach.WORKPLACE) as session:
        record = read_record(session, round_id)
    assert [group.label for group in record.groups] == [TEAM_A_PATH]
    assert record.rollups == ()
    assert record.withheld == ()


def test_of_a_department_its_own_groups_and_nothing_above(extra: Extra, cast: Cast) -> None:
    people = [*cast.members_of("team_a"), *cast.members_of("team_c"), cast.people["Lis"]]
    with extra.database.writing(Reach.EVERYTHING) as session:
        home = {"unit_id": cast.units["department_1"], "from_day": date(2024, 1, 1)}
        session.add(Membership(person_id=cast.people["Susan"], **home))
    round_id = extra.hold("department_1", [*people, cast.people["Susan"]])
    with extra.database.reading(Reach.WORKPLACE) as session:
        record = read_record(session, round_id)
    assert {group.label for group in record.groups} == {
        TEAM_A_PATH,
        "Others in Østerhus / Bostøtte",
    }
    assert [rollup.unit for rollup in record.rollups] == ["Østerhus / Bostøtte"]
    assert all("Døgntilbud" not in mark.unit for mark in record.withheld)


def test_too_few_answers_publish_nothing(extra: Extra, cast: Cast) -> None:
    round_id = extra.hold("team_a", cast.members_of("team_a")[:4])
    with extra.database.reading(Reach.WORKPLACE) as session:
        record = read_record(session, round_id)
    assert (record.groups, record.rollups) == ((), ())
    assert [mark.reason for mark in record.withheld] == ["not_used"]


def test_the_promise_holds_with_an_extra_round_between_two(extra: Extra, cast: Cast) -> None:
    extra.hold("team_a", cast.members_of("team_a")[:6])
    extra.hold_next(WORN)
    with extra.database.reading(Reach.WORKPLACE) as session:
        records = read_records(session)
    assert len(records) == 3
    check_promise(records, load_rules())


def test_each_person_is_in_one_group_of_a_round_and_no_figure_spans_two_rounds(
    extra: Extra, cast: Cast
) -> None:
    extra.hold("team_a", cast.members_of("team_a"))
    extra.hold_next()
    with extra.database.reading(Reach.WORKPLACE) as session:
        records = read_records(session)
    for record in records:
        counted = [unit for group in record.groups for unit in group.counts_for]
        assert len(counted) == len(set(counted))
        own = {group.id for group in record.groups}
        assert all(set(rollup.of) <= own for rollup in record.rollups)


def test_the_series_of_everybody_else_knows_nothing_of_it(extra: Extra, cast: Cast) -> None:
    before = _series(extra)
    extra.hold("team_a", cast.members_of("team_a"))
    after = _series(extra)
    for unit in ("team_b", "team_c", "department_1", "department_2", "organisation"):
        assert after[unit] == before[unit], unit
    assert [len(points) for points in after["team_a"].values()] == [2, 2, 2]
    extra.hold_next()
    assert [p is None for p in _series(extra)["team_b"][Scale.BO]] == [False, False]
    assert len(_series(extra)["team_a"][Scale.BO]) == 3


def test_no_flag_is_raised_or_kept_quiet_by_rounds_that_did_not_ask(
    extra: Extra, cast: Cast
) -> None:
    extra.hold("team_a", cast.members_of("team_a"), WORN)
    with extra.database.reading(Reach.EVERYTHING) as session:
        flagged = set(session.scalars(select(Flag.unit_id)))
    assert flagged <= {cast.units["team_a"]}


def test_the_next_round_of_everyone_stays_where_it_was(extra: Extra, cast: Cast) -> None:
    before = _planned(extra)
    extra.hold("team_a", cast.members_of("team_a"))
    assert _planned(extra) == before
    next_id = extra.hold_next()
    with extra.database.reading(Reach.EVERYTHING) as session:
        held = session.get_one(Round, next_id)
    assert (held.number, held.opens_at) == before[0]


def test_the_tree_is_not_changed_by_it(extra: Extra, cast: Cast) -> None:
    extra.hold("team_a", cast.members_of("team_a"))
    with extra.database.reading(Reach.WORKPLACE) as session:
        assert find_changes(session) == []
        assert is_approved(session)


def test_the_awaited_round_is_the_unit_s_own(extra: Extra, cast: Cast) -> None:
    round_id = extra.plan(extra.register())
    with extra.database.reading(Reach.LEADER) as session:
        awaited = {
            unit: find_awaited_round(session, cast.units[unit]) for unit in ("team_a", "team_b")
        }
        of_list = find_awaited_round(session)
    assert awaited["team_a"] is not None
    assert awaited["team_a"].id == round_id
    assert awaited["team_b"] is not None
    assert of_list is not None
    assert awaited["team_b"].id == of_list.id != round_id


def test_a_planned_extra_round_yields_to_one_of_everyone(extra: Extra) -> None:
    round_id = extra.plan(extra.register())
    with extra.database.writing(Reach.EVERYTHING) as session:
        regular = session.scalars(
            select(Round.id).where(Round.state == RoundState.PLANNED, Round.unit_id.is_(None))
        ).one()
        open_now(session, regular, now=extra.rounds.now + timedelta(days=10), by=BY)
    extra.rounds.forward(days=10)
    assert extra.open(regular)
    extra.rounds.publish(regular)
    extra.rounds.forward(days=15)
    assert not extra.open(round_id)
    assert extra.rounds.state(round_id) is RoundState.CANCELLED


def test_a_round_of_everyone_is_not_put_within_thirty_days_of_an_open_extra_one(
    extra: Extra, cast: Cast
) -> None:
    extra.hold("team_a", cast.members_of("team_a"))
    with extra.database.writing(Reach.EVERYTHING) as session:
        regular = session.scalars(
            select(Round.id).where(Round.state == RoundState.PLANNED, Round.unit_id.is_(None))
        ).one()
        with pytest.raises(Refused, match="at least 30 days"):
            open_now(session, regular, now=extra.rounds.now + timedelta(days=16), by=BY)


def test_one_that_nobody_opened_in_time_is_cancelled_and_not_put_off(extra: Extra) -> None:
    round_id = extra.plan(extra.register())
    extra.rounds.forward(days=60)
    assert not extra.open(round_id)
    assert extra.rounds.state(round_id) is RoundState.CANCELLED


def test_a_unit_that_shrank_meanwhile_is_not_asked(extra: Extra, cast: Cast) -> None:
    round_id = extra.plan(extra.register())
    with extra.database.writing(Reach.EVERYTHING) as session:
        for person_id in cast.members_of("team_a")[4:]:
            member = session.scalars(
                select(Membership).where(Membership.person_id == person_id)
            ).one()
            member.until_day = extra.rounds.now.date()
    assert not extra.open(round_id)
    assert extra.rounds.state(round_id) is RoundState.CANCELLED


def test_whoever_was_asked_elsewhere_and_moved_is_not_asked_again_within_thirty_days(
    extra: Extra, cast: Cast
) -> None:
    team_a, team_b = extra.register("team_a"), extra.register("team_b")
    first, second = extra.plan(team_a), extra.plan(team_b)
    assert extra.open(first)
    with extra.database.writing(Reach.EVERYTHING) as session:
        tom, today = cast.people["Tom"], extra.rounds.now.date()
        member = session.scalars(select(Membership).where(Membership.person_id == tom)).one()
        member.until_day = today
        session.add(Membership(person_id=tom, unit_id=cast.units["team_b"], from_day=today))
    assert extra.open(second)
    with extra.database.reading(Reach.EVERYTHING) as session:
        rounds_of_tom = session.scalars(
            select(Participation.round_id).where(Participation.person_id == tom)
        ).all()
    assert rounds_of_tom == [first]


def test_two_extra_rounds_of_the_same_people_keep_thirty_days(extra: Extra) -> None:
    extra.plan(extra.register("team_a"))
    assert extra.option(extra.register("department_1")) is NoRoundReason.NEXT_COMES_FIRST


def test_a_planned_one_can_be_cancelled_and_planned_again(extra: Extra) -> None:
    incident_id = extra.register()
    round_id = extra.plan(incident_id)
    with extra.database.writing(Reach.WORKPLACE) as session:
        for _ in range(2):
            cancel_off_cycle(session, round_id, now=extra.rounds.now, by=BY)
    assert extra.plan(incident_id) != round_id


def test_an_open_one_cannot_be_cancelled(extra: Extra) -> None:
    round_id = extra.plan(extra.register())
    assert extra.open(round_id)
    with extra.database.writing(Reach.WORKPLACE) as session, pytest.raises(Refused):
        cancel_off_cycle(session, round_id, now=extra.rounds.now, by=BY)


def test_a_stopped_extra_round_keeps_nobody_else_waiting(extra: Extra, cast: Cast) -> None:
    round_id = extra.plan(extra.register())
    assert extra.open(round_id)
    with extra.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Round, round_id).state = RoundState.STOPPED
    extra.hold_next()


def test_a_changed_tree_opens_no_extra_round_without_approval(extra: Extra, cast: Cast) -> None:
    round_id = extra.plan(extra.register())
    units = cast.units
    with extra.database.writing(Reach.EVERYTHING) as session:
        session.add(Unit(id=uuid4(), parent_id=units["department_2"], name="Nyt team"))
    with pytest.raises(Refused, match="changed"):
        extra.open(round_id)


@pytest.mark.parametrize("step", Step)
def test_cut_short_at_any_step_the_figures_are_the_same(
    extra: Extra, cast: Cast, step: Step
) -> None:
    round_id = extra.plan(extra.register())
    assert extra.open(round_id)
    extra.rounds.answer_all(round_id, cast.members_of("team_a"), WORN)
    after = extra.rounds.now + timedelta(days=15)

    def cut(at: Step) -> None:
        if at is step:
            raise _CutShort

    database, keys = extra.database, extra.rounds.keys
    publisher = Publisher(database, keys, zone=ZONE, now=after, by=BY, on_step=cut)
    with pytest.raises(_CutShort):
        publisher.publish(round_id)
    assert extra.rounds.publish(round_id)
    with database.reading(Reach.WORKPLACE) as session:
        record = read_record(session, round_id)
    assert [group.values[Scale.CS].shown for group in record.groups] == ["32"]


def test_opening_twice_freezes_once(extra: Extra) -> None:
    round_id = extra.plan(extra.register())
    assert extra.open(round_id)
    assert not extra.open(round_id)
    with extra.database.reading(Reach.EVERYTHING) as session:
        asked = select(func.count()).where(Participation.round_id == round_id)
        assert session.scalar(asked) == 8
        assert find_due_to_open(session, now=extra.rounds.now) == []


def _series(extra: Extra) -> dict[str, dict[Scale, tuple[object, ...]]]:
    units = extra.cast.units
    with extra.database.reading(Reach.LEADER) as session:
        found = find_series(session, set(units.values()))
        rounds = find_rounds_of(session, units.values())
    for unit, series in found.items():
        assert {len(points) for points in series.values()} == {len(rounds[unit])}
    return {name: dict(found[unit]) for name, unit in units.items()}


def _planned(extra: Extra) -> list[tuple[int, datetime]]:
    with extra.database.reading(Reach.EVERYTHING) as session:
        planned = session.scalars(
            select(Round)
            .where(Round.state == RoundState.PLANNED, Round.unit_id.is_(None))
            .order_by(Round.opens_at)
        )
        return [(round_.number, round_.opens_at) for round_ in planned]
