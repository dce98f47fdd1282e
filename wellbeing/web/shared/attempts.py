"""How often a second factor, or one's own password, may be tried: counted for each account.

Counted before it is tried, so that many tries at the same moment are no more than one after the
other; forgotten once one fits. Three of a million codes fit at a time: thirty a day are few.
"""

from http import HTTPStatus
from uuid import UUID

from flask import abort
from limits import RateLimitItem, parse

from wellbeing.actions.security_letters import Change, tell_of_change
from wellbeing.web.shared.rate_limits import limiter
from wellbeing.web.shared.services import services, writing

_WINDOWS: tuple[RateLimitItem, ...] = (parse("10 per hour"), parse("30 per day"))


def count_attempt(person_id: UUID) -> None:
    """Counts one try; ends the request with “too many” above the limit, and tells the person."""
    # Each is counted, whatever the others say: a pause of an hour is part of the day.
    allowed = [limiter.limiter.hit(window, *_key(person_id)) for window in _WINDOWS]
    if all(allowed):
        return
    now = services().now()
    with writing() as db:
        occasion = f"many wrong codes {now:%Y-%m-%d}"
        tell_of_change(db, person_id, Change.MANY_WRONG_CODES, now=now, occasion=occasion)
    abort(HTTPStatus.TOO_MANY_REQUESTS)


def forget_attempts(person_id: UUID) -> None:
    """The right one was shown."""
    for window in _WINDOWS:
        limiter.limiter.clear(window, *_key(person_id))


def _key(person_id: UUID) -> tuple[str, str]:
    return "second factor", str(person_id)
