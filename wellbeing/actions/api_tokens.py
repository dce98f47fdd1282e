"""Tokens that other systems sign in with: made once, shown once, kept as a hash."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing, Refused
from wellbeing.store.accounts import ApiToken
from wellbeing.store.org import Unit

LONGEST_DAYS = 366
_MARK = "wellbeing_"  # lets a search for secrets that leaked know one


class Scope(StrEnum):
    """What a token is for; each opens one interface and nothing else."""

    SCIM = "scim"
    FIGURES = "figures"
    LEDGER = "ledger"


def issue(
    session: Session,
    name: str,
    scope: Scope,
    *,
    days: int,
    by: Actor,
    now: datetime,
    unit_id: UUID | None = None,
) -> str:
    """The secret of a new token; it cannot be shown again."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused("A token lasts from 1 to {days} days.", days=LONGEST_DAYS)
    if not (name.isprintable() and 0 < len(name.strip()) <= 80):
        raise Refused("Give the token a name of 1 to 80 characters.")
    if unit_id is not None and scope is Scope.SCIM:
        raise Refused("A token for provisioning is for the whole organisation.")
    if unit_id is not None and session.get(Unit, unit_id) is None:
        raise Missing("That unit does not exist.")
    secret, token_id = _MARK + make_token(), uuid4()
    session.add(
        ApiToken(
            id=token_id,
            name=name.strip(),
            scope=scope.value,
            unit_id=unit_id,
            secret_hash=hash_token(secret),
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    details = {"name": name.strip(), "scope": scope.value, "days": days}
    record(session, "token.made", str(token_id), by=by, now=now, **details)
    return secret


def find_token(session: Session, secret: str, *scopes: Scope, now: datetime) -> ApiToken | None:
    """The token of this secret; None where it is for something else, too old or revoked.

    It is found by its hash, so how long that takes says nothing about a secret.
    """
    return session.scalars(
        select(ApiToken).where(
            ApiToken.secret_hash == hash_token(secret),
            ApiToken.scope.in_([scope.value for scope in scopes]),
            ApiToken.expires_at > now,
            ApiToken.revoked_at.is_(None),
        )
    ).first()


def note_use(session: Session, token_id: UUID, *, today: date) -> None:
    """The day on which a token was used last; again on the same day writes nothing."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id)
        .where(or_(ApiToken.used_on.is_(None), ApiToken.used_on < today))
        .values(used_on=today)
    )


def list_tokens(session: Session) -> Sequence[ApiToken]:
    """Every token there ever was, newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.made_at.desc())).all()


def revoke(session: Session, token_id: UUID, *, by: Actor, now: datetime) -> ApiToken:
    """The token opens nothing from now on; again is fine."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise Missing("There is no token with that id.")
    if token.revoked_at is None:
        token.revoked_at = now
        note(session, Kind.TOKEN, token.id)
        record(session, "token.revoked", str(token.id), by=by, now=now, name=token.name)
    return token
