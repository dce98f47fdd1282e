"""A log that was cut off, written anew or shortened by a stranger is told from a whole one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from tests.logs import BY, anchor_file, check, cut_off, daily, head_of, rewrite, said, write_log
from wellbeing.actions.anchor_file import AnchorFile
from wellbeing.actions.audit_check import SHORTENED, check_log
from wellbeing.actions.audit_expiry import shorten_log
from wellbeing.actions.audit_log import LOG_SUBJECT, record
from wellbeing.domain.errors import Refused
from wellbeing.domain.log_anchors import LogAnchor
from wellbeing.store.audit import AuditCheckpoint, AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

YEAR = timedelta(days=366)


@pytest.mark.asvs("16.4.2")
def test_anchors_of_a_whole_log_fit(database: Database, now: datetime) -> None:
    write_log(database, daily(now, 5))
    anchors = [head_of(database, now, number) for number in (2, 5)]
    state = check(database, *anchors)
    assert (state.is_whole, state.first, state.last, state.fitting) == (True, 1, 5, 2)


@pytest.mark.asvs("16.4.2")
def test_an_end_that_was_cut_off_is_whole_in_itself_and_told_by_an_anchor(
    sqlite_database: Database, now: datetime
) -> None:
    write_log(sqlite_database, daily(now, 5))
    anchor = head_of(sqlite_database, now)
    cut_off(sqlite_database, after=3)
    assert check(sqlite_database).is_whole
    found = said(check(sqlite_database, anchor))
    assert "The log ends at event 3, and event 5 was there on 2026-02-02" in found
    assert "what came after event 3 was cut off" in found


def test_a_log_that_was_emptied_is_told_by_an_anchor(
    sqlite_database: Database, now: datetime
) -> None:
    write_log(sqlite_database, daily(now, 2))
    anchor = head_of(sqlite_database, now)
    cut_off(sqlite_database, after=0)
    assert "what came after event 0 was cut off" in said(check(sqlite_database, anchor))


@pytest.mark.asvs("16.4.2")
def test_a_chain_written_anew_fits_itself_and_is_told_between_two_anchors(
    sqlite_database: Database, now: datetime
) -> None:
    write_log(sqlite_database, daily(now, 9))
    anchors = [head_of(sqlite_database, now, number) for number in (2, 4, 8)]
    rewrite(sqlite_database, 6, act="test.undone")
    assert check(sqlite_database).is_whole
    state = check(sqlite_database, *anchors)
    assert "written anew after event 4 and up to event 8" in said(state)
    assert (state.fitting, len(state.faults)) == (2, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"act": "test.undone"}, "Event 3 was changed after it was written."),
        ({"number": 40}, "Event 3 is missing. Events 6 to 39 are missing."),
        ({"hash": "f" * 64}, "Event 3 was changed after it was written. Event 4 does not follow"),
    ],
    ids=["act", "number", "hash"],
)
def test_what_is_wrong_is_said_of_each_place(
    sqlite_database: Database, now: datetime, change: dict[str, object], told: str
) -> None:
    write_log(sqlite_database, daily(now, 5))
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.execute(update(AuditEvent).where(AuditEvent.number == 3).values(change))
    assert told in said(check(sqlite_database))


def test_a_part_can_be_checked_alone_and_trusts_what_comes_before(
    sqlite_database: Database, now: datetime
) -> None:
    write_log(sqlite_database, daily(now, 6))
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.execute(update(AuditEvent).where(AuditEvent.number == 2).values(act="undone"))
    assert not check(sqlite_database).is_whole
    with sqlite_database.reading(Reach.ADMIN) as session:
        assert check_log(session, after=3).is_whole
        assert not check_log(session, after=1).is_whole


@pytest.mark.asvs("16.4.1")
def test_odd_text_is_stored_and_the_chain_is_whole(database: Database, now: datetime) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        for odd in ("a\0b", "lone \ud800", "\r\nFake: 1", "\u202eabc", "x" * 300):
            record(session, "test.done", odd, by=BY, now=now, said=odd, more=[odd, 1.5])
    assert check(database).is_whole


def test_a_clock_set_back_keeps_the_order_of_numbers(database: Database, now: datetime) -> None:
    write_log(database, [now, now - timedelta(days=3), now + timedelta(seconds=1)])
    assert check(database).is_whole


# Expiry.


def _old_log(database: Database, now: datetime, tmp_path: Path) -> AnchorFile:
    """Ten days of six years ago, then three of this week, anchored at the end."""
    write_log(database, [*daily(now - 6 * YEAR, 10), *daily(now - timedelta(days=3), 3)])
    return anchor_file(tmp_path, head_of(database, now))


def _shorten(database: Database, file: AnchorFile, now: datetime, years: int = 5) -> int:
    return shorten_log(database, file.read(), years=years, now=now, by=BY)


def test_old_events_go_and_the_rest_is_whole_and_still_anchored(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    file = _old_log(database, now, tmp_path)
    older = head_of(database, now - 6 * YEAR, 4)
    assert _shorten(database, file, now) == 10
    state = check(database, older, *file.read().anchors)
    assert (said(state), state.first, state.last) == ("", 11, 14)
    assert (state.fitting, state.older) == (1, 1)
    assert _shorten(database, file, now) == 0


def test_a_checkpoint_follows_a_checkpoint(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    file = _old_log(sqlite_database, now, tmp_path)
    _shorten(sqlite_database, file, now)
    later = now + 6 * YEAR
    write_log(sqlite_database, [later])
    file.append(head_of(sqlite_database, later))
    assert _shorten(sqlite_database, file, later) == 4
    state = check(sqlite_database, *file.read().anchors)
    assert (said(state), state.first, state.older) == ("", 15, 1)


def test_a_single_old_event_behind_a_young_one_stays(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    write_log(sqlite_database, [now, now - 9 * YEAR, now])
    assert _shorten(sqlite_database, anchor_file(tmp_path, head_of(sqlite_database, now)), now) == 0


def test_the_last_event_stays_however_old(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    write_log(sqlite_database, daily(now - 9 * YEAR, 3))
    file = anchor_file(tmp_path, head_of(sqlite_database, now))
    assert _shorten(sqlite_database, file, now) == 2
    assert check(sqlite_database, *file.read().anchors).is_whole


def test_a_log_that_does_not_fit_or_is_not_anchored_is_not_shortened(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    file = _old_log(sqlite_database, now, tmp_path)
    with pytest.raises(Refused, match="No anchor vouches"):
        _shorten(sqlite_database, AnchorFile(tmp_path / "none"), now)
    rewrite(sqlite_database, 2, act="test.undone")
    with pytest.raises(Refused, match="does not fit"):
        _shorten(sqlite_database, file, now)


def _forge_checkpoint(
    database: Database, now: datetime, number: int, *, until: datetime, years: int = 5
) -> None:
    """Removes the beginning up to an event, as a checkpoint of ours would say it."""
    last = head_of(database, now, number)
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(AuditEvent).where(AuditEvent.number <= number))
        row = {"number": number, "hash": last.hash, "removed": number}
        session.execute(insert(AuditCheckpoint).values(**row, made_at=now))
        told = {**row, "until": until.isoformat(), "years": years}
        record(session, SHORTENED, LOG_SUBJECT, by=BY, now=now, **told)


@pytest.mark.asvs("16.4.2")
def test_a_checkpoint_cannot_hide_young_events(sqlite_database: Database, now: datetime) -> None:
    write_log(sqlite_database, daily(now - timedelta(days=9), 9))
    early = head_of(sqlite_database, now - timedelta(days=6), 3)
    _forge_checkpoint(sqlite_database, now, 7, until=now - 6 * YEAR)
    assert "anchors, line 1 shows that events behind 3 were younger" in said(
        check(sqlite_database, early)
    )


def test_a_checkpoint_that_says_itself_that_it_is_too_young_does_not_count(
    sqlite_database: Database, now: datetime
) -> None:
    write_log(sqlite_database, daily(now - timedelta(days=9), 9))
    _forge_checkpoint(sqlite_database, now, 7, until=now - timedelta(days=2), years=0)
    assert "does not say that they were old enough" in said(check(sqlite_database))


def test_a_checkpoint_without_an_event_does_not_count(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    file = _old_log(sqlite_database, now, tmp_path)
    _shorten(sqlite_database, file, now)
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        values = {"number": 12, "hash": head_of(sqlite_database, now, 12).hash}
        session.execute(delete(AuditEvent).where(AuditEvent.number <= 12))
        session.execute(update(AuditCheckpoint).values(values))
    assert "No event tells of the checkpoint at event 12" in said(check(sqlite_database))


@pytest.mark.asvs("16.4.2")
def test_no_area_may_delete_events_or_make_checkpoints(database: Database, now: datetime) -> None:
    row = {"number": 1, "hash": "0" * 64, "removed": 1, "made_at": now}
    for reach in set(Reach) - {Reach.EVERYTHING}:
        for statement in (delete(AuditEvent), insert(AuditCheckpoint).values(row)):
            with pytest.raises(Exception, match=r"not authorized|permission denied"):  # noqa: SIM117
                with database.writing(reach) as session:
                    session.execute(statement)


def test_of_two_that_shorten_at_once_one_does(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    file = _old_log(database, now, tmp_path)
    with ThreadPoolExecutor(4) as pool:
        removed = list(pool.map(lambda _: _shorten(database, file, now), range(4)))
    assert sorted(removed) == [0, 0, 0, 10]
    assert check(database, *file.read().anchors).is_whole


def _write_ten(database: Database, now: datetime) -> None:
    for _ in range(10):
        write_log(database, [now])


def test_twenty_writers_at_once_make_one_chain(database: Database, now: datetime) -> None:
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(_write_ten, repeat(database, 20), repeat(now)))
    state = check(database)
    assert (said(state), state.last) == ("", 200)


def test_an_anchor_given_by_hand_is_compared(sqlite_database: Database, now: datetime) -> None:
    write_log(sqlite_database, [now])
    wrong = LogAnchor(1, "f" * 64, None, source="the one given")
    assert "another than the anchor's (the one given)" in said(check(sqlite_database, wrong))
