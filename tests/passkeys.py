"""A made-up authenticator: makes passkeys and signs with them as a browser hands it on to pages."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text_of

_PRESENT, _VERIFIED, _WITH_KEY = 1, 4, 64


@dataclass
class MadeUpPasskey:
    """One passkey for one site; change a field to make it lie."""

    origin: str = "http://localhost"
    domain: str = "localhost"
    is_verified: bool = True
    counts: bool = True
    sign_count: int = 0
    user_handle: str | None = None
    id: bytes = field(default_factory=lambda: token_bytes(32))

    def __post_init__(self) -> None:
        self.key = generate_private_key(SECP256R1())

    def make(self, question: str) -> str:
        """Answers the question that makes it."""
        asked = json.loads(question)
        self.user_handle = asked["user"]["id"]
        about = token_bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public_key()
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(_WITH_KEY) + about}
        return self._answer(
            clientDataJSON=text_of(self._said("webauthn.create", asked)),
            attestationObject=text_of(cbor2.dumps(attestation)),
            transports=["internal"],
        )

    def show(self, question: str) -> str:
        """Answers the question that asks for it."""
        said = self._said("webauthn.get", json.loads(question))
        self.sign_count += self.counts
        data = self._data(0)
        signature = self.key.sign(data + sha256(said).digest(), ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=text_of(said),
            authenticatorData=text_of(data),
            signature=text_of(signature),
            userHandle=self.user_handle,
        )

    def _said(self, what: str, asked: dict[str, Any]) -> bytes:
        return json.dumps(
            {"type": what, "challenge": asked["challenge"], "origin": self.origin}
        ).encode()

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.is_verified else 0)
        domain = sha256(self.domain.encode()).digest()
        return domain + bytes([flags]) + self.sign_count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, **response: object) -> str:
        named = text_of(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
