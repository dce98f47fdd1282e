"""Sealing and opening ballots, and the receipt that alone finds one's own ballot again.

A ballot is sealed to the round's public key (X25519, XSalsa20-Poly1305 sealed box) with its unit
inside; a MAC outside binds id, round, unit and seal, so that nobody who holds only the database
can add, swap or move one. Every sealed ballot of every round has the same length.
"""

import hmac
import struct
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from wellbeing.domain.errors import BadInput, TallyStopped

_FORM = struct.Struct(">B3B16s32s16s")
_VERSION = 1
_TAG_HEX = 32


@dataclass(frozen=True, slots=True)
class OpenedBallot:
    """What a ballot says: scores (CS, BO, STS; 0 = not scored), unit, SHA-256 of the wording."""

    scores: tuple[int, int, int]
    unit_id: UUID
    wording_sha256: str


def seal_ballot(ballot: OpenedBallot, *, ballot_id: UUID, public_key_hex: str) -> bytes:
    """The sealed ballot: always the same number of bytes."""
    plain = _FORM.pack(
        _VERSION,
        *ballot.scores,
        ballot.unit_id.bytes,
        bytes.fromhex(ballot.wording_sha256),
        ballot_id.bytes,
    )
    return SealedBox(PublicKey(bytes.fromhex(public_key_hex))).encrypt(plain)


class BallotOpener:
    """Opens the ballots of one round with its private key."""

    def __init__(self, private_key: bytes) -> None:
        self._box = SealedBox(PrivateKey(private_key))

    def open(self, sealed: bytes, *, ballot_id: UUID) -> OpenedBallot:
        """What the ballot says; TallyStopped when it was not sealed for this round and id."""
        try:
            plain = self._box.decrypt(sealed)
            version, cs, bo, sts, unit, wording, inner_id = _FORM.unpack(plain)
        except (CryptoError, struct.error):
            raise TallyStopped("A ballot cannot be opened with this round's key.") from None
        if version != _VERSION or inner_id != ballot_id.bytes:
            raise TallyStopped("A ballot was sealed under another id.")
        return OpenedBallot((cs, bo, sts), UUID(bytes=unit), wording.hex())


def ballot_mac(
    mac_key: bytes, *, ballot_id: UUID, round_id: UUID, unit_id: UUID, sealed: bytes
) -> bytes:
    """32 bytes that bind a ballot to its id, round and unit."""
    message = b"ballot" + ballot_id.bytes + round_id.bytes + unit_id.bytes + sealed
    return hmac.new(mac_key, message, sha256).digest()


def is_ballot_mac(
    mac: bytes, mac_key: bytes, *, ballot_id: UUID, round_id: UUID, unit_id: UUID, sealed: bytes
) -> bool:
    """Whether the MAC is right, in constant time."""
    right = ballot_mac(
        mac_key, ballot_id=ballot_id, round_id=round_id, unit_id=unit_id, sealed=sealed
    )
    return hmac.compare_digest(mac, right)


def make_ballot_id(mac_key: bytes, *, form_id: UUID, person_id: UUID) -> UUID:
    """The id of the ballot a form makes: the same for a repeat, never another person's."""
    message = b"id" + form_id.bytes + person_id.bytes
    return UUID(bytes=hmac.new(mac_key, message, sha256).digest()[:16])


def make_receipt(mac_key: bytes, *, ballot_id: UUID, round_id: UUID, person_id: UUID) -> str:
    """The receipt: the ballot's id and a tag that makes it work for its owner only.

    Nothing of it is stored, so a list of ballots and a list of people still cannot be matched.
    """
    return f"{ballot_id.hex}{_tag(mac_key, ballot_id, round_id, person_id)}"


def read_receipt(receipt: str, mac_key: bytes, *, round_id: UUID, person_id: UUID) -> UUID:
    """The ballot id in a receipt; BadInput when it is not this person's for this round."""
    text = "".join(receipt.split()).replace("-", "").lower()
    ballot_hex, tag = text[:32], text[32:]
    try:
        ballot_id = UUID(hex=ballot_hex)
    except ValueError:
        raise BadInput("This is not a whole receipt. Copy all of it, please.") from None
    if not hmac.compare_digest(
        tag.encode(), _tag(mac_key, ballot_id, round_id, person_id).encode()
    ):
        raise BadInput("This receipt does not belong to you and this round.")
    return ballot_id


def _tag(mac_key: bytes, ballot_id: UUID, round_id: UUID, person_id: UUID) -> str:
    message = b"receipt" + ballot_id.bytes + round_id.bytes + person_id.bytes
    return hmac.new(mac_key, message, sha256).hexdigest()[:_TAG_HEX]
