"""The sample that levels are compared with: who may be chosen, once, and for which flags."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from wellbeing.actions.flagging import raise_flags
from wellbeing.actions.record import read_records
from wellbeing.actions.references import (
    choose_reference,
    find_choices,
    find_level_reference,
    find_own_record,
    find_shipped,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Reference, Scale
from wellbeing.domain.own_reference import OWN_REFERENCE_ID, find_own_reference
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import LevelReference, Programme, Round, RoundState, RoundUnit
from wellbeing.store.published import Flag, PublishedFigure, PublishedGroup, PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

TEACHERS = "us-teachers"
POOLED = "pooled-30-studies"
WORN = {Scale.CS: 36, Scale.BO: 29, Scale.STS: 17}


def publish_rounds(
    database: Database, cast: Cast, now: datetime, *sizes: int, points: Mapping[Scale, int] = WORN
) -> list[UUID]:
    """Rounds of team A, one each size, three months apart, the last one today."""
    with database.writing(Reach.EVERYTHING) as session:
        programme = session.scalars(select(Programme.id)).first() or _add_programme(session)
        before = session.scalar(select(func.count()).select_from(Round)) or 0
        return [
            _add_round(
                session,
                cast,
                programme,
                before + number,
                now - timedelta(days=91 * (len(sizes) - number)),
                size,
                points,
            )
            for number, size in enumerate(sizes, start=1)
        ]


def _add_programme(session: Session) -> UUID:
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
    return programme.id


def _add_round(
    session: Session,
    cast: Cast,
    programme_id: UUID,
    number: int,
    closed_at: datetime,
    size: int,
    points: Mapping[Scale, int],
) -> UUID:
    round_id, group_id, team = uuid4(), uuid4(), cast.units["team_a"]
    asked = Round(
        id=round_id,
        programme_id=programme_id,
        number=number,
        state=RoundState.PUBLISHED,
        opens_at=closed_at - timedelta(days=14),
        closes_at=closed_at,
        min_group_size=5,
    )
    published = PublishedRound(
        round_id=round_id,
        number=number,
        closed_on=closed_at.date(),
        instrument="proqol5",
        wording="w",
        min_group_size=5,
        key_destroyed_at=closed_at,
    )
    group = PublishedGroup(
        id=group_id,
        round_id=round_id,
        unit_id=team,
        kind="team",
        label="Anemonen",
        size=size,
        response_class=2,
    )
    figures = [
        PublishedFigure(
            group_id=group_id,
            scale=scale.value,
            point=point,
            kind="exact",
            low=point - 0.5,
            high=point + 0.49,
        )
        for scale, point in points.items()
    ]
    unit = RoundUnit(round_id=round_id, unit_id=team, path="Anemonen")
    for rows in ([asked], [published, unit], [group], figures):
        session.add_all(rows)
        session.flush()
    return round_id


@pytest.fixture
def hanne(cast: Cast) -> Actor:
    """HR of the whole organisation."""
    return Actor.person(cast.people["Hanne"])


def choose(database: Database, sample: str, now: datetime, by: Actor) -> None:
    """Chooses as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        choose_reference(session, sample, now=now, by=by)


def in_use(database: Database, reach: Reach = Reach.WORKPLACE) -> Reference:
    """The sample that counts."""
    with database.reading(reach) as session:
        return find_level_reference(session)


def count_choices(database: Database) -> tuple[int, int]:
    """How many choices are stored, and how many the audit log knows."""
    with database.reading(Reach.EVERYTHING) as session:
        logged = select(func.count()).where(AuditEvent.act == "reference.chosen")
        stored = select(func.count()).select_from(LevelReference)
        return session.scalar(stored) or 0, session.scalar(logged) or 0


def test_before_any_choice_the_sample_that_config_names_counts(database: Database) -> None:
    assert in_use(database).id == load_flag_rules().trend.reference == POOLED


@pytest.mark.parametrize("reach", [Reach.EMPLOYEE, Reach.LEADER, Reach.WORKPLACE, Reach.EVERYTHING])
def test_a_choice_counts_wherever_levels_are_read(
    database: Database, cast: Cast, hanne: Actor, now: datetime, reach: Reach
) -> None:
    choose(database, TEACHERS, now, hanne)
    assert in_use(database, reach).id == TEACHERS


