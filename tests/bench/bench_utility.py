"""What anonymity costs: how many read a line of their own, and how far it lies from the truth.

Invented organisations with teams of 4 to 15, six teams to a department, a leader above each team
who counts in the department. The floor is what the field does: every team of at least k answers is
shown with its exact mean beside its department's, and the smallest one more is hidden where the
hidden rest would be below k. A team's truth is the mean of everyone in it, answered or not.
`python -m tests.bench.bench_utility` prints the table; the seed is fixed.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.disclosure import NOWHERE, Publication, UnitTree, publish_groups
from wellbeing.domain.disclosure_rules import HIGHEST, LOWEST, Rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.pooling import (
    Pooling,
    Team,
    measure_gain,
    propose_greedily,
    propose_poolings,
)
from wellbeing.domain.publication import GroupKind, Kind

Row = dict[str, Any]
Units = NDArray[np.intp]
Floats = NDArray[np.float64]

SEED = 2026
ORGANISATIONS = {60: 600, 500: 80, 5_000: 8}
RESPONSES = (0.6, 0.8, 0.95)
TEAM_SIZES, SMALL_TEAM_SIZES = (4, 15), (3, 6)
TEAMS_PER_DEPARTMENT = 6
DEPARTMENTS_PER_AREA = 8
TEAM_SD_SHARE = 0.35
CLASSED_TEAMS = 20_000
LEAST_MEASURED = 100 / CLASSED_TEAMS
BO = list(Scale).index(Scale.BO)


@dataclass(frozen=True, eq=False)
class Staff:
    """Everyone in some organisations side by side: the tree, and each person's unit and scores."""

    tree: UnitTree
    unit_of: Units
    scores: NDArray[np.int16]
    answered: NDArray[np.bool_]


def run() -> list[Row]:
    """Rows of shares in per cent and of errors in points; `floor` is the field's way."""
    rows = list(measure_classes())
    for people, organisations in ORGANISATIONS.items():
        for response in RESPONSES:
            staff = invent_staff(people, organisations, response)
            for k in (5, 10):
                where = f"{people:,} people, {response:.0%} answer, k {k}"
                rows += _measure_rules(where, staff, Rules(min_group_size=k))
            rows += _measure_poolings(f"{people:,} people, {response:.0%} answer", staff, response)
    for response in RESPONSES:
        staff = invent_staff(500, ORGANISATIONS[500], response, SMALL_TEAM_SIZES)
        where = f"500 people in teams of 3 to 6, {response:.0%} answer"
        rows += _measure_poolings(where, staff, response)
    return rows


def invent_staff(
    people: int, organisations: int, response: float, sizes: tuple[int, int] = TEAM_SIZES
) -> Staff:
    """Organisations of about `people` each, all of them as one forest."""
    random = np.random.default_rng([SEED, people, int(100 * response)])
    parents: list[int] = []
    units: list[Units] = []
    for _ in range(organisations):
        tree, placed = _one_organisation(random, people, sizes)
        units.append(placed + len(parents))
        parents += [above if above < 0 else above + len(parents) for above in tree]
    unit_of = np.concatenate(units)
    level = random.standard_normal((len(parents), 3)) * TEAM_SD_SHARE
    own = random.standard_normal((unit_of.size, 3)) * np.sqrt(1 - TEAM_SD_SHARE**2)
    return Staff(
        tree=UnitTree(np.array(parents)),
        unit_of=unit_of,
        scores=_to_scores(level[unit_of] + own, "pooled-30-studies"),
        answered=random.random(unit_of.size) < response,
    )


