"""The second factor as a whole: whether it is needed, and taken away by an administrator."""

from collections.abc import Set
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.security_letters import Change, tell_of_change
from wellbeing.actions.sign_in import sign_out_everywhere
from wellbeing.actions.sign_in_recovery import remove_recovery_codes
from wellbeing.actions.sign_in_steps import find_factors, needs_second_factor
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing, Refused
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import (
    AuthenticatorApp,
    Person,
    PersonStatus,
    RoleGrant,
    SignInPasskey,
    SignInRecoveryCode,
)

_KNOWN_BY = {
    Kind.PASSKEY: SignInPasskey.id,
    Kind.RECOVERY_CODE: SignInRecoveryCode.code_hash,
}


def reset_second_factor(session: Session, person_id: UUID, *, by: Actor, now: datetime) -> Person:
    """Takes app, passkeys and recovery codes of a person away, signs them out everywhere and tells
    them; Refused for one's own. Again is fine.
    """
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise Missing("That person does not exist.")
    if by == Actor.person(person_id):
        raise Refused("You cannot reset your own second factor. Ask another administrator.")
    _remove_all(session, person_id)
    sign_out_everywhere(session, person_id)
    record(session, "second_factor.reset", str(person_id), by=by, now=now)
    tell_of_change(session, person_id, Change.RESET, now=now)
    return person


def _remove_all(session: Session, person_id: UUID) -> None:
    app = session.get(AuthenticatorApp, person_id)
    if app is not None:
        note(session, Kind.AUTHENTICATOR, app.secret)
        session.delete(app)
        session.flush()
    for kind, known_by in _KNOWN_BY.items():
        table = known_by.class_
        removed = delete(table).where(table.person_id == person_id).returning(known_by)
        for (known,) in session.execute(removed).all():
            note(session, kind, known)


def settle_after_removal(session: Session, person_id: UUID, *, roles: Set[str]) -> None:
    """After a factor was taken away: Refused, and the caller's transaction with it, where one of
    the person's roles needs one and this was the last. Recovery codes go with the last one.
    """
    # Two who remove one each at the same moment wait for each other here.
    session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
    if find_factors(session, person_id).any:
        return
    if needs_second_factor(session, person_id, roles):
        raise Refused("Your role needs a second factor. Add another one before you remove this.")
    remove_recovery_codes(session, person_id)


def find_with_second_factor(session: Session, people: Set[UUID] | None = None) -> set[UUID]:
    """Who has an app or a passkey, among these or among all."""
    app = select(AuthenticatorApp.person_id).where(AuthenticatorApp.is_confirmed)
    found = {*session.scalars(app), *session.scalars(select(SignInPasskey.person_id))}
    return found if people is None else found & people


def find_lacking(session: Session, roles: Set[str]) -> set[UUID]:
    """Who can sign in, holds one of the roles, and has no second factor yet."""
    query = select(Person.id).where(Person.status == PersonStatus.ACTIVE)
    if "employee" not in roles:
        needed = [role for role in Role if role.value in roles]
        held = exists().where(RoleGrant.person_id == Person.id, RoleGrant.role.in_(needed))
        query = query.where(held)
    return set(session.scalars(query)) - find_with_second_factor(session)
