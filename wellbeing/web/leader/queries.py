"""Who reads which units, and which units a round withheld."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_scope
from wellbeing.domain.roles import WORKPLACE_READERS
from wellbeing.store.org import RoundUnit
from wellbeing.store.published import PublishedGroup, PublishedWithheld
from wellbeing.web.team_page.queries import OTHERS, same_unit


@dataclass(frozen=True, slots=True)
class CountedIn:
    """Why a unit has no figure in a round; the group its people are counted in, if any."""

    reason: str
    is_others: bool
    unit_path: str | None


def find_reader_scope(session: Session, person_id: UUID) -> set[UUID]:
    """The open units whose published figures this person reads."""
    return find_scope(session, person_id, WORKPLACE_READERS)


def find_counted_in(session: Session, round_id: UUID) -> dict[UUID, CountedIn]:
    """Every unit withheld in a round."""
    query = (
        select(PublishedWithheld, PublishedGroup, RoundUnit.path)
        .outerjoin(PublishedGroup, PublishedGroup.id == PublishedWithheld.group_id)
        .outerjoin(RoundUnit, same_unit())
        .where(PublishedWithheld.round_id == round_id)
    )
    return {
        mark.unit_id: CountedIn(
            mark.reason,
            group is not None and group.kind == OTHERS,
            path or (group.label if group else None),
        )
        for mark, group, path in session.execute(query)
    }
