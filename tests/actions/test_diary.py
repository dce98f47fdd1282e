"""The diary: its owner's code opens it, nothing else does."""

import unicodedata
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from tests.cast import Cast
from tests.rounds import STEADY, WORN, RoundRunner
from wellbeing.actions import diary
from wellbeing.actions.checkin import Answers, correct, withdraw
from wellbeing.actions.diary import Entry
from wellbeing.crypto.diaries import seal_entry
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

CODE = "blåbær på Bornholm"


@pytest.fixture
def eva(cast: Cast) -> UUID:
    """Eva's id."""
    return cast.people["Eva"]


def start(database: Database, person_id: UUID, code: str = CODE) -> str:
    """Begins a diary; the recovery code."""
    with database.writing(Reach.EMPLOYEE) as session:
        return diary.start(session, code, person_id=person_id)


def read(rounds: RoundRunner, person_id: UUID, code: str = CODE) -> list[Entry]:
    """Opens a diary."""
    with rounds.database.reading(Reach.EMPLOYEE) as session:
        key = diary.unlock(session, code, person_id=person_id)
        return diary.read(session, key, person_id=person_id, keys=rounds.keys, now=rounds.now)


def test_an_entry_comes_back_as_it_was_answered(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    sent = rounds.answer(rounds.open(), eva, WORN)
    (entry,) = read(rounds, eva)
    assert entry.answers == WORN
    assert entry.scores == sent.scores
    assert entry.receipt == sent.receipt
    assert entry.at == rounds.now


def test_the_code_works_however_the_keyboard_composes_its_letters(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva, unicodedata.normalize("NFD", CODE))
    assert read(rounds, eva, unicodedata.normalize("NFC", CODE)) == []


def test_the_recovery_code_opens_the_diary(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    recovery = start(database, eva)
    assert read(rounds, eva, f" {recovery.upper()} ") == []


@pytest.mark.parametrize("code", ["", "blåbær på bornholm", CODE + " ", "0" * 200])
def test_another_code_opens_nothing(
    rounds: RoundRunner, database: Database, eva: UUID, code: str
) -> None:
    start(database, eva)
    with pytest.raises(BadInput, match="does not open"):
        read(rounds, eva, code)


def test_a_short_code_starts_nothing(database: Database, eva: UUID) -> None:
    with pytest.raises(BadInput, match="at least 12"):
        start(database, eva, "to ord blot")
    with database.reading(Reach.EMPLOYEE) as session:
        assert not diary.has_diary(session, eva)


def test_a_second_start_keeps_the_first_diary(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    with pytest.raises(Refused, match="already have"):
        start(database, eva, "et andet sted ved havet")
    assert read(rounds, eva) == []


def test_without_a_diary_there_is_nothing_to_open(rounds: RoundRunner, eva: UUID) -> None:
    with pytest.raises(Missing):
        read(rounds, eva)


def test_of_a_corrected_answer_only_the_newest_is_listed(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    round_id = rounds.open()
    receipt = rounds.answer(round_id, eva, STEADY).receipt
    assert receipt
    rounds.forward(minutes=5)
    with database.writing(Reach.EMPLOYEE) as session:
        correct(
            session,
            Answers(WORN, ("da",)),
            receipt,
            person_id=eva,
            round_id=round_id,
            keys=rounds.keys,
            now=rounds.now,
        )
    assert [entry.answers for entry in read(rounds, eva)] == [WORN]


def test_a_receipt_is_shown_only_while_it_works(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    round_id = rounds.open()
    rounds.answer(round_id, eva)
    assert read(rounds, eva)[0].round_id == round_id
    rounds.publish(round_id)
    rounds.forward(days=90)
    assert (read(rounds, eva)[0].receipt, read(rounds, eva)[0].round_id) == (None, None)
    rounds.answer(rounds.open(), eva)
    assert [entry.receipt is not None for entry in read(rounds, eva)] == [True, False]


def test_a_withdrawn_answer_stays_in_the_diary_without_its_receipt(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    round_id = rounds.open()
    receipt = rounds.answer(round_id, eva).receipt
    assert receipt
    with database.writing(Reach.EMPLOYEE) as session:
        withdraw(
            session,
            receipt,
            person_id=eva,
            round_id=round_id,
            keys=rounds.keys,
            now=rounds.now,
        )
    assert [entry.receipt for entry in read(rounds, eva)] == [None]


def test_deleting_leaves_neither_entry_nor_key_and_no_ballot_changes(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    rounds.answer(rounds.open(), eva)
    with database.writing(Reach.EMPLOYEE) as session:
        diary.delete_all(session, person_id=eva)
        diary.delete_all(session, person_id=eva)
    with database.reading(Reach.EVERYTHING) as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (DiaryEntry, DiaryKey, Ballot)
        ]
    assert counts == [0, 0, 1]


def test_deleting_touches_nobody_elses_diary(
    rounds: RoundRunner, database: Database, eva: UUID, cast: Cast
) -> None:
    start(database, eva)
    start(database, cast.people["Tom"])
    with database.writing(Reach.EMPLOYEE) as session:
        diary.delete_all(session, person_id=eva)
    assert read(rounds, cast.people["Tom"]) == []


def delete_newest(rounds: RoundRunner, person_id: UUID) -> None:
    """Deletes the newest entry, twice; the second time nothing is left to delete."""
    entry = read(rounds, person_id)[0]
    with rounds.database.writing(Reach.EMPLOYEE) as session:
        key = diary.unlock(session, CODE, person_id=person_id)
        assert diary.delete_entry(session, key, entry.id, person_id=person_id) == entry.at
        assert diary.delete_entry(session, key, entry.id, person_id=person_id) is None


def test_one_entry_is_deleted_with_what_it_corrected_and_the_rest_stays(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    first = rounds.open()
    rounds.answer(first, eva, STEADY)
    rounds.publish(first)
    rounds.forward(days=90)
    second = rounds.open()
    receipt = rounds.answer(second, eva, STEADY).receipt
    assert receipt
    with database.writing(Reach.EMPLOYEE) as session:
        correct(
            session,
            Answers(WORN, ("da",)),
            receipt,
            person_id=eva,
            round_id=second,
            keys=rounds.keys,
            now=rounds.now,
        )
    delete_newest(rounds, eva)
    assert [entry.answers for entry in read(rounds, eva)] == [STEADY]
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(DiaryEntry)) == 1
        assert session.scalar(select(func.count()).select_from(Ballot)) == 1


def test_an_entry_of_somebody_else_cannot_be_deleted(
    rounds: RoundRunner, database: Database, eva: UUID, cast: Cast
) -> None:
    tom = cast.people["Tom"]
    start(database, eva)
    start(database, tom)
    rounds.answer(rounds.open(), tom)
    entry = read(rounds, tom)[0]
    with database.writing(Reach.EMPLOYEE) as session:
        key = diary.unlock(session, CODE, person_id=eva)
        assert diary.delete_entry(session, key, entry.id, person_id=eva) is None
    assert len(read(rounds, tom)) == 1


def test_an_entry_knows_the_round_and_language_it_was_answered_in(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    round_id = rounds.open()
    rounds.answer(round_id, eva)
    assert read(rounds, eva)[0].asked_in == (round_id, "da")


def test_an_entry_from_before_that_was_kept_is_read_too(
    rounds: RoundRunner, database: Database, eva: UUID
) -> None:
    start(database, eva)
    old = {"at": rounds.now.isoformat(), "answers": "3" * 30, "scores": [30] * 3, "receipt": None}
    with database.writing(Reach.EMPLOYEE) as session:
        public_key = session.get_one(DiaryKey, eva).public_key
        row = {"id": uuid4(), "person_id": eva, "sealed": seal_entry(old, public_key)}
        session.execute(insert(DiaryEntry).values(row))
    (entry,) = read(rounds, eva)
    assert (entry.scores, entry.asked_in) == ((30, 30, 30), None)
