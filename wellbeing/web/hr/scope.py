"""How far an HR person reaches: the units granted and all below, or the whole organisation."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_parents, find_scope
from wellbeing.domain.errors import Missing
from wellbeing.domain.roles import Role
from wellbeing.store.published import Flag, PublishedRound
from wellbeing.store.support import Offer, SupportSession

HR = frozenset({Role.HR})


@dataclass(frozen=True, slots=True)
class Scope:
    """The units in reach; `is_whole` when that is all of them, closed ones too."""

    units: frozenset[UUID]
    is_whole: bool

    def __contains__(self, unit_id: UUID) -> bool:
        return self.is_whole or unit_id in self.units


def find_hr_scope(session: Session, person_id: UUID) -> Scope:
    """What this person reaches as HR."""
    units = find_scope(session, person_id, HR)
    return Scope(frozenset(units), is_whole=units >= find_parents(session).keys())


def get_flag(session: Session, scope: Scope, flag_id: UUID) -> Flag:
    """The flag; Missing unless its round is published and its unit in reach."""
    query = (
        select(Flag)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .where(Flag.id == flag_id, PublishedRound.key_destroyed_at.is_not(None))
    )
    flag = session.scalars(query).first()
    if flag is None or flag.unit_id not in scope:
        raise Missing("That suggestion does not exist.")
    return flag


def check_session(session: Session, scope: Scope, session_id: UUID) -> None:
    """Missing unless the session exists and its unit is in reach."""
    query = (
        select(Offer.unit_id)
        .join(SupportSession, SupportSession.offer_id == Offer.id)
        .where(SupportSession.id == session_id)
    )
    unit_id = session.scalars(query).first()
    if unit_id is None or unit_id not in scope:
        raise Missing("That session does not exist.")


def check_whole(scope: Scope) -> None:
    """Rounds ask everyone, so they are Missing for HR of a part of the organisation."""
    if not scope.is_whole:
        raise Missing("Rounds are for HR of the whole organisation.")
