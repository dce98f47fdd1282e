"""The browsers a person is signed in with: seen by themselves, ended one by one or all at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.actor import Actor
from wellbeing.store.accounts import SignInSession


@dataclass(frozen=True, slots=True)
class OwnSignIn:
    """A browser somebody is signed in with: families only, and when it began."""

    id: UUID
    device: str
    started_at: datetime


def find_sign_ins(session: Session, person_id: UUID, *, now: datetime) -> list[OwnSignIn]:
    """Every whole sign-in that has not ended, newest first."""
    rows = session.execute(
        select(SignInSession.id, SignInSession.device, SignInSession.started_at)
        .where(*_own(person_id), SignInSession.expires_at > now)
        .order_by(SignInSession.started_at.desc(), SignInSession.id)
    )
    return [OwnSignIn(*row) for row in rows]


def end_sign_in(session: Session, person_id: UUID, sign_in_id: UUID, *, now: datetime) -> None:
    """Signs one browser of one's own out at once; nothing happens for anybody else's, or again."""
    ended = session.execute(
        delete(SignInSession)
        .where(SignInSession.id == sign_in_id, SignInSession.person_id == person_id)
        .returning(SignInSession.id)
    ).first()
    if ended is not None:
        record(session, "sign_in.ended", str(person_id), by=Actor.person(person_id), now=now)


def end_sign_ins(
    session: Session, person_id: UUID, *, but: UUID | None = None, now: datetime
) -> int:
    """Signs every browser of a person out at once, `but` one, half-finished ones too; how many."""
    doomed = [SignInSession.person_id == person_id]
    if but is not None:
        doomed.append(SignInSession.id != but)
    ended = session.scalars(delete(SignInSession).where(*doomed).returning(SignInSession.id)).all()
    act = "sign_in.ended_elsewhere" if but else "sign_in.ended_everywhere"
    record(session, act, str(person_id), by=Actor.person(person_id), now=now)
    return len(ended)


def confirm_sign_in(session: Session, secret: str, *, now: datetime) -> str:
    """Notes that the person has just shown who they are; the sign-in goes on under this secret."""
    new = make_token()
    session.execute(
        update(SignInSession)
        .where(SignInSession.secret_hash == hash_token(secret))
        .values(secret_hash=hash_token(new), confirmed_at=now)
    )
    return new


def _own(person_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        SignInSession.person_id == person_id,
        SignInSession.awaits_second_factor.is_(False),
    )
