"""kill −9 at every step of close-and-publish, then again: the same figures, and the key gone.

A child process publishes and kills itself right before, in the middle of, or right after a step;
a second one goes on. The figures are compared with those of an undisturbed run.
"""

import os
import signal
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.key_desk import CODES, KeyDesk
from tests.rounds import BY, STEADY, WORN, ZONE, RoundRunner
from wellbeing.actions.publishing import Publisher, Step
from wellbeing.actions.record import read_records
from wellbeing.actions.round_shares import give_share
from wellbeing.crypto import key_files
from wellbeing.crypto.handover import Handover
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.store.org import RoundState
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


def die(*_: object) -> None:
    """The process ends here and now."""
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(act: Callable[..., object]) -> Callable[..., None]:
    """Does it and dies."""

    def last(*given: object) -> None:
        act(*given)
        die()

    return last


def in_a_child(act: Callable[[], object]) -> int:
    """How a process ended that did this: 0, 1 after an error, or the signal that killed it, less
    than 0. It is a copy of this one, so it may replace functions as it likes.
    """
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def publish_and_die(url: str, keys: Path, round_id: UUID, now: datetime, where: str) -> None:
    """Publishes until it comes to a place."""

    def on_step(step: Step) -> None:
        if where == f"before {step}":
            die()
        if where == f"in {step}":
            event.listen(Session, "before_commit", die)
            setattr(key_files, "sync_folder", die)  # noqa: B010
        if where == f"after {step}":
            event.listen(Session, "after_commit", die)

    if where == "between the two key files":
        setattr(key_files, "shred", then_die(key_files.shred))  # noqa: B010
    if where == "with the key overwritten but not removed":
        setattr(Path, "unlink", die)  # noqa: B010
    Publisher(
        Database(url),
        RoundKeys(keys),
        zone=ZONE,
        now=now,
        by=BY,
        on_step=on_step,
    ).publish(round_id)


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
    url, now = _url(rounds), rounds.publisher()._now
    return in_a_child(lambda: publish_and_die(url, rounds.keys.folder, round_id, now, where))


def _url(rounds: RoundRunner) -> str:
    return rounds.database.url.render_as_string(hide_password=False)


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


def give_and_die(
    url: str, keys: Path, round_id: UUID, now: datetime, where: str, sara: UUID
) -> None:
    """Gives Sara's share until it comes to a place."""
    if where == "before the share is kept":
        setattr(key_files, "write_secret", die)  # noqa: B010
    if where == "after the share is kept":
        setattr(key_files, "write_secret", then_die(key_files.write_secret))  # noqa: B010
    if where == "before it is logged":
        event.listen(Session, "before_commit", die)
    with Database(url).writing(Reach.LEADER) as session:
        give_share(session, round_id, CODES["Sara"], person_id=sara, folder=keys, now=now, by=BY)


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
    url, keys, now = _url(rounds), rounds.keys.folder, rounds.now + timedelta(days=15)
    sara = desk.cast.people["Sara"]
    gave = in_a_child(lambda: give_and_die(url, keys, round_id, now, where, sara))
    assert gave == -signal.SIGKILL
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
