"""The organisations whose jobs ran last, with what was made for them once; no connection stays."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

from jobs.context import JobContext
from wellbeing.clock import utc_now
from wellbeing.commands.context import open_database, read_settings_of
from wellbeing.organisations import get_organisation

_MOST = 500


class KeptOpen:
    """Opens an organisation for a turn of its jobs; each is in one turn at a time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[JobContext, ExitStack]] = OrderedDict()
        self._lock = Lock()

    def __enter__(self) -> "KeptOpen":
        return self

    def __exit__(self, *_: object) -> None:
        for _context, stack in self._kept.values():
            stack.close()

    @contextmanager
    def open_one(self, name: str) -> Iterator[JobContext]:
        """The organisation, as it was opened for an earlier turn; after a fault, opened anew."""
        with self._lock:
            found = self._kept.pop(name, None)
        context, stack = found or _open(name)
        try:
            yield context
        except BaseException:
            stack.close()
            raise
        context.database.rest()
        with self._lock:
            self._kept[name] = context, stack
            too_many = [self._kept.popitem(last=False)[1] for _ in range(len(self._kept) - _MOST)]
        for _context, oldest in too_many:
            oldest.close()


def _open(name: str) -> tuple[JobContext, ExitStack]:
    settings = read_settings_of(get_organisation(name))
    with ExitStack() as stack:
        database = stack.enter_context(open_database(settings))
        return JobContext(database, settings, utc_now), stack.pop_all()
