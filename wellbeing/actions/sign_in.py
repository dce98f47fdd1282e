"""Signing in and out, and the mailed links that set a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.passwords import check_new_password
from wellbeing.actions.security_letters import Change, tell_of_change
from wellbeing.actions.sign_in_steps import Begun, SignInRules, begin_sign_in
from wellbeing.crypto.secrets import hash_password, hash_token, is_password, make_token
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import (
    Credential,
    LinkPurpose,
    Person,
    PersonStatus,
    RoleGrant,
    SignInLink,
    SignInSession,
    has_address,
)
from wellbeing.store.base import Base

# Asked at every request, so it is put together once, on tables rather than objects: a row for each
# role, or one without a role.
_person, _sign_in, _grant = (
    Base.metadata.tables[entity.__tablename__] for entity in (Person, SignInSession, RoleGrant)
)
_SIGNED_IN = (
    select(
        _person.c.id,
        _person.c.sealed_name,
        _person.c.language,
        _sign_in.c.round_id,
        _sign_in.c.id.label("sign_in_id"),
        _sign_in.c.confirmed_at,
        _grant.c.role,
    )
    .join_from(_sign_in, _person, _sign_in.c.person_id == _person.c.id)
    .outerjoin(_grant, _grant.c.person_id == _person.c.id)
    .where(
        _sign_in.c.secret_hash == bindparam("secret_hash"),
        _sign_in.c.expires_at > bindparam("now"),
        _sign_in.c.awaits_second_factor.is_(False),
        # Whoever comes with a code may never have chosen a password.
        or_(_person.c.status == PersonStatus.ACTIVE, _sign_in.c.round_id.is_not(None)),
        _person.c.status != PersonStatus.DISABLED,
    )
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a browser is signed in as, and which roles they hold right now.

    `round_id`: came in with a one-time code, which gives no role and opens that check-in only.
    `confirmed_at`: when they last showed who they are.
    """

    person_id: UUID
    name: str
    language: str
    roles: frozenset[Role]
    round_id: UUID | None = None
    sign_in_id: UUID | None = None
    confirmed_at: datetime | None = None


def sign_in(
    session: Session,
    email: str,
    password: str,
    *,
    rules: SignInRules,
    now: datetime,
    device: str = "",
) -> Begun:
    """A new sign-in or half of one; Refused in one and the same way whatever was wrong."""
    row = session.execute(
        select(Person.id, Credential.password_hash)
        .join(Credential, Credential.person_id == Person.id)
        .where(has_address(email))
        .where(Person.status == PersonStatus.ACTIVE)
    ).first()
    if not is_password(password, row.password_hash if row else None) or row is None:
        raise Refused("That e-mail and password do not fit together.")
    return begin_sign_in(session, row.id, rules=rules, now=now, device=device)


def find_signed_in(session: Session, secret: str, *, now: datetime) -> SignedIn | None:
    """Who the secret belongs to; None once it is signed out, expired, or its owner disabled, and
    as long as a second factor is missing.
    """
    rows = session.execute(_SIGNED_IN, {"secret_hash": hash_token(secret), "now": now}).all()
    if not rows:
        return None
    row = rows[0]
    name = row.sealed_name.open(row.id)
    if row.round_id is not None:
        return SignedIn(row.id, name, row.language, frozenset(), row.round_id)
    roles = frozenset({Role.EMPLOYEE, *(one.role for one in rows if one.role)})
    return SignedIn(
        row.id,
        name,
        row.language,
        roles,
        sign_in_id=row.sign_in_id,
        confirmed_at=row.confirmed_at,
    )


def find_attempted(session: Session, email: str) -> tuple[UUID, bool] | None:
    """Whose address somebody tried to sign in with, and whether they hold an office; for the
    security log. One question, so that an address that is known takes no longer.
    """
    is_office = exists().where(RoleGrant.person_id == Person.id)
    row = session.execute(select(Person.id, is_office).where(has_address(email))).first()
    return (row[0], bool(row[1])) if row else None


