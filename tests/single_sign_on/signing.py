"""A provider without a network: its keys, and tokens that it signs or that only seem so."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from wellbeing.single_sign_on.provider import Metadata, Provider, read_keys

ISSUER, CLIENT, NONCE = "https://login.example", "wellbeing", "a nonce"
NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
ELLIPTIC = ECKey.generate_key("P-256", {"kid": "elliptic", "use": "sig"})
STRANGE = RSAKey.generate_key(2048, {"kid": "rsa"})
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "eva",
    "aud": CLIENT,
    "exp": SECONDS + 600,
    "iat": SECONDS,
    "nonce": NONCE,
    "sid": "a session",
}
LOGOUT: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "eva",
    "aud": CLIENT,
    "iat": SECONDS,
    "jti": "once",
    "sid": "a session",
    "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
}


class KnownProvider(Provider):
    """A provider whose metadata and keys are known."""

    def __init__(self, *keys: Key, algorithms: frozenset[str] = frozenset()) -> None:
        super().__init__(ISSUER, lambda: NOW)
        self._known = read_keys(dict(KeySet(list(keys) or [RSA, ELLIPTIC]).as_dict()))
        self._said = algorithms

    def metadata(self) -> Metadata:
        """What it says of itself."""
        place = f"{ISSUER}/x"
        return Metadata(ISSUER, place, place, place, algorithms=self._said)

    def find_key(self, key_id: str | None) -> Key | None:
        """One of its keys."""
        self._keys = self._known
        return self._pick(key_id)


def sign(
    claims: dict[str, Any], *, alg: str = "RS256", key: Key = RSA, without: str = "", **header: Any
) -> str:
    """A signed token with these claims, but one."""
    said = {name: value for name, value in claims.items() if name != without}
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jwt.encode(
        {"alg": alg, "kid": key.kid, **header}, said, key, registry=registry, default_type=None
    )


def unsigned(claims: dict[str, Any]) -> str:
    """A token that says it needs no signature."""
    return _encode({"alg": "none", "kid": "rsa"}) + "." + _encode(claims) + "."


def confused(claims: dict[str, Any]) -> str:
    """A token signed with the public key as if it were a shared secret."""
    signed = _encode({"alg": "HS256", "kid": "rsa"}) + "." + _encode(claims)
    mac = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    return signed + "." + urlsafe_b64encode(mac).decode().rstrip("=")


def _encode(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
