"""kill −9 at every step of close-and-publish, then again: the same figures, and the key gone.

A child process publishes and kills itself right before, in the middle of, or right after a step;
a second one goes on. The figures are compared with those of an undisturbed run.
"""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.cast import Cast
from tests.key_desk import CODES, KeyDesk
from tests.rounds import STEADY, WORN, RoundRunner
from wellbeing.actions.publishing import Step
from wellbeing.actions.record import read_records
from wellbeing.crypto.handover import Handover
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
from wellbeing.crypto import key_files
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
        key_files.sync_folder = lambda folder: die()
    if where == f"after {step}":
        event.listen(Session, "after_commit", lambda session: die())

if where == "between the two key files":
    shred = key_files.shred
    def shred_one(path):
        shred(path)
        die()
    key_files.shred = shred_one
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
    now = rounds.publisher()._now.isoformat()
    return _run(CHILD, [_url(rounds), str(rounds.keys.folder), str(round_id), now, where])


def _url(rounds: RoundRunner) -> str:
    return rounds.database.url.render_as_string(hide_password=False)


def _run(program: str, arguments: list[str]) -> int:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
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


GIVING_MOMENTS = ("before the share is kept", "after the share is kept", "before it is logged")
GIVING_CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
from sqlalchemy import event
from sqlalchemy.orm import Session
from wellbeing.actions.round_shares import give_share
from wellbeing.crypto import diaries, key_files
from wellbeing.domain.actor import Actor
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from nacl.pwhash import argon2id

diaries._OPS, diaries._MEMORY = argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN
url, keys, round_id, now, where, person, code = sys.argv[1:]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write = key_files.write_secret
if where == "before the share is kept":
    key_files.write_secret = die
if where == "after the share is kept":
    key_files.write_secret = lambda *given: (write(*given), die())
if where == "before it is logged":
    event.listen(Session, "before_commit", die)
with Database(url).writing(Reach.LEADER) as session:
    give_share(session, UUID(round_id), code, person_id=UUID(person), folder=Path(keys),
               now=datetime.fromisoformat(now), by=Actor.command("test"))
"""


@pytest.fixture
def shared(rounds: RoundRunner, cast: Cast) -> tuple[KeyDesk, UUID]:
    """A round with two keys, closed and waiting, which Hanne has given her share of."""
    desk = KeyDesk(rounds, cast)
    desk.take_both()
    round_id = rounds.open(two_keys=True)
    rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    rounds.answer_all(round_id, cast.members_of("team_b"), WORN)
    assert not rounds.publish(round_id)
    desk.announce()
    assert not desk.give("Hanne", round_id)
    return desk, round_id


@pytest.mark.parametrize("where", GIVING_MOMENTS)
def test_killed_while_a_share_is_given_it_can_be_given_again(
    rounds: RoundRunner, shared: tuple[KeyDesk, UUID], where: str
) -> None:
    desk, round_id = shared
    now = (rounds.now + timedelta(days=15)).isoformat()
    sara = [str(desk.cast.people["Sara"]), CODES["Sara"]]
    arguments = [_url(rounds), str(rounds.keys.folder), str(round_id), now, where, *sara]
    assert _run(GIVING_CHILD, arguments) == -signal.SIGKILL
    assert rounds.state(round_id) is RoundState.CLOSED
    assert desk.give("Sara", round_id)
    assert rounds.publish(round_id)
    assert _figures(rounds) == FIGURES


@pytest.mark.parametrize("step", list(Step))
def test_a_count_with_two_keys_that_is_cut_short_needs_one_share_again_and_ends_the_same(
    rounds: RoundRunner, shared: tuple[KeyDesk, UUID], step: Step
) -> None:
    desk, round_id = shared
    assert desk.give("Sara", round_id)
    publisher = rounds.publisher()

    def end(begun: Step) -> None:
        if begun is step:
            raise KeyboardInterrupt

    publisher._on_step = end
    with pytest.raises(KeyboardInterrupt):
        publisher.publish(round_id)
    rounds.handover = Handover(rounds.keys.folder)  # what the killed process had in memory is gone
    later = timedelta(days=16)
    if not rounds.publisher(later).publish(round_id):
        assert rounds.state(round_id) is RoundState.CLOSED
        desk.announce(later)
        assert desk.give("Hanne", round_id, after=later)
        assert rounds.publisher(later).publish(round_id)
    assert not rounds.keys.exist(round_id)
    assert _figures(rounds) == FIGURES
