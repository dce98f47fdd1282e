"""Backups and key folders hold no answer, no score and no key, and later keys open no backup."""

import gzip
import subprocess
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.canaries import find, find_unpacked, of_bytes, of_numbers, of_text
from tests.cast import Cast, make_cast
from tests.key_desk import CODES, KeyDesk
from tests.rounds import BY, RoundRunner
from tests.test_privacy_at_rest import STAGES, Copy, Story, copy_sqlite
from wellbeing.actions import round_shares
from wellbeing.actions.backup import make_backup
from wellbeing.actions.backup_files import read_backup
from wellbeing.crypto import handover
from wellbeing.crypto.ballots import BallotOpener
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.domain.errors import TallyStopped
from wellbeing.domain.instrument import Scale
from wellbeing.store.copies import _find_program
from wellbeing.store.personal import Ballot
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

Take = Callable[[Database], Copy]


@pytest.fixture
def rounds(database: Database, tmp_path: Path, now: datetime) -> RoundRunner:
    """Rounds with keys in a folder of their own."""
    return RoundRunner(database, tmp_path / "elsewhere", now)


@pytest.fixture
def cast(database: Database) -> Cast:
    """The organisation and its people."""
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


@pytest.fixture
def take(tmp_path: Path, now: datetime) -> Take:
    """Takes a backup as the command does, and unpacks it as a thief would."""
    folder = tmp_path / "vault"
    folder.mkdir()

    def back_up(database: Database) -> Copy:
        file, inside = folder / "it.backup", folder / "inside"
        make_backup(
            database,
            file,
            scratch_folder=folder,
            program="test",
            to=None,
            progress=lambda *_: None,
            now=now,
            by=BY,
        )
        read_backup(file, inside, key=None, progress=lambda *_: None)
        return {"the file": file.read_bytes(), "inside": _written_out(database, inside)}

    return back_up


def _written_out(database: Database, inside: Path) -> bytes:
    if database.is_sqlite:
        return inside.read_bytes()
    command = [_find_program("pg_restore"), "--file=-", str(inside)]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.asvs("14.2.6")
def test_no_backup_at_any_stage_holds_an_answer_a_score_or_a_key(
    database: Database, rounds: RoundRunner, cast: Cast, take: Take
) -> None:
    story = Story(database, rounds, cast, take)
    story.live()
    assert tuple(story.copies) == STAGES
    # What is packed in the file is what is inside; each different content is searched once.
    contents = {copy["inside"]: stage for stage, copy in story.copies.items()}
    for content, stage in contents.items():
        assert find_unpacked(content, story.secrets) == [], stage
    for stage, copy in story.copies.items():
        assert find(copy["the file"], story.secrets) == [], stage
    inside = story.copies["answered"]["inside"]
    assert find(inside, story.sealed), "the search finds what is there: the sealed ballots"


def test_what_is_planted_in_any_wrapping_is_found() -> None:
    canary = of_text("words", "blåbærgrød på Ærø")
    raw = "blåbærgrød på Ærø"
    wrapped = [
        raw.encode("utf-16-le"),
        raw.encode("utf-16-be"),
        b"bl%C3%A5b%C3%A6rgr%C3%B8d+p%C3%A5+%C3%86r%C3%B8",
        b"bl\\u00e5b\\u00e6rgr\\u00f8d p\\u00e5 \\u00c6r\\u00f8",
        b"noise" + gzip.compress(b"x" * 50 + raw.encode()),
        b"\x78\x01noise" + zlib.compress(b"x" * 50 + raw.encode(), 9) + b"more",
    ]
    for content in wrapped:
        assert find_unpacked(b"before" + content + b"after", [canary]) == ["words"]
    assert find_unpacked(b"nothing here", [canary]) == []


@pytest.mark.asvs("11.2.2")
def test_keys_of_a_later_server_open_nothing_of_an_earlier_backup(
    sqlite_database: Database, now: datetime, tmp_path: Path, take: Take
) -> None:
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    rounds = RoundRunner(sqlite_database, tmp_path / "elsewhere", now)
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"))
    take(sqlite_database)
    stolen = Database(f"sqlite:///{tmp_path / 'vault' / 'inside'}")
    with stolen.reading(Reach.EVERYTHING) as session:
        ballots = list(session.scalars(select(Ballot)))
    stolen.close()
    assert len(ballots) == 8
    assert _opens(rounds.keys.get_private(round_id), ballots), "with the key of the time it opens"

    assert rounds.publish(round_id)
    rounds.forward(days=90)
    rounds.open()
    get_or_make_app_key(rounds.keys.folder)
    elsewhere = RoundRunner(sqlite_database, tmp_path / "another", now).keys
    elsewhere.make(UUID(int=9))
    later = [*rounds.keys.folder.iterdir(), *elsewhere.folder.iterdir()]
    assert len(later) == 5
    for file in later:
        content = file.read_bytes()
        windows = {content[at : at + 32] for at in range(max(len(content) - 31, 1))}
        assert not any(_opens(key, ballots) for key in windows if len(key) == 32), file.name


def _opens(key: bytes, ballots: list[Ballot]) -> bool:
    try:
        for ballot in ballots:
            BallotOpener(key).open(ballot.sealed, ballot_id=ballot.id)
    except TallyStopped:
        return False
    return True


@pytest.mark.asvs("11.2.2", "13.3.1")
def test_with_two_keys_not_even_database_and_key_folder_together_hold_the_key_at_any_stage(
    sqlite_database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    rounds = RoundRunner(sqlite_database, tmp_path / "elsewhere", now)
    desk, keys, copies = KeyDesk(rounds, cast), list[bytes](), dict[str, bytes]()
    hand_over = handover.hand_over

    def note_key(folder: Path, round_id: UUID, key: bytes, *, now: datetime) -> None:
        keys.append(key)
        hand_over(folder, round_id, key, now=now)

    def copy(stage: str) -> None:
        files = [path.read_bytes() for path in rounds.keys.folder.iterdir()]
        copies[stage] = b"\n".join([*files, *copy_sqlite(sqlite_database).values()])

    monkeypatch.setattr(round_shares, "hand_over", note_key)
    desk.take_both()
    round_id = rounds.open(two_keys=True)
    copy("open")
    rounds.answer_all(round_id, cast.members_of("team_a"))
    copy("answered")
    assert not rounds.publish(round_id)
    copy("closed")
    desk.announce()
    desk.give("Hanne", round_id)
    copy("one has given")
    assert desk.give("Sara", round_id)
    copy("both have given")
    handed = (rounds.keys.folder / f"{round_id}.handed").read_bytes()
    assert rounds.publish(round_id)
    copy("published")

    (key,) = keys
    secrets = [of_bytes("key", key), *(of_text(name, code) for name, code in CODES.items())]
    assert {stage: find_unpacked(content, secrets) for stage, content in copies.items()} == {
        stage: [] for stage in copies
    }
    assert find(copies["both have given"], [of_bytes("handed", handed)]), "the search finds"
    scores = of_numbers("scores", (40, 20, 20), keys=tuple(Scale))
    assert not any(find(copies[stage], [scores]) for stage in ("answered", "both have given"))
    assert not list(rounds.keys.folder.glob(f"{round_id}.*"))
