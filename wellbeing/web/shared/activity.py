"""When a browser was last used: its own signed cookie says so, and the server keeps nothing."""

from datetime import datetime

from flask import session

from wellbeing.web.shared.services import services

_SEEN = "seen"


def note_activity(now: datetime) -> None:
    """Writes the minute into the cookie; once a minute at most."""
    minute = _minute(now)
    if session.get(_SEEN) != minute:
        session[_SEEN] = minute


def was_idle(now: datetime) -> bool:
    """Whether nothing was opened with this cookie for so long that the sign-in has ended."""
    seen = session.get(_SEEN)
    return isinstance(seen, int) and _minute(now) - seen >= services().settings.idle_minutes


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60
