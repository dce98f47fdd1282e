"""The authorization code flow: where a sign-in begins, and what its code is worth.

PKCE (S256) binds the code to this service, state to this browser, nonce to this sign-in.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests.exceptions import RequestException

from wellbeing.settings import Settings
from wellbeing.single_sign_on.faults import ProviderDown, UntrustedToken
from wellbeing.single_sign_on.fetching import bound, get_json
from wellbeing.single_sign_on.provider import Metadata, Provider
from wellbeing.single_sign_on.tokens import Identity, check_id_token

_SCOPE = "openid profile email"


@dataclass(frozen=True, slots=True)
class Begun:
    """What a sign-in that has begun must be ended with; only its own browser keeps it."""

    state: str
    nonce: str
    verifier: str

    def to_dict(self) -> dict[str, str]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Who signed in, and the token that names their session to the provider when it is to end."""

    identity: Identity
    id_token: str


def begin() -> Begun:
    """A new sign-in: three secrets of 256 bits."""
    return Begun(*(secrets.token_urlsafe(32) for _ in range(3)))


def address_of(
    provider: Provider, settings: Settings, begun: Begun, *, return_to: str, language: str
) -> str:
    """Where the browser goes to sign in."""
    metadata = provider.metadata()
    with _session(settings, metadata, return_to) as session:
        address, _ = session.create_authorization_url(
            metadata.authorization_endpoint,
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
            ui_locales=language,
        )
    return str(address)


def redeem(
    provider: Provider,
    settings: Settings,
    begun: Begun,
    answer: Mapping[str, str],
    *,
    return_to: str,
    now: datetime,
) -> Redeemed:
    """Who signed in, for the code the browser came back with.

    UntrustedToken when the answer is another provider's or the code is worth nothing; ProviderDown
    when that cannot be known now.
    """
    metadata = provider.metadata()
    named = answer.get("iss")
    if named != provider.issuer and (named or metadata.names_itself_in_answers):
        raise UntrustedToken("The answer comes from another provider.")
    token = _fetch_token(settings, metadata, begun, answer.get("code", ""), return_to)
    identity = check_id_token(
        provider, token, client_id=settings.oidc_client_id, nonce=begun.nonce, now=now
    )
    if settings.oidc_match not in identity.claims and metadata.userinfo_endpoint:
        identity = _with_userinfo(identity, metadata, token)
    return Redeemed(identity, str(token["id_token"]))


def has_second_factor(claims: Mapping[str, Any], wanted: tuple[str, ...]) -> bool:
    """Whether the provider says, by acr or amr, that it asked for two factors."""
    methods = claims.get("amr")
    said = [claims.get("acr"), *(methods if isinstance(methods, list) else ())]
    return any(isinstance(value, str) and value in wanted for value in said)


def _with_userinfo(identity: Identity, metadata: Metadata, token: dict[str, Any]) -> Identity:
    """The identity with what the provider says only when asked; of the same subject, or not."""
    said = get_json(metadata.userinfo_endpoint, token=str(token.get("access_token", "")))
    if said.get("sub") != identity.subject:
        raise UntrustedToken("The provider speaks of somebody else.")
    return replace(identity, claims={**said, **identity.claims})


def _fetch_token(
    settings: Settings, metadata: Metadata, begun: Begun, code: str, return_to: str
) -> dict[str, Any]:
    with _session(settings, metadata, return_to) as session:
        try:
            token = session.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
            )
        except AuthlibBaseError:
            raise UntrustedToken("The provider does not know this code.") from None
        except (RequestException, ValueError, RecursionError):
            raise ProviderDown("The sign-in provider does not answer.") from None
    return dict(token)


def _session(settings: Settings, metadata: Metadata, return_to: str) -> OAuth2Session:
    secret = settings.effective_oidc_secret
    by_basic = not metadata.auth_methods or "client_secret_basic" in metadata.auth_methods
    method = ("client_secret_basic" if by_basic else "client_secret_post") if secret else "none"
    session = OAuth2Session(
        settings.oidc_client_id,
        secret or None,
        token_endpoint_auth_method=method,
        scope=_SCOPE,
        redirect_uri=return_to,
        code_challenge_method="S256",
    )
    bound(session)
    return session
