"""Makes a restored copy of the database forget what had been deleted after the copy was made.

Safe to repeat: a row that is gone already is not found by its fingerprint. Every sign-in and mailed
link of the copy ends, as nobody can tell which of them had ended; tokens that were revoked are so
again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.bookings import step_back
from wellbeing.actions.codes import delete_codes
from wellbeing.actions.deletion_notes import Kind
from wellbeing.actions.diary import delete_all
from wellbeing.actions.erasure import delete_nameless, make_nameless
from wellbeing.actions.erasure_requests import is_nameless
from wellbeing.actions.requests import take_back
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.sign_in import sign_out_everywhere
from wellbeing.crypto.deletion_log import FILE, Deletion, DeletionLog, fingerprint
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.store.accounts import (
    ApiToken,
    AuthenticatorApp,
    ExternalIdentity,
    Person,
    PersonStatus,
    RoleGrant,
    SignInLink,
    SignInPasskey,
    SignInRecoveryCode,
    SignInSession,
)
from wellbeing.store.incidents import IncidentAffected, SupportRequest
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey, DiaryPasskey, Participation
from wellbeing.store.sessions import DELETIONS
from wellbeing.store.supervision import CalendarFeed
from wellbeing.store.support import Booking, SessionState, SupportSession
from wellbeing.store.webhooks import Webhook

# Rows that are simply deleted again, with the columns that name them.
_ROWS: dict[Kind, tuple[Any, ...]] = {
    Kind.DIARY_ENTRY: (DiaryEntry.id,),
    Kind.DIARY_PASSKEY: (DiaryPasskey.id,),
    Kind.AFFECTED: (IncidentAffected.incident_id, IncidentAffected.person_id),
    Kind.CALENDAR: (CalendarFeed.secret_hash,),
    Kind.ROLE: (RoleGrant.id,),
    Kind.PASSKEY: (SignInPasskey.id,),
    Kind.RECOVERY_CODE: (SignInRecoveryCode.code_hash,),
    Kind.IDENTITY: (ExternalIdentity.issuer, ExternalIdentity.subject),
    Kind.WEBHOOK: (Webhook.id,),
}
# Of these the latest word counts: somebody who came back is not shut out again.
_LATEST = {
    Kind.PERSON_LEFT: (Kind.PERSON_LEFT, Kind.PERSON_BACK),
    Kind.REMINDERS_STOPPED: (Kind.REMINDERS_STOPPED, Kind.REMINDERS_WANTED),
}
_NOT_COUNTED = (RoundState.PLANNED, RoundState.OPEN, RoundState.CLOSED, RoundState.STOPPED)


@dataclass(frozen=True, slots=True)
class _Replay:
    session: Session
    log: DeletionLog
    keys: RoundKeys
    now: datetime
    deletions: Sequence[Deletion]

    def said(self, kind: Kind) -> set[str]:
        return {what for d in self.deletions if d.kind == kind for what in d.what}

    def is_said(self, kind: Kind, what: set[str], *ids: object) -> bool:
        return bool(what) and self.log.fingerprint(kind, *ids) in what


def replay_deletions(
    session: Session,
    folder: Path,
    *,
    now: datetime,
    log: Path | None = None,
    since: datetime | None = None,
) -> int:
    """Deletes again what the log says; how many rows or people that was. Again: none.

    `folder` holds the round keys; `log` is its file, by default in that folder. `since`: when the
    copy was begun; only lines from that hour on are replayed. None replays all of them.
    """
    deletions = DeletionLog(log or folder / FILE, lambda: now)
    kept = deletions.read().deletions
    if since is not None:
        first = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        kept = tuple(deletion for deletion in kept if deletion.at >= first)
    replay = _Replay(session, deletions, RoundKeys(folder), now, kept)
    steps: Sequence[Callable[[_Replay], int]] = (
        _withdraw,
        _forget_rounds,
        _erase,
        _disable,
        _stop_reminders,
        _delete_diaries,
        _take_requests_back,
        _give_places_back,
        _delete_rows,
        _delete_authenticators,
        _revoke_tokens,
        _end_sign_ins,
    )
    # What is replayed is in the log already.
    noting, session.info[DELETIONS] = session.info.get(DELETIONS), None
    try:
        done = sum(step(replay) for step in steps)
        session.flush()
        return done + delete_expired(session, now=now)
    finally:
        session.info[DELETIONS] = noting


def _withdraw(replay: _Replay) -> int:
    """Ballots of rounds that are still open, with the mark that lets their owner answer again."""
    pairs = dict(d.what for d in replay.deletions if d.kind == Kind.WITHDRAWAL and len(d.what) == 2)
    if not pairs:
        return 0
    session, done = replay.session, 0
    for round_id in session.scalars(select(Round.id).where(Round.state.in_(_NOT_COUNTED))).all():
        if not replay.keys.exist(round_id):
            continue
        mac_key = replay.keys.get_mac(round_id)
        people = {
            fingerprint(mac_key, round_id, person_id): person_id
            for person_id in session.scalars(
                select(Participation.person_id).where(Participation.round_id == round_id)
            )
        }
        for ballot_id in session.scalars(
            select(Ballot.id).where(Ballot.round_id == round_id)
        ).all():
            whose = pairs.get(fingerprint(mac_key, Kind.WITHDRAWAL, ballot_id))
            if whose not in people:
                continue
            session.execute(delete(Ballot).where(Ballot.id == ballot_id))
            session.execute(
                update(Participation)
                .where(
                    Participation.round_id == round_id,
                    Participation.person_id == people[whose],
                )
                .values(done=False)
            )
            done += 1
    return done


def _forget_rounds(replay: _Replay) -> int:
    """A round whose keys were destroyed cannot be counted again: its answers are unreadable."""
    what, session, done = replay.said(Kind.ROUND_KEYS), replay.session, 0
    for found in session.scalars(select(Round).where(Round.state.in_(_NOT_COUNTED))).all():
        if not replay.is_said(Kind.ROUND_KEYS, what, found.id):
            continue
        for table in (Ballot, Participation):
            session.execute(delete(table).where(table.round_id == found.id))
        delete_codes(session, found.id)
        found.state, found.stopped_because = RoundState.LOST, None
        done += 1
    session.flush()
    return done


def _erase(replay: _Replay) -> int:
    found = _find_people(replay, Kind.PERSON_ERASED)
    people = [person for person in found if not is_nameless(person)]
    for person in people:
        person.status, person.left_at = PersonStatus.DISABLED, person.left_at or replay.now
        make_nameless(replay.session, person, now=replay.now)
    delete_nameless(replay.session)
    return len(people)


def _disable(replay: _Replay) -> int:
    done = 0
    for person in _find_people(replay, Kind.PERSON_LEFT):
        if person.status is not PersonStatus.DISABLED:
            person.status, person.left_at = PersonStatus.DISABLED, replay.now
            sign_out_everywhere(replay.session, person.id)
            done += 1
    return done


def _stop_reminders(replay: _Replay) -> int:
    done = 0
    for person in _find_people(replay, Kind.REMINDERS_STOPPED):
        done += not person.reminders_stopped
        person.reminders_stopped = True
    return done


def _delete_diaries(replay: _Replay) -> int:
    what, done = replay.said(Kind.DIARY), 0
    for key in replay.session.execute(select(DiaryKey.person_id, DiaryKey.public_key)).all():
        if replay.is_said(Kind.DIARY, what, key.public_key.hex()):
            delete_all(replay.session, person_id=key.person_id)
            done += 1
    return done


def _take_requests_back(replay: _Replay) -> int:
    what, session, done = replay.said(Kind.REQUEST), replay.session, 0
    for found in session.scalars(select(SupportRequest)).all():
        if not replay.is_said(Kind.REQUEST, what, found.id):
            continue
        if found.delete_on is None:
            take_back(session, found.person_id, now=replay.now)
        else:
            session.delete(found)
        done += 1
    return done


def _give_places_back(replay: _Replay) -> int:
    what, session, done = replay.said(Kind.BOOKING), replay.session, 0
    query = select(Booking, SupportSession).join(
        SupportSession, SupportSession.id == Booking.session_id
    )
    for booking, about in session.execute(query).all():
        if not replay.is_said(Kind.BOOKING, what, booking.session_id, booking.person_id):
            continue
        if about.state is SessionState.SCHEDULED and about.starts_at > replay.now:
            step_back(session, booking.person_id, booking.session_id, now=replay.now)
        else:
            session.delete(booking)
        done += 1
    return done


def _delete_rows(replay: _Replay) -> int:
    done = 0
    for kind, columns in _ROWS.items():
        what = replay.said(kind)
        for ids in replay.session.execute(select(*columns)).all() if what else ():
            if replay.is_said(kind, what, *ids):
                named = (column == value for column, value in zip(columns, ids, strict=True))
                replay.session.execute(delete(columns[0].class_).where(*named))
                done += 1
    return done


def _delete_authenticators(replay: _Replay) -> int:
    what, session, done = replay.said(Kind.AUTHENTICATOR), replay.session, 0
    for app in session.scalars(select(AuthenticatorApp)).all():
        if replay.is_said(Kind.AUTHENTICATOR, what, app.secret):
            session.delete(app)
            done += 1
    return done


def _revoke_tokens(replay: _Replay) -> int:
    what, done = replay.said(Kind.TOKEN), 0
    for token in replay.session.scalars(
        select(ApiToken).where(ApiToken.revoked_at.is_(None))
    ).all():
        if replay.is_said(Kind.TOKEN, what, token.id):
            token.revoked_at = replay.now
            done += 1
    return done


def _end_sign_ins(replay: _Replay) -> int:
    connection = replay.session.connection()
    return sum(connection.execute(delete(t)).rowcount for t in (SignInSession, SignInLink))


def _find_people(replay: _Replay, kind: Kind) -> list[Person]:
    """The people of the copy of whom the log's latest word is this."""
    others = _LATEST.get(kind, (kind,))
    words = [(d.kind, d.what[0]) for d in replay.deletions if d.kind in others and d.what]
    if not words:
        return []
    latest_at = {what: number for number, (_, what) in enumerate(words)}

    def latest_word(person: Person) -> Kind | None:
        prints = {replay.log.fingerprint(other, person.id): other for other in others}
        said = [what for what in prints if what in latest_at]
        return prints[max(said, key=lambda what: latest_at[what])] if said else None

    everybody = replay.session.scalars(select(Person)).all()
    return [person for person in everybody if latest_word(person) is kind]
