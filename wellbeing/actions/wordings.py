"""Which words a round asks with: our own wording, or the official form as it was imported.

An imported form waits for a second look. Once approved it is asked from the next round that opens;
a round that is open keeps the words it was opened with, whatever happens to the form afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.checked_table import CheckedTable
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.instrument import Wording, build_wording, load_wording, wording_locales
from wellbeing.domain.official_wording import document_of, with_occupation
from wellbeing.domain.plain_text import one_line
from wellbeing.store.org import ImportedWording, Round, RoundWording, WordingState

MAX_SOURCE_LENGTH = 200


_ASKED = select(
    RoundWording.locale, RoundWording.wording_id, RoundWording.sha256, RoundWording.occupation
).where(RoundWording.round_id == bindparam("round_id"))


class Asked(Protocol):
    """What a round says of the words it asks with in a language."""

    @property
    def locale(self) -> str: ...
    @property
    def wording_id(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def occupation(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class RoundOfWording:
    """A round that asked with a wording."""

    number: int
    opens_at: datetime


def import_wording(
    session: Session, wording: Wording, source: str, *, now: datetime, by: Actor
) -> ImportedWording:
    """Keeps an official form until somebody has looked at it; again, it waits again.

    A form that is in use already stays in use. `source` is the name of the file.
    """
    kept = session.get(ImportedWording, wording.id, with_for_update=True)
    if kept is not None and kept.sha256 != wording.sha256:
        raise Refused("Another form has the same short name. Change a space and import it again.")
    if kept is not None and kept.state in (WordingState.WAITING, WordingState.APPROVED):
        return kept
    if kept is None:
        kept = ImportedWording(
            id=wording.id,
            locale=wording.locale,
            instrument=wording.instrument_id,
            sha256=wording.sha256,
        )
        session.add(kept)
    kept.document = document_of(wording)
    kept.source = one_line(source)[:MAX_SOURCE_LENGTH] or "?"
    kept.state = WordingState.WAITING
    kept.imported_at, kept.imported_by = now, str(by)
    kept.decided_at = kept.decided_by = None
    session.flush()
    record(session, "wording.imported", wording.id, by=by, now=now, sha256=wording.sha256)
    return kept


def approve_wording(session: Session, wording_id: str, *, now: datetime, by: Actor) -> None:
    """Asks with this form from the next round on; the one used so far in its language retires."""
    chosen = _get_for_decision(session, wording_id)
    if chosen.state is WordingState.APPROVED:
        return
    _check_waits(chosen)
    build_imported(chosen)
    for other in _lock_language(session, chosen.locale):
        if other.state is WordingState.APPROVED:
            _retire(session, other, now, by)
    _decide(chosen, WordingState.APPROVED, now, by)
    record(session, "wording.approved", chosen.id, by=by, now=now, sha256=chosen.sha256)


def refuse_wording(session: Session, wording_id: str, *, now: datetime, by: Actor) -> None:
    """Lays a waiting form aside; it was never asked."""
    chosen = _get_for_decision(session, wording_id)
    if chosen.state is WordingState.REFUSED:
        return
    _check_waits(chosen)
    _decide(chosen, WordingState.REFUSED, now, by)
    record(session, "wording.refused", chosen.id, by=by, now=now, sha256=chosen.sha256)


def retire_wording(session: Session, wording_id: str, *, now: datetime, by: Actor) -> None:
    """Goes back to our own wording from the next round on."""
    chosen = _get_for_decision(session, wording_id)
    if chosen.state is WordingState.RETIRED:
        return
    if chosen.state is not WordingState.APPROVED:
        raise Refused("Only a form that is in use can be taken out of use.")
    _retire(session, chosen, now, by)


def find_imported(session: Session) -> list[ImportedWording]:
    """Every form ever imported, the newest first."""
    newest = ImportedWording.imported_at.desc()
    return list(session.scalars(select(ImportedWording).order_by(newest, ImportedWording.id)))


def get_imported(session: Session, wording_id: str) -> ImportedWording:
    """The imported form; raises Missing."""
    found = session.get(ImportedWording, wording_id)
    if found is None:
        raise Missing("That form does not exist.")
    return found


def build_imported(imported: ImportedWording) -> Wording:
    """The words of an imported form; Refused where they are no longer those that were imported."""
    try:
        wording = build_wording(CheckedTable(imported.document, imported.id))
    except BadInput:
        wording = None
    if wording is None or wording.sha256 != imported.sha256:
        raise Refused("The form has been changed since it was imported. Import it again.")
    return wording


def find_rounds_of(session: Session) -> dict[str, list[RoundOfWording]]:
    """By id of the wording, the rounds that asked with it, the newest first."""
    rows = session.execute(
        select(RoundWording.wording_id, Round.number, Round.opens_at)
        .join(Round, Round.id == RoundWording.round_id)
        .order_by(Round.opens_at.desc())
    )
    found: dict[str, list[RoundOfWording]] = {}
    for wording_id, number, opens_at in rows:
        found.setdefault(wording_id, []).append(RoundOfWording(number, opens_at))
    return found


def wordings_of_next_round(session: Session) -> list[Wording]:
    """What a round that opens now asks with: in each language the approved form, or our own."""
    approved = select(ImportedWording).where(ImportedWording.state == WordingState.APPROVED)
    official = {form.locale: build_imported(form) for form in session.scalars(approved)}
    return [official.get(locale) or load_wording(locale) for locale in wording_locales()]


def get_wording(session: Session, round_id: UUID, locales: Sequence[str]) -> Wording:
    """The wording of the first of these languages that the round asks in, occupation put in.

    Refused when it is not, word for word, what the round was opened with: answers to other
    sentences would be published under the wrong name.
    """
    return choose_wording(session, session.execute(_ASKED, {"round_id": round_id}), locales)


def choose_wording(session: Session, rows: Iterable[Asked], locales: Sequence[str]) -> Wording:
    """`get_wording`, of the rows that a round has for its languages."""
    asked = {row.locale: row for row in rows}
    row = next((asked[locale] for locale in locales if locale in asked), None)
    if row is None:
        raise Refused("This round does not ask in your language.")
    wording = _find_wording(session, row)
    if wording is None or wording.sha256 != row.sha256:
        raise Refused(
            "The questions have been changed since this round opened, so no answer can be taken. "
            "Please tell your administrator."
        )
    return with_occupation(wording, row.occupation)


def find_credited_wording(session: Session, locale: str, round_id: UUID | None = None) -> Wording:
    """The wording to credit below figures of a round, by default the latest that asked; our own
    before there is any.
    """
    query = select(RoundWording).where(RoundWording.locale == locale)
    if round_id is None:
        query = query.join(Round, Round.id == RoundWording.round_id).order_by(Round.opens_at.desc())
    else:
        query = query.where(RoundWording.round_id == round_id)
    asked = session.scalars(query.limit(1)).first()
    return (_find_wording(session, asked) if asked else None) or load_wording(locale)


def _find_wording(session: Session, asked: Asked) -> Wording | None:
    """The wording with the id that the round names: an imported one, or ours if it is still so."""
    ours = load_wording(asked.locale) if asked.locale in wording_locales() else None
    # Most rounds ask with our own words: no look into the database, at every page, says so.
    if ours and (ours.id, ours.sha256) == (asked.wording_id, asked.sha256):
        return ours
    imported = session.get(ImportedWording, asked.wording_id)
    if imported is not None:
        return build_imported(imported)
    return ours if ours and ours.id == asked.wording_id else None


def _get_for_decision(session: Session, wording_id: str) -> ImportedWording:
    found = session.get(ImportedWording, wording_id)
    if found is None:
        raise Missing("That form does not exist.")
    _lock_language(session, found.locale)
    session.refresh(found)
    return found


def _lock_language(session: Session, locale: str) -> Sequence[ImportedWording]:
    """All forms of a language, held in one order, so that one decision waits for the other."""
    query = select(ImportedWording).where(ImportedWording.locale == locale)
    return session.scalars(query.order_by(ImportedWording.id).with_for_update()).all()


def _check_waits(form: ImportedWording) -> None:
    if form.state is not WordingState.WAITING:
        raise Refused("That form no longer waits for a decision. Import it again to use it.")


def _retire(session: Session, form: ImportedWording, now: datetime, by: Actor) -> None:
    _decide(form, WordingState.RETIRED, now, by)
    record(session, "wording.retired", form.id, by=by, now=now, sha256=form.sha256)


def _decide(form: ImportedWording, state: WordingState, now: datetime, by: Actor) -> None:
    form.state, form.decided_at, form.decided_by = state, now, str(by)
