"""Imports the staff directory: one comparison, applied whole in the caller's transaction."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Executable, bindparam, case, delete, insert, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.staff_present import (
    GrantKey,
    find_grant_ids,
    find_person_ids,
    find_unit_ids,
    read_present,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.staff import StaffDirectory, StaffRow
from wellbeing.domain.staff_cells import UnitPath, fold
from wellbeing.domain.staff_changes import Grant, PresentPerson, StaffChanges
from wellbeing.domain.staff_comparison import compare
from wellbeing.domain.staff_units import Column
from wellbeing.store.accounts import (
    Person,
    PersonStatus,
    RoleGrant,
    SignInLink,
    SignInSession,
)
from wellbeing.store.locks import hold_directory
from wellbeing.store.org import Membership, Unit
from wellbeing.store.sealed import columns_of

ACTIVATION_WAITS = timedelta(days=3)
_NO_ADDRESS = {"sealed_email": None, "email_index": None}


def plan_import(
    session: Session,
    directory: StaffDirectory,
    *,
    complete: bool = True,
    allow_mass_leave: bool = False,
) -> StaffChanges:
    """What importing the directory would change; raises BadInput when it would be unsafe."""
    present = read_present(session, find_unit_ids(session))
    return compare(present, directory, complete=complete, allow_mass_leave=allow_mass_leave)


def import_staff(
    session: Session,
    directory: StaffDirectory,
    *,
    now: datetime,
    by: Actor,
    zone: tzinfo = UTC,
    complete: bool = True,
    allow_mass_leave: bool = False,
) -> StaffChanges:
    """Makes the staff and units be as the directory says, and returns what that changed.

    Memberships begin and end on the day it is in `zone`. Whoever leaves, or whose roles change,
    is signed out everywhere at once; links mailed to an address that changes no longer work.
    Whoever is new or back is mailed an activation link.
    """
    hold_directory(session)
    session.flush()
    changes = plan_import(session, directory, complete=complete, allow_mass_leave=allow_mass_leave)
    apply_changes(session, changes, now=now, by=by, zone=zone)
    return changes


def apply_changes(
    session: Session,
    changes: StaffChanges,
    *,
    now: datetime,
    by: Actor,
    zone: tzinfo = UTC,
    act: str = "staff.imported",
) -> None:
    """Makes the changes that a comparison found, and logs them as one act; none changes nothing."""
    if not changes:
        return
    _run(
        session,
        update(Person)
        .where(Person.employee_number == bindparam("old"))
        .values(employee_number=bindparam("new")),
        ({"old": change.old, "new": change.new} for change in changes.numbers_to_change),
    )
    people = find_person_ids(session)
    details = _details(changes, people)
    today = now.astimezone(zone).date()
    units = _shape_units(session, changes)
    _disable(session, changes, people, now, today)
    _restore(session, changes, people)
    _change_fields(session, changes, people)
    people |= _add_people(session, changes)
    _place(session, changes, people, units, today)
    details |= _change_grants(session, changes, people, units)
    _run(
        session,
        update(Unit).where(Unit.id == bindparam("unit")).values(closed_on=today),
        ({"unit": units[path]} for path in changes.units_to_close),
    )
    _invite(session, changes, people, now)
    record(session, act, "staff", by=by, now=now, **details)
    session.expire_all()


def _invite(
    session: Session, changes: StaffChanges, people: dict[str, UUID], now: datetime
) -> None:
    """An activation link for everyone who is new or back and has an address."""
    invited: list[StaffRow | PresentPerson] = [*changes.people_to_add, *changes.people_to_restore]
    post(
        session,
        (
            Letter(
                MailKind.ACTIVATION,
                people[person.employee_number],
                f"import/{now.isoformat()}",
                now,
                now + ACTIVATION_WAITS,
            )
            for person in invited
            if person.email
        ),
    )


def _shape_units(session: Session, changes: StaffChanges) -> dict[UnitPath, UUID]:
    """Renames and adds units; a closed unit of the same name and place is opened again.

    Returns every open unit by its new path.
    """
    before = find_unit_ids(session)
    _run(
        session,
        update(Unit).where(Unit.id == bindparam("unit")).values(name=bindparam("new")),
        ({"unit": before.open[old], "new": new[-1]} for old, new in changes.units_to_rename),
    )
    units = dict(find_unit_ids(session).open)
    added, reopened = [], []
    for path in changes.units_to_add:
        above = units[path[:-1]] if len(path) > 1 else None
        closed = before.closed.get((above, fold(path[-1])))
        units[path] = closed or uuid4()
        if closed:
            reopened.append({"unit": closed, "new": path[-1]})
        else:
            added.append({"id": units[path], "parent_id": above, "name": path[-1]})
    again = update(Unit).where(Unit.id == bindparam("unit"))
    _run(session, again.values(closed_on=None, name=bindparam("new")), reopened)
    _run(session, insert(Unit), added)
    return units


def _disable(
    session: Session, changes: StaffChanges, people: dict[str, UUID], now: datetime, today: date
) -> None:
    gone = [{"person": people[person.employee_number]} for person in changes.people_to_disable]
    of_person = Person.id == bindparam("person")
    disabled = {"status": PersonStatus.DISABLED, "left_at": now}
    _run(session, update(Person).where(of_person).values(**disabled), gone)
    _end_memberships(session, gone, today)
    _sign_out(session, gone)
    _revoke_links(session, gone)
    for person in gone:
        note(session, Kind.PERSON_LEFT, person["person"])
    freed = [{"person": people[person.employee_number]} for person in changes.addresses_to_free]
    _run(session, update(Person).where(of_person).values(_NO_ADDRESS), freed)


def _restore(session: Session, changes: StaffChanges, people: dict[str, UUID]) -> None:
    """People who come back are invited anew, as when an administrator opens their access."""
    for person in changes.people_to_restore:
        note(session, Kind.PERSON_BACK, people[person.employee_number])
    _run(
        session,
        update(Person)
        .where(Person.id == bindparam("person"))
        .values(status=PersonStatus.INVITED, left_at=None),
        ({"person": people[person.employee_number]} for person in changes.people_to_restore),
    )


def _change_fields(session: Session, changes: StaffChanges, people: dict[str, UUID]) -> None:
    # Addresses are unique: two people can swap theirs only if both first have none.
    of_person = update(Person).where(Person.id == bindparam("person"))
    readdressed = [
        {"person": people[change.employee_number]}
        for change in changes.people_to_change
        if change.field is Column.EMAIL
    ]
    _run(session, of_person.values(_NO_ADDRESS), readdressed)
    _revoke_links(session, readdressed)
    for column in (Column.NAME, Column.EMAIL, Column.MOBILE, Column.LANGUAGE):
        rows = [
            {"person": person, **columns_of(Person, person, **{column.value: new or None})}
            for person, new in (
                (people[change.employee_number], change.new)
                for change in changes.people_to_change
                if change.field is column
            )
        ]
        _run(session, of_person, rows)


def _add_people(session: Session, changes: StaffChanges) -> dict[str, UUID]:
    added = {row.employee_number: uuid4() for row in changes.people_to_add}
    _run(
        session,
        insert(Person),
        (
            columns_of(
                Person,
                added[row.employee_number],
                id=added[row.employee_number],
                employee_number=row.employee_number,
                name=row.name,
                email=row.email or None,
                mobile=row.mobile or None,
                language=row.language,
                status=PersonStatus.INVITED,
            )
            for row in changes.people_to_add
        ),
    )
    return added


def _place(
    session: Session,
    changes: StaffChanges,
    people: dict[str, UUID],
    units: dict[UnitPath, UUID],
    today: date,
) -> None:
    """Ends the memberships of those who move, and begins those of movers and new people."""
    homes = [(people[move.employee_number], units[move.new]) for move in changes.moves]
    _end_memberships(session, [{"person": person_id} for person_id, _ in homes], today)
    homes += [(people[r.employee_number], units[r.unit_path]) for r in changes.people_to_add]
    _run(
        session,
        insert(Membership),
        (
            {"id": uuid4(), "person_id": person_id, "unit_id": unit_id, "from_day": today}
            for person_id, unit_id in homes
        ),
    )


def _change_grants(
    session: Session,
    changes: StaffChanges,
    people: dict[str, UUID],
    units: dict[UnitPath, UUID],
) -> dict[str, Any]:
    """Removes and adds grants, signs out whom they concern; returns them for the audit log."""

    def key(grant: Grant) -> GrantKey:
        unit_id = units[grant.unit_path] if grant.unit_path else None
        return people[grant.employee_number], grant.role, unit_id

    removed = [key(grant) for grant in changes.grants_to_remove]
    added = [key(grant) for grant in changes.grants_to_add]
    ids = find_grant_ids(session)
    for grant in removed:
        for grant_id in ids[grant]:
            note(session, Kind.ROLE, grant_id)
    _run(
        session,
        delete(RoleGrant).where(RoleGrant.id == bindparam("grant")),
        ({"grant": grant_id} for grant in removed for grant_id in ids[grant]),
    )
    _run(
        session,
        insert(RoleGrant),
        (
            {"id": uuid4(), "person_id": person_id, "role": role, "unit_id": unit_id}
            for person_id, role, unit_id in added
        ),
    )
    _sign_out(session, [{"person": person_id} for person_id, _, _ in (*removed, *added)])
    return {
        "roles_removed": [_grant_text(grant) for grant in removed],
        "roles_given": [_grant_text(grant) for grant in added],
    }


def _grant_text(grant: GrantKey) -> str:
    person_id, role, unit_id = grant
    return f"{person_id} {role} {unit_id or 'everything'}"


def _details(changes: StaffChanges, people: dict[str, UUID]) -> dict[str, Any]:
    """What the audit log keeps of an import beside its roles: counts, and ids of who left."""
    return {
        "units_added": len(changes.units_to_add),
        "units_renamed": len(changes.units_to_rename),
        "units_closed": len(changes.units_to_close),
        "people_recognised": [str(people[p.employee_number]) for p in changes.numbers_to_change],
        "people_added": len(changes.people_to_add),
        "people_changed": len({change.employee_number for change in changes.people_to_change}),
        "people_moved": len(changes.moves),
        "people_disabled": [str(people[p.employee_number]) for p in changes.people_to_disable],
        "people_restored": [str(people[p.employee_number]) for p in changes.people_to_restore],
    }


def _end_memberships(session: Session, people: list[dict[str, UUID]], today: date) -> None:
    current = Membership.until_day.is_(None) & (Membership.person_id == bindparam("person"))
    last_day = case((Membership.from_day > today, Membership.from_day), else_=today)
    _run(session, update(Membership).where(current).values(until_day=last_day), people)


def _sign_out(session: Session, people: list[dict[str, UUID]]) -> None:
    of_person = SignInSession.person_id == bindparam("person")
    _run(session, delete(SignInSession).where(of_person), people)


def _revoke_links(session: Session, people: list[dict[str, UUID]]) -> None:
    of_person = SignInLink.person_id == bindparam("person")
    _run(session, delete(SignInLink).where(of_person), people)


def _run(session: Session, statement: Executable, rows: Iterable[dict[str, Any]]) -> None:
    """Runs a statement once for each row of values, past the ORM; not at all for none."""
    values = list(rows)
    if values:
        session.connection().execute(statement, values)
