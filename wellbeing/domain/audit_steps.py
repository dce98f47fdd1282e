"""What a reader may conclude about one joiner or leaver who assumes that others hardly moved.

Reported, and not promised: no rule can keep a reader from assuming.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wellbeing.domain.instrument import Scale
from wellbeing.domain.interval_bounds import bound_joiner
from wellbeing.domain.publication_record import GroupRecord, RoundRecord
from wellbeing.domain.record_arrays import to_sum_ranges


@dataclass(frozen=True)
class Step:
    """One joiner's or leaver's interval, if everyone else moved by at most `moved` points.

    `lowest` above `highest` says that somebody did move more.
    """

    before: str
    after: str
    label: str
    scale: Scale
    who: str
    moved: int
    lowest: int
    highest: int


def find_steps(rounds: Sequence[RoundRecord], moved: int) -> tuple[Step, ...]:
    """Every pair of consecutive records of one group, one person apart, and what it would tell.

    Groups are the same where label and units counted are; rounds are taken in order of closing.
    """
    series: dict[tuple[str, tuple[str, ...]], list[tuple[str, GroupRecord]]] = {}
    for record in sorted(rounds, key=lambda record: record.closed_on):
        for group in record.groups:
            series.setdefault((group.label, group.counts_for), []).append((record.id, group))
    return tuple(
        step
        for groups in series.values()
        for before, after in pairwise(groups)
        if abs(after[1].n - before[1].n) == 1
        for step in _steps(before, after, moved)
    )


def _steps(
    before: tuple[str, GroupRecord], after: tuple[str, GroupRecord], moved: int
) -> Iterator[Step]:
    joined = after[1].n > before[1].n
    fewer, more = (before, after) if joined else (after, before)
    lowest, highest = bound_joiner(to_sum_ranges(fewer[1]), to_sum_ranges(more[1]), moved)
    for at, scale in enumerate(Scale):
        yield Step(
            before=before[0],
            after=after[0],
            label=before[1].label,
            scale=scale,
            who="joiner" if joined else "leaver",
            moved=moved,
            lowest=int(lowest[at]),
            highest=int(highest[at]),
        )
