"""Passkeys: what is signed for another page, another question or another person opens nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from uuid import UUID

import pytest
from webauthn.helpers import bytes_to_base64url as text_of

from tests.cast import Cast
from tests.passkeys import MadeUpPasskey
from wellbeing.actions import accounts
from wellbeing.actions.sign_in_passkeys import (
    CHALLENGE_LIFE,
    MAX_PASSKEYS,
    Challenge,
    add_passkey,
    find_credential_ids,
    find_passkeys,
    remove_passkey,
    rename_passkey,
    spend_challenge,
    use_passkey,
)
from wellbeing.crypto.sign_in_passkeys import Place, ask_to_make, ask_to_show
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

# What a passkey says is read the same on both; what is used up and kept is asked of both.
on_both_databases = pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
    indirect=True,
)
PLACE = Place("localhost", "http://localhost")


@dataclass
class Door:
    """The server's side of the passkeys of one person."""

    database: Database
    person_id: UUID
    now: datetime
    passkey: MadeUpPasskey = field(default_factory=MadeUpPasskey)

    def challenge(self) -> Challenge:
        """A question, not asked before."""
        return Challenge(token_bytes(32), self.now)

    def add(self, passkey: MadeUpPasskey, name: str = "Min telefon") -> None:
        """Makes and keeps it."""
        challenge = self.challenge()
        with self.database.writing(Reach.SIGN_IN) as session:
            known = find_credential_ids(session, self.person_id)
            question = ask_to_make(
                PLACE,
                person_id=self.person_id,
                account="eva@osterhus.example",
                challenge=challenge.value,
                known=known,
            )
            add_passkey(
                session,
                self.person_id,
                passkey.make(question),
                name=name,
                place=PLACE,
                challenge=spend_challenge(session, challenge, now=self.now),
                now=self.now,
            )

    def answer(self, challenge: Challenge) -> str:
        """What the passkey signs for this question."""
        return self.passkey.show(ask_to_show(PLACE, challenge=challenge.value))

    def use(self, answer: str, challenge: Challenge, *, person_id: UUID | None = None) -> UUID:
        """Whose passkey it is, or Refused."""
        with self.database.writing(Reach.SIGN_IN) as session:
            spent = spend_challenge(session, challenge, now=self.now)
        with self.database.writing(Reach.SIGN_IN) as session:
            return use_passkey(session, answer, place=PLACE, challenge=spent, person_id=person_id)

    def sign_in(self) -> UUID:
        """The whole way, with a question of its own."""
        challenge = self.challenge()
        return self.use(self.answer(challenge), challenge)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """SQLite, or both with `@on_both_databases`."""
    found = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_database")
    assert isinstance(found, Database)
    return found


@pytest.fixture
def door(database: Database, cast: Cast, now: datetime) -> Door:
    """Eva's passkeys; she has one."""
    door = Door(database, cast.people["Eva"], now)
    door.add(door.passkey)
    return door


@contextmanager
def refused() -> Iterator[None]:
    """What stands inside is refused."""
    with pytest.raises(Refused):
        yield


@on_both_databases
def test_a_passkey_says_whose_it_is(door: Door) -> None:
    assert [door.sign_in(), door.sign_in()] == [door.person_id] * 2


@on_both_databases
@pytest.mark.asvs("6.7.2")
def test_an_answer_is_good_once(door: Door) -> None:
    challenge = door.challenge()
    answer = door.answer(challenge)
    door.use(answer, challenge)
    with refused():
        door.use(answer, challenge)


def test_a_question_is_used_up_by_a_wrong_answer_too(door: Door) -> None:
    challenge = door.challenge()
    with refused():
        door.use("{}", challenge)
    with refused():
        door.use(door.answer(challenge), challenge)


def test_an_answer_to_another_question_is_refused(door: Door) -> None:
    with refused():
        door.use(door.answer(door.challenge()), door.challenge())


@pytest.mark.parametrize("late", [CHALLENGE_LIFE, timedelta(seconds=-1)])
def test_a_question_has_its_time(late: timedelta, door: Door) -> None:
    challenge = door.challenge()
    answer = door.answer(challenge)
    door.now += late
    with refused():
        door.use(answer, challenge)


