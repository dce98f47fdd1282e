"""What an administrator may do to an account: mail a link, close the access, open it again."""

from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.bounces import find_unreached
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.sign_in import post_link, sign_out_everywhere
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.roles import Role
from wellbeing.domain.staff_cells import MAX_NAME, read_email, read_text
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant, SignInLink, has_address


class AccountAct(Protocol):
    """Something done to the account of a person, who is returned as they are afterwards."""

    def __call__(
        self, session: Session, person_id: UUID, *, by: Actor, now: datetime
    ) -> Person: ...


def send_link(session: Session, person_id: UUID, *, by: Actor, now: datetime) -> Person:
    """Mails an activation link, or a reset link to whoever has a password; asked for twice in a
    minute, one mail goes. Refused without an address that mail reaches, or with closed access.
    """
    person = _get_person(session, person_id)
    if person.status is PersonStatus.DISABLED:
        raise Refused("This access is closed. Open it first.")
    if person.email is None:
        raise Refused("There is no e-mail address to send a link to.")
    if person.id in find_unreached(session):
        raise Refused("Mail does not reach this address. Correct it, or try it again first.")
    _post(session, person, now=now)
    record(session, "person.link_sent", str(person.id), by=by, now=now)
    return person


def disable(session: Session, person_id: UUID, *, by: Actor, now: datetime) -> Person:
    """Closes the access: every sign-in ends at once and no mailed link works. Again is fine."""
    person = _get_person(session, person_id)
    if by == Actor.person(person_id):
        raise Refused("You cannot close your own access. Ask another administrator.")
    if person.status is PersonStatus.DISABLED:
        return person
    person.status = PersonStatus.DISABLED
    person.left_at = now
    sign_out_everywhere(session, person.id)
    session.execute(
        update(SignInLink)
        .where(SignInLink.person_id == person.id, SignInLink.used_at.is_(None))
        .values(used_at=now)
    )
    note(session, Kind.PERSON_LEFT, person.id)
    record(session, "person.disabled", str(person.id), by=by, now=now)
    return person


def enable(session: Session, person_id: UUID, *, by: Actor, now: datetime) -> Person:
    """Opens a closed access: the person is invited anew and chooses a new password.

    The old password stays unusable; it may have travelled while nobody watched the account.
    """
    person = _get_person(session, person_id)
    if person.status is not PersonStatus.DISABLED:
        return person
    person.status = PersonStatus.INVITED
    person.left_at = None
    if person.email is not None:
        _post(session, person, now=now)
    note(session, Kind.PERSON_BACK, person.id)
    record(session, "person.enabled", str(person.id), by=by, now=now)
    return person


def _get_person(session: Session, person_id: UUID) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise Missing("That person does not exist.")
    return person


def _post(session: Session, person: Person, *, now: datetime) -> None:
    occasion = f"administrator {now:%Y-%m-%dT%H:%M}"
    post_link(session, person.id, person.status, occasion=occasion, now=now)


def invite_administrator(
    session: Session, email: str, name: str, *, by: Actor, now: datetime
) -> None:
    """Makes the first administrator and mails a link; a known address gets the role. BadInput for
    what a staff file could not say either.
    """
    email, name = read_email(email), read_text(name, MAX_NAME)
    if not email:
        raise BadInput("Write the administrator's e-mail address.")
    person = session.scalars(select(Person).where(has_address(email))).first()
    if person is None:
        person = Person(
            id=uuid4(),
            employee_number=f"admin-{uuid4().hex[:8]}",
            name=name,
            email=email,
            language="da",
            status=PersonStatus.INVITED,
        )
        session.add(person)
        session.flush()
    if person.status is PersonStatus.DISABLED:
        raise Refused("The access of that person is closed. Another administrator must open it.")
    granted = select(RoleGrant.id).where(
        RoleGrant.person_id == person.id, RoleGrant.role == Role.ADMINISTRATOR
    )
    if session.scalar(granted) is None:
        session.add(RoleGrant(person_id=person.id, role=Role.ADMINISTRATOR))
        record(session, "administrator.invited", str(person.id), by=by, now=now)
    _post(session, person, now=now)
