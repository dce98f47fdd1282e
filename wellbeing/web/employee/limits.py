"""What may be guessed here, and how often: receipts and diary codes."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask_limiter.util import get_remote_address

from wellbeing.web.shared.rate_limits import FAILURES_PER_ACCOUNT, limiter, was_refused
from wellbeing.web.shared.services import signed_in

View = TypeVar("View", bound=Callable[..., Any])


def limit_guesses(view: View) -> View:
    """Counts what did not fit, per person and address, and pauses after too many."""
    limited = limiter.limit(
        FAILURES_PER_ACCOUNT,
        key_func=_person_and_address,
        methods=["POST"],
        deduct_when=was_refused,
    )(view)
    return cast(View, limited)


def _person_and_address() -> str:
    return f"{signed_in().person_id}:{get_remote_address()}"
