"""Imported forms as an administrator sees them: each sentence beside the scoring key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.wordings import RoundOfWording, build_imported, find_imported, find_rounds_of
from wellbeing.domain.instrument import Scale, Wording, load_instrument, wording_locales
from wellbeing.store.accounts import Person
from wellbeing.store.org import ImportedWording, WordingState

_PERSON = "person:"


@dataclass(frozen=True, slots=True)
class ItemShown:
    """A sentence with its number, its scale, and whether its answer is turned round."""

    number: int
    text: str
    scale: Scale
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class FormShown:
    """An imported form: where it came from, how far it has come, and the rounds that asked it."""

    id: str
    locale: str
    source: str
    state: WordingState
    imported_at: datetime
    imported_by: str
    decided_at: datetime | None
    decided_by: str
    sha256: str
    rounds: Sequence[RoundOfWording]


def find_forms(session: Session) -> list[FormShown]:
    """Every imported form, the newest first."""
    rounds = find_rounds_of(session)
    forms = find_imported(session)
    names = _find_names(session, forms)
    return [_show(form, rounds.get(form.id, []), names) for form in forms]


def show_form(session: Session, form: ImportedWording) -> FormShown:
    """One imported form."""
    rounds = find_rounds_of(session)
    return _show(form, rounds.get(form.id, []), _find_names(session, [form]))


def show_items(form: ImportedWording) -> tuple[Wording, list[ItemShown]]:
    """The words of an imported form and its thirty items with the key; Refused if it is damaged."""
    wording, instrument = build_imported(form), load_instrument()
    scale_of = {n: scale for scale, numbers in instrument.subscales.items() for n in numbers}
    items = [
        ItemShown(number, text, scale_of[number], number in instrument.reversed_items)
        for number, text in enumerate(wording.items, start=1)
    ]
    return wording, items


def languages_asked(forms: Sequence[FormShown]) -> list[tuple[str, FormShown | None]]:
    """Each language with the form in use; None where our own wording is asked."""
    in_use = {form.locale: form for form in forms if form.state is WordingState.APPROVED}
    return [(locale, in_use.get(locale)) for locale in wording_locales()]


def _show(
    form: ImportedWording, rounds: Sequence[RoundOfWording], names: dict[str, str]
) -> FormShown:
    return FormShown(
        id=form.id,
        locale=form.locale,
        source=form.source,
        state=form.state,
        imported_at=form.imported_at,
        imported_by=names.get(form.imported_by, form.imported_by),
        decided_at=form.decided_at,
        decided_by=names.get(form.decided_by or "", form.decided_by or ""),
        sha256=form.sha256,
        rounds=rounds,
    )


def _find_names(session: Session, forms: Sequence[ImportedWording]) -> dict[str, str]:
    """Names of the people among those who acted, by how forms remember them."""
    actors = {form.imported_by for form in forms} | {form.decided_by or "" for form in forms}
    ids = {UUID(actor.removeprefix(_PERSON)) for actor in actors if actor.startswith(_PERSON)}
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {f"{_PERSON}{row.id}": row.name for row in people}
