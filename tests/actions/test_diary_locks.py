"""What opens a diary can be changed by whoever has it open, and by nobody else."""

from uuid import UUID, uuid4

import pytest
from nacl.public import PrivateKey

from tests.cast import Cast
from tests.rounds import RoundRunner
from wellbeing.actions import diary
from wellbeing.actions import diary_locks as locks
from wellbeing.actions.diary_locks import MOST_PASSKEYS, PasskeyRequest
from wellbeing.crypto.diary_unlocks import DiaryClosed
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.store.personal import DiaryPasskey
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

CODE, NEW_CODE = "blåbær på Bornholm", "gule sejl ved molen"
REQUEST = PasskeyRequest(b"credential", b"s" * 32)
SECRET = bytes(range(32))


@pytest.fixture
def eva(cast: Cast) -> UUID:
    """Eva's id."""
    return cast.people["Eva"]


@pytest.fixture
def recovery(database: Database, eva: UUID) -> str:
    """The recovery code of a diary that Eva has begun."""
    with database.writing(Reach.EMPLOYEE) as session:
        return diary.start(session, CODE, person_id=eva)


@pytest.fixture
def key(database: Database, eva: UUID, recovery: str) -> bytes:
    """The private key of Eva's diary, as when she has it open."""
    return unlock(database, eva, CODE)


def unlock(database: Database, person_id: UUID, code: str) -> bytes:
    """Opens a diary by a code."""
    with database.reading(Reach.EMPLOYEE) as session:
        return diary.unlock(session, code, person_id=person_id)


def add(database: Database, key: bytes, person_id: UUID, request: PasskeyRequest = REQUEST) -> None:
    """Adds a passkey called Telefon."""
    with database.writing(Reach.EMPLOYEE) as session:
        locks.add_passkey(session, key, request, SECRET, "Telefon", person_id=person_id)


def unlock_by_passkey(
    database: Database, person_id: UUID, credential: bytes = b"credential", secret: bytes = SECRET
) -> bytes:
    """Opens a diary by a passkey."""
    with database.reading(Reach.EMPLOYEE) as session:
        return locks.unlock_with_passkey(session, credential, secret, person_id=person_id)


def test_after_a_change_the_new_code_opens_and_the_old_one_does_not(
    database: Database, eva: UUID, key: bytes, recovery: str
) -> None:
    with database.writing(Reach.EMPLOYEE) as session:
        locks.change_code(session, key, NEW_CODE, person_id=eva)
    assert unlock(database, eva, NEW_CODE) == unlock(database, eva, recovery) == key
    with pytest.raises(BadInput):
        unlock(database, eva, CODE)


def test_a_poor_code_changes_nothing(database: Database, eva: UUID, key: bytes) -> None:
    with (
        pytest.raises(BadInput, match="among the first"),
        database.writing(Reach.EMPLOYEE) as session,
    ):
        locks.change_code(session, key, "Eva Holm 2026!", person_id=eva)
    assert unlock(database, eva, CODE) == key


def test_a_new_recovery_code_replaces_the_one_before(
    database: Database, eva: UUID, key: bytes, recovery: str
) -> None:
    with database.writing(Reach.EMPLOYEE) as session:
        renewed = locks.renew_recovery_code(session, key, person_id=eva)
    assert unlock(database, eva, renewed) == unlock(database, eva, CODE) == key
    with pytest.raises(BadInput):
        unlock(database, eva, recovery)


def test_a_passkey_opens_the_diary_with_what_it_alone_makes(
    database: Database, eva: UUID, key: bytes
) -> None:
    add(database, key, eva)
    assert unlock_by_passkey(database, eva) == key
    for credential, secret in ((b"another", SECRET), (b"credential", bytes(32)), (b"", b"")):
        with pytest.raises(BadInput, match="That passkey does not open"):
            unlock_by_passkey(database, eva, credential, secret)


