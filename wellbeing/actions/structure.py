"""The tree that figures are published for: reporting groups, and a second person's yes to changes.

Whoever shapes the units shapes the groups that figures stand for, and could shape them around one
person. So a tree that differs from that of the last round opens no round until somebody else has
approved it, and the people it concerns have been told.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.units import find_groups, find_parents, find_paths
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import (
    Membership,
    ReportingGroup,
    ReportingGroupUnit,
    Round,
    RoundState,
    RoundUnit,
    StructureApproval,
)

_RESHAPING = ("group.formed", "group.dissolved", "staff.imported")
_MAX_NAME = 240
_TELL_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Node:
    """A unit or reporting group of the tree that a round is published for."""

    parent_id: UUID | None
    path: str
    pooled: bool


Tree = dict[UUID, Node]


@dataclass(frozen=True, slots=True)
class StructureChange:
    """A unit that is new, gone, or counted otherwise than in the last round."""

    unit_id: UUID
    before: Node | None
    after: Node | None


def find_tree(session: Session) -> Tree:
    """The tree the next round would be frozen with: teams in a reporting group stand below it."""
    paths, parents = find_paths(session), find_parents(session)
    group_of = {unit: group for group, units in find_groups(session).items() for unit in units}
    return {
        unit: Node(group_of.get(unit, parents[unit]), path, unit in group_of)
        for unit, path in paths.items()
    }


def find_last_tree(session: Session) -> Tree | None:
    """The tree of the round of everyone that opened last; None before the first."""
    last = session.scalars(
        select(Round.id)
        .where(
            Round.state.not_in((RoundState.PLANNED, RoundState.CANCELLED)),
            Round.unit_id.is_(None),
        )
        .order_by(Round.opens_at.desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    units = session.scalars(select(RoundUnit).where(RoundUnit.round_id == last))
    return {u.unit_id: Node(u.parent_unit_id, u.path, u.pooled) for u in units}


def find_changes(session: Session) -> list[StructureChange]:
    """What differs between the tree of the last round and the present one, by path."""
    before, after = find_last_tree(session), find_tree(session)
    if before is None:
        return []
    changed = [
        StructureChange(unit, before.get(unit), after.get(unit))
        for unit in before.keys() | after.keys()
        if before.get(unit) != after.get(unit)
    ]
    return sorted(changed, key=lambda change: (change.after or change.before or _NOWHERE).path)


def is_approved(session: Session) -> bool:
    """Whether the next round may open with the present tree."""
    if not find_changes(session):
        return True
    return session.get(StructureApproval, _digest(find_tree(session))) is not None


def check_approved(session: Session) -> None:
    """Refuses to go on with a tree that nobody else has approved."""
    if not is_approved(session):
        raise Refused(
            "The units have changed since the last round. "
            "Somebody other than the person who changed them must approve that first."
        )


def can_approve(session: Session, by: Actor) -> bool:
    """Whether this is somebody else than those who changed the tree since the last approval."""
    return str(by) not in _find_reshapers(session)


def find_digest(session: Session) -> str:
    """Names the present tree, so that whoever approves can say which one they have seen."""
    return _digest(find_tree(session))


def approve(session: Session, *, now: datetime, by: Actor) -> int:
    """Approves the present tree and tells everyone it concerns; how many letters were posted.

    Refused to whoever changed it since the last approval.
    """
    changes, digest = find_changes(session), _digest(find_tree(session))
    if not changes or session.get(StructureApproval, digest) is not None:
        return 0
    if not can_approve(session, by):
        raise Refused("You changed the units yourself, so somebody else must approve them.")
    session.add(StructureApproval(digest=digest, approved_by=str(by), approved_at=now))
    record(session, "structure.approved", digest, by=by, now=now, changes=len(changes))
    return post(session, _announcements(session, changes, digest, now))


def form_group(
    session: Session, unit_ids: Iterable[UUID], *, now: datetime, by: Actor
) -> ReportingGroup:
    """Counts sibling teams together from the next round; BadInput names what cannot be."""
    teams = sorted(set(unit_ids))
    parents, paths = find_parents(session), find_paths(session)
    if len(teams) < 2 or any(team not in parents for team in teams):
        raise BadInput("Choose at least two teams.")
    above = {parents[team] for team in teams}
    has_units_below = set(parents.values())
    if len(above) != 1 or None in above or any(team in has_units_below for team in teams):
        raise BadInput("Only teams of the same unit can be counted together.")
    taken = {team for group in find_groups(session).values() for team in group}
    if taken & set(teams):
        raise BadInput("One of the teams is counted with others already.")
    names = sorted(paths[team].rsplit(" / ", 1)[-1] for team in teams)
    name = one_line(", ".join(names))
    if len(name) > _MAX_NAME:
        raise BadInput("Too many teams for one group.")
    parent_id = next(iter(above))
    assert parent_id is not None
    group = ReportingGroup(id=uuid4(), parent_unit_id=parent_id, name=name)
    session.add(group)
    session.flush()
    session.add_all(ReportingGroupUnit(unit_id=team, group_id=group.id) for team in teams)
    record(
        session, "group.formed", str(group.id), by=by, now=now, teams=[str(team) for team in teams]
    )
    return group


def dissolve_group(session: Session, group_id: UUID, *, now: datetime, by: Actor) -> None:
    """Counts the teams of a group apart again from the next round; again is fine."""
    session.execute(delete(ReportingGroupUnit).where(ReportingGroupUnit.group_id == group_id))
    found = session.get(ReportingGroup, group_id)
    if found is not None:
        session.delete(found)
        record(session, "group.dissolved", str(group_id), by=by, now=now)


def find_home(session: Session, person_id: UUID, *, today: date) -> UUID | None:
    """The unit a person belongs to today; None for whoever belongs to none."""
    return session.scalars(
        select(Membership.unit_id)
        .where(
            Membership.person_id == person_id,
            Membership.from_day <= today,
            or_(Membership.until_day.is_(None), Membership.until_day > today),
        )
        .limit(1)
    ).first()


def find_counted_in(session: Session, person_id: UUID, *, today: date) -> str | None:
    """The path of the unit or reporting group a person's team is counted as; None without one."""
    home = find_home(session, person_id, today=today)
    tree = find_tree(session)
    if home is None or home not in tree:
        return None
    node = tree[home]
    return tree[node.parent_id].path if node.pooled and node.parent_id else node.path