def holds_office(session: Session, person_id: UUID) -> bool:
    """Whether the person has a role beside being an employee."""
    return bool(session.scalar(select(exists().where(RoleGrant.person_id == person_id))))


def sign_out(session: Session, secret: str) -> None:
    """Ends one sign-in; again is fine."""
    session.execute(delete(SignInSession).where(SignInSession.secret_hash == hash_token(secret)))


def sign_out_everywhere(session: Session, person_id: UUID) -> None:
    """Ends every sign-in of a person at once."""
    session.execute(delete(SignInSession).where(SignInSession.person_id == person_id))


def ask_for_link(session: Session, email: str, *, now: datetime) -> None:
    """Mails a link to whoever has this address, and does nothing visible for anyone else."""
    person = session.scalars(
        select(Person).where(has_address(email)).where(Person.status != PersonStatus.DISABLED)
    ).first()
    if person is not None:
        post_link(session, person.id, person.status, occasion=str(uuid4()), now=now)


def post_link(
    session: Session, person_id: UUID, status: PersonStatus, *, occasion: str, now: datetime
) -> None:
    """Puts an activation or reset mail in the outbox; its secret is made when it is sent."""
    kind = MailKind.ACTIVATION if status is PersonStatus.INVITED else MailKind.RESET
    post(session, [Letter(kind, person_id, occasion, now, now + timedelta(days=3))])


def issue_link(
    session: Session, person_id: UUID, purpose: LinkPurpose, *, hours: int, now: datetime
) -> str:
    """The secret of a new link; only its hash is stored."""
    secret = make_token()
    session.add(
        SignInLink(
            secret_hash=hash_token(secret),
            person_id=person_id,
            purpose=purpose,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return secret


def find_link(session: Session, secret: str, *, now: datetime) -> SignInLink | None:
    """The link, if it can still be used."""
    return session.scalars(
        select(SignInLink)
        .join(Person, Person.id == SignInLink.person_id)
        .where(
            SignInLink.secret_hash == hash_token(secret),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            Person.status != PersonStatus.DISABLED,
        )
    ).first()


def set_password(
    session: Session, secret: str, password: str, *, now: datetime, words: tuple[str, ...] = ()
) -> UUID:
    """Uses the link once: sets the password, activates, ends older sign-ins and other links.

    `words` are those of the workplace, which a guess would begin with. A second factor stays.
    """
    link = find_link(session, secret, now=now)
    if link is None:
        raise Refused("This link has been used or is too old. Ask for a new one.")
    person = session.get_one(Person, link.person_id)
    check_new_password(person, password, words=words)
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.secret_hash == link.secret_hash, SignInLink.used_at.is_(None))
        .values(used_at=now)
        .returning(SignInLink.person_id)
    ).first()
    if used is None:
        raise Refused("This link has been used or is too old. Ask for a new one.")
    session.merge(Credential(person_id=person.id, password_hash=hash_password(password)))
    was_active = person.status is PersonStatus.ACTIVE
    person.status = PersonStatus.ACTIVE
    sign_out_everywhere(session, person.id)
    session.execute(
        update(SignInLink)
        .where(SignInLink.person_id == person.id, SignInLink.used_at.is_(None))
        .values(used_at=now)
    )
    record(session, "password.set", str(person.id), by=Actor.person(person.id), now=now)
    if was_active:
        tell_of_change(session, person.id, Change.PASSWORD, now=now)
    return person.id


def find_email(session: Session, person_id: UUID) -> str | None:
    """The address a person signs in with."""
    return session.scalar(select(Person.email).where(Person.id == person_id))


def set_language(session: Session, person_id: UUID, locale: str) -> None:
    """The language of a person's pages and mails."""
    session.execute(update(Person).where(Person.id == person_id).values(language=locale))
