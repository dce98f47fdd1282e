"""A round with two keys: who can open it, who cannot, and what happens when things go wrong."""

import re
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from sqlalchemy import select, update

from tests.cast import ORGANISATION, Cast
from tests.key_desk import CODES, KeyDesk
from tests.rounds import BY, STEADY, WORN, RoundRunner
from wellbeing.actions.key_holders import (
    become_holder,
    change_code,
    check_both_sides,
    stop_holding,
    unlock,
)
from wellbeing.actions.lost_rounds import lose_round
from wellbeing.actions.programmes import set_two_keys
from wellbeing.actions.publishing import find_due_to_publish
from wellbeing.actions.round_shares import take_shares_back
from wellbeing.crypto.ballots import BallotOpener
from wellbeing.crypto.handover import FRESH_FOR, Handover
from wellbeing.domain.duties import Duty
from wellbeing.domain.errors import BadInput, Missing, Refused, TallyStopped
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import KeyHolder, Person, PersonStatus, RoleGrant
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Programme, Round, RoundState
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach

WINDOW = timedelta(days=15)
HEX = re.compile(rb"[0-9a-f]{100,}")


@pytest.fixture
def desk(rounds: RoundRunner, cast: Cast) -> KeyDesk:
    """Hanne and Sara hold the keys."""
    made = KeyDesk(rounds, cast)
    made.take_both()
    return made


@pytest.fixture
def round_id(rounds: RoundRunner, cast: Cast, desk: KeyDesk) -> UUID:
    """An open round with two keys that two teams have answered."""
    opened = rounds.open(two_keys=True)
    rounds.answer_all(opened, cast.members_of("team_a"), STEADY)
    rounds.answer_all(opened, cast.members_of("team_b"), WORN)
    return opened


def _acts(rounds: RoundRunner) -> list[str]:
    with rounds.database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)))


def _find_halves(folder: Path, private_keys: list[bytes]) -> set[bytes]:
    """Whatever of the key folder these private keys open, cut to the length of a key."""
    texts = [path.read_bytes() for path in folder.iterdir() if path.suffix != ".mac"]
    sealed = {bytes.fromhex(found.decode()) for t in texts for found in HEX.findall(t)}
    halves = set()
    for one, key in product(sealed, private_keys):
        with suppress(CryptoError, ValueError):
            halves.add(SealedBox(PrivateKey(key)).decrypt(one)[-32:])
    return halves


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _opens(key: bytes, ballot: Ballot) -> bool:
    try:
        BallotOpener(key).open(ballot.sealed, ballot_id=ballot.id)
    except TallyStopped:
        return False
    return True


