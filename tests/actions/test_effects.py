"""Whether support helped, read from published rows and held sessions, on both databases."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.published_rows import CALM, FELL, add_held, add_past, add_units, closing
from tests.rounds import BY
from wellbeing.actions.effect_series import find_series_of_units
from wellbeing.actions.effects import (
    OfferEffects,
    find_effects_of_forms,
    find_effects_of_offers,
    find_effects_of_unit,
)
from wellbeing.actions.structure import form_group
from wellbeing.domain.effects import EffectVerdict, Unjudged
from wellbeing.domain.instrument import Scale
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import SessionState

ZONE = ZoneInfo("Europe/Copenhagen")
AFTER_FOUR = closing(4) + timedelta(days=1)
FOUNDED = datetime(2024, 1, 1, tzinfo=UTC)
READERS = (Reach.LEADER, Reach.WORKPLACE, Reach.EMPLOYEE)


@pytest.fixture
def others(database: Database, cast: Cast) -> list[UUID]:
    """Five more teams in the second department."""
    with database.writing(Reach.EVERYTHING) as session:
        return add_units(session, cast.units["department_2"], *"DEFGH")


def publish(session: Session, others: Sequence[UUID], helped: dict[UUID, str]) -> None:
    """The past of the helped units and of five calm ones."""
    add_past(session, {**helped, **dict(zip(others, CALM, strict=True))})


def told(
    database: Database, unit: UUID, *, own_only: bool = False, reach: Reach = Reach.LEADER
) -> list[OfferEffects]:
    """What the page of a unit tells."""
    with database.reading(reach) as session:
        return find_effects_of_unit(session, unit, own_only=own_only, zone=ZONE)


@pytest.mark.parametrize("reach", READERS)
def test_a_fall_after_supervision_is_told_to_leader_hr_and_employee(
    database: Database, cast: Cast, others: list[UUID], reach: Reach
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {unit: FELL})
        offer = add_held(session, unit, cast.people["Susan"], AFTER_FOUR)
    (found,) = told(database, unit, reach=reach)
    assert (found.offer_id, found.judged_in, found.held_on) == (offer.id, unit, (AFTER_FOUR,))
    assert set(found.effects) == set(Scale)
    effect = found.effects[Scale.BO]
    assert effect.verdict is EffectVerdict.HELPED
    assert (effect.rounds_before, effect.rounds_after, effect.comparisons) == (4, 4, 5)
    assert effect.shown is not None
    assert effect.shown.estimate < -1


def test_without_support_nothing_is_told_and_no_figure_is_read(
    database: Database, cast: Cast, others: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {cast.units["team_a"]: FELL})
        add_held(session, cast.units["team_a"], cast.people["Susan"], AFTER_FOUR)
    monkeypatch.setattr("wellbeing.actions.effects.find_series_of_units", pytest.fail)
    assert told(database, others[0]) == []


@pytest.mark.parametrize("state", [SessionState.SCHEDULED, SessionState.CANCELLED])
def test_a_session_that_was_not_held_is_no_support(
    database: Database, cast: Cast, others: list[UUID], state: SessionState
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {unit: FELL})
        add_held(session, unit, cast.people["Susan"], AFTER_FOUR, state=state)
    assert told(database, unit) == []
    with database.reading(Reach.WORKPLACE) as session:
        assert find_effects_of_forms(session, zone=ZONE) == []


def test_what_somebody_asked_for_themselves_is_told_nowhere(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {cast.units["team_a"]: FELL})
        offer = add_held(
            session,
            None,
            cast.people["Susan"],
            AFTER_FOUR,
            form=SupportForm.INDIVIDUAL_SUPERVISION,
        )
    assert told(database, cast.units["organisation"]) == []
    with database.reading(Reach.WORKPLACE) as session:
        assert find_effects_of_forms(session, zone=ZONE) == []
        assert find_effects_of_offers(session, {offer.id}, zone=ZONE) == []


def test_support_of_a_department_is_told_by_each_of_its_teams_and_they_compare_with_none(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    department = cast.units["department_1"]
    teams = [cast.units["team_a"], cast.units["team_c"]]
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, dict.fromkeys(teams, FELL))
        offer = add_held(session, department, cast.people["Susan"], AFTER_FOUR)
    found = told(database, department)
    assert {one.judged_in for one in found} == set(teams)
    assert {one.effects[Scale.BO].comparisons for one in found} == {5}
    (own,) = told(database, teams[0], own_only=True)
    assert (own.unit_id, own.judged_in) == (department, teams[0])
    (alone,) = told(database, department, own_only=True)
    assert (alone.judged_in, alone.effects) == (None, {})
    with database.reading(Reach.LEADER) as session:
        whole = find_effects_of_offers(session, [offer.id], zone=ZONE)
    assert {one.judged_in for one in whole} == set(teams)


def test_a_team_in_a_reporting_group_is_told_by_the_group_and_not_of_its_neighbour(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    team, neighbour = cast.units["team_a"], cast.units["team_c"]
    with database.writing(Reach.EVERYTHING) as session:
        group = form_group(session, (team, neighbour), now=FOUNDED, by=BY).id
        publish(session, others, {})
        add_past(session, {group: "22 23 24 23 20 19 20 19"}, kind="pooled")
        add_held(session, team, cast.people["Susan"], AFTER_FOUR)
    (found,) = told(database, team, own_only=True)
    assert (found.unit_id, found.judged_in) == (team, group)
    assert told(database, neighbour, own_only=True) == []
    assert told(database, group) == []
    assert [one.judged_in for one in told(database, cast.units["department_1"])] == [group]


def test_a_unit_that_never_had_a_figure_says_so(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {})
        add_held(session, cast.units["team_c"], cast.people["Susan"], AFTER_FOUR)
    (found,) = told(database, cast.units["team_c"])
    assert (found.judged_in, found.effects) == (None, {})


def test_rounds_that_asked_one_unit_only_are_no_part_of_the_comparison(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {unit: FELL})
        add_past(session, {unit: "40 40 40 40 40 40 40 40"}, asked=unit, days_later=35)
        add_held(session, unit, cast.people["Susan"], AFTER_FOUR)
    (found,) = told(database, unit)
    assert found.effects[Scale.BO].rounds_after == 4
    assert found.effects[Scale.BO].verdict is EffectVerdict.HELPED


def test_an_unreleased_round_tells_nothing(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {unit: FELL})
        newest = session.query(PublishedRound).filter_by(number=8).one()
        newest.key_destroyed_at = None
        add_held(session, unit, cast.people["Susan"], AFTER_FOUR)
    (found,) = told(database, unit)
    assert found.effects[Scale.BO].rounds_after == 3


def test_a_new_wording_breaks_every_series_at_its_next_figure(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        add_past(
            session,
            {unit: "23 22 - 24 25", others[0]: "20 20 20 20 20"},
            wordings=["old", "old", "new", "new", "new"],
        )
    with database.reading(Reach.LEADER) as session:
        found = find_series_of_units(session)
    for which, broken in ((unit, [False, False, None, True, False]), (others[0], [2])):
        points = found.of_scale[Scale.STS][found.units.index(which)]
        marks = [point.series_break if point else None for point in points]
        assert marks == broken or [i for i, mark in enumerate(marks) if mark] == broken


@pytest.mark.parametrize(
    ("scale", "lead"), [("STS", Scale.STS), ("CS", Scale.CS), (None, None), ("XX", None)]
)
def test_the_scale_of_the_flag_leads(
    database: Database,
    cast: Cast,
    others: list[UUID],
    scale: str | None,
    lead: Scale | None,
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        rounds = add_past(session, {unit: FELL})
        flag = Flag(
            unit_id=unit,
            round_id=rounds[3],
            rule_id="test",
            kind="offer_supervision",
            figures={"scale": scale} if scale else {},
            state=FlagState.ANSWERED,
            raised_on=closing(4),
        )
        session.add(flag)
        session.flush()
        add_held(session, unit, cast.people["Susan"], AFTER_FOUR, flag_id=flag.id)
    (found,) = told(database, unit)
    assert found.lead is lead


def test_sessions_of_one_offer_are_one_support_from_the_first_on(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    unit = cast.units["team_a"]
    days = tuple(AFTER_FOUR + timedelta(days=42 * number) for number in range(3))
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {unit: FELL})
        add_held(session, unit, cast.people["Susan"], *reversed(days))
    (found,) = told(database, unit)
    assert found.held_on == days
    assert found.effects[Scale.BO].rounds_before == 4


def test_two_offers_alike_in_one_unit_are_both_told(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        publish(session, others, {unit: FELL})
        for _ in range(2):
            add_held(session, unit, cast.people["Susan"], AFTER_FOUR)
    first, second = told(database, unit)
    assert first.offer_id != second.offer_id
    assert first.effects == second.effects


def test_a_form_is_judged_over_all_units_that_had_it(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        helped = add_units(session, cast.units["department_1"], "P", "Q", "R", "S")
        publish(session, others, dict.fromkeys(helped, FELL))
        for unit in helped[:3]:
            add_held(session, unit, cast.people["Susan"], AFTER_FOUR)
        add_held(session, helped[3], cast.people["Susan"], AFTER_FOUR, form=SupportForm.DEBRIEFING)
    with database.reading(Reach.WORKPLACE) as session:
        supervision, debriefing = find_effects_of_forms(session, zone=ZONE)
    assert (supervision.form, supervision.units) == (SupportForm.TEAM_SUPERVISION, 3)
    assert supervision.effects[Scale.BO].verdict is EffectVerdict.HELPED
    assert (debriefing.form, debriefing.units) == (SupportForm.DEBRIEFING, 1)
    assert debriefing.effects[Scale.BO].why is Unjudged.TOO_FEW_UNITS


def test_an_empty_organisation_has_no_effects(database: Database, cast: Cast) -> None:
    with database.reading(Reach.EMPLOYEE) as session:
        assert find_effects_of_forms(session, zone=ZONE) == []
    assert told(database, cast.units["organisation"]) == []


def test_the_day_is_that_of_the_wall_clock(
    database: Database, cast: Cast, others: list[UUID]
) -> None:
    unit = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        add_held(session, unit, cast.people["Susan"], date(2024, 7, 1))
    with database.reading(Reach.LEADER) as session:
        (east,) = find_effects_of_unit(
            session, unit, own_only=True, zone=ZoneInfo("Pacific/Kiritimati")
        )
        (west,) = find_effects_of_unit(session, unit, own_only=True, zone=ZoneInfo("Etc/GMT+12"))
    assert (east.held_on, west.held_on) == ((date(2024, 7, 1),), (date(2024, 6, 30),))