def test_adding_a_passkey_twice_keeps_one(database: Database, eva: UUID, key: bytes) -> None:
    add(database, key, eva)
    add(database, key, eva)
    with database.reading(Reach.EMPLOYEE) as session:
        (passkey,) = locks.find_passkeys(session, key, person_id=eva)
        assert locks.find_requests(session, eva) == [REQUEST]
    assert passkey.name == "Telefon"


def test_a_passkey_taken_away_opens_nothing(database: Database, eva: UUID, key: bytes) -> None:
    add(database, key, eva)
    with database.writing(Reach.EMPLOYEE) as session:
        (passkey,) = locks.find_passkeys(session, key, person_id=eva)
        for _ in range(2):
            locks.remove_passkey(session, key, passkey.id, person_id=eva)
    with pytest.raises(BadInput):
        unlock_by_passkey(database, eva)


@pytest.mark.parametrize(
    ("request_", "secret"),
    [
        (PasskeyRequest(b"", b"s" * 32), SECRET),
        (PasskeyRequest(b"x" * 1024, b"s" * 32), SECRET),
        (PasskeyRequest(b"x", b"s" * 31), SECRET),
        (PasskeyRequest(b"x", b"s" * 32), SECRET[:-1]),
    ],
)
def test_a_passkey_that_answers_oddly_is_not_added(
    database: Database, eva: UUID, key: bytes, request_: PasskeyRequest, secret: bytes
) -> None:
    with (
        pytest.raises(BadInput, match="did not answer as expected"),
        database.writing(Reach.EMPLOYEE) as session,
    ):
        locks.add_passkey(session, key, request_, secret, "", person_id=eva)


def test_there_is_an_end_to_passkeys(database: Database, eva: UUID, key: bytes) -> None:
    for number in range(MOST_PASSKEYS):
        add(database, key, eva, PasskeyRequest(bytes([number]), b"s" * 32))
    with pytest.raises(Refused, match="Remove one first"):
        add(database, key, eva)


def test_a_row_moved_to_somebody_else_opens_nothing_of_theirs(
    database: Database, eva: UUID, key: bytes, cast: Cast
) -> None:
    add(database, key, eva)
    tom = cast.people["Tom"]
    with database.writing(Reach.EMPLOYEE) as session:
        diary.start(session, NEW_CODE, person_id=tom)
    with database.writing(Reach.EVERYTHING) as session:
        session.query(DiaryPasskey).update({"person_id": tom})
    with pytest.raises(DiaryClosed):
        unlock_by_passkey(database, tom)


def test_a_key_of_another_diary_changes_nothing(database: Database, eva: UUID, key: bytes) -> None:
    stranger = bytes(PrivateKey.generate())
    acts = (
        lambda s: locks.change_code(s, stranger, NEW_CODE, person_id=eva),
        lambda s: locks.renew_recovery_code(s, stranger, person_id=eva),
        lambda s: locks.add_passkey(s, stranger, REQUEST, SECRET, "", person_id=eva),
        lambda s: locks.remove_passkey(s, stranger, uuid4(), person_id=eva),
        lambda s: diary.delete_entry(s, stranger, uuid4(), person_id=eva),
    )
    for act in acts:
        with pytest.raises(DiaryClosed), database.writing(Reach.EMPLOYEE) as session:
            act(session)
    assert unlock(database, eva, CODE) == key


def test_the_key_of_a_deleted_diary_opens_no_new_one(
    database: Database, eva: UUID, key: bytes, rounds: RoundRunner
) -> None:
    add(database, key, eva)
    with database.writing(Reach.EMPLOYEE) as session:
        diary.delete_all(session, person_id=eva)
    with database.reading(Reach.EMPLOYEE) as session:
        assert locks.find_requests(session, eva) == []
        with pytest.raises(DiaryClosed):
            diary.read(session, key, person_id=eva, keys=rounds.keys, now=rounds.now)
    with database.writing(Reach.EMPLOYEE) as session:
        diary.start(session, NEW_CODE, person_id=eva)
    with pytest.raises(DiaryClosed), database.writing(Reach.EMPLOYEE) as session:
        locks.change_code(session, key, CODE + " igen", person_id=eva)
