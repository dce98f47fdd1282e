"""The organisation's own sign-in (OpenID Connect): what it says of itself, and its keys.

Both are fetched when first needed and kept for an hour. A key nobody knows yet is asked for at
once, for the provider may have changed its keys, but not more often than once in half a minute. A
provider that does not answer is asked again after a few seconds, so that nobody waits in a queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey, import_key

from wellbeing.single_sign_on.faults import ProviderDown
from wellbeing.single_sign_on.fetching import get_json, is_safe_address

KEPT_FOR = timedelta(hours=1)
ASKED_AGAIN_AFTER = timedelta(seconds=30)
TRIED_AGAIN_AFTER = timedelta(seconds=5)
_LEAST_RSA_BITS = 2048
_MOST_KEYS = 50
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself in its discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    userinfo_endpoint: str = ""
    algorithms: frozenset[str] = frozenset()
    auth_methods: frozenset[str] = frozenset()
    names_itself_in_answers: bool = False


class Provider:
    """One provider as a process knows it; safe to use from several threads."""

    def __init__(self, issuer: str, now: Callable[[], datetime]) -> None:
        self.issuer = issuer
        self._now = now
        self._lock = Lock()
        self._metadata: Metadata | None = None
        self._metadata_until: datetime | None = None
        self._keys: dict[str, Key] = {}
        self._keys_until: datetime | None = None
        self._asked_at: datetime | None = None
        self._down_until: datetime | None = None

    def metadata(self) -> Metadata:
        """Its addresses and abilities; ProviderDown where it does not answer."""
        with self._lock:
            now = self._now()
            if not (self._metadata and self._metadata_until and now < self._metadata_until):
                self._metadata = read_metadata(self.issuer, self._ask(_well_known(self.issuer)))
                self._metadata_until = now + KEPT_FOR
            return self._metadata

    def find_key(self, key_id: str | None) -> Key | None:
        """The public key of this id, or the only one where a token names none."""
        address = self.metadata().jwks_uri
        with self._lock:
            now = self._now()
            is_old = self._keys_until is None or now >= self._keys_until
            if is_old or (self._pick(key_id) is None and self._may_ask_again(now)):
                # Before the answer: a provider that does not give one is not asked on and on.
                self._asked_at = now
                self._keys = read_keys(self._ask(address))
                self._keys_until = now + KEPT_FOR
            return self._pick(key_id)

    def _ask(self, address: str) -> dict[str, Any]:
        if self._down_until and self._now() < self._down_until:
            raise ProviderDown("The sign-in provider does not answer.")
        try:
            return get_json(address)
        except ProviderDown:
            self._down_until = self._now() + TRIED_AGAIN_AFTER
            raise

    def _may_ask_again(self, now: datetime) -> bool:
        return self._asked_at is None or now - self._asked_at >= ASKED_AGAIN_AFTER

    def _pick(self, key_id: str | None) -> Key | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id or "")


def _well_known(issuer: str) -> str:
    return issuer.rstrip("/") + _WELL_KNOWN


def read_metadata(issuer: str, document: dict[str, Any]) -> Metadata:
    """The metadata in a discovery document of this very issuer; ProviderDown for another's."""
    if document.get("issuer") != issuer:
        raise ProviderDown("The sign-in provider calls itself by another name than oidc_issuer.")
    addresses = {name: _address(document, name) for name in _ENDPOINTS}
    if not all(addresses.values()):
        raise ProviderDown("The sign-in provider names no address that can be used.")
    return Metadata(
        issuer=issuer,
        end_session_endpoint=_address(document, "end_session_endpoint"),
        userinfo_endpoint=_address(document, "userinfo_endpoint"),
        algorithms=_texts(document, "id_token_signing_alg_values_supported"),
        auth_methods=_texts(document, "token_endpoint_auth_methods_supported"),
        names_itself_in_answers=document.get("authorization_response_iss_parameter_supported")
        is True,
        **addresses,
    )


def read_keys(document: dict[str, Any]) -> dict[str, Key]:
    """The public keys of a key set that can sign, by id; secret and weak ones are left out."""
    found: dict[str, Key] = {}
    keys = document.get("keys")
    for data in keys[:_MOST_KEYS] if isinstance(keys, list) else ():
        key = _read_key(data)
        if key is not None:
            found.setdefault(key.kid or "", key)
    return found


def _read_key(data: Any) -> Key | None:
    if not isinstance(data, dict) or data.get("use", "sig") != "sig":
        return None
    if data.get("kty") == "RSA" and len(str(data.get("n"))) * 6 < _LEAST_RSA_BITS:
        return None
    try:
        key = import_key(data)
        KeySet([key])
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _address(document: dict[str, Any], name: str) -> str:
    address = document.get(name)
    return address if isinstance(address, str) and is_safe_address(address) else ""


def _texts(document: dict[str, Any], name: str) -> frozenset[str]:
    values = document.get(name)
    return (
        frozenset(v for v in values if isinstance(v, str))
        if isinstance(values, list)
        else frozenset()
    )
