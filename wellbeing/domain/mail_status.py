"""What a mail server's answer says: about this address, or only about this attempt (RFC 3463)."""

import re
from datetime import timedelta

GIVE_UP_AFTER = timedelta(hours=72)
LONGEST_WAIT = timedelta(hours=6)
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\d)")
# No such mailbox or domain, moved away, switched off. 5.1.7 and 5.1.8 are about the sender: us.
_NO_SUCH_ADDRESS = re.compile(r"5\.(0\.0|1\.(0|1|2|3|4|6|10)|2\.1|4\.4)")


def find_status(answer: str) -> str | None:
    """The enhanced status code at the beginning of a server's answer; None where it gives none.

    Without one nobody can tell an unknown address from a server that does not want us: 550 says
    both.
    """
    found = _ENHANCED.match(answer)
    return found[1] if found else None


def is_no_such_address(status: str) -> bool:
    """Whether mail to this address can never arrive, whatever it says and whoever sends it."""
    return _NO_SUCH_ADDRESS.fullmatch(status) is not None


def wait_before(attempt: int, *, spread: float) -> timedelta:
    """How long to wait after so many attempts (from 1): doubling from two minutes to six hours.

    `spread` from 0 to 1 makes it up to a quarter longer, so that what was refused together does
    not come back together.
    """
    doubled = min(timedelta(minutes=2 ** min(attempt, 10)), LONGEST_WAIT)
    return doubled * (1 + spread / 4)


def is_given_up(attempt: int) -> bool:
    """Whether so many attempts with their shortest waits between them cover `GIVE_UP_AFTER`.

    Counted in attempts: a clock that jumps and a service that was switched off give nothing up.
    """
    waited = (wait_before(number, spread=0) for number in range(1, attempt))
    return sum(waited, timedelta(0)) >= GIVE_UP_AFTER
