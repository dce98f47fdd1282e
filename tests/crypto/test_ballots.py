"""Ballots are all of one length, cannot be changed unnoticed, and are found by receipt alone."""

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType
from uuid import UUID, uuid4

import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox

from wellbeing.crypto.ballots import (
    BallotOpener,
    OpenedBallot,
    ballot_mac,
    is_ballot_mac,
    make_ballot_id,
    make_receipt,
    read_receipt,
    seal_ballot,
)
from wellbeing.domain.errors import BadInput, TallyStopped

KEY = PrivateKey.generate()
PUBLIC = bytes(KEY.public_key).hex()
MAC_KEY = bytes(range(32))
BALLOT_ID, ROUND, UNIT, EVA, TOM = (UUID(int=number) for number in range(1, 6))
BALLOT = OpenedBallot((40, 20, 0), UNIT, "ab" * 32)


def _seal(ballot: OpenedBallot = BALLOT, ballot_id: UUID = BALLOT_ID) -> bytes:
    return seal_ballot(ballot, ballot_id=ballot_id, public_key_hex=PUBLIC)


class TestSeal:
    def test_what_was_sealed_is_what_is_opened(self) -> None:
        assert BallotOpener(bytes(KEY)).open(_seal(), ballot_id=BALLOT_ID) == BALLOT

    def test_every_ballot_has_one_length(self) -> None:
        lengths = {
            len(_seal(OpenedBallot((cs, bo, sts), uuid4(), "00" * 32), uuid4()))
            for cs, bo, sts in product((0, 10, 37, 50), repeat=3)
        }
        assert len(lengths) == 1

    def test_equal_ballots_look_different(self) -> None:
        assert _seal() != _seal()

    def test_another_rounds_key_does_not_open_it(self) -> None:
        other = BallotOpener(bytes(PrivateKey.generate()))
        with pytest.raises(TallyStopped, match="cannot be opened with this round's key"):
            other.open(_seal(), ballot_id=BALLOT_ID)

    def test_the_public_key_does_not_open_it(self) -> None:
        with pytest.raises(TallyStopped):
            BallotOpener(bytes.fromhex(PUBLIC)).open(_seal(), ballot_id=BALLOT_ID)

    @pytest.mark.asvs("11.3.3")
    def test_any_changed_byte_is_noticed(self) -> None:
        sealed, opener = _seal(), BallotOpener(bytes(KEY))
        for at in range(len(sealed)):
            changed = bytearray(sealed)
            changed[at] ^= 1
            with pytest.raises(TallyStopped):
                opener.open(bytes(changed), ballot_id=BALLOT_ID)

    @pytest.mark.parametrize("cut", [b"", b"short"])
    def test_a_ballot_cut_short_is_noticed(self, cut: bytes) -> None:
        with pytest.raises(TallyStopped):
            BallotOpener(bytes(KEY)).open(cut, ballot_id=BALLOT_ID)

    def test_a_ballot_under_another_id_is_noticed(self) -> None:
        with pytest.raises(TallyStopped, match="under another id"):
            BallotOpener(bytes(KEY)).open(_seal(), ballot_id=uuid4())

    def test_something_else_sealed_to_the_round_is_noticed(self) -> None:
        sealed = SealedBox(PublicKey(bytes.fromhex(PUBLIC))).encrypt(b"not a ballot")
        with pytest.raises(TallyStopped):
            BallotOpener(bytes(KEY)).open(sealed, ballot_id=BALLOT_ID)


class TestMac:
    right: Mapping[str, UUID] = MappingProxyType(
        {"ballot_id": BALLOT_ID, "round_id": ROUND, "unit_id": UNIT}
    )

    def test_the_right_one_is_accepted(self) -> None:
        sealed = _seal()
        mac = ballot_mac(MAC_KEY, sealed=sealed, **self.right)
        assert len(mac) == 32
        assert is_ballot_mac(mac, MAC_KEY, sealed=sealed, **self.right)

    @pytest.mark.parametrize("moved", ["ballot_id", "round_id", "unit_id"])
    def test_a_ballot_moved_to_another_id_round_or_unit_is_noticed(self, moved: str) -> None:
        sealed = _seal()
        mac = ballot_mac(MAC_KEY, sealed=sealed, **self.right)
        assert not is_ballot_mac(mac, MAC_KEY, sealed=sealed, **{**self.right, moved: UUID(int=99)})

    def test_another_seal_or_another_key_is_noticed(self) -> None:
        sealed = _seal()
        mac = ballot_mac(MAC_KEY, sealed=sealed, **self.right)
        assert not is_ballot_mac(mac, MAC_KEY, sealed=_seal(), **self.right)
        assert not is_ballot_mac(mac, bytes(32), sealed=sealed, **self.right)


class TestReceipt:
    def receipt(self, person_id: UUID = EVA, round_id: UUID = ROUND) -> str:
        return make_receipt(MAC_KEY, ballot_id=BALLOT_ID, round_id=round_id, person_id=person_id)

    def read(self, receipt: str, person_id: UUID = EVA, round_id: UUID = ROUND) -> UUID:
        return read_receipt(receipt, MAC_KEY, round_id=round_id, person_id=person_id)

    def test_it_finds_its_ballot(self) -> None:
        assert self.read(self.receipt()) == BALLOT_ID

    def test_it_may_be_typed_in_capitals_with_spaces_and_dashes(self) -> None:
        receipt = self.receipt().upper()
        typed = " ".join(receipt[i : i + 4] for i in range(0, 32, 4)) + "\n-" + receipt[32:]
        assert self.read(typed) == BALLOT_ID

    def test_it_is_of_no_use_to_another_person(self) -> None:
        with pytest.raises(BadInput, match="does not belong to you"):
            self.read(self.receipt(), person_id=TOM)

    def test_it_is_of_no_use_in_another_round(self) -> None:
        with pytest.raises(BadInput, match="does not belong to you"):
            self.read(self.receipt(), round_id=UUID(int=99))

    def test_the_id_of_a_ballot_alone_is_no_receipt(self) -> None:
        with pytest.raises(BadInput):
            self.read(BALLOT_ID.hex)

    def test_no_changed_character_is_accepted(self) -> None:
        receipt = self.receipt()
        for at, letter in enumerate(receipt):
            wrong = receipt[:at] + ("0" if letter != "0" else "1") + receipt[at + 1 :]
            with pytest.raises(BadInput):
                self.read(wrong)

    @pytest.mark.parametrize("nonsense", ["", "æøå", "0" * 31, "x" * 64, "{" * 64, "0" * 64])
    def test_nonsense_is_refused_in_words(self, nonsense: str) -> None:
        with pytest.raises(BadInput, match="receipt"):
            self.read(nonsense)


class TestId:
    def test_the_same_form_of_the_same_person_makes_the_same_id(self) -> None:
        form = uuid4()
        first = make_ballot_id(MAC_KEY, form_id=form, person_id=EVA)
        assert first == make_ballot_id(MAC_KEY, form_id=form, person_id=EVA)

    def test_another_person_form_or_round_makes_another(self) -> None:
        form = uuid4()
        ids = {
            make_ballot_id(MAC_KEY, form_id=form, person_id=EVA),
            make_ballot_id(MAC_KEY, form_id=form, person_id=TOM),
            make_ballot_id(MAC_KEY, form_id=uuid4(), person_id=EVA),
            make_ballot_id(bytes(32), form_id=form, person_id=EVA),
        }
        assert len(ids) == 4
