"""Histories of a few rounds for tests: named people who answer, join, leave and move."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.domain.organisations import Answer, publish_organisation, three, unit_paths
from tests.domain.round_recording import record_round
from wellbeing.domain.disclosure import Rules
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication_record import RoundRecord

FIRST_CLOSING = date(2026, 3, 31)


@dataclass(frozen=True)
class Asked:
    """Who was asked in a round, by unit: each name with its answer, None where none was sent."""

    units: Mapping[str, Mapping[str, Answer | None]]
    pooled: Collection[str] = ()

    def answers(self) -> dict[str, dict[str, tuple[int, int, int]]]:
        """The complete answers by unit and name; only these count."""
        return {
            unit: {
                name: three(answer)
                for name, answer in people.items()
                if answer is not None and 0 not in three(answer)
            }
            for unit, people in self.units.items()
        }


@dataclass(frozen=True)
class Seen:
    """A round as a reader sees it who knows who was asked where, and by name who answered."""

    record: RoundRecord
    response_classes: Mapping[str, int]
    asked: Mapping[str, Sequence[str]]
    answered: Mapping[str, Sequence[str]]
    rules: Rules
    truth: Mapping[str, tuple[int, int, int]] = field(repr=False, compare=False)

    def score(self, name: str, scale: Scale) -> int:
        """What somebody truly answered, for those who tell and to check the attacker."""
        return self.truth[name][list(Scale).index(scale)]

    def members(self, group_id: str) -> list[str]:
        """The names counted in a group."""
        group = next(group for group in self.record.groups if group.id == group_id)
        return [name for unit in group.counts_for for name in self.answered.get(unit, ())]


def publish_history(rounds: Sequence[Asked], rules: Rules | None = None) -> list[Seen]:
    """Each round published by our rules, a quarter apart."""
    return [_publish(at, asked, rules or Rules()) for at, asked in enumerate(rounds)]


def _publish(at: int, asked: Asked, rules: Rules) -> Seen:
    answers = asked.answers()
    scores = {unit: list(people.values()) for unit, people in answers.items()}
    sizes = {unit: len(people) for unit, people in asked.units.items()}
    publication = publish_organisation(scores, rules, sizes, asked.pooled)
    record = record_round(
        publication,
        unit_paths(scores),
        round_id=str(at + 1),
        closed_on=FIRST_CLOSING + timedelta(days=91 * at),
        instrument="proqol5",
        wording="proqol5-adapted-da-1",
    )
    classes = publication.groups.response_class.tolist()
    return Seen(
        record=record,
        response_classes={g.id: c for g, c in zip(record.groups, classes, strict=True)},
        asked={unit: list(people) for unit, people in asked.units.items()},
        answered={unit: list(people) for unit, people in answers.items()},
        rules=rules,
        truth={name: given for people in answers.values() for name, given in people.items()},
    )
