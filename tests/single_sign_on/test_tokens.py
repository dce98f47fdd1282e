"""Which tokens are believed, and which are not."""

from datetime import timedelta
from typing import Any

import pytest

from tests.single_sign_on.signing import (
    CLAIMS,
    CLIENT,
    ELLIPTIC,
    ISSUER,
    LOGOUT,
    NONCE,
    NOW,
    RSA,
    SECONDS,
    STRANGE,
    KnownProvider,
    confused,
    sign,
    unsigned,
)
from wellbeing.single_sign_on.faults import UntrustedToken
from wellbeing.single_sign_on.signing_in import has_second_factor
from wellbeing.single_sign_on.tokens import Ended, Identity, check_id_token, check_logout_token

LOGOUT_TYPE: dict[str, Any] = {"typ": "logout+jwt"}


def read(token: str, *, provider: KnownProvider | None = None, **answer: str) -> Identity:
    """Who signs in by this token."""
    given = {"id_token": token, **answer}
    known = provider or KnownProvider()
    return check_id_token(known, given, client_id=CLIENT, nonce=NONCE, now=NOW)


def read_logout(token: object) -> Ended:
    """What ended by this token."""
    return check_logout_token(KnownProvider(), token, client_id=CLIENT, now=NOW)


@pytest.mark.parametrize(("alg", "key"), [("RS256", RSA), ("PS512", RSA), ("ES256", ELLIPTIC)])
def test_a_token_for_this_sign_in_says_who_it_is(alg: str, key: Any) -> None:
    identity = read(sign(CLAIMS, alg=alg, key=key))
    assert (identity.issuer, identity.subject, identity.session_id) == (ISSUER, "eva", "a session")


def test_a_provider_without_session_ids_is_understood() -> None:
    assert read(sign(CLAIMS, without="sid")).session_id == ""


@pytest.mark.asvs("6.8.2", "9.1.1", "9.1.2")
@pytest.mark.parametrize(
    "token",
    [
        unsigned(CLAIMS),
        confused(CLAIMS),
        sign(CLAIMS, key=STRANGE),
        sign(CLAIMS)[:-8] + "AAAAAAAA",
        sign(CLAIMS, kid="unknown"),
        sign(CLAIMS).rpartition(".")[0],
        "",
        "a.b.c",
        "é.é.é",
        "x" * 70_000,
    ],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(UntrustedToken):
        read(token)


@pytest.mark.asvs("9.1.3")
def test_a_token_cannot_bring_its_own_key() -> None:
    its_own: dict[str, Any] = {
        "jwk": STRANGE.as_dict(private=False),
        "jku": "https://evil.example/keys",
    }
    with pytest.raises(UntrustedToken):
        read(sign(CLAIMS, key=STRANGE, **its_own))


def test_an_algorithm_that_the_provider_does_not_use_is_refused() -> None:
    provider = KnownProvider(algorithms=frozenset({"ES256"}))
    with pytest.raises(UntrustedToken):
        read(sign(CLAIMS), provider=provider)


@pytest.mark.asvs("9.2.1", "9.2.3", "10.5.1", "10.5.4")
@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://login.example/"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": SECONDS - 61},
        {"nbf": SECONDS + 61},
        {"iat": SECONDS + 61},
        {"nonce": "another"},
        {"nonce": ["a nonce"]},
        {"exp": "soon"},
        {"exp": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sid": 7},
        {"amr": "pwd"},
        {"events": {}},
    ],
)
def test_a_token_made_for_something_else_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(UntrustedToken):
        read(sign({**CLAIMS, **changed}))


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_a_token_without_a_claim_that_it_needs_is_refused(name: str) -> None:
    with pytest.raises(UntrustedToken):
        read(sign(CLAIMS, without=name))


def test_an_access_token_of_another_answer_is_refused() -> None:
    with pytest.raises(UntrustedToken):
        read(sign({**CLAIMS, "at_hash": "of another one"}), access_token="this one")


@pytest.mark.asvs("9.2.2")
def test_a_logout_token_signs_nobody_in_and_the_other_way_round() -> None:
    with pytest.raises(UntrustedToken):
        read(sign({**CLAIMS, "events": LOGOUT["events"]}))
    with pytest.raises(UntrustedToken):
        read(sign(CLAIMS, **LOGOUT_TYPE))
    with pytest.raises(UntrustedToken):
        read_logout(sign(CLAIMS, **LOGOUT_TYPE))


def test_a_logout_token_names_a_session_or_a_person() -> None:
    assert read_logout(sign(LOGOUT, **LOGOUT_TYPE)) == Ended(ISSUER, "eva", "a session", "once")
    assert read_logout(sign(LOGOUT, without="sid", **LOGOUT_TYPE)).session_id == ""
    assert read_logout(sign(LOGOUT, without="sub", **LOGOUT_TYPE)).subject == ""


@pytest.mark.asvs("10.5.5")
@pytest.mark.parametrize(
    ("claims", "header"),
    [
        (LOGOUT, {}),
        (LOGOUT, {"typ": "JWT"}),
        ({**LOGOUT, "events": {}}, LOGOUT_TYPE),
        ({**LOGOUT, "events": ["http://schemas.openid.net/event/backchannel-logout"]}, LOGOUT_TYPE),
        ({**LOGOUT, "nonce": NONCE}, LOGOUT_TYPE),
        ({**LOGOUT, "aud": "another"}, LOGOUT_TYPE),
        ({**LOGOUT, "iss": "https://evil.example"}, LOGOUT_TYPE),
        ({**LOGOUT, "iat": SECONDS - 121}, LOGOUT_TYPE),
        ({**LOGOUT, "iat": SECONDS + 61}, LOGOUT_TYPE),
        ({**LOGOUT, "iat": "now"}, LOGOUT_TYPE),
        ({**LOGOUT, "exp": SECONDS - 61}, LOGOUT_TYPE),
        ({**LOGOUT, "jti": 7}, LOGOUT_TYPE),
        ({k: v for k, v in LOGOUT.items() if k not in ("sub", "sid")}, LOGOUT_TYPE),
        ({k: v for k, v in LOGOUT.items() if k != "jti"}, LOGOUT_TYPE),
        ({k: v for k, v in LOGOUT.items() if k != "iat"}, LOGOUT_TYPE),
    ],
)
def test_a_logout_token_that_is_not_quite_one_ends_nothing(
    claims: dict[str, object], header: dict[str, Any]
) -> None:
    with pytest.raises(UntrustedToken):
        read_logout(sign(claims, **header))


@pytest.mark.parametrize("token", [None, unsigned(LOGOUT), confused(LOGOUT)])
def test_a_logout_token_that_nobody_signed_ends_nothing(token: object) -> None:
    with pytest.raises(UntrustedToken):
        read_logout(token)


@pytest.mark.asvs("6.8.4")
@pytest.mark.parametrize(
    ("claims", "is_enough"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"acr": "two"}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": "mfa"}, False),
        ({"acr": ["two"]}, False),
        ({"amr": [["mfa"], 7, None]}, False),
        ({}, False),
    ],
)
def test_two_factors_are_what_the_settings_call_so(
    claims: dict[str, object], *, is_enough: bool
) -> None:
    assert has_second_factor(claims, ("mfa", "two")) is is_enough


def test_no_value_counts_where_the_settings_name_none() -> None:
    assert not has_second_factor({"acr": "two", "amr": ["mfa"]}, ())


def test_a_token_may_be_a_little_off_by_the_clock() -> None:
    late = sign({**CLAIMS, "exp": int((NOW - timedelta(seconds=59)).timestamp())})
    assert read(late).subject == "eva"
