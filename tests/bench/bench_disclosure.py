"""How long publishing takes beside the bare sums it rests on, and the audit beside bare bounds."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.domain.round_recording import record_round
from wellbeing.domain.audit import find_breaches
from wellbeing.domain.disclosure import Publication, UnitTree, load_rules, publish_groups
from wellbeing.domain.interval_bounds import bound_alone, bound_pooled
from wellbeing.domain.publication_record import RoundRecord
from wellbeing.domain.record_arrays import RoundArrays

REPEATS = 7
PEOPLE_PER_TEAM = 20
TEAMS_PER_DEPARTMENT = 20
DEPARTMENTS_PER_AREA = 50
AUDITED_ROUNDS = 20

Row = dict[str, Any]


def run() -> list[Row]:
    """One row per measure: seconds for the rules, for `numpy.bincount` of the same, the ratio."""
    rows = [measure_rules(answers) for answers in (10_000, 100_000, 1_000_000)]
    smallest, *_, largest = (row["value"] for row in rows)
    rows.append(
        _row("rules for 1,000,000 answers beside 100 times 10,000", largest, 100 * smallest)
    )
    return [*rows, measure_plain_units(1_000), *measure_audit()]


def measure_rules(answers: int) -> Row:
    """The rules on four levels with twenty answers to a team on average, placed at random."""
    teams = answers // PEOPLE_PER_TEAM
    tree = four_levels(teams)
    random = np.random.default_rng(2026)
    unit_of = random.integers(tree.parents.size - teams, tree.parents.size, answers)
    name = f"publish {answers:,} answers in {teams:,} teams on four levels"
    return _measure(name, tree, unit_of, random)


def measure_plain_units(units: int) -> Row:
    """The rules on units side by side below one top, with twenty people each."""
    tree = UnitTree(np.append(-1, np.zeros(units, dtype=np.intp)))
    unit_of = np.repeat(np.arange(1, units + 1), PEOPLE_PER_TEAM)
    name = f"publish {units:,} units of {PEOPLE_PER_TEAM} people"
    return _measure(name, tree, unit_of, np.random.default_rng(2026))


def measure_audit() -> list[Row]:
    """The audit of 20 rounds of 1,000,000 scores beside the closed forms on ready arrays.

    One round is published and stands 20 times in the record, under 20 names.
    """
    small, large = (_recorded(answers) for answers in (10_000, 1_000_000))
    history = [replace(large, id=str(at)) for at in range(AUDITED_ROUNDS)]
    rules = load_rules()
    arrays = RoundArrays.of_record(large)

    def bare() -> None:
        for _ in history:
            ranges = arrays.sum_ranges()
            bound_alone(ranges)
            bound_pooled(ranges, rules.pooled_answers)

    if find_breaches(history[:1], rules):
        raise AssertionError("the audit does not keep what is published")
    (seconds, floor), (one, of_small) = (
        _best_seconds(lambda: find_breaches(history, rules), bare, repeats=2),
        _best_seconds(
            lambda: find_breaches(history[:1], rules), lambda: find_breaches([small], rules)
        ),
    )
    many = f"audit {AUDITED_ROUNDS} rounds of 1,000,000 scores in 50,000 teams"
    return [
        _row(many, seconds, floor),
        _row(f"{many} beside {AUDITED_ROUNDS} times one round", seconds, AUDITED_ROUNDS * one),
        _row("audit 1,000,000 scores beside 100 times 10,000", one, 100 * of_small),
    ]


def _recorded(answers: int) -> RoundRecord:
    teams = answers // PEOPLE_PER_TEAM
    tree, random = four_levels(teams), np.random.default_rng(2026)
    unit_of = random.integers(tree.parents.size - teams, tree.parents.size, answers)
    scores = random.integers(10, 51, (answers, 3), dtype=np.int16)
    return record_round(
        publish_groups(tree, unit_of, scores, load_rules()),
        [str(unit) for unit in range(tree.parents.size)],
        round_id="1",
        closed_on=date(2026, 3, 31),
        instrument="proqol5",
        wording="proqol5-adapted-da-1",
    )


def four_levels(teams: int) -> UnitTree:
    """Organisation, areas, departments, teams; the teams come last."""
    departments = -(-teams // TEAMS_PER_DEPARTMENT)
    areas = -(-departments // DEPARTMENTS_PER_AREA)
    over_departments = 1 + np.arange(departments) % areas
    over_teams = 1 + areas + np.arange(teams) % departments
    return UnitTree(np.concatenate([[-1], np.zeros(areas), over_departments, over_teams]))


def sum_units(unit_of: NDArray[np.intp], scores: NDArray[np.int16], units: int) -> NDArray[Any]:
    """The floor: numbers and sums of each unit's own answers."""
    sums = [np.bincount(unit_of, scores[:, scale], units) for scale in range(3)]
    return np.vstack([np.bincount(unit_of, minlength=units), *sums])


def _measure(
    name: str, tree: UnitTree, unit_of: NDArray[np.intp], random: np.random.Generator
) -> Row:
    scores = random.integers(10, 51, (unit_of.size, 3), dtype=np.int16)
    rules, units = load_rules(), tree.parents.size
    published = publish_groups(tree, unit_of, scores, rules)
    _check_same_sums(published, sum_units(unit_of, scores, units))
    seconds, floor = _best_seconds(
        lambda: publish_groups(UnitTree(tree.parents), unit_of, scores, rules),
        lambda: sum_units(unit_of, scores, units),
    )
    return _row(name, seconds, floor)


def _check_same_sums(published: Publication, sums: NDArray[Any]) -> None:
    groups = published.groups
    own = sums[:, groups.unit]
    alone = groups.answers == own[0]
    means = (own[1:] / own[0])[:, alone].T
    inside = (groups.values.low[alone] <= means) & (means <= groups.values.high[alone])
    if not inside.all() or alone.mean() < 0.9:
        raise AssertionError("the floor does not sum what the rules publish")


def _best_seconds(*ways: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """The best of a few turns of each way, taken in turn so that both meet the same machine."""
    best = [float("inf")] * len(ways)
    for _ in range(repeats):
        for at, way in enumerate(ways):
            start = perf_counter()
            way()
            best[at] = min(best[at], perf_counter() - start)
    return best


def _row(name: str, value: float, floor: float) -> Row:
    return {"name": name, "value": value, "unit": "s", "floor": floor, "ratio": value / floor}


if __name__ == "__main__":
    for row in run():
        ratio = f"{row['value']:>9.3f} s{row['floor']:>9.3f} s{row['ratio']:>8.2f}"
        sys.stdout.write(f"{row['name']:<88}{ratio}\n")
