"""A one-time code opens one check-in, for one answer, and its row tells nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.rounds import STEADY, RoundRunner
from wellbeing.actions.checkin import Answers, Sent, send, withdraw
from wellbeing.actions.codes import (
    keep_codes,
    keep_open,
    make_codes,
    open_with_code,
    stop_reminders_by_code,
)
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.sign_in import find_signed_in
from wellbeing.crypto.codes import show_code
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import CheckInCode, Person, PersonStatus
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

KEY = b"k" * 32
CodeFor = Callable[..., str]
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def round_id(rounds: RoundRunner) -> UUID:
    """A round that is open."""
    return rounds.open()


@pytest.fixture
def code_for(database: Database, cast: Cast, round_id: UUID) -> CodeFor:
    """`code_for("Eva")`: a new code of hers, as HR prints it."""

    def issue(name: str, of_round: UUID | None = None) -> str:
        codes = make_codes([cast.people[name]])
        with database.writing(Reach.WORKPLACE) as session:
            keep_codes(session, of_round or round_id, codes, app_key=KEY)
        return show_code(codes[cast.people[name]])

    return issue


def opens(rounds: RoundRunner, typed: str, key: bytes = KEY) -> bool:
    """Whether the code opens a check-in now."""
    with (
        suppress(Refused),
        rounds.database.writing(Reach.SIGN_IN) as session,
    ):
        open_with_code(session, typed, app_key=key, now=rounds.now)
        return True
    return False


def hashes(database: Database) -> list[str]:
    """Every hash that is kept."""
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(select(CheckInCode.code_hash).order_by(CheckInCode.person_id)))


def test_a_code_opens_the_check_in_of_its_round_for_its_person_without_any_role(
    rounds: RoundRunner, cast: Cast, round_id: UUID, code_for: CodeFor
) -> None:
    code = code_for("Lis").lower().replace("-", " ")
    with rounds.database.writing(Reach.SIGN_IN) as session:
        opened = open_with_code(session, code, app_key=KEY, now=rounds.now)
        who = find_signed_in(session, opened.secret, now=rounds.now)
    assert opened.round_id == round_id
    assert who is not None
    assert (who.person_id, who.round_id, who.roles) == (cast.people["Lis"], round_id, frozenset())


@on_sqlite
def test_who_never_chose_a_password_gets_in_with_a_code(
    rounds: RoundRunner, code_for: CodeFor
) -> None:
    assert opens(rounds, code_for("Ida"))


def test_only_a_hash_is_kept_and_the_key_is_needed_to_compare(
    rounds: RoundRunner, code_for: CodeFor
) -> None:
    code = code_for("Eva")
    (kept,) = hashes(rounds.database)
    assert code.replace("-", "").lower() not in kept
    assert not opens(rounds, code, key=b"another key")
    assert not opens(rounds, kept)


def test_a_code_issued_again_replaces_the_one_before(
    rounds: RoundRunner, code_for: CodeFor
) -> None:
    first, second = code_for("Eva"), code_for("Eva")
    assert len(hashes(rounds.database)) == 1
    assert not opens(rounds, first)
    assert opens(rounds, second)


@on_sqlite
def test_until_the_answer_is_sent_the_code_may_be_typed_again(
    rounds: RoundRunner, code_for: CodeFor
) -> None:
    code = code_for("Eva")
    assert opens(rounds, code)
    assert opens(rounds, code)


@pytest.mark.asvs("6.5.1")
def test_a_code_is_good_for_one_answer(
    rounds: RoundRunner, cast: Cast, round_id: UUID, code_for: CodeFor
) -> None:
    code, other = code_for("Eva"), code_for("Tom")
    rounds.answer(round_id, cast.people["Eva"])
    assert not opens(rounds, code)
    assert opens(rounds, other)


def test_an_answer_that_is_not_stored_leaves_the_code_as_it_was(
    rounds: RoundRunner, cast: Cast, round_id: UUID, code_for: CodeFor
) -> None:
    code = code_for("Eva")
    with suppress(ZeroDivisionError), rounds.database.writing(Reach.EMPLOYEE) as session:
        _send(session, rounds, cast.people["Eva"], round_id)
        raise ZeroDivisionError
    assert opens(rounds, code)


@on_sqlite
def test_a_withdrawn_answer_does_not_bring_the_code_back(
    rounds: RoundRunner, cast: Cast, round_id: UUID, code_for: CodeFor
) -> None:
    code, eva = code_for("Eva"), cast.people["Eva"]
    receipt = rounds.answer(round_id, eva).receipt
    assert receipt
    with rounds.database.writing(Reach.EMPLOYEE) as session:
        withdraw(
            session, receipt, person_id=eva, round_id=round_id, keys=rounds.keys, now=rounds.now
        )
    assert not opens(rounds, code)


def test_rows_of_those_who_have_answered_and_of_those_who_have_not_look_alike(
    rounds: RoundRunner, cast: Cast, round_id: UUID, code_for: CodeFor
) -> None:
    for name in ("Eva", "Tom", "Anne"):
        code_for(name)
    rounds.answer(round_id, cast.people["Eva"])
    kept = hashes(rounds.database)
    assert len(set(kept)) == 3
    assert all(len(one) == 64 and int(one, 16) >= 0 and one == one.lower() for one in kept)


@on_sqlite
def test_who_answers_without_a_code_gets_no_row_by_it(
    rounds: RoundRunner, cast: Cast, round_id: UUID
) -> None:
    rounds.answer(round_id, cast.people["Eva"])
    assert hashes(rounds.database) == []


@on_sqlite
@pytest.mark.parametrize(
    "typed", ["", "ABCD-EFGH-JKMN", "ABCD", "'; DROP TABLE person; --", "😀" * 12, "Å" * 12]
)
def test_what_is_no_code_opens_nothing(
    rounds: RoundRunner, round_id: UUID, code_for: CodeFor, typed: str
) -> None:
    code_for("Eva")
    assert not opens(rounds, typed)


@on_sqlite
def test_the_code_of_somebody_who_has_left_opens_nothing(
    rounds: RoundRunner, cast: Cast, code_for: CodeFor
) -> None:
    code = code_for("Eva")
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Eva"]).status = PersonStatus.DISABLED
    assert not opens(rounds, code)


@on_sqlite
def test_a_sign_in_by_code_ends_with_the_access_of_its_person(
    rounds: RoundRunner, cast: Cast, code_for: CodeFor
) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        opened = open_with_code(session, code_for("Eva"), app_key=KEY, now=rounds.now)
        session.get_one(Person, cast.people["Eva"]).status = PersonStatus.DISABLED
        session.flush()
        assert find_signed_in(session, opened.secret, now=rounds.now) is None


@on_sqlite
@pytest.mark.parametrize("state", [state for state in RoundState if state is not RoundState.OPEN])
def test_a_code_opens_nothing_while_its_round_is_not_open(
    rounds: RoundRunner, round_id: UUID, code_for: CodeFor, state: RoundState
) -> None:
    code = code_for("Eva")
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.execute(update(Round).where(Round.id == round_id).values(state=state))
    assert not opens(rounds, code)


@on_sqlite
@pytest.mark.parametrize(("days", "is_open"), [(-1, False), (13, True), (14, False)])
def test_a_code_opens_between_opening_and_closing_only(
    rounds: RoundRunner, code_for: CodeFor, days: int, is_open: bool
) -> None:
    code = code_for("Eva")
    rounds.forward(days=days)
    assert opens(rounds, code) is is_open


@on_sqlite
def test_a_code_of_another_round_opens_that_one_only(
    rounds: RoundRunner, round_id: UUID, code_for: CodeFor
) -> None:
    with rounds.database.reading(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round.id).where(Round.state == RoundState.PLANNED)).one()
    code = code_for("Eva", planned)
    assert not opens(rounds, code)


@on_sqlite
@pytest.mark.parametrize(("minutes", "is_in"), [(59, True), (60, False)])
def test_a_sign_in_by_code_ends_after_an_hour(
    rounds: RoundRunner, code_for: CodeFor, minutes: int, is_in: bool
) -> None:
    with rounds.database.writing(Reach.SIGN_IN) as session:
        opened = open_with_code(session, code_for("Eva"), app_key=KEY, now=rounds.now)
        later = rounds.now + timedelta(minutes=minutes)
        assert (find_signed_in(session, opened.secret, now=later) is not None) is is_in


def test_on_a_shared_screen_it_ends_when_idle_and_never_lasts_longer_than_elsewhere(
    rounds: RoundRunner, code_for: CodeFor
) -> None:
    idle = timedelta(minutes=10)
    with rounds.database.writing(Reach.SIGN_IN) as session:
        opened = open_with_code(session, code_for("Eva"), app_key=KEY, now=rounds.now, life=idle)
        for minutes, is_in in ((9, True), (18, True), (27, True), (54, True), (61, False)):
            later = rounds.now + timedelta(minutes=minutes)
            assert (find_signed_in(session, opened.secret, now=later) is not None) is is_in
            keep_open(session, opened.secret, idle=timedelta(minutes=30), now=later)


@on_sqlite
def test_reminders_can_be_stopped_with_a_code(
    rounds: RoundRunner, cast: Cast, code_for: CodeFor
) -> None:
    code = code_for("Eva")
    with rounds.database.writing(Reach.SIGN_IN) as session:
        stop_reminders_by_code(session, code, app_key=KEY, now=rounds.now)
        assert session.get_one(Person, cast.people["Eva"]).reminders_stopped
    with pytest.raises(Refused), rounds.database.writing(Reach.SIGN_IN) as session:
        stop_reminders_by_code(session, "ABCD", app_key=KEY, now=rounds.now)


@pytest.mark.asvs("6.5.1")
def test_two_who_send_with_one_code_at_once_leave_one_answer(
    rounds: RoundRunner, cast: Cast, round_id: UUID, code_for: CodeFor
) -> None:
    code, eva, together = code_for("Eva"), cast.people["Eva"], Barrier(2)

    def answer(_: int) -> Sent:
        assert opens(rounds, code)
        together.wait()
        with rounds.database.writing(Reach.EMPLOYEE) as session:
            return _send(session, rounds, eva, round_id)

    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(answer, range(2)))
    assert sorted(one.already_received for one in sent) == [False, True]
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(Ballot)) == 1
    assert not opens(rounds, code)


def test_two_who_print_for_the_same_people_at_once_leave_one_working_code_each(
    rounds: RoundRunner, cast: Cast, round_id: UUID
) -> None:
    people, together = cast.members_of("team_a"), Barrier(2)

    def print_for(people: list[UUID]) -> dict[UUID, str]:
        codes = make_codes(people)
        together.wait()
        with rounds.database.writing(Reach.WORKPLACE) as session:
            keep_codes(session, round_id, codes, app_key=KEY)
        return codes

    with ThreadPoolExecutor(2) as pool:
        printed = list(pool.map(print_for, [people, people[::-1]]))
    working = [sum(opens(rounds, code) for code in codes.values()) for codes in printed]
    assert sorted(working) == [0, len(people)]


def test_publishing_deletes_the_codes_of_the_round_and_of_no_other(
    rounds: RoundRunner, round_id: UUID, code_for: CodeFor
) -> None:
    with rounds.database.reading(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round.id).where(Round.state == RoundState.PLANNED)).one()
    code_for("Eva")
    code_for("Tom", planned)
    assert rounds.publish(round_id)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(CheckInCode.round_id)).all() == [planned]


@on_sqlite
def test_retention_deletes_the_codes_of_a_round_that_never_took_place(
    rounds: RoundRunner, round_id: UUID, code_for: CodeFor
) -> None:
    code_for("Eva")
    for state, left in ((RoundState.OPEN, 1), (RoundState.CANCELLED, 0), (RoundState.CANCELLED, 0)):
        with rounds.database.writing(Reach.EVERYTHING) as session:
            session.execute(update(Round).where(Round.id == round_id).values(state=state))
            delete_expired(session, now=rounds.now)
        assert len(hashes(rounds.database)) == left


def _send(session: Session, rounds: RoundRunner, person_id: UUID, round_id: UUID) -> Sent:
    return send(
        session,
        Answers(STEADY, ("da",)),
        person_id=person_id,
        round_id=round_id,
        form_id=uuid4(),
        keys=rounds.keys,
        now=rounds.now,
    )
