"""kill −9 at every step of close-and-publish, then again: the same figures, and the key gone.

A child process publishes and kills itself right before, in the middle of, or right after a step;
a second one goes on. The figures are compared with those of an undisturbed run.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.cast import Cast
from tests.rounds import STEADY, WORN, RoundRunner
from wellbeing.actions.publishing import Step
from wellbeing.actions.record import read_records
from wellbeing.store.org import RoundState
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach

CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
from sqlalchemy import event
from sqlalchemy.orm import Session
from wellbeing.actions import publishing
from wellbeing.actions.publishing import Publisher
from wellbeing.crypto import round_keys
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.actor import Actor
from wellbeing.store.sessions import Database
from zoneinfo import ZoneInfo

url, keys, round_id, now, where = sys.argv[1:]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def on_step(step):
    if where == f"before {step}":
        die()
    if where == f"in {step}":
        event.listen(Session, "before_commit", lambda session: die())
        round_keys._sync_folder = lambda folder: die()
    if where == f"after {step}":
        event.listen(Session, "after_commit", lambda session: die())

if where == "between the two key files":
    shred = round_keys._shred
    def shred_one(path):
        shred(path)
        die()
    round_keys._shred = shred_one
if where == "with the key overwritten but not removed":
    Path.unlink = lambda path, **_: die()

publisher = Publisher(Database(url), RoundKeys(Path(keys)), zone=ZoneInfo("Europe/Copenhagen"),
                      now=datetime.fromisoformat(now), by=Actor.command("test"), on_step=on_step)
publisher.publish(UUID(round_id))
"""
# By hand: everyone in a team answers alike, STEADY scores 40/20/20 and WORN 32/40/39; the house is
# (8 × 40 + 7 × 32) / 15 = 36, (8 × 20 + 7 × 40) / 15 = 29, (8 × 20 + 7 × 39) / 15 = 29.
FIGURES = {
    "Østerhus": ("36", "27", "27"),
    "Østerhus / Bostøtte": ("40", "20", "20"),
    "Østerhus / Bostøtte / Anemonen": ("40", "20", "20"),
    "Østerhus / Bostøtte / Kløveren": ("not_used",),
    "Østerhus / Døgntilbud": ("32", "35 or more", "35 or more"),
    "Østerhus / Døgntilbud / Bøgen": ("32", "35 or more", "35 or more"),
}
MOMENTS = [f"{moment} {step}" for step in Step for moment in ("before", "in", "after")] + [
    "between the two key files",
    "with the key overwritten but not removed",
]


def _publish_in_a_child(rounds: RoundRunner, round_id: UUID, where: str) -> int:
    url = rounds.database.url.render_as_string(hide_password=False)
    now = rounds.publisher()._now.isoformat()
    arguments = [url, str(rounds.keys.folder), str(round_id), now, where]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONWARNINGS": "default"},
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


def _figures(rounds: RoundRunner) -> dict[str, tuple[str, ...]]:
    with rounds.database.reading(Reach.WORKPLACE) as session:
        (record,) = read_records(session)
    values = {g.label: g.values for g in record.groups} | {r.unit: r.values for r in record.rollups}
    shown = {name: tuple(v.shown for v in of.values()) for name, of in values.items()}
    return shown | {mark.unit: (mark.reason,) for mark in record.withheld}


def _answered_round(rounds: RoundRunner, cast: Cast) -> UUID:
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    rounds.answer_all(round_id, cast.members_of("team_b"), WORN)
    return round_id


@pytest.mark.asvs("2.3.3")
@pytest.mark.parametrize("where", MOMENTS)
def test_killed_anywhere_a_second_run_ends_with_the_same_figures(
    rounds: RoundRunner, cast: Cast, where: str
) -> None:
    round_id = _answered_round(rounds, cast)
    assert _publish_in_a_child(rounds, round_id, where) == -signal.SIGKILL
    with rounds.database.reading(Reach.WORKPLACE) as session:
        shown = read_records(session)
    assert not shown or not rounds.keys.exist(round_id)
    assert bool(shown) is (rounds.state(round_id) is RoundState.PUBLISHED)

    assert _publish_in_a_child(rounds, round_id, "never") == 0

    assert rounds.state(round_id) is RoundState.PUBLISHED
    assert not rounds.keys.exist(round_id)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(PublishedRound)) == 1
        for table in (Ballot, Participation):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    assert _figures(rounds) == FIGURES
