"""Signing in with the organisation's own sign-in: who it is here, and when it ends there.

It never makes people: the staff directory does. A person is recognised once, by what the provider
says of them, and from then on by the provider's name for them, which does not move by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.sign_in_steps import Begun, SignInRules, begin_sign_in
from wellbeing.crypto.secrets import hash_token
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing, Refused
from wellbeing.single_sign_on.tokens import Ended, Identity
from wellbeing.store.accounts import (
    Credential,
    ExternalIdentity,
    Person,
    PersonStatus,
    RateCount,
    SignInSession,
    has_address,
)

BY_EMAIL = "email_verified"
_TOKEN_IDS_KEPT = timedelta(hours=1)


class NotRecognised(Refused):
    """The provider knows who this is, and we know nobody who that could be."""


class AccessClosed(Refused):
    """The person is known and has left, or their access was closed."""


class LinkedOtherwise(Refused):
    """The person signs in here as somebody else of the same provider."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """How people are recognised the first time: by verified e-mail, or by the claim that holds
    their employee number.
    """

    match: str = BY_EMAIL


def sign_in_with_identity(
    session: Session,
    identity: Identity,
    recognition: Recognition,
    *,
    has_second_factor: bool,
    rules: SignInRules,
    now: datetime,
    device: str = "",
) -> Begun:
    """A new sign-in, or half of one where the provider showed one factor only; raises
    NotRecognised, AccessClosed or LinkedOtherwise.
    """
    linked = find_linked(session, identity.issuer, identity.subject)
    person = (
        session.get_one(Person, linked) if linked else _recognise(session, identity, recognition)
    )
    if person.status is PersonStatus.DISABLED:
        raise AccessClosed("This access is closed.")
    if linked is None:
        _link(session, identity, person, now=now)
    if person.status is PersonStatus.INVITED:
        # As with an activation link: a password from before the access was closed stays unusable.
        session.execute(delete(Credential).where(Credential.person_id == person.id))
        person.status = PersonStatus.ACTIVE
    return begin_sign_in(
        session,
        person.id,
        rules=rules,
        now=now,
        device=device,
        is_strong=has_second_factor,
        provider_session=session_mark(identity.issuer, identity.session_id, identity.subject),
    )


def find_linked(session: Session, issuer: str, subject: str) -> UUID | None:
    """Who the provider's name for somebody belongs to."""
    identity = session.get(ExternalIdentity, (issuer, subject))
    return identity.person_id if identity else None


def came_from_provider(session: Session, secret: str) -> bool:
    """Whether a sign-in began at the provider, and is to end there, too."""
    query = select(SignInSession.provider_session).where(
        SignInSession.secret_hash == hash_token(secret)
    )
    return session.scalar(query) is not None


def end_as_told(session: Session, ended: Ended, *, now: datetime) -> int:
    """Signs out whom the provider signed out, and says how many browsers that were.

    Refused when this token was used before.
    """
    _use_once(session, ended, now=now)
    over = delete(SignInSession).where(_of(session, ended)).returning(SignInSession.id)
    return len(session.execute(over).all())


def find_linked_among(session: Session, people: Sequence[UUID]) -> set[UUID]:
    """Which of these people sign in through a provider."""
    query = select(ExternalIdentity.person_id).where(ExternalIdentity.person_id.in_(people))
    return set(session.scalars(query))


def unlink(session: Session, person_id: UUID, *, by: Actor, now: datetime) -> str:
    """The person, whose name is returned, is recognised anew next time; again is fine."""
    name = session.scalar(select(Person.name).where(Person.id == person_id))
    if name is None:
        raise Missing("That person does not exist.")
    linked = delete(ExternalIdentity).where(ExternalIdentity.person_id == person_id)
    columns = ExternalIdentity.issuer, ExternalIdentity.subject
    if removed := session.execute(linked.returning(*columns)).all():
        for issuer, subject in removed:
            note(session, Kind.IDENTITY, issuer, subject)
        through = SignInSession.provider_session.is_not(None)
        session.execute(delete(SignInSession).where(SignInSession.person_id == person_id, through))
        record(session, "identity.unlinked", str(person_id), by=by, now=now)
    return name


def session_mark(issuer: str, session_id: str, subject: str) -> str:
    """How a sign-in is kept that the provider can end: by a hash of its session there."""
    return hash_token(
        "\0".join((issuer, "session", session_id) if session_id else (issuer, subject))
    )


def _of(session: Session, ended: Ended) -> ColumnElement[bool]:
    """The sign-ins that are over."""
    if not ended.session_id:
        person_id = find_linked(session, ended.issuer, ended.subject)
        of_person = SignInSession.person_id == person_id
        return and_(of_person, SignInSession.provider_session.is_not(None))
    marks = [session_mark(ended.issuer, ended.session_id, ended.subject)]
    if ended.subject:  # of sessions that the provider gave no id, any may be the one
        marks.append(session_mark(ended.issuer, "", ended.subject))
    return SignInSession.provider_session.in_(marks)


def _recognise(session: Session, identity: Identity, recognition: Recognition) -> Person:
    person = None
    if recognition.match == BY_EMAIL:
        address = identity.claims.get("email")
        if identity.claims.get("email_verified") is True and isinstance(address, str):
            person = _find_by_email(session, address)
    else:
        number = identity.claims.get(recognition.match)
        if isinstance(number, str) and number.strip():
            person = session.scalars(
                select(Person).where(Person.employee_number == number.strip())
            ).first()
    if person is None:
        raise NotRecognised("Nobody here is known by what the provider says of you.")
    return person


def _find_by_email(session: Session, address: str) -> Person | None:
    return session.scalars(select(Person).where(has_address(address))).first()


def _link(session: Session, identity: Identity, person: Person, *, now: datetime) -> None:
    try:
        with session.begin_nested():
            session.add(
                ExternalIdentity(
                    issuer=identity.issuer, subject=identity.subject, person_id=person.id
                )
            )
    except IntegrityError:
        if find_linked(session, identity.issuer, identity.subject) == person.id:
            return  # by the same person in another window
        raise LinkedOtherwise("This person signs in here as somebody else.") from None
    record(session, "identity.linked", str(person.id), by=Actor.person(person.id), now=now)


def _use_once(session: Session, ended: Ended, *, now: datetime) -> None:
    key = hash_token("\0".join(("logout token", ended.issuer, ended.token_id)))
    try:
        with session.begin_nested():
            session.add(RateCount(key_hash=key, count=1, expires_at=now + _TOKEN_IDS_KEPT))
    except IntegrityError:
        raise Refused("This token was used before.") from None
