"""Organisations of a few lines for tests: who answered what in which unit, published our way."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np

from tests.domain.round_recording import record_round
from wellbeing.domain.disclosure import Publication, Rules, UnitTree, publish_groups
from wellbeing.domain.publication_record import RoundRecord

Answer = int | tuple[int, int, int]
Answers = Mapping[str, Sequence[Answer]]
Person = tuple[str, int]


def three(answer: Answer) -> tuple[int, int, int]:
    """An answer on CS, BO and STS; one number stands for all three."""
    return (answer, answer, answer) if isinstance(answer, int) else answer


def unit_paths(answers: Answers) -> list[str]:
    """Every unit that is named, and every unit above one."""
    paths = set(answers)
    for path in answers:
        while " / " in path:
            path = path.rpartition(" / ")[0]
            paths.add(path)
    return sorted(paths)


def publish_organisation(
    answers: Answers,
    rules: Rules | None = None,
    asked: Mapping[str, int] | None = None,
    pooled: Collection[str] = (),
) -> Publication:
    """Our publication of a round.

    `asked` is the roster's size where not everyone answered, `pooled` the members of reporting
    groups; the unit above a member is its reporting group.
    """
    paths = unit_paths(answers)
    at = {path: number for number, path in enumerate(paths)}
    tree = UnitTree(np.array([at.get(path.rpartition(" / ")[0], -1) for path in paths]))
    units = [at[path] for path, given in answers.items() for _ in given]
    roster = units if asked is None else [at[p] for p, n in asked.items() for _ in range(n)]
    scores = [three(answer) for given in answers.values() for answer in given]
    return publish_groups(
        tree,
        np.array(units, dtype=np.intp),
        np.array(scores, dtype=np.int16).reshape(-1, 3),
        rules or Rules(),
        roster_of=np.array(roster, dtype=np.intp),
        pooled=np.array([path in pooled for path in paths], dtype=np.bool_),
    )


def record_organisation(
    answers: Answers,
    *,
    round_id: str = "1",
    closed_on: date = date(2026, 3, 31),
    rules: Rules | None = None,
    asked: Mapping[str, int] | None = None,
    pooled: Collection[str] = (),
) -> RoundRecord:
    """The record of our publication of a round."""
    return record_round(
        publish_organisation(answers, rules, asked, pooled),
        unit_paths(answers),
        round_id=round_id,
        closed_on=closed_on,
        instrument="proqol5",
        wording="proqol5-adapted-da-1",
    )


def people_in(answers: Answers, units: Sequence[str]) -> frozenset[Person]:
    """Everyone in the units who answered completely."""
    return frozenset(
        (unit, at)
        for unit in units
        for at, a in enumerate(answers.get(unit, ()))
        if 0 not in three(a)
    )
