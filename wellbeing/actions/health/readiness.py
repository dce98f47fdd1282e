"""Can this process serve now? Asked every few seconds by a load balancer, and by anybody."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from wellbeing.actions.health.database import find_version, get_known_head
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.crypto.secrets import get_app_keys, has_app_key
from wellbeing.domain.errors import WellbeingError
from wellbeing.settings import Settings
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

WAIT_SECONDS = 2.0
KEPT_SECONDS = 1.0
log = logging.getLogger("wellbeing.health")


class Readiness:
    """Whether database, migrations and keys are as they must be; an answer is kept for a second.

    One look at a time, in a thread: a database that does not answer holds up one thread and not
    one for everybody who asks.
    """

    def __init__(self, is_fit: Callable[[], bool], *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._is_fit = is_fit
        self._wait_seconds = wait_seconds
        self._lock = Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._looking: Future[bool] | None = None
        self._kept: tuple[float, bool] = (float("-inf"), False)

    def is_ready(self) -> bool:
        """The answer, within the time it may take; no answer is a no."""
        with self._lock:
            at, was_ready = self._kept
            if monotonic() - at < KEPT_SECONDS:
                return was_ready
            ready = self._ask()
            self._kept = (monotonic(), ready)
            return ready

    def _ask(self) -> bool:
        if self._looking is None or self._looking.done():
            # Made here and not before: threads do not survive the fork of a worker.
            self._thread = self._thread or ThreadPoolExecutor(1, "readiness")
            self._looking = self._thread.submit(self._is_fit)
        try:
            return self._looking.result(self._wait_seconds)
        except TimeoutError:
            log.warning("The database does not answer in time.")
            return False


def is_fit(database: Database, settings: Settings) -> bool:
    """Whether the database is reached and of this program's version, and the keys can be read."""
    try:
        if find_version(database, Reach.SIGN_IN) != get_known_head():
            log.warning("The database is of another version.")
            return False
        FieldKeys(settings.key_folder).check()
        return has_app_key(settings.key_folder) and bool(get_app_keys(settings.key_folder))
    except (SQLAlchemyError, WellbeingError, OSError) as fault:
        log.warning("Not ready: %s.", fault)
        return False
