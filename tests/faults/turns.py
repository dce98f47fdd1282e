"""Waiting for a scheduler by its own work: so many runs of its jobs, however fast the machine is.

Seconds would ask a slow machine for more than a fast one, and call it a violation.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING

from wellbeing.monitoring.job_runs import JobRuns

if TYPE_CHECKING:
    from tests.faults.worlds import World

# What brings a round from its opening to the last mail about it.
JOBS_OF_A_ROUND = ("open-rounds", "invite", "close-and-publish", "announce", "deliver-mail")
# Each job waits at most for the next run of the one before it, and once more for a claim that was
# left; twice of that is enough for anybody.
TURNS_TO_FINISH = 2 * (len(JOBS_OF_A_ROUND) + 1)
# The timetable of the suite has each of these jobs twice a second.
_SECONDS_WITHOUT_A_RUN = 90
_SECONDS_BETWEEN_LOOKS = 0.05


def comes_in_turns(
    world: "World",
    happens: Callable[[], object],
    turns: int = TURNS_TO_FINISH,
    jobs: Sequence[str] = JOBS_OF_A_ROUND,
) -> bool:
    """Whether it is so before each of the jobs has ended so often; False, too, once none ends."""
    for ended in _count_runs(world, jobs):
        if happens():
            return True
        if ended >= turns:
            return False
    return False


def pass_turns(world: "World", turns: int, jobs: Sequence[str] = JOBS_OF_A_ROUND) -> None:
    """Returns once each of these jobs has ended so often more; AssertionError once none ends."""
    passed = any(ended >= turns for ended in _count_runs(world, jobs))
    assert passed, f"none of {', '.join(jobs)} ends any more"


def _count_runs(world: "World", jobs: Sequence[str]) -> Iterator[int]:
    """Look after look how often each of the jobs has ended at least, as long as any does."""
    runs, ended = JobRuns(world.folder / "jobs"), Counter[str]()
    seen = {job: runs.read(job) for job in jobs}
    last_end = monotonic()
    while monotonic() - last_end < _SECONDS_WITHOUT_A_RUN:
        yield min(ended[job] for job in jobs)
        sleep(_SECONDS_BETWEEN_LOOKS)
        for job in jobs:
            last = runs.read(job)
            if last != seen[job]:
                seen[job], last_end = last, monotonic()
                ended[job] += 1