def _one_organisation(
    random: np.random.Generator, people: int, between: tuple[int, int]
) -> tuple[list[int], Units]:
    """The parents of its units, and everyone's unit; a leader counts above the team they lead."""
    sizes: list[int] = []
    while sum(sizes) + len(sizes) < people:
        sizes.append(int(random.integers(between[0], between[1] + 1)))
    departments = -(-len(sizes) // TEAMS_PER_DEPARTMENT)
    areas = -(-departments // DEPARTMENTS_PER_AREA) if departments > DEPARTMENTS_PER_AREA else 0
    parents = [-1, *[0] * areas]
    parents += [1 + at % areas if areas else 0 for at in range(departments)]
    above = [1 + areas + at // TEAMS_PER_DEPARTMENT for at in range(len(sizes))]
    placed = np.concatenate([np.repeat(np.arange(len(sizes)) + len(parents), sizes), above])
    return [*parents, *above], placed.astype(np.intp)


def _to_scores(standard: Floats, means_of: str) -> NDArray[np.int16]:
    """Scores with one sample's means and the pooled sample's spread, which the other lacks."""
    references = {reference.id: reference for reference in load_instrument().references}
    mean = [references[means_of].mean[scale] for scale in Scale]
    sd = [references["pooled-30-studies"].sd[scale] for scale in Scale]
    return np.clip(np.rint(mean + standard * sd), LOWEST, HIGHEST).astype(np.int16)


def measure_classes() -> Iterator[Row]:
    """The share of values shown as a class with room for two pooled answers; floor: for one."""
    for name, means_of in (
        ("pooled sample", "pooled-30-studies"),
        ("Norwegian means", "norwegian-child-protection"),
    ):
        for n in (5, 8, 12):
            random = np.random.default_rng([SEED, n])
            level = np.repeat(random.standard_normal((CLASSED_TEAMS, 3)) * TEAM_SD_SHARE, n, axis=0)
            own = random.standard_normal(level.shape) * np.sqrt(1 - TEAM_SD_SHARE**2)
            scores = _to_scores(level + own, means_of)
            shares = [_classed(scores, n, Rules(pooled_answers=known)) for known in (2, 1)]
            for column, scale in enumerate(Scale):
                row = f"values shown as a class, {name}, n {n}, {scale}"
                yield _row(row, shares[0][column], "%", shares[1][column])


def _classed(scores: NDArray[np.int16], n: int, rules: Rules) -> Floats:
    teams = len(scores) // n
    tree, unit_of = UnitTree(np.full(teams, NOWHERE)), np.repeat(np.arange(teams), n)
    kinds = publish_groups(tree, unit_of, scores, rules).groups.values.kind
    return np.asarray(100 * (kinds != Kind.EXACT).mean(axis=0))


def _measure_rules(where: str, staff: Staff, rules: Rules) -> list[Row]:
    ours = _publish(staff, staff.tree, rules)
    shown = _own_teams(staff.tree, ours)
    plain, hidden_units = _hide_siblings(staff, rules.min_group_size)
    teams, people = ~staff.tree.has_units_below, _count(staff, staff.unit_of)
    used = 100 * ours.groups.answers.sum() / staff.answered.sum()
    rows = [
        _row(f"teams with a line, {where}", _share(shown, teams), "%", _share(plain, teams)),
        _row(
            f"people with their team's line, {where}",
            _share(shown, teams * people),
            "%",
            _share(plain, teams * people),
        ),
        _row(f"answers used, {where}", used, "%", _used_plainly(staff, plain, hidden_units)),
    ]
    return rows + _measure_errors(where, staff, ours, plain, hidden_units)


def _publish(
    staff: Staff, tree: UnitTree, rules: Rules, pooled: NDArray[np.bool_] | None = None
) -> Publication:
    sent = staff.answered
    return publish_groups(
        tree, staff.unit_of[sent], staff.scores[sent], rules, roster_of=staff.unit_of, pooled=pooled
    )


def _own_teams(tree: UnitTree, published: Publication) -> NDArray[np.bool_]:
    own = np.zeros(tree.parents.size, dtype=np.bool_)
    own[published.groups.unit[published.groups.kind == GroupKind.TEAM]] = True
    return own


def _count(staff: Staff, units: Units) -> NDArray[np.int64]:
    return np.bincount(units, minlength=staff.tree.parents.size).astype(np.int64)


def _hide_siblings(staff: Staff, k: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Plain k: the teams shown, and the units above them that are too small themselves."""
    tree, n = staff.tree, _count(staff, staff.unit_of[staff.answered])
    teams = ~tree.has_units_below
    shown = teams & (n >= k)
    rest = np.where(shown, 0, n)
    left = np.bincount(tree.parents[teams], rest[teams], tree.parents.size) + rest * ~teams
    order = np.flatnonzero(shown)[np.argsort(n[shown], kind="stable")]
    above, first = np.unique(tree.parents[order], return_index=True)
    leaky = (left[above] > 0) & (left[above] < k)
    shown[order[first[leaky]]] = False
    total = _sum_up(tree, n.astype(np.float64))
    return shown, ~teams & (total < k)


def _sum_up(tree: UnitTree, placed: Floats) -> Floats:
    """Sums of each unit and all below it."""
    total = placed.copy()
    for level in reversed(tree.levels[1:]):
        np.add.at(total, tree.parents[level], total[level])
    return total


def _used_plainly(staff: Staff, shown: NDArray[np.bool_], hidden_units: NDArray[np.bool_]) -> float:
    """Answers in any figure: in a team's, or in that of some unit above."""
    seen = ~hidden_units & staff.tree.has_units_below | shown
    for level in staff.tree.levels[1:]:
        seen[level] |= seen[staff.tree.parents[level]]
    return float(100 * seen[staff.unit_of[staff.answered]].mean())


def _share(chosen: NDArray[np.bool_], weights: NDArray[Any]) -> float:
    return float(100 * (chosen * weights).sum() / weights.sum())


def _measure_errors(
    where: str,
    staff: Staff,
    ours: Publication,
    plain: NDArray[np.bool_],
    hidden_units: NDArray[np.bool_],
) -> list[Row]:
    """Mean absolute errors of burnout against everybody's mean, answered or not."""
    truth, seen = _means(staff, np.ones_like(staff.answered)), _means(staff, staff.answered)
    teams = ours.groups.kind == GroupKind.TEAM
    own, rollups = ours.groups.unit[teams], ours.rollups.unit
    above = np.flatnonzero(staff.tree.has_units_below & ~hidden_units)
    exact = np.abs(np.round(seen, 2) - truth)
    return [
        _row(
            f"error of a team's burnout, {where}",
            float(np.abs(ours.groups.values.point[teams, BO] - truth[own]).mean()),
            "points",
            float(exact[plain].mean()),
        ),
        _row(
            f"error of a roll-up's burnout, {where}",
            float(np.abs(ours.rollups.values.point[:, BO] - truth[rollups]).mean()),
            "points",
            float(exact[above].mean()),
        ),
    ]


def _means(staff: Staff, counted: NDArray[np.bool_]) -> Floats:
    """The mean burnout of each unit with all below it; not a number where there is nobody."""
    units = staff.unit_of[counted]
    total = np.bincount(units, staff.scores[counted, BO], staff.tree.parents.size)
    n = _sum_up(staff.tree, _count(staff, units).astype(np.float64))
    with np.errstate(invalid="ignore"):
        return _sum_up(staff.tree, total.astype(np.float64)) / n


def _measure_poolings(where: str, staff: Staff, response: float) -> list[Row]:
    """Our rules with the proposed reporting groups; floor: our rules without any."""
    rules, people = Rules(), _count(staff, staff.unit_of)
    siblings = _find_siblings(staff.tree, people)
    proposed = [propose_poolings(teams, rules, response) for teams in siblings]
    greedy = [propose_greedily(teams, rules, response) for teams in siblings]
    tree, pooled = _insert(staff.tree, [one for poolings in proposed for one in poolings])
    before, after = _publish(staff, staff.tree, rules), _publish(staff, tree, rules, pooled)
    plain, ours = (_narrow(one, people, t) for one, t in ((before, staff.tree), (after, tree)))
    used = [100 * one.groups.answers.sum() / staff.answered.sum() for one in (after, before)]
    gains = [
        [
            measure_gain(teams, poolings, rules, response)
            for teams, poolings in zip(siblings, way, strict=True)
        ]
        for way in (proposed, greedy, [()] * len(siblings))
    ]
    small = sum(gain.people for gain in gains[0])
    among = [sum(gain.read_among * gain.people for gain in some) / small for some in gains]
    lines = [float(sum(gain.lines for gain in some)) for some in gains]
    name = "with proposed reporting groups"
    return [
        _row(f"people with a line of team or reporting group, {where}, {name}", ours, "%", plain),
        _row(f"answers used, {where}, {name}", used[0], "%", used[1]),
        _row(f"small teams' people are read among, {where}, {name}", among[0], "people", among[2]),
        _row(f"reporting groups, {where}, proposed beside greedy", lines[0], "groups", lines[1]),
    ]


def _find_siblings(tree: UnitTree, people: NDArray[np.int64]) -> list[list[Team]]:
    teams = np.flatnonzero(~tree.has_units_below)
    siblings: dict[int, list[Team]] = {}
    for team in teams.tolist():
        siblings.setdefault(int(tree.parents[team]), []).append(Team(str(team), int(people[team])))
    return list(siblings.values())


def _insert(tree: UnitTree, poolings: list[Pooling]) -> tuple[UnitTree, NDArray[np.bool_]]:
    """Each reporting group as a unit between its members and the unit above them."""
    parents = np.append(tree.parents, np.zeros(len(poolings), dtype=np.intp))
    pooled = np.zeros(parents.size, dtype=np.bool_)
    for at, pooling in enumerate(poolings, start=tree.parents.size):
        members = np.array(pooling.teams, dtype=np.intp)
        parents[at] = tree.parents[members[0]]
        parents[members], pooled[members] = at, True
    return UnitTree(parents), pooled


def _narrow(published: Publication, people: NDArray[np.int64], tree: UnitTree) -> float:
    """The share of teams' people who read the line of their team or of its reporting group."""
    groups = published.groups
    read = np.zeros(tree.parents.size, dtype=np.bool_)
    for kind, units in zip(groups.kind, groups.counts_for, strict=True):
        read[units] |= kind != GroupKind.OTHERS
    teams = ~tree.has_units_below
    size = np.append(people, np.zeros(tree.parents.size - people.size, dtype=np.int64))
    return _share(read, teams * size)


def _row(name: str, value: float, unit: str, floor: float) -> Row:
    ratio = 1.0 if value == floor else float(value) / max(float(floor), LEAST_MEASURED)
    return {
        "name": name,
        "value": float(value),
        "unit": unit,
        "floor": float(floor),
        "ratio": ratio,
    }


if __name__ == "__main__":
    for row in run():
        line = f"{row['name']:<104}{row['value']:>9.2f}{row['floor']:>9.2f} {row['unit']}\n"
        sys.stdout.write(line)
