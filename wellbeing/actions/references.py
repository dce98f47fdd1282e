"""The sample that levels are compared with: chosen by HR, and in force for the next flags."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.record import read_records
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Reference, Scale, load_instrument
from wellbeing.domain.own_reference import (
    MIN_ANSWERS,
    OWN_REFERENCE_ID,
    count_answers,
    find_own_reference,
    make_own_reference,
)
from wellbeing.domain.trends import find_reference
from wellbeing.store.accounts import Person
from wellbeing.store.audit import AuditEvent
from wellbeing.store.locks import hold_level_reference
from wellbeing.store.org import LevelReference

_PERSON = "person:"
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """The organisation's own record as it stands: a reference, or how many answers are missing."""

    reference: Reference | None
    missing: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A sample that was chosen; `by` is a person's name, "" where no person is known any more."""

    sample: str
    chosen_at: datetime
    by: str


def find_level_reference(session: Session) -> Reference:
    """The sample that levels are compared with now: the newest choice, or the one config names."""
    choice = _find_newest(session)
    chosen = _as_reference(choice) if choice else None
    return chosen or find_reference(load_instrument(), load_flag_rules().trend)


def find_shipped() -> tuple[Reference, ...]:
    """The published samples that have their spread, so that levels can be compared with them."""
    return tuple(ref for ref in load_instrument().references if set(ref.sd) == set(Scale))


def find_own_record(session: Session) -> OwnRecord:
    """What a choice of the own record would compare with."""
    records = read_records(session)
    return OwnRecord(find_own_reference(records), max(0, MIN_ANSWERS - count_answers(records)))


def choose_reference(session: Session, sample_id: str, *, now: datetime, by: Actor) -> None:
    """Compares levels with this sample from the next flags on; twice, or two at once, is once.

    The own record is kept as it stands now; Refused while it holds too few answers. BadInput for
    a sample that does not exist or was published without its spread.
    """
    hold_level_reference(session)
    before, newest = find_level_reference(session), _find_newest(session)
    chosen = _get_reference(session, sample_id)
    if (chosen.id, dict(chosen.mean)) == (before.id, dict(before.mean)):
        return
    is_own = chosen.id == OWN_REFERENCE_ID
    row = LevelReference(
        id=uuid4(),
        sample=chosen.id,
        chosen_at=max(now, newest.chosen_at + _A_MOMENT) if newest else now,
        mean={scale.value: mean for scale, mean in chosen.mean.items()} if is_own else None,
        answers=chosen.n if is_own else None,
    )
    session.add(row)
    session.flush()
    record(
        session, "reference.chosen", str(row.id), by=by, now=now, sample=chosen.id, before=before.id
    )


def find_choices(session: Session) -> list[Choice]:
    """Every choice there was, newest first."""
    rows = session.scalars(select(LevelReference).order_by(LevelReference.chosen_at.desc())).all()
    names = _find_choosers(session)
    return [Choice(row.sample, row.chosen_at, names.get(str(row.id), "")) for row in rows]


def _find_newest(session: Session) -> LevelReference | None:
    query = select(LevelReference).order_by(LevelReference.chosen_at.desc()).limit(1)
    return session.scalars(query).first()


def _as_reference(choice: LevelReference) -> Reference | None:
    """None where the sample is shipped no more, or says too little."""
    if choice.sample != OWN_REFERENCE_ID:
        return next((ref for ref in find_shipped() if ref.id == choice.sample), None)
    means = {scale: (choice.mean or {}).get(scale.value) for scale in Scale}
    if None in means.values() or choice.answers is None:
        return None
    return make_own_reference(cast(Mapping[Scale, float], means), choice.answers)


def _get_reference(session: Session, sample_id: str) -> Reference:
    if sample_id == OWN_REFERENCE_ID:
        own = find_own_record(session)
        if own.reference is None:
            raise Refused(
                "The organisation's own figures can be chosen from {least} published answers on.",
                least=MIN_ANSWERS,
            )
        return own.reference
    found = next((ref for ref in find_shipped() if ref.id == sample_id), None)
    if found is None:
        raise BadInput("Choose one of the samples on the page.")
    return found


def _find_choosers(session: Session) -> dict[str, str]:
    """The name of whoever made each choice, by the choice's id, out of the audit log."""
    events = session.execute(
        select(AuditEvent.subject, AuditEvent.by).where(AuditEvent.act == "reference.chosen")
    ).all()
    ids = {e.by: UUID(e.by.removeprefix(_PERSON)) for e in events if e.by.startswith(_PERSON)}
    people = select(Person.id, Person.name).where(Person.id.in_(set(ids.values())))
    names = {row.id: row.name for row in session.execute(people)}
    return {event.subject: names.get(ids[event.by], "") for event in events if event.by in ids}
