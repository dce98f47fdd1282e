"""The anonymity report of a round: what its published record proves, for everybody to read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.reads import count_reads
from wellbeing.actions.record import read_record
from wellbeing.domain.audit import Worst, find_bounds, find_breaches, find_worst
from wellbeing.domain.disclosure_rules import Rules
from wellbeing.domain.errors import Missing
from wellbeing.domain.publication import Reason
from wellbeing.domain.publication_record import RoundRecord
from wellbeing.domain.roles import Role
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Round
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedRound

MOST_POOLED = 2
ROUND_ACTS = (
    "round.opened",
    "round.postponed",
    "round.closed",
    "round.stopped",
    "round.resumed",
    "round.tallied",
    "round.published",
)


@dataclass(frozen=True, slots=True)
class RoundEvent:
    """Something that happened to a round, as the audit log has it; never who did it."""

    act: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AnonymityReport:
    """What can be said about the anonymity of a published round.

    `left_stored` counts the sealed answers and notes of who answered that still exist, 0 as they
    should be. `worst` has the narrowest bounds over all people and scales with 0, 1 and 2 answers
    known, and is empty where nothing was shown; `breaches` are places below the promise of
    `rules`. `reads` are days on which people of a role opened figures.
    """

    round_id: UUID
    number: int
    opened_at: datetime
    closed_on: date
    instrument: str
    wording: str
    min_group_size: int
    key_destroyed_at: datetime
    left_stored: int
    groups: int
    rollups: int
    smallest: int | None
    withheld: Mapping[Reason, int]
    worst: tuple[Worst, ...]
    breaches: tuple[str, ...]
    rules: Rules
    events: tuple[RoundEvent, ...]
    reads: Mapping[Role, int]

    @property
    def is_kept(self) -> bool:
        """Whether the promise holds for everybody who answered."""
        return not self.breaches


def make_report(session: Session, round_id: UUID, rules: Rules) -> AnonymityReport:
    """The report, proved anew from the record; Missing unless the round is published."""
    shown = session.get(PublishedRound, round_id)
    if shown is None or shown.key_destroyed_at is None:
        raise Missing("There is no report of that round.")
    record = read_record(session, round_id)
    return AnonymityReport(
        round_id=round_id,
        number=shown.number,
        opened_at=session.get_one(Round, round_id).opens_at,
        closed_on=shown.closed_on,
        instrument=shown.instrument,
        wording=shown.wording,
        min_group_size=shown.min_group_size,
        key_destroyed_at=shown.key_destroyed_at,
        left_stored=_count_left(session, round_id),
        groups=len(record.groups),
        rollups=len(record.rollups),
        smallest=min((group.n for group in record.groups), default=None),
        withheld=_count_withheld(record),
        worst=_find_worst(record, rules),
        breaches=find_breaches([record], rules),
        rules=rules,
        events=_find_events(session, round_id),
        reads=count_reads(session, round_id),
    )


def _count_left(session: Session, round_id: UUID) -> int:
    return sum(
        session.scalar(select(func.count()).select_from(table).where(table.round_id == round_id))
        or 0
        for table in (Ballot, Participation)
    )


def _count_withheld(record: RoundRecord) -> dict[Reason, int]:
    counted = Counter(Reason[mark.reason.upper()] for mark in record.withheld)
    return {reason: counted[reason] for reason in Reason if counted[reason]}


def _find_worst(record: RoundRecord, rules: Rules) -> tuple[Worst, ...]:
    most = max(MOST_POOLED, rules.pooled_answers)
    found = (find_worst(find_bounds(record, pooled)) for pooled in range(most + 1))
    return tuple(worst for worst in found if worst is not None)


def _find_events(session: Session, round_id: UUID) -> tuple[RoundEvent, ...]:
    events = session.execute(
        select(AuditEvent.act, AuditEvent.at)
        .where(AuditEvent.subject == str(round_id), AuditEvent.act.in_(ROUND_ACTS))
        .order_by(AuditEvent.number)
    )
    return tuple(RoundEvent(act, at) for act, at in events)
