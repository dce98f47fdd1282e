"""What counts as a scheduler that goes on, and what as one that does not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults import turns
from wellbeing.monitoring.job_runs import JobRuns

JOBS = ("invite", "deliver-mail")


@dataclass
class Folder:
    """As much of a world as is asked."""

    folder: Path


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(turns, "_SECONDS_BETWEEN_LOOKS", 0)
    return Folder(tmp_path)


def _each_look(world: Folder, *jobs: str, ends_well: bool = True) -> Callable[[], bool]:
    """Never true, and before each look these jobs have ended once more."""
    runs, moment = JobRuns(world.folder / "jobs"), datetime(2026, 2, 2, tzinfo=UTC)
    note = runs.note_done if ends_well else runs.note_failed

    def look() -> bool:
        nonlocal moment
        moment += timedelta(seconds=1)
        for job in jobs:
            note(job, at=moment)
        return False

    return look


def test_what_is_so_needs_no_run(world: Any) -> None:
    assert turns.comes_in_turns(world, lambda: True, 0, JOBS)


@pytest.mark.parametrize("ends_well", [True, False])
def test_it_is_over_once_every_job_has_ended_so_often(world: Any, ends_well: bool) -> None:
    looks = 0
    run = _each_look(world, *JOBS, ends_well=ends_well)

    def look() -> bool:
        nonlocal looks
        looks += 1
        return run()

    assert not turns.comes_in_turns(world, look, 3, JOBS)
    assert looks == 4


def test_one_job_that_does_not_end_is_waited_for_while_another_does(world: Any) -> None:
    runs_one, looks = _each_look(world, "invite"), 0

    def look() -> bool:
        nonlocal looks
        looks += 1
        runs_one()
        return looks == 50

    assert turns.comes_in_turns(world, look, 3, JOBS)


def test_a_scheduler_that_ends_nothing_any_more_has_failed(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_SECONDS_WITHOUT_A_RUN", 0.05)
    assert not turns.comes_in_turns(world, lambda: False, 3, JOBS)
    with pytest.raises(AssertionError, match="deliver-mail"):
        turns.pass_turns(world, 1, JOBS)
