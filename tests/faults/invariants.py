"""What has to hold after every fault. Each function says what is broken, in sentences; none: whole.

What was acknowledged is compared without joining anybody to a ballot: counts of done marks and of
ballots, and receipts by their own holders.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.faults.told import Told
from tests.faults.worlds import World
from tests.mail_server import ReceivedMail
from wellbeing.actions.audit_chain import walk_chain
from wellbeing.actions.audit_check import check_log
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.record import read_record
from wellbeing.crypto.ballots import read_receipt
from wellbeing.domain.errors import WellbeingError
from wellbeing.store.accounts import Person
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach

Violations = list[str]
_SECONDS_TO_SETTLE = 3.0
LONGEST_IDLE_SECONDS = 1.5
MIN_GROUP_SIZE = 5
# Better none than two of these; said here anew, so that it is the service that is held to it.
GOES_ONCE = frozenset(
    {
        MailKind.INVITATION,
        MailKind.REMINDER,
        MailKind.ROUND_PUBLISHED,
        MailKind.SUPPORT_OVERDUE,
        MailKind.FEEDBACK_ASKED,
        MailKind.SHARE_WANTED,
    }
)


def check_all(world: World) -> Violations:
    """Every invariant of a world whose faults are over; each is asked after each injection."""
    return [fault for check in CHECKS for fault in check(world)] + world.told.contradictions


def ballots_fit_marks(world: World) -> Violations:
    """In every round: ballots = done marks of those who are counted ≤ roster, unit by unit.

    One statement, so that a submission between two questions is no difference.
    """
    counted = Participation.reporting_unit_id.is_not(None)
    marks = (
        select(
            Participation.round_id,
            Participation.reporting_unit_id.label("unit_id"),
            func.count().filter(Participation.done).label("done"),
            func.count().label("asked"),
        )
        .where(counted)
        .group_by(Participation.round_id, Participation.reporting_unit_id)
        .subquery()
    )
    stored = (
        select(Ballot.round_id, Ballot.unit_id, func.count().label("ballots"))
        .group_by(Ballot.round_id, Ballot.unit_id)
        .subquery()
    )
    query = select(
        func.coalesce(stored.c.ballots, 0), func.coalesce(marks.c.done, 0), marks.c.asked
    ).select_from(
        marks.join(
            stored,
            (stored.c.round_id == marks.c.round_id) & (stored.c.unit_id == marks.c.unit_id),
            full=True,
        )
    )
    with world.database.reading(Reach.EVERYTHING) as session:
        rows = session.execute(query).all()
    return [
        f"{ballots} ballots, {done} done, {asked} asked"
        for ballots, done, asked in rows
        if asked is None or not ballots == done <= asked
    ]


def acknowledged_is_stored(world: World) -> Violations:
    """Receipts ≤ done marks ≤ who pressed Send; and each receipt is good for a ballot of its own.

    Asked while a round's ballots are kept; afterwards its figures have to add up to them.
    """
    told = world.told
    receipts = told.acknowledged()  # first: whoever is told later may be stored later
    round_id = world.round_id
    with world.database.reading(Reach.EVERYTHING) as session:
        round_ = session.get(Round, round_id)
        if round_ is None or round_.state not in (RoundState.OPEN, RoundState.CLOSED):
            return []
        done = session.scalar(
            select(func.count()).where(Participation.round_id == round_id, Participation.done)
        )
        stored = set(session.scalars(select(Ballot.id).where(Ballot.round_id == round_id)))
    assert done is not None
    tried = len(told.tried) + told.before
    faults = [] if done <= tried else [f"{done} done, but only {tried} pressed Send"]
    if done < len(receipts) + told.before:
        faults.append(f"{len(receipts) + told.before} acknowledged, but only {done} done")
    named = _ballots_named(world, round_id, receipts)
    if lost := named - stored:
        faults.append(f"{len(lost)} receipts name a ballot that is not there")
    if len(named) != len(receipts):
        faults.append("two people hold a receipt for one ballot, or one that cannot be read")
    return faults


def _ballots_named(world: World, round_id: UUID, receipts: dict[str, str]) -> set[UUID]:
    mac_key = world.rounds().keys.get_mac(round_id)
    with world.database.reading(Reach.EVERYTHING) as session:
        people = {email: id_ for id_, email in session.execute(select(Person.id, Person.email))}
    found: set[UUID] = set()
    for email, receipt in receipts.items():
        try:
            found.add(read_receipt(receipt, mac_key, round_id=round_id, person_id=people[email]))
        except WellbeingError:
            continue
    return found


def one_message_each(world: World) -> Violations:
    """At most one message a person, round and kind: in the outbox, and as they really came.

    Invitations, reminders and such come once at most. Of all other mail a copy may come twice where
    a connection broke after the message had gone: SMTP cannot tell whether it was taken. A copy has
    the Message-ID of the first, so mail programs show one.
    """
    with world.database.reading(Reach.EVERYTHING) as session:
        rows = session.execute(
            select(
                OutboxMessage.id, OutboxMessage.person_id, OutboxMessage.round_id,
                OutboxMessage.kind,
            )
        ).all()  # fmt: skip
    posted = Counter((row.person_id, row.round_id, row.kind) for row in rows if row.round_id)
    faults = [f"{n} times {key[2]} in the outbox" for key, n in posted.items() if n > 1]
    kinds = {f"{row.id}": row.kind for row in rows}
    copies = Counter(map(outbox_id, world.mail.received))
    for message_id, count in copies.items():
        kind = kinds.get(message_id)
        if kind is None:
            faults.append("a mail came that is not in the outbox")
        elif count > 1 and kind in GOES_ONCE:
            faults.append(f"{kind} came {count} times")
        elif count > 1 and message_id not in world.told.gone_after_data:
            faults.append(f"{kind} came {count} times, though no connection broke")
    return faults


def outbox_id(mail: ReceivedMail) -> str:
    """The id of the message in the outbox that a mail came from."""
    return mail.raw_header("Message-ID").strip("<>").partition("@")[0]


def published_never_changes(world: World) -> Violations:
    """The record of a round is what it was when it was first seen, once and for all."""
    with world.database.reading(Reach.EVERYTHING) as session:
        ids = session.scalars(select(PublishedRound.round_id)).all()
        now = {id_: _record(session, id_) for id_ in ids}
    before = dict(world.told.figures)
    world.told.figures.update(now)
    gone = [f"round {id_} was published and is gone" for id_ in before.keys() - now.keys()]
    return gone + [
        f"round {id_} shows other figures"
        for id_ in before
        if now.get(id_, before[id_]) != before[id_]
    ]


def _record(session: Session, round_id: UUID) -> str:
    try:
        return repr(read_record(session, round_id))
    except LookupError:
        return "a record that cannot be read"


def no_key_after_publication(world: World) -> Violations:
    """Of a round that readers see there is no key file, whole or half, and nothing it opens."""
    with world.database.reading(Reach.EVERYTHING) as session:
        shown = session.scalars(
            select(PublishedRound.round_id).where(PublishedRound.key_destroyed_at.is_not(None))
        ).all()
        left = {
            table.__tablename__: session.scalar(
                select(func.count()).select_from(table).where(table.round_id.in_(shown))
            )
            for table in (Ballot, Participation)
        }
    files = [p.name for id_ in shown for p in world.keys.glob(f"{id_}.*")]
    faults = [f"the key file {name} is left" for name in files]
    return faults + [f"{count} rows of {name} are left" for name, count in left.items() if count]


def no_open_transaction(world: World) -> Violations:
    """Nothing keeps a transaction open for longer than a moment."""
    until = time.monotonic() + _SECONDS_TO_SETTLE
    while faults := _open_transactions(world):
        if time.monotonic() > until:
            return faults
        time.sleep(0.1)
    return []


def _open_transactions(world: World) -> Violations:
    if world.database.is_sqlite:
        connection = sqlite3.connect(str(world.database.url.database), timeout=0.2)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
        except sqlite3.OperationalError as fault:
            return [f"the database is held: {fault}"]
        finally:
            connection.close()
        return []
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        " AND state_change < clock_timestamp() - make_interval(secs => :longest)"
    )
    with world.database.reading(Reach.EVERYTHING) as session:
        count = session.scalar(query, {"longest": LONGEST_IDLE_SECONDS})
    return [f"{count} transactions are left open"] if count else []


def audit_chain_is_whole(world: World) -> Violations:
    """The log of acts fits from its first event to its last."""
    with world.database.reading(Reach.EVERYTHING) as session:
        faults = [f"audit event {f.number} does not fit" for f in check_log(session).faults]
        known = world.told.last_event
        hashes = {event.number: event.hash for event in walk_chain(session)}
    if known and hashes.get(known[0]) != known[1]:
        faults.append(f"audit event {known[0]} is gone or another")
    if hashes:
        last = max(hashes)
        world.told.last_event = (last, hashes[last])
    return faults


def file_is_whole(world: World) -> Violations:
    """SQLite itself finds nothing wrong with its file."""
    if not world.database.is_sqlite:
        return []
    try:
        with world.database.reading(Reach.EVERYTHING) as session:
            said = session.scalars(text("PRAGMA integrity_check")).all()
    except DBAPIError as fault:
        return [f"the file is damaged: {fault.orig}"]
    return [] if said == ["ok"] else [f"the file is damaged: {said[0]}"]


CHECKS: tuple[Callable[[World], Violations], ...] = (
    ballots_fit_marks,
    acknowledged_is_stored,
    one_message_each,
    published_never_changes,
    no_key_after_publication,
    no_open_transaction,
    audit_chain_is_whole,
    file_is_whole,
)


def counted_is_acknowledged(world: World, published: int) -> Violations:
    """Once a round is published, its group holds exactly the answers that were acknowledged, and
    there is none where they were too few to be shown.
    """
    told: Told = world.told
    acknowledged = len(told.acknowledged()) + told.before
    if published == (acknowledged if acknowledged >= MIN_GROUP_SIZE else 0):
        return []
    return [f"{acknowledged} acknowledged, but {published} counted in the published figures"]
