"""What a check of the running service says: one sentence that also says what to do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from wellbeing.settings import Settings
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

N_ = str  # marks a sentence that pages show in the reader's language


class State(StrEnum):
    """Nothing to do, somebody should look soon, or something does not work now."""

    OK = "ok"
    LOOK = "look"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: a fixed English sentence with named places, and what stands in them."""

    state: State
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)

    def in_words_of(self, gettext: Callable[[str], str]) -> str:
        """The sentence in another language."""
        return gettext(self.sentence).format(**self.values)

    def __str__(self) -> str:
        return self.in_words_of(str)


def ok(sentence: str, **values: object) -> Finding:
    """All is well."""
    return Finding(State.OK, sentence, values)


def look(sentence: str, **values: object) -> Finding:
    """Not urgent, but somebody should do this."""
    return Finding(State.LOOK, sentence, values)


def broken(sentence: str, **values: object) -> Finding:
    """Something does not work until somebody does this."""
    return Finding(State.BROKEN, sentence, values)


def _none(_session: Session) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Patient:
    """The service that is looked at. `reach`: how far its connection may read; what the checks
    need is within what an administrator's may. `find_deep_key_faults`: opens values with the keys,
    where whoever looks may read them all.
    """

    settings: Settings
    database: Database
    now: datetime
    reach: Reach
    find_deep_key_faults: Callable[[Session], Sequence[str]] = _none

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only session."""
        with self.database.reading(self.reach) as session:
            yield session