@pytest.mark.parametrize(
    ("lie", "value"),
    [
        ("origin", "http://localhost.evil.example"),
        ("origin", "https://localhost"),
        ("origin", "http://localhost:8000"),
        ("domain", "evil.example"),
        ("is_verified", False),
        ("user_handle", text_of(b"somebody else...")),
        ("user_handle", None),
        ("id", b"x" * 32),
    ],
)
def test_a_passkey_that_lies_is_refused(lie: str, value: object, door: Door) -> None:
    setattr(door.passkey, lie, value)
    with refused():
        door.sign_in()


@pytest.mark.parametrize(
    ("lie", "value"),
    [("origin", "https://evil.example"), ("domain", "evil.example"), ("is_verified", False)],
)
def test_a_new_passkey_that_lies_is_not_kept(lie: str, value: object, door: Door) -> None:
    other = MadeUpPasskey()
    setattr(other, lie, value)
    with refused():
        door.add(other)
    with door.database.reading(Reach.SIGN_IN) as session:
        assert len(find_passkeys(session, door.person_id)) == 1


def test_a_copied_passkey_is_found_out_by_its_count(door: Door) -> None:
    door.sign_in()
    door.passkey.counts = False
    with refused():
        door.sign_in()


def test_a_passkey_that_never_counts_works(door: Door) -> None:
    still = MadeUpPasskey(counts=False)
    door.add(still)
    door.passkey = still
    assert [door.sign_in(), door.sign_in()] == [door.person_id] * 2


def test_a_signature_of_another_key_is_refused(door: Door) -> None:
    thief = MadeUpPasskey(id=door.passkey.id, user_handle=door.passkey.user_handle)
    door.passkey = thief
    with refused():
        door.sign_in()


@pytest.mark.parametrize(
    "answer", ["", "null", "[]", "{}", '{"id": 1}', "\ud800", "{" * 9000, '{"id":"a","rawId":"b"}']
)
def test_what_is_no_answer_is_refused(answer: str, door: Door) -> None:
    with refused():
        door.use(answer, door.challenge())


def test_a_passkey_of_somebody_else_is_no_second_factor(door: Door, cast: Cast) -> None:
    challenge = door.challenge()
    with refused():
        door.use(door.answer(challenge), challenge, person_id=cast.people["Tom"])


@pytest.mark.asvs("7.4.2")
def test_a_passkey_of_a_closed_access_opens_nothing(door: Door) -> None:
    with door.database.writing(Reach.ADMIN) as session:
        accounts.disable(session, door.person_id, by=Actor.command("test"), now=door.now)
    with refused():
        door.sign_in()


@on_both_databases
def test_a_passkey_is_kept_for_one_person_once(door: Door, cast: Cast) -> None:
    door.person_id = cast.people["Tom"]
    with refused():
        door.add(door.passkey)


def test_there_is_an_end_to_passkeys(door: Door) -> None:
    for _ in range(MAX_PASSKEYS - 1):
        door.add(MadeUpPasskey())
    with refused():
        door.add(MadeUpPasskey())


@on_both_databases
def test_passkeys_are_renamed_and_removed_by_their_owner_only(door: Door, cast: Cast) -> None:
    with door.database.writing(Reach.SIGN_IN) as session:
        (own,) = find_passkeys(session, door.person_id)
        rename_passkey(session, cast.people["Tom"], own.id, "Toms")
        remove_passkey(session, cast.people["Tom"], own.id, now=door.now)
        assert find_passkeys(session, door.person_id) == [own]
        rename_passkey(session, door.person_id, own.id, "  Min \n nye " + "x" * 80)
        (renamed,) = find_passkeys(session, door.person_id)
        assert renamed.name == ("Min nye " + "x" * 80)[:60]
        for _ in range(2):
            remove_passkey(session, door.person_id, own.id, now=door.now)
        assert find_passkeys(session, door.person_id) == []
    with refused():
        door.sign_in()