def test_choosing_twice_is_one_choice(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    choose(database, TEACHERS, now, hanne)
    choose(database, TEACHERS, now + timedelta(minutes=1), hanne)
    assert count_choices(database) == (1, 1)


def test_choosing_what_is_in_use_from_the_start_is_no_choice(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    choose(database, POOLED, now, hanne)
    assert count_choices(database) == (0, 0)


def test_the_newest_choice_holds_even_when_the_clock_went_back(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    choose(database, TEACHERS, now, hanne)
    choose(database, POOLED, now - timedelta(hours=2), hanne)
    assert in_use(database).id == POOLED


def test_every_choice_is_remembered_with_who_made_it(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    choose(database, TEACHERS, now, hanne)
    choose(database, POOLED, now + timedelta(days=1), Actor.command("test"))
    with database.reading(Reach.WORKPLACE) as session:
        found = [(choice.sample, choice.by) for choice in find_choices(session)]
    assert found == [(POOLED, ""), (TEACHERS, "Hanne Thomsen")]


@pytest.mark.parametrize("sample", ["", "no-such-sample", "norwegian-child-protection", "' OR 1"])
def test_a_sample_that_is_unknown_or_has_no_spread_is_refused(
    database: Database, cast: Cast, hanne: Actor, now: datetime, sample: str
) -> None:
    with pytest.raises(BadInput):
        choose(database, sample, now, hanne)
    assert count_choices(database) == (0, 0)


def test_every_sample_to_choose_from_has_all_its_spreads() -> None:
    assert {ref.id for ref in find_shipped()} == {POOLED, TEACHERS}
    assert all(set(ref.sd) == set(Scale) for ref in find_shipped())


def test_the_own_record_cannot_be_chosen_below_200_answers(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    publish_rounds(database, cast, now, 100, 99)
    with pytest.raises(Refused):
        choose(database, OWN_REFERENCE_ID, now, hanne)
    with database.reading(Reach.WORKPLACE) as session:
        own = find_own_record(session)
    assert (own.reference, own.missing) == (None, 1)
    assert count_choices(database) == (0, 0)


def test_the_own_record_is_kept_as_it_stood_when_it_was_chosen(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    publish_rounds(database, cast, now, 100, 100)
    choose(database, OWN_REFERENCE_ID, now, hanne)
    with database.reading(Reach.WORKPLACE) as session:
        then = find_own_reference(read_records(session))
    assert in_use(database) == then
    publish_rounds(database, cast, now + timedelta(days=91), 200, points={**WORN, Scale.BO: 20})
    assert in_use(database) == then


def test_the_own_record_can_be_taken_anew_when_it_has_grown(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    publish_rounds(database, cast, now, 100, 100)
    choose(database, OWN_REFERENCE_ID, now, hanne)
    choose(database, OWN_REFERENCE_ID, now, hanne)
    assert count_choices(database) == (1, 1)
    publish_rounds(database, cast, now + timedelta(days=91), 200, points={**WORN, Scale.BO: 20})
    choose(database, OWN_REFERENCE_ID, now + timedelta(days=92), hanne)
    assert in_use(database).mean[Scale.BO] == pytest.approx(24.5)
    assert count_choices(database) == (2, 2)


def test_a_choice_that_can_no_longer_be_read_gives_way_to_the_sample_in_config(
    database: Database, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(LevelReference(sample="gone", chosen_at=now))
    assert in_use(database).id == POOLED
    with database.writing(Reach.EVERYTHING) as session:
        broken = LevelReference(
            sample=OWN_REFERENCE_ID,
            chosen_at=now + timedelta(days=1),
            mean={"BO": 24.0},
            answers=200,
        )
        session.add(broken)
    assert in_use(database).id == POOLED


def test_eight_choices_at_once_are_one(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: choose(database, TEACHERS, now, hanne), range(8)))
    assert count_choices(database) == (1, 1)


def raised_rules(database: Database, round_id: UUID, now: datetime) -> dict[str, object]:
    """The rules that raise a flag after the round, with the sample each names."""
    with database.writing(Reach.EVERYTHING) as session:
        raise_flags(session, round_id, now=now, by=Actor.job("test"))
        rows = session.scalars(select(Flag).where(Flag.round_id == round_id))
        return {flag.rule_id: (flag.figures["reference"], flag.figures["sample"]) for flag in rows}


def test_a_steadily_worn_team_is_flagged_beside_the_sample_in_use(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    rounds = publish_rounds(database, cast, now, 8, 8, 8, 8, 8)
    assert raised_rules(database, rounds[-1], now) == {"bo-high": (23, POOLED)}


@pytest.mark.parametrize("sample", [TEACHERS, OWN_REFERENCE_ID])
def test_the_same_team_is_not_flagged_beside_a_sample_as_worn_as_it_is(
    database: Database, cast: Cast, hanne: Actor, now: datetime, sample: str
) -> None:
    rounds = publish_rounds(database, cast, now, 40, 40, 40, 40, 40)
    choose(database, sample, now, hanne)
    assert raised_rules(database, rounds[-1], now) == {}


def test_a_flag_keeps_the_sample_and_the_figure_it_was_raised_with(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    rounds = publish_rounds(database, cast, now, 8, 8, 8, 8, 8)
    raised_rules(database, rounds[-1], now)
    choose(database, TEACHERS, now, hanne)
    with database.reading(Reach.WORKPLACE) as session:
        figures = session.scalars(select(Flag.figures)).one()
    assert (figures["reference"], figures["sample"]) == (23, POOLED)


def test_a_snoozed_flag_is_not_raised_a_second_time(
    database: Database, cast: Cast, hanne: Actor, now: datetime
) -> None:
    rounds = publish_rounds(database, cast, now, 8, 8, 8, 8, 8)
    raised_rules(database, rounds[-1], now)
    with database.writing(Reach.EVERYTHING) as session:
        flag = session.scalars(select(Flag)).one()
        flag.snoozed_until = now.date() + timedelta(days=900)
    for quarter in range(1, 5):
        later = now + timedelta(days=91 * quarter)
        (next_round,) = publish_rounds(database, cast, later, 8)
        assert raised_rules(database, next_round, later) == {}