_NOWHERE = Node(None, "", pooled=False)


def _digest(tree: Tree) -> str:
    said = sorted((str(unit), str(n.parent_id), n.path, n.pooled) for unit, n in tree.items())
    return sha256(json.dumps(said).encode()).hexdigest()


def _find_reshapers(session: Session) -> set[str]:
    """Whoever changed the tree since it was last approved or a round last opened."""
    last = select(func.max(AuditEvent.number)).where(
        AuditEvent.act.in_(("structure.approved", "round.opened"))
    )
    since = session.scalar(last) or 0
    events = select(AuditEvent.by).where(AuditEvent.act.in_(_RESHAPING), AuditEvent.number > since)
    return set(session.scalars(events))


def _announcements(
    session: Session, changes: list[StructureChange], digest: str, now: datetime
) -> Iterable[Letter]:
    units = {change.unit_id for change in changes}
    units |= {
        team for group, teams in find_groups(session).items() if group in units for team in teams
    }
    today = now.date()
    people = session.scalars(
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.unit_id.in_(units),
            or_(Membership.until_day.is_(None), Membership.until_day > today),
            Person.status != PersonStatus.DISABLED,
            Person.email.is_not(None),
        )
        .distinct()
    )
    for person_id in people:
        yield Letter(MailKind.STRUCTURE_CHANGED, person_id, digest, now, now + _TELL_FOR)
