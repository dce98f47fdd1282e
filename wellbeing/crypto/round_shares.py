"""A round's private key as two shares, one for each side, each useless without the other.

`<round>.share.<duty>`: the side's share, sealed to each of its holders when the round opened.
`<round>.given.<duty>`: the share once one of them gave it, sealed to the holders of the other side:
nobody reads it before one of those gives theirs. Whoever gives second puts the key together in
memory and hands it to the publishing process (`handover`).
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from wellbeing.crypto import key_files
from wellbeing.domain.duties import Duty
from wellbeing.domain.errors import BadInput

PublicKeys = Mapping[UUID, bytes]
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class RoundShares:
    """The share files of the key folder."""

    folder: Path

    def split(self, round_id: UUID, private: bytes, holders: Mapping[Duty, PublicKeys]) -> None:
        """Splits a key with a random pad and seals each half to every holder of its side."""
        pad = os.urandom(KEY_BYTES)
        halves = {Duty.HR: pad, Duty.SAFETY_REPRESENTATIVE: _xor(pad, private)}
        for duty, half in halves.items():
            sealed = {
                person: {"public": public.hex(), "sealed": _seal(round_id, duty, half, public)}
                for person, public in ((str(who), key) for who, key in holders[duty].items())
            }
            _write(self._share(round_id, duty), sealed)

    def exist(self, round_id: UUID) -> bool:
        """Whether both halves are still there for somebody to open."""
        return all(self._share(round_id, duty).exists() for duty in Duty)

    def find_holders(self, round_id: UUID, duty: Duty) -> set[UUID]:
        """Whom the side's share was sealed to when the round opened; none when it is gone."""
        return {UUID(person) for person in _read(self._share(round_id, duty))}

    def is_given(self, round_id: UUID, duty: Duty) -> bool:
        """Whether somebody of this side has given the share."""
        return self._given(round_id, duty).exists()

    def find_givers(self, round_id: UUID) -> dict[Duty, UUID]:
        """Who gave the share of each side that is given."""
        said = {duty: _read(self._given(round_id, duty)) for duty in Duty}
        return {duty: UUID(given["by"]) for duty, given in said.items() if given}

    def give(
        self, round_id: UUID, duty: Duty, person_id: UUID, private: bytes, public_key_hex: str
    ) -> bytes | None:
        """Gives a side's share with its holder's private key; again is fine.

        Returns the round's key when the other side has given too, and None before. Two who give at
        the same moment both write first and look then, so at least one of them sees the other's.
        BadInput when this holder has no share of the round.
        """
        half = self._open_own(round_id, duty, person_id, private)
        others = _read(self._share(round_id, duty.other))
        sealed = {
            person: _seal(round_id, duty, half, bytes.fromhex(said["public"]))
            for person, said in others.items()
        }
        _write(self._given(round_id, duty), {"by": str(person_id), "sealed": sealed})
        return self._join(round_id, duty, half, person_id, private, public_key_hex)

    def take_back(self, round_id: UUID) -> None:
        """Forgets what was given, so that both sides must give again; again is fine."""
        for duty in Duty:
            key_files.shred(self._given(round_id, duty))

    def _open_own(self, round_id: UUID, duty: Duty, person_id: UUID, private: bytes) -> bytes:
        own = _read(self._share(round_id, duty)).get(str(person_id))
        half = _open(round_id, duty, own["sealed"], private) if own else None
        if half is None:
            raise BadInput("You had no key when this round opened. Another key holder can help.")
        return half

    def _join(
        self,
        round_id: UUID,
        duty: Duty,
        half: bytes,
        person_id: UUID,
        private: bytes,
        public_key_hex: str,
    ) -> bytes | None:
        sealed = _read(self._given(round_id, duty.other)).get("sealed", {}).get(str(person_id))
        other = _open(round_id, duty.other, sealed, private) if sealed else None
        if other is None:
            return None
        whole = _xor(half, other)
        if bytes(PrivateKey(whole).public_key).hex() != public_key_hex:
            raise BadInput("The two shares do not make the key of this round.")
        return whole

    def _share(self, round_id: UUID, duty: Duty) -> Path:
        return self.folder / f"{round_id}.share.{duty}"

    def _given(self, round_id: UUID, duty: Duty) -> Path:
        return self.folder / f"{round_id}.given.{duty}"


def _seal(round_id: UUID, duty: Duty, half: bytes, public: bytes) -> str:
    return SealedBox(PublicKey(public)).encrypt(_label(round_id, duty) + half).hex()


def _open(round_id: UUID, duty: Duty, sealed: str, private: bytes) -> bytes | None:
    """The half; None when it was sealed for somebody else, another round or the other side."""
    try:
        plain = SealedBox(PrivateKey(private)).decrypt(bytes.fromhex(sealed))
    except (CryptoError, ValueError):
        return None
    label = _label(round_id, duty)
    is_right = plain.startswith(label) and len(plain) == len(label) + KEY_BYTES
    return plain[len(label) :] if is_right else None


def _label(round_id: UUID, duty: Duty) -> bytes:
    return b"share" + round_id.bytes + duty.value.encode() + b"\0"


def _xor(one: Iterable[int], other: Iterable[int]) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _write(path: Path, said: dict[str, Any]) -> None:
    key_files.write_secret(path, json.dumps(said, sort_keys=True).encode())
    key_files.sync_folder(path.parent)


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    assert isinstance(said, dict)
    return said
