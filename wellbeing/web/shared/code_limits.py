"""How often a one-time code may be guessed. docs/one-time-codes.md has the reasons and figures.

Wrong codes are counted for each network. When there are many from everywhere, each network gets
fewer: nobody can lock the others out, and a guess stays hopeless.
"""

import logging
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar, cast

from flask_limiter.util import get_remote_address
from limits import parse

from wellbeing.web.shared.rate_limits import limiter, was_refused

WRONG_CODES = "60 per hour"
WRONG_CODES_UNDER_ATTACK = "5 per hour"
CALM_UP_TO = "300 per hour"
_EVERYWHERE = "wrong codes from everywhere"
_PREFIX = {4: 24, 6: 48}  # what one subscriber or one office has, and changes addresses within
View = TypeVar("View", bound=Callable[..., Any])
log = logging.getLogger("wellbeing.codes")


def limit_codes(view: View) -> View:
    """Counts wrong codes for each network, and pauses it after too many; right ones never."""
    options: dict[str, Any] = {
        "key_func": network_of_request,
        "methods": ["POST"],
        "deduct_when": was_refused,
    }
    under_attack = limiter.limit(WRONG_CODES_UNDER_ATTACK, exempt_when=is_calm, **options)
    return cast(View, limiter.limit(WRONG_CODES, **options)(under_attack(view)))


def network_of_request() -> str:
    """The network that asks; an address that is none stands for itself."""
    return f"codes:{network_of(get_remote_address())}"


def network_of(address: str) -> str:
    """The network of an address: a /24, or a /48 of IPv6, where a subscriber has many addresses."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network(f"{mapped}/{_PREFIX[mapped.version]}", strict=False))


def is_calm() -> bool:
    """Whether wrong codes are as rare as people mistype them."""
    return bool(limiter.limiter.test(parse(CALM_UP_TO), _EVERYWHERE))


def note_wrong_code() -> None:
    """Counts one, wherever it came from; says once in the log when there are too many."""
    was_calm = is_calm()
    limiter.limiter.hit(parse(CALM_UP_TO), _EVERYWHERE)
    if was_calm and not is_calm():
        log.warning("Many wrong one-time codes: each network now gets few tries an hour.")