class TestTheWay:
    def test_a_closed_round_waits_until_both_have_given_and_is_then_published(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID
    ) -> None:
        assert not rounds.publish(round_id)
        assert rounds.state(round_id) is RoundState.CLOSED
        desk.announce()
        assert not desk.give("Hanne", round_id)
        assert not rounds.publish(round_id)
        assert desk.look().givers == {Duty.HR: desk.cast.people["Hanne"]}
        assert desk.give("Sara", round_id)
        assert desk.look().is_handed
        assert rounds.publish(round_id)
        assert rounds.state(round_id) is RoundState.PUBLISHED
        assert not rounds.keys.exist(round_id)
        assert [act for act in _acts(rounds) if act.startswith("round.")] == [
            "round.opened",
            "round.closed",
            "round.share_given",
            "round.share_given",
            "round.keys_joined",
            "round.tallied",
            "round.published",
        ]

    def test_ballots_lie_in_random_order_while_the_round_waits(
        self, rounds: RoundRunner, round_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scattered: list[UUID] = []
        monkeypatch.setattr(
            "wellbeing.actions.publishing.scatter",
            lambda _session, found, _entity: scattered.append(found),
        )
        rounds.publish(round_id)
        rounds.publish(round_id)
        assert scattered == [round_id] * 2, "once, when it closes, and not again each minute"

    def test_both_can_close_an_open_round_before_its_day_and_only_both(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        day = timedelta(days=3)
        desk.announce(day)
        with pytest.raises(BadInput, match="still open"):
            desk.give("Hanne", round_id, after=day)
        assert not desk.give("Hanne", round_id, after=day, closes_early=True)
        assert not rounds.publisher(day).publish(round_id)
        assert rounds.state(round_id) is RoundState.OPEN
        assert desk.give("Sara", round_id, after=day, closes_early=True)
        with rounds.database.reading(Reach.EVERYTHING) as session:
            assert find_due_to_publish(session, rounds.keys, now=rounds.now + day) == [round_id]
        assert rounds.publisher(day).publish(round_id)
        with rounds.database.reading(Reach.EVERYTHING) as session:
            assert session.get_one(PublishedRound, round_id).closed_on == (rounds.now + day).date()

    def test_a_share_given_early_can_be_taken_back(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        day = timedelta(days=3)
        desk.announce(day)
        desk.give("Hanne", round_id, after=day, closes_early=True)
        with rounds.database.writing(Reach.WORKPLACE) as session:
            take_shares_back(
                session,
                round_id,
                person_id=cast.people["Hanne"],
                folder=rounds.keys.folder,
                now=rounds.now + day,
                by=BY,
            )
        assert not desk.give("Sara", round_id, after=day, closes_early=True)
        assert not rounds.publisher(day).publish(round_id)

    def test_any_one_of_a_side_is_enough_and_a_lost_code_is_no_end(
        self, rounds: RoundRunner, desk: KeyDesk, cast: Cast
    ) -> None:
        desk.grant("Dina", Role.HR)
        desk.take("Dina", Duty.HR)
        opened = rounds.open(two_keys=True)
        rounds.answer_all(opened, cast.members_of("team_a"))
        with rounds.database.writing(Reach.EVERYTHING) as session:
            person = session.get_one(Person, cast.people["Hanne"])
            person.status = PersonStatus.DISABLED
        desk.announce()
        desk.give("Sara", opened)
        with pytest.raises(BadInput, match="not the code"):
            desk.give("Dina", opened, CODES["Hanne"])
        assert desk.give("Dina", opened)
        assert rounds.publish(opened)

    def test_another_code_opens_the_same_share(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        new = "en helt anden regnbue"
        with rounds.database.writing(Reach.LEADER) as session:
            change_code(
                session,
                CODES["Sara"],
                new,
                person_id=cast.people["Sara"],
                organisation=ORGANISATION,
                now=rounds.now,
                by=BY,
            )
        desk.announce()
        desk.give("Hanne", round_id)
        with pytest.raises(BadInput):
            desk.give("Sara", round_id)
        assert desk.give("Sara", round_id, new)
        assert rounds.publish(round_id)

    def test_two_who_give_at_the_same_moment_open_the_round(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID
    ) -> None:
        desk.announce()
        start, said = Barrier(2), []

        def give(name: str) -> None:
            start.wait()
            said.append(desk.give(name, round_id))

        threads = [Thread(target=give, args=(name,)) for name in ("Hanne", "Sara")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(said) == 2
        assert any(said)
        assert rounds.publish(round_id)


class TestWhatIsRefused:
    @pytest.mark.parametrize(("name", "duty"), [("Sara", "a safety rep"), ("Hanne", "in HR")])
    def test_no_round_opens_without_a_holder_on_each_side(
        self, rounds: RoundRunner, desk: KeyDesk, cast: Cast, now: datetime, name: str, duty: str
    ) -> None:
        with rounds.database.writing(Reach.EVERYTHING) as session:
            stop_holding(session, person_id=cast.people[name], now=now, by=BY)
        with pytest.raises(Refused, match=f"waits until .*{duty}"):
            rounds.open(two_keys=True)
        with rounds.database.reading(Reach.EVERYTHING) as session:
            assert session.scalars(select(Round.state)).all() == [RoundState.PLANNED]

    def test_one_person_never_holds_both(
        self, rounds: RoundRunner, desk: KeyDesk, cast: Cast
    ) -> None:
        desk.grant("Hanne", Role.SAFETY_REPRESENTATIVE)
        with pytest.raises(Refused, match="never holds two"):
            desk.take("Hanne", Duty.SAFETY_REPRESENTATIVE)

    def test_whoever_changes_sides_during_a_round_opens_nothing_of_it(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        desk.announce()
        desk.give("Hanne", round_id)
        desk.grant("Hanne", Role.SAFETY_REPRESENTATIVE)
        with rounds.database.writing(Reach.WORKPLACE) as session:
            stop_holding(session, person_id=cast.people["Hanne"], now=rounds.now, by=BY)
        desk.take("Hanne", Duty.SAFETY_REPRESENTATIVE)
        with pytest.raises(BadInput, match="no key when this round opened"):
            desk.give("Hanne", round_id)
        assert not rounds.publish(round_id)

    @pytest.mark.parametrize("name", ["Eva", "Lis", "Hugo", "Adam"])
    def test_nobody_takes_a_key_without_the_role(
        self, rounds: RoundRunner, cast: Cast, name: str, now: datetime
    ) -> None:
        for duty in Duty:
            with (
                rounds.database.writing(Reach.EVERYTHING) as session,
                pytest.raises(Refused, match="do not have the role"),
            ):
                become_holder(
                    session,
                    "tolv små grå mus",
                    duty,
                    person_id=cast.people[name],
                    organisation=ORGANISATION,
                    today=now.date(),
                    now=now,
                    by=BY,
                )

    def test_whoever_lost_the_role_gives_nothing(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        with rounds.database.writing(Reach.EVERYTHING) as session:
            of_sara = select(RoleGrant).where(RoleGrant.person_id == cast.people["Sara"])
            session.delete(session.scalars(of_sara).one())
        desk.announce()
        with pytest.raises(Refused, match="no key that this round needs"):
            desk.give("Sara", round_id)
        assert desk.look().is_stuck

    def test_without_a_process_that_counts_nothing_is_handed_and_it_goes_on_later(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        desk.give("Hanne", round_id)
        with pytest.raises(Refused, match="is not running"):
            desk.give("Sara", round_id)
        shown = desk.look()
        assert shown.needs(cast.people["Hanne"], Duty.HR)
        assert shown.needs(cast.people["Sara"], Duty.SAFETY_REPRESENTATIVE)
        desk.announce()
        assert desk.give("Hanne", round_id)
        assert rounds.publish(round_id)

    def test_a_process_that_ended_meanwhile_lets_one_of_them_give_again(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID
    ) -> None:
        desk.announce()
        desk.give("Hanne", round_id)
        desk.give("Sara", round_id)
        rounds.handover = Handover(rounds.keys.folder)  # the service starts again
        later = WINDOW + FRESH_FOR + timedelta(minutes=1)
        assert not rounds.publisher(later).publish(round_id)
        assert rounds.state(round_id) is RoundState.CLOSED
        assert not desk.look(later).is_handed
        desk.announce(later)
        assert desk.give("Sara", round_id, after=later)
        assert rounds.publisher(later).publish(round_id)

    def test_a_round_of_another_kind_or_one_that_is_over_takes_no_share(
        self, rounds: RoundRunner, desk: KeyDesk
    ) -> None:
        opened = rounds.open()
        with pytest.raises(Missing):
            desk.give("Hanne", opened)


class TestPrivacy:
    @pytest.mark.asvs("11.2.2", "14.2.6")
    def test_database_and_both_codes_open_nothing_without_the_key_folder(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, tmp_path: Path
    ) -> None:
        shutil.move(rounds.keys.folder, tmp_path / "gone")
        for name in ("Hanne", "Sara"):
            with pytest.raises(BadInput, match="no key when this round opened"):
                desk.give(name, round_id)

    @pytest.mark.parametrize("names", [("Sara",), ("Hanne",), ("Hanne", "Sara")])
    def test_database_and_key_folder_open_a_ballot_with_both_codes_only(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, names: tuple[str, ...], cast: Cast
    ) -> None:
        with rounds.database.reading(Reach.EVERYTHING) as session:
            ballot = session.scalars(select(Ballot)).first()
            private = [
                unlock(session.get_one(KeyHolder, cast.people[name]), CODES[name]) for name in names
            ]
        assert ballot is not None
        found = _find_halves(rounds.keys.folder, private)
        tried = found | {_xor(*pair) for pair in product(found, repeat=2)}
        opened = [key for key in tried if _opens(key, ballot)]
        assert bool(opened) is (len(names) == 2)

    def test_the_log_says_who_opened_a_round_and_never_with_what(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        desk.announce()
        desk.give("Hanne", round_id)
        desk.give("Sara", round_id)
        assert rounds.publish(round_id)
        with rounds.database.reading(Reach.EVERYTHING) as session:
            joined = session.scalars(
                select(AuditEvent).where(AuditEvent.act == "round.keys_joined")
            ).one()
            details = [str(found) for found in session.scalars(select(AuditEvent.details))]
        assert joined.details == {
            "hr": str(cast.people["Hanne"]),
            "safety_representative": str(cast.people["Sara"]),
        }
        assert not any(code in text for text in details for code in CODES.values())


class TestOther:
    def test_the_next_round_needs_what_its_programme_says_when_it_opens(
        self, rounds: RoundRunner, desk: KeyDesk
    ) -> None:
        opened = rounds.open()
        with rounds.database.writing(Reach.WORKPLACE) as session:
            programme_id = session.scalars(select(Programme.id)).one()
            set_two_keys(session, programme_id, wanted=True, now=rounds.now, by=BY)
            set_two_keys(session, programme_id, wanted=True, now=rounds.now, by=BY)
        assert rounds.publish(opened), "the open round keeps its one key"
        rounds.forward(days=90)
        again = rounds.open()
        with rounds.database.reading(Reach.EVERYTHING) as session:
            assert session.get_one(Round, again).two_keys
        assert _acts(rounds).count("programme.two_keys_set") == 1

    def test_a_round_that_can_never_be_opened_closes_without_figures(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID
    ) -> None:
        rounds.publish(round_id)
        for _ in range(2):
            with rounds.database.writing(Reach.EVERYTHING) as session:
                lose_round(session, round_id, because="test", now=rounds.now + WINDOW, by=BY)
        assert rounds.state(round_id) is RoundState.LOST
        with rounds.database.reading(Reach.EVERYTHING) as session:
            assert session.scalars(select(Ballot)).first() is None
            assert session.scalars(select(Participation)).first() is None
            assert check_both_sides(session)
        rounds.forward(days=90)
        assert rounds.open()

    def test_a_changed_ballot_stops_the_count_and_it_goes_on_with_the_same_key(
        self, rounds: RoundRunner, desk: KeyDesk, round_id: UUID, cast: Cast
    ) -> None:
        with rounds.database.writing(Reach.EVERYTHING) as session:
            ballot = session.scalars(select(Ballot)).first()
            assert ballot is not None
            kept, ballot_id = ballot.mac, ballot.id
            ballot.mac = bytes(32)
        desk.announce()
        desk.give("Hanne", round_id)
        desk.give("Sara", round_id)
        assert not rounds.publish(round_id)
        assert rounds.state(round_id) is RoundState.STOPPED
        with rounds.database.writing(Reach.EVERYTHING) as session:
            session.execute(update(Ballot).where(Ballot.id == ballot_id).values(mac=kept))
            session.execute(update(Round).values(state=RoundState.CLOSED, stopped_because=None))
        assert rounds.publish(round_id)
