"""The ledger as rows that leave the service: for files, and for other systems.

A row says what is offered to a unit and how far it has come: kinds, states and days. It names no
person, carries nothing that anybody wrote, and counts nobody. Support for one person is left out,
whichever unit offered it: who was offered a talk is their own business.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from wellbeing.actions.ledger_list import LedgerRow, find_ledger
from wellbeing.domain.ledger import FOR_ONE, Step

COLUMNS = (
    "offer_id",
    "flag_id",
    "unit_id",
    "unit",
    "form",
    "origin",
    "since",
    "state",
    "is_open",
    "overdue",
    *(f"{step}_{what}" for step in Step for what in ("progress", "day")),
)


def find_ledger_rows(
    session: Session, unit_ids: Collection[UUID] | None, *, zone: ZoneInfo, now: datetime
) -> list[LedgerRow]:
    """The ledger of these units (None: of all), in the order of the rows' ids."""
    rows = find_ledger(session, unit_ids, zone=zone, now=now, steps_only=True)
    return sorted((row for row in rows if not is_for_one(row)), key=id_of)


def is_for_one(row: LedgerRow) -> bool:
    """Whether a row is about support that a single person gets."""
    return row.form in FOR_ONE or (row.record is not None and row.record.is_for_one)


def id_of(row: LedgerRow) -> UUID:
    """The offer's id; of a suggestion that nobody has answered, the flag's."""
    found = row.offer_id or row.flag_id
    assert found is not None
    return found


def as_lines(rows: Iterable[LedgerRow]) -> Iterator[tuple[object, ...]]:
    """A line a row, as COLUMNS has them."""
    for row in rows:
        steps = {read.step: read for read in row.steps}
        yield (
            row.offer_id,
            row.flag_id,
            row.unit_id,
            row.unit,
            row.form.value,
            row.origin.value,
            row.since,
            row.state.value if row.state else None,
            row.is_open,
            row.overdue.step.value if row.overdue else None,
            *(cell for step in Step for cell in (steps[step].progress.value, steps[step].day)),
        )
