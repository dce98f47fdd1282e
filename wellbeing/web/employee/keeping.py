"""What a page tells the browser, so that it can keep an unfinished check-in for its owner alone."""

from dataclasses import dataclass
from uuid import UUID

from flask import current_app

from wellbeing.actions.open_checkin import OpenCheckin
from wellbeing.crypto.drafts import make_device_key, make_mark
from wellbeing.web.shared.services import services, signed_in


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the device keeps it, the key that opens it, and until when: seconds since 1970.

    Past a closing time no page gives the key again, so what a device still has stays shut.
    """

    name: str
    key: str
    closes: int


def keeping_of(found: OpenCheckin) -> Keeping:
    """For the person signed in and the round open for them."""
    key = make_device_key(_app_key(), person_id=signed_in().person_id, round_id=found.round_id)
    return Keeping(kept_name(found.round_id), key, int(found.closes_at.timestamp()))


def kept_name(round_id: UUID) -> str:
    """The name under which a device keeps the answers of the person signed in to this round."""
    return f"{round_id}.{mark_of(round_id)}"


def mark_of(round_id: UUID) -> str:
    """What ties a page of questions to the person signed in and this round."""
    return make_mark(_app_key(), person_id=signed_in().person_id, round_id=round_id)


def seconds_now() -> int:
    """The time of the service: a device's own clock may be wrong."""
    return int(services().now().timestamp())


def _app_key() -> bytes:
    key = current_app.config["SECRET_KEY"]
    assert isinstance(key, bytes)
    return key
