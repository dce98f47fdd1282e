"""Proposes to HR which small teams to count together, before a round and from the staff alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_parents, find_paths
from wellbeing.domain.disclosure_rules import Rules, load_rules
from wellbeing.domain.pooling import (
    SAFE_CHANCE,
    Gain,
    Pooling,
    Team,
    find_least_people,
    find_small,
    measure_gain,
    propose_poolings,
)
from wellbeing.store.org import Programme
from wellbeing.web.hr.structure_queries import count_people, find_formed, name_of

# What is reckoned with before a round; the lists of staff say nothing about who will answer.
EXPECTED_RESPONSE = 0.8


@dataclass(frozen=True, slots=True)
class Choice:
    """A team that can be counted together with others."""

    id: UUID
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class PoolingShown:
    """Teams that could be counted together, and their people."""

    teams: tuple[Choice, ...]
    people: int


@dataclass(frozen=True, slots=True)
class SmallTeams:
    """The teams of one unit that are counted apart, and what is proposed for the small ones."""

    unit: str
    teams: tuple[Choice, ...]
    small: tuple[Choice, ...]
    poolings: tuple[PoolingShown, ...]
    gain: Gain


def find_small_teams(session: Session, *, today: date) -> list[SmallTeams]:
    """Every unit with two or more teams that are counted apart, by path, and what is proposed."""
    paths, parents, groups = find_paths(session), find_parents(session), find_formed(session)
    counted, rules = count_people(session, today=today), _rules_of_next_round(session)
    pooled = {team for teams in groups.values() for team in teams}
    has_units_below = set(parents.values())
    siblings: dict[UUID, list[UUID]] = {}
    for unit in paths:
        above = parents[unit]
        is_team = unit not in has_units_below and unit not in groups
        if above is not None and is_team and unit not in pooled:
            siblings.setdefault(above, []).append(unit)
    grouped = {parents[group] for group in groups}
    return [
        _propose(
            above, paths, [(team, counted.get(team, 0)) for team in teams], rules, above in grouped
        )
        for above, teams in sorted(siblings.items(), key=lambda item: paths[item[0]])
        if len(teams) > 1
    ]


def _propose(
    above: UUID,
    paths: Mapping[UUID, str],
    teams: list[tuple[UUID, int]],
    rules: Rules,
    has_group: bool,
) -> SmallTeams:
    choices = {str(team): Choice(team, name_of(paths[team]), people) for team, people in teams}
    siblings = [Team(team, choice.people) for team, choice in choices.items()]
    small = find_small(siblings, rules, EXPECTED_RESPONSE)
    poolings = propose_poolings(siblings, rules, EXPECTED_RESPONSE)
    gain = measure_gain(siblings, poolings, rules, EXPECTED_RESPONSE)
    if not poolings and has_group:
        poolings = _rest(small, rules)
    return SmallTeams(
        unit=paths[above],
        teams=tuple(choices.values()),
        small=_by_name(choices[team.id] for team in small),
        poolings=tuple(
            PoolingShown(_by_name(choices[team] for team in pooling.teams), pooling.people)
            for pooling in poolings
        ),
        gain=gain,
    )


def _rest(small: Iterable[Team], rules: Rules) -> tuple[Pooling, ...]:
    # Beside a group that is formed already, one of all small teams that are left helps them too.
    left = tuple(small)
    people = sum(team.people for team in left)
    is_safe = people >= find_least_people(rules, EXPECTED_RESPONSE, SAFE_CHANCE)
    return (Pooling(tuple(team.id for team in left), people),) if len(left) > 1 and is_safe else ()


def _by_name(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda choice: choice.name))


def _rules_of_next_round(session: Session) -> Rules:
    rules = load_rules()
    asked = session.scalar(select(func.max(Programme.min_group_size)).where(Programme.active))
    return replace(rules, min_group_size=max(rules.min_group_size, asked or 0))
