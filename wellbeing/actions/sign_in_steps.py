"""From a password that fits to a sign-in: at once, or after a second factor.

A half-finished sign-in is a row that nobody is signed in with. It is ended by finishing it, which
makes a new secret: whoever knew the old one has nothing.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import (
    AuthenticatorApp,
    Person,
    PersonStatus,
    RoleGrant,
    SignInPasskey,
    SignInSession,
)

HALF_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SignInRules:
    """How long a sign-in lasts, and the roles that nobody has with a password alone."""

    hours: int
    second_factor_roles: Set[str]


@dataclass(frozen=True, slots=True)
class Begun:
    """A new sign-in; `awaits_second_factor`: only half of one."""

    secret: str
    awaits_second_factor: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has beside a password."""

    has_app: bool
    has_passkey: bool

    @property
    def any(self) -> bool:
        """Whether there is a second factor at all."""
        return self.has_app or self.has_passkey


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    """Whose password fitted, and what can be shown as the second factor; none: set one up."""

    person_id: UUID
    factors: Factors


def begin_sign_in(
    session: Session,
    person_id: UUID,
    *,
    rules: SignInRules,
    now: datetime,
    device: str = "",
    is_strong: bool = False,
    provider_session: str | None = None,
) -> Begun:
    """A sign-in, or half of one where a second factor is set up or needed; `is_strong`: both
    factors were shown already, as with a passkey.
    """
    awaits = not is_strong and (
        find_factors(session, person_id).any
        or needs_second_factor(session, person_id, rules.second_factor_roles)
    )
    secret = make_token()
    session.add(
        SignInSession(
            secret_hash=hash_token(secret),
            person_id=person_id,
            started_at=now,
            expires_at=now + (HALF_LIFE if awaits else timedelta(hours=rules.hours)),
            device=device,
            awaits_second_factor=awaits,
            confirmed_at=None if awaits else now,
            provider_session=provider_session,
        )
    )
    session.flush()
    return Begun(secret, awaits)


def find_half_sign_in(session: Session, secret: str, *, now: datetime) -> HalfSignIn | None:
    """The half-finished sign-in of this secret; None once finished, expired or access closed."""
    person_id = session.scalar(
        select(SignInSession.person_id)
        .join(Person, Person.id == SignInSession.person_id)
        .where(*_is_half(secret, now), Person.status == PersonStatus.ACTIVE)
    )
    return HalfSignIn(person_id, find_factors(session, person_id)) if person_id else None


def finish_sign_in(session: Session, secret: str, *, rules: SignInRules, now: datetime) -> str:
    """The second factor was shown: the secret of the whole sign-in; Refused a second time."""
    half = session.execute(
        delete(SignInSession)
        .where(*_is_half(secret, now))
        .returning(SignInSession.person_id, SignInSession.device, SignInSession.provider_session)
    ).first()
    if half is None:
        raise Refused("That took too long. Sign in again.")
    return begin_sign_in(
        session,
        half.person_id,
        rules=rules,
        now=now,
        device=half.device,
        is_strong=True,
        provider_session=half.provider_session,
    ).secret


def find_factors(session: Session, person_id: UUID) -> Factors:
    """What this person can show beside a password."""
    app = exists().where(AuthenticatorApp.person_id == person_id, AuthenticatorApp.is_confirmed)
    passkey = exists().where(SignInPasskey.person_id == person_id)
    return Factors(*session.execute(select(app, passkey)).one())


def needs_second_factor(session: Session, person_id: UUID, roles: Set[str]) -> bool:
    """Whether a role of this person is not given to a password alone."""
    if "employee" in roles:
        return True
    granted = session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id))
    return not roles.isdisjoint({role.value for role in granted})


def _is_half(secret: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        SignInSession.secret_hash == hash_token(secret),
        SignInSession.awaits_second_factor.is_(True),
        SignInSession.expires_at > now,
    )
