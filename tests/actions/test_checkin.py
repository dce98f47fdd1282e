"""The ballot box: one ballot a person, all or nothing, and nothing readable at rest."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import DateTime, Integer, func, select, text
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.rounds import STEADY, WORN, RoundRunner
from tests.waiting import wait_until
from wellbeing.actions import checkin, diary
from wellbeing.actions.checkin import Answers, Sent
from wellbeing.crypto.ballots import BallotOpener
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.instrument import load_wording
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.base import Base, Moment
from wellbeing.store.locks import hold_round
from wellbeing.store.org import Round, RoundState, RoundWording
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

CODE = "a code of her own"


class Person:
    """Somebody who answers the open round."""

    def __init__(self, rounds: RoundRunner, round_id: UUID, person_id: UUID) -> None:
        self.rounds, self.round_id, self.id = rounds, round_id, person_id

    def send(
        self, values: tuple[int, ...] = STEADY, *, form_id: UUID | None = None, **more: Any
    ) -> Sent:
        """Sends a form, a new one unless it is named."""
        return self._do(checkin.send, values, form_id=form_id or uuid4(), **more)

    def correct(self, receipt: str, values: tuple[int, ...] = WORN) -> Sent:
        """Answers again with a receipt."""
        return self._do(checkin.correct, values, receipt)

    def withdraw(self, receipt: str) -> None:
        """Withdraws with a receipt."""
        with self.rounds.database.writing(Reach.EMPLOYEE) as session:
            checkin.withdraw(session, receipt, **self._who())

    def _do(self, action: Any, values: tuple[int, ...], *more: Any, **named: Any) -> Sent:
        with self.rounds.database.writing(Reach.EMPLOYEE) as session:
            answers = Answers(values, (named.pop("locale", "da"),))
            sent = action(session, answers, *more, **self._who(), **named)
            assert isinstance(sent, Sent)
            return sent

    def _who(self) -> dict[str, Any]:
        return {
            "person_id": self.id,
            "round_id": self.round_id,
            "keys": self.rounds.keys,
            "now": self.rounds.now,
        }


@pytest.fixture
def round_id(rounds: RoundRunner) -> UUID:
    """A round that is open."""
    return rounds.open()


@pytest.fixture
def eva(rounds: RoundRunner, round_id: UUID, cast: Cast) -> Person:
    """Eva of team Anemonen."""
    return Person(rounds, round_id, cast.people["Eva"])


@pytest.fixture
def tom(rounds: RoundRunner, round_id: UUID, cast: Cast) -> Person:
    """Tom of the same team."""
    return Person(rounds, round_id, cast.people["Tom"])


@contextmanager
def looking_into(database: Database) -> Iterator[Session]:
    """A session that sees everything."""
    with database.reading(Reach.EVERYTHING) as session:
        yield session


def ballots(database: Database) -> list[Ballot]:
    """Every ballot."""
    with looking_into(database) as session:
        return list(session.scalars(select(Ballot)))


def is_done(person: Person) -> bool:
    """Whether the person counts as done."""
    with looking_into(person.rounds.database) as session:
        return session.get_one(Participation, (person.round_id, person.id)).done


def start_diary(person: Person) -> None:
    """Begins a diary."""
    with person.rounds.database.writing(Reach.EMPLOYEE) as session:
        diary.start(session, CODE, person_id=person.id)


def test_sending_stores_one_ballot_and_marks_the_person_done(
    eva: Person, database: Database
) -> None:
    sent = eva.send()
    assert sent.scores == (40, 20, 20)
    assert len(ballots(database)) == 1
    assert is_done(eva)


def test_a_ballot_says_scores_unit_and_wording_and_nothing_else(
    eva: Person, database: Database, cast: Cast
) -> None:
    eva.send(locale="en")
    ballot = ballots(database)[0]
    opener = BallotOpener(eva.rounds.keys.get_private(eva.round_id))
    opened = opener.open(ballot.sealed, ballot_id=ballot.id)
    assert opened.scores == (40, 20, 20)
    assert opened.unit_id == cast.units["team_a"]
    assert opened.wording_sha256 == load_wording("en").sha256


@pytest.mark.asvs("2.3.3", "16.5.3")
@pytest.mark.parametrize("broken", ["seal_entry", "seal_ballot", "make_receipt"])
def test_a_fault_anywhere_stores_nothing_at_all(
    eva: Person, database: Database, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*args: Any, **named: Any) -> Any:
        raise OSError("power cut")

    start_diary(eva)
    with monkeypatch.context() as patched:
        patched.setattr(checkin, broken, fail)
        with pytest.raises(OSError, match="power cut"):
            eva.send()
    assert ballots(database) == []
    assert not is_done(eva)
    with looking_into(database) as session:
        assert session.scalar(select(func.count()).select_from(DiaryEntry)) == 0
    assert eva.send().receipt


@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize("values", [(6, *STEADY[1:]), STEADY[:29], (*STEADY, 3), (-1, *STEADY[1:])])
def test_answers_that_cannot_be_store_nothing(
    eva: Person, database: Database, values: tuple[int, ...]
) -> None:
    with pytest.raises(BadInput):
        eva.send(values)
    assert ballots(database) == []
    assert not is_done(eva)


@pytest.mark.asvs("2.3.4")
def test_fifty_replays_at_once_give_one_ballot_and_one_receipt(
    eva: Person, database: Database
) -> None:
    start_diary(eva)
    form_id = uuid4()
    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(lambda _: eva.send(form_id=form_id), range(50)))
    assert len(ballots(database)) == 1
    assert len({each.receipt for each in sent}) == 1
    assert [each.already_received for each in sent].count(False) == 1
    with looking_into(database) as session:
        assert session.scalar(select(func.count()).select_from(DiaryEntry)) == 1


def test_two_forms_at_once_give_one_ballot_and_the_loser_no_receipt(
    eva: Person, database: Database
) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda _: eva.send(), range(8)))
    assert len(ballots(database)) == 1
    assert [each.receipt is not None for each in sent].count(True) == 1


def test_the_same_form_id_of_two_people_makes_two_ballots(
    eva: Person, tom: Person, database: Database
) -> None:
    form_id = uuid4()
    assert eva.send(form_id=form_id).receipt != tom.send(form_id=form_id).receipt
    assert len(ballots(database)) == 2


def test_a_correction_replaces_what_the_ballot_says(eva: Person, database: Database) -> None:
    receipt = eva.send().receipt
    assert receipt
    assert eva.correct(receipt).receipt == receipt
    ballot = ballots(database)[0]
    opener = BallotOpener(eva.rounds.keys.get_private(eva.round_id))
    assert opener.open(ballot.sealed, ballot_id=ballot.id).scores == (32, 40, 39)


def test_a_receipt_typed_with_blanks_is_given_back_whole(eva: Person) -> None:
    start_diary(eva)
    receipt = eva.send().receipt
    assert receipt
    typed = " " * 300 + "-".join(receipt.upper())
    assert eva.correct(typed).receipt == receipt


def test_a_receipt_of_somebody_else_changes_nothing(
    eva: Person, tom: Person, database: Database
) -> None:
    receipt = eva.send().receipt
    assert receipt
    before = [each.sealed for each in ballots(database)]
    for attempt in (tom.correct, tom.withdraw):
        with pytest.raises(BadInput, match="does not belong to you"):
            attempt(receipt)
    assert [each.sealed for each in ballots(database)] == before


def test_a_withdrawn_ballot_is_gone_and_the_person_may_answer_again(
    eva: Person, database: Database
) -> None:
    receipt = eva.send().receipt
    assert receipt
    eva.withdraw(receipt)
    assert ballots(database) == []
    assert not is_done(eva)
    assert not eva.send().already_received


def test_withdrawing_twice_at_once_frees_the_place_once(eva: Person, database: Database) -> None:
    receipt = eva.send().receipt
    assert receipt

    def withdraw(_: int) -> bool:
        try:
            eva.withdraw(receipt)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(withdraw, range(8))).count(True) == 1
    eva.send()
    with pytest.raises(Refused, match="already been withdrawn"):
        eva.withdraw(receipt)
    assert is_done(eva)
    assert len(ballots(database)) == 1


def test_nothing_is_taken_after_closing(eva: Person, tom: Person, database: Database) -> None:
    receipt = eva.send().receipt
    assert receipt
    eva.rounds.forward(days=14)
    for attempt in (
        tom.send,
        lambda: eva.correct(receipt),
        lambda: eva.withdraw(receipt),
    ):
        with pytest.raises(Refused, match="has closed"):
            attempt()
    assert len(ballots(database)) == 1
    assert not is_done(tom)


@pytest.mark.parametrize("wish", ["send", "correct", "withdraw"])
def test_whoever_waits_while_the_round_closes_comes_too_late(
    eva: Person, tom: Person, database: Database, wish: str
) -> None:
    """What was read before the closing, by somebody who then waited for it, is not believed."""
    receipt = eva.send().receipt
    assert receipt
    sealed = [(ballot.id, ballot.sealed) for ballot in ballots(database)]
    attempts: dict[str, Callable[[], Sent | None]] = {
        "send": tom.send,
        "correct": partial(eva.correct, receipt),
        "withdraw": partial(eva.withdraw, receipt),
    }
    with ThreadPoolExecutor(1) as pool:
        with database.writing(Reach.EVERYTHING) as session:
            hold_round(session, eva.round_id, alone=True)
            late = pool.submit(attempts[wish])
            if not database.is_sqlite:  # where a writer waits before it reads anything
                wait_until(lambda: _somebody_waits(database), "the hold")
            session.get_one(Round, eva.round_id).state = RoundState.CLOSED
        with pytest.raises(Refused, match="has closed"):
            late.result(30)
    assert [(ballot.id, ballot.sealed) for ballot in ballots(database)] == sealed
    assert not is_done(tom)


def _somebody_waits(database: Database) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with looking_into(database) as session:
        return int(session.execute(text(waiting)).scalar_one()) > 0


def test_nothing_is_taken_from_outside_the_roster(
    eva: Person, cast: Cast, database: Database
) -> None:
    with pytest.raises(Refused, match="no check-in open"):
        Person(eva.rounds, eva.round_id, cast.people["Susan"]).send()
    assert ballots(database) == []


def test_whoever_leads_everything_gets_a_result_and_no_ballot(
    rounds: RoundRunner, cast: Cast, database: Database
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(
            RoleGrant(
                person_id=cast.people["Hanne"],
                role=Role.LEADER,
                unit_id=cast.units["organisation"],
            )
        )
    hanne = Person(rounds, rounds.open(), cast.people["Hanne"])
    sent = hanne.send()
    assert (sent.scores, sent.receipt) == ((40, 20, 20), None)
    assert not sent.already_received
    assert not sent.in_diary
    assert ballots(database) == []
    assert hanne.send().already_received


def test_other_questions_than_the_round_opened_with_take_no_answer(
    eva: Person, database: Database
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(RoundWording, (eva.round_id, "da")).sha256 = "0" * 64
    with pytest.raises(Refused, match="have been changed"):
        eva.send()
    assert ballots(database) == []
    assert not is_done(eva)


def test_a_language_the_round_does_not_ask_in_takes_no_answer(eva: Person) -> None:
    with pytest.raises(Refused, match="your language"):
        eva.send(locale="sv")


@pytest.mark.parametrize("table", [Participation, Ballot, DiaryKey, DiaryEntry])
def test_personal_rows_hold_no_time_and_no_number(table: type[Base]) -> None:
    kinds = {type(column.type) for column in table.__table__.columns}
    assert kinds.isdisjoint({DateTime, Moment, Integer})


def test_every_sealed_value_has_the_same_length_whatever_was_answered(
    eva: Person, tom: Person, database: Database
) -> None:
    start_diary(eva)
    start_diary(tom)
    eva.send((0,) * 30)
    tom.send((5,) * 30, locale="en")
    with looking_into(database) as session:
        entries = session.scalars(select(DiaryEntry.sealed)).all()
    assert len({len(each.sealed) for each in ballots(database)}) == 1
    assert len({len(sealed) for sealed in entries}) == 1


def test_diary_and_ballot_share_no_value(eva: Person, database: Database) -> None:
    start_diary(eva)
    eva.send()
    with looking_into(database) as session:
        entry = session.execute(select(DiaryEntry.__table__)).one()
        ballot = session.execute(select(Ballot.__table__)).one()
    assert set(entry).isdisjoint(ballot)


def test_nothing_that_was_answered_is_readable_in_the_database(
    eva: Person, database: Database, tmp_path: Path
) -> None:
    values = tuple(1 + (item * 7) % 5 for item in range(30))
    start_diary(eva)
    sent = eva.send(values)
    assert sent.receipt
    told = ["".join(map(str, values)), str(list(sent.scores)), sent.receipt, sent.receipt[32:]]
    secrets = [each.encode() for each in told] + [
        bytes(values),
        bytes.fromhex(sent.receipt[32:]),
        CODE.encode(),
    ]
    at_rest = _everything_stored(database) + b"".join(
        file.read_bytes() for file in tmp_path.glob("*.db*")
    )
    assert eva.id.hex.encode() in at_rest
    assert [secret for secret in secrets if secret in at_rest] == []


def test_the_reply_to_a_late_press_of_the_same_form_names_the_first_receipt(
    eva: Person,
) -> None:
    form_id = uuid4()
    first = eva.send(form_id=form_id)
    eva.rounds.now += timedelta(days=1)
    again = eva.send(WORN, form_id=form_id)
    assert again.already_received
    assert again.receipt == first.receipt


def _everything_stored(database: Database) -> bytes:
    found: list[bytes] = []
    with looking_into(database) as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                for value in row:
                    text = value.hex if isinstance(value, UUID) else str(value)
                    found.append(value if isinstance(value, bytes) else text.encode())
    return b"\n".join(found)
