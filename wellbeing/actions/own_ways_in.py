"""How one person signs in, for that person: no secret is among it, and nothing of anybody else."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.own_data import Part, Value
from wellbeing.store.accounts import (
    AuthenticatorApp,
    Credential,
    ExternalIdentity,
    KeyHolder,
    SignInLink,
    SignInPasskey,
    SignInRecoveryCode,
    SignInSession,
)


def find_ways_in(session: Session, person_id: UUID) -> list[Part]:
    """Sign-ins that are open, links that were mailed, and what the person signs in with."""
    return [
        Part(
            "sign_ins",
            _rows(session, SignInSession, person_id, "started_at expires_at device"),
            "sign_ins",
        ),
        Part("links", _rows(session, SignInLink, person_id, "purpose expires_at used_at"), "links"),
        Part("passkeys", _rows(session, SignInPasskey, person_id, "name added_on"), "person"),
        Part("identities", _rows(session, ExternalIdentity, person_id, "issuer subject"), "person"),
        Part("ways_in", (_counts(session, person_id),), "person"),
    ]


def _rows(
    session: Session, table: Any, person_id: UUID, names: str
) -> tuple[dict[str, Value], ...]:
    columns = [getattr(table, name) for name in names.split()]
    query = select(*columns).where(table.person_id == person_id).order_by(columns[0])
    return tuple(
        {
            name: value.value if hasattr(value, "value") else value
            for name, value in zip(names.split(), row, strict=True)
        }
        for row in session.execute(query)
    )


def _counts(session: Session, person_id: UUID) -> dict[str, Value]:
    app = session.get(AuthenticatorApp, person_id)
    codes = select(func.count()).where(SignInRecoveryCode.person_id == person_id)
    return {
        "has_password": session.get(Credential, person_id) is not None,
        "has_authenticator": app is not None and app.is_confirmed,
        "recovery_codes_left": session.scalar(codes) or 0,
        "holds_round_key": session.get(KeyHolder, person_id) is not None,
    }
