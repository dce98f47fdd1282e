"""Whether a signed token of the provider was made for us, now, and for this."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError

from wellbeing.single_sign_on.faults import UntrustedToken
from wellbeing.single_sign_on.provider import Provider

# Signatures that only the provider can make. With a shared secret (HS256) its public key would do.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
    | {"Ed25519"}
)
LEEWAY_SECONDS = 60
LOGOUT_LIFE_SECONDS = 120
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_TYPE = "logout+jwt"
_LONGEST = 64 * 1024
_LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in at the provider, and what it says of them."""

    issuer: str
    subject: str
    session_id: str
    claims: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """A session, or every session of a subject, that ended at the provider."""

    issuer: str
    subject: str
    session_id: str
    token_id: str


def check_id_token(
    provider: Provider, token: dict[str, Any], *, client_id: str, nonce: str, now: datetime
) -> Identity:
    """The identity in the answer of the token endpoint; UntrustedToken whatever is wrong."""
    read = _read(provider, token.get("id_token"))
    if _type_of(read) == _LOGOUT_TYPE or "events" in read.claims:
        raise UntrustedToken("This token says something else than who signs in.")
    params = {"nonce": nonce, "client_id": client_id, "access_token": token.get("access_token")}
    claims = CodeIDToken(read.claims, read.header, _for_us(provider, client_id), params)
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, TypeError, ValueError, AttributeError):
        raise UntrustedToken("The token was not made for this sign-in, or is too old.") from None
    return Identity(
        provider.issuer,
        _id(read.claims, "sub"),
        _id(read.claims, "sid") if read.claims.get("sid") else "",
        dict(read.claims),
    )


def check_logout_token(
    provider: Provider, token: object, *, client_id: str, now: datetime
) -> Ended:
    """What ended, by a back-channel logout token; UntrustedToken whatever is wrong."""
    read = _read(provider, token)
    claims = read.claims
    if _type_of(read) != _LOGOUT_TYPE:
        raise UntrustedToken("This token is no logout token.")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise UntrustedToken("This token says of no session that it ended.")
    if "nonce" in claims:
        raise UntrustedToken("A logout token has no nonce.")
    made_for = _for_us(provider, client_id)
    try:
        jwt.JWTClaimsRegistry(int(now.timestamp()), LEEWAY_SECONDS, **made_for).validate(claims)
        age = now.timestamp() - float(claims["iat"])
    except (JoseError, KeyError, TypeError, ValueError):
        raise UntrustedToken("The token was not made for us, or is too old.") from None
    if not -LEEWAY_SECONDS <= age <= LOGOUT_LIFE_SECONDS:
        raise UntrustedToken("The token is too old.")
    subject, session_id = (_id(claims, n) if claims.get(n) else "" for n in ("sub", "sid"))
    if not subject and not session_id:
        raise UntrustedToken("This token names neither a session nor a person.")
    return Ended(provider.issuer, subject, session_id, _id(claims, "jti"))


def _read(provider: Provider, token: object) -> jwt.Token:
    """The token with its signature checked."""
    if not isinstance(token, str) or len(token) > _LONGEST:
        raise UntrustedToken("There is no token.")
    announced = provider.metadata().algorithms
    algorithms = ALGORITHMS & announced if announced else ALGORITHMS
    try:
        header = jws.extract_compact(token.encode()).headers()
        key_id = header.get("kid")
        key = provider.find_key(key_id if isinstance(key_id, str) else None)
        if key is None or header.get("alg") not in algorithms:
            raise UntrustedToken("The token is not signed by a key of the provider.")
        registry = jws.JWSRegistry(algorithms=sorted(algorithms), strict_check_header=False)
        return jwt.decode(token, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise UntrustedToken("The token is not signed as it should be.") from None


def _type_of(token: jwt.Token) -> str:
    return str(token.header.get("typ", "")).lower().removeprefix("application/")


def _for_us(provider: Provider, client_id: str) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": client_id},
    }


def _id(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        raise UntrustedToken("A claim of the token is missing or too long.")
    return value
