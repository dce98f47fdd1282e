"""Proves that the log of acts is whole: the chain in itself, and against anchors from outside.

The chain alone cannot tell that its end was cut off, or that all of it was written anew; anchors
can. It begins at the first event, or where a checkpoint stands for the old ones that have expired.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_chain import FIRST_HASH, ChainEvent, walk_chain
from wellbeing.domain.log_anchors import LogAnchor
from wellbeing.store.audit import AuditCheckpoint

LEAST_YEARS = 1
SHORTENED = "audit_log.shortened"
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The event where something does not fit, and what, in one sentence."""

    number: int
    said: str


@dataclass(frozen=True, slots=True)
class LogState:
    """What a check found. `first` to `last` are the events there are, none of them where `last` is
    smaller; `fitting` anchors were compared, `older` ones speak of events that have expired.
    """

    first: int
    last: int
    last_hash: str
    faults: tuple[ChainFault, ...]
    fitting: int = 0
    older: int = 0
    newest: LogAnchor | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def check_log(
    session: Session, anchors: Iterable[LogAnchor] = (), *, after: int | None = None
) -> LogState:
    """Walks the whole log once, or what comes behind the event `after`, which is then trusted."""
    known = sorted(anchors, key=lambda anchor: anchor.number)
    walk = _Walk({anchor.number for anchor in known})
    checkpoint = find_checkpoint(session) if after is None else None
    if after is not None:
        first = after + 1
        walk.follow_from(first)
    else:
        first = checkpoint.number + 1 if checkpoint else 1
        walk.begin(first, checkpoint.hash if checkpoint else FIRST_HASH)
    for event in walk_chain(session, after=after or 0):
        walk.take(event)
    faults = walk.faults
    if checkpoint is not None:
        walk.seen[checkpoint.number] = checkpoint.hash
        faults += _check_checkpoint(checkpoint, walk.shortened)
        faults += _check_age(checkpoint, walk.shortened, known)
    last = walk.expected_number - 1
    comparable = [anchor for anchor in known if anchor.number in walk.seen]
    fitting = [anchor for anchor in comparable if walk.seen[anchor.number] == anchor.hash]
    faults += _find_cut(known, last)
    faults += _find_rewritten(comparable, fitting)
    return LogState(
        first=first,
        last=last,
        last_hash=walk.expected_hash,
        faults=tuple(sorted(faults, key=lambda fault: fault.number)[:_MOST_FAULTS]),
        fitting=len(fitting),
        older=sum(anchor.number < first - 1 for anchor in known),
        newest=fitting[-1] if fitting else None,
    )


def find_checkpoint(session: Session) -> AuditCheckpoint | None:
    """Where the chain goes on after what has expired."""
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.number.desc()).limit(1)
    return session.scalars(query).first()


class _Walk:
    """Goes along the chain and keeps what has to be compared; after a fault it goes on."""

    def __init__(self, wanted: set[int]) -> None:
        self.faults: list[ChainFault] = []
        self.seen: dict[int, str] = {}
        self.shortened: ChainEvent | None = None
        self.expected_number, self.expected_hash = 1, FIRST_HASH
        self._wanted = wanted
        self._is_new = False

    def begin(self, number: int, previous_hash: str) -> None:
        self.expected_number, self.expected_hash = number, previous_hash

    def follow_from(self, number: int) -> None:
        """Trusts what the first event says came before it."""
        self.expected_number, self._is_new = number, True

    def take(self, event: ChainEvent) -> None:
        if self._is_new:
            self.expected_hash, self._is_new = event.previous_hash, False
        if said := self._find_fault(event):
            self._add(min(event.number, self.expected_number), said)
        if event.act == SHORTENED:
            self.shortened = event
        if event.number in self._wanted:
            self.seen[event.number] = event.hash
        self.expected_number, self.expected_hash = event.number + 1, event.hash

    def _find_fault(self, event: ChainEvent) -> str:
        number, expected = event.number, self.expected_number
        if number > expected:
            gone = (
                f"Event {expected} is"
                if number == expected + 1
                else (f"Events {expected} to {number - 1} are")
            )
            return f"{gone} missing."
        if number < expected:
            return f"Event {number} stands before the checkpoint, which says that it has expired."
        if not event.fits_itself:
            return f"Event {number} was changed after it was written."
        if event.previous_hash != self.expected_hash:
            return f"Event {number} does not follow what stands before it, which was written anew."
        return ""

    def _add(self, number: int, said: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(ChainFault(number, said))


def _check_checkpoint(
    checkpoint: AuditCheckpoint, shortened: ChainEvent | None
) -> list[ChainFault]:
    """A checkpoint is worth as much as the event that tells of it."""
    told = shortened.details if shortened else {}
    fits = (told.get("number"), told.get("hash"), told.get("removed")) == (
        checkpoint.number,
        checkpoint.hash,
        checkpoint.removed,
    )
    if fits and shortened is not None and shortened.at == checkpoint.made_at:
        return []
    said = f"No event tells of the checkpoint at event {checkpoint.number}: it is not ours."
    return [ChainFault(checkpoint.number, said)]


def _check_age(
    checkpoint: AuditCheckpoint, shortened: ChainEvent | None, anchors: Sequence[LogAnchor]
) -> list[ChainFault]:
    """No checkpoint may stand for events that were young when it was made.

    What it says itself must be old enough, and no anchor may say otherwise: where an anchor names
    an earlier event, those behind it were written after the anchor was.
    """
    told = shortened.details if shortened else {}
    years = max(LEAST_YEARS, told["years"] if isinstance(told.get("years"), int) else 0)
    youngest = checkpoint.made_at - timedelta(days=365 * years)
    faults = []
    if (until := _read_moment(told.get("until"))) is None or until > youngest:
        faults.append("it does not say that they were old enough")
    younger = [
        anchor
        for anchor in anchors
        if anchor.at and anchor.number < checkpoint.number and anchor.at > youngest
    ]
    if younger:
        first = younger[0]
        faults.append(f"{first.source} shows that events behind {first.number} were younger")
    said = f"The checkpoint at event {checkpoint.number} hides events: "
    return [ChainFault(checkpoint.number, f"{said}{fault}.") for fault in faults]


def _read_moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _find_cut(known: Sequence[LogAnchor], last: int) -> list[ChainFault]:
    """Whether the end was cut off: an anchor knows an event behind the last one there is."""
    beyond = [anchor for anchor in known if anchor.number > last]
    if not beyond:
        return []
    far = beyond[-1]
    on = f" on {far.at:%Y-%m-%d}" if far.at else ""
    said = (
        f"The log ends at event {last}, and event {far.number} was there{on} ({far.source}): what "
        f"came after event {last} was cut off."
    )
    return [ChainFault(last + 1, said)]


def _find_rewritten(
    comparable: Sequence[LogAnchor], fitting: Sequence[LogAnchor]
) -> list[ChainFault]:
    """Between which two anchors the chain was written anew, the first place only."""
    fits = set(fitting)
    wrong = next((anchor for anchor in comparable if anchor not in fits), None)
    if wrong is None:
        return []
    before = [anchor.number for anchor in fitting if anchor.number < wrong.number]
    where = f"after event {before[-1]} and" if before else "at some event"
    said = (
        f"Event {wrong.number} is another than the anchor's ({wrong.source}): the chain was "
        f"written anew {where} up to event {wrong.number}."
    )
    return [ChainFault(wrong.number, said)]
