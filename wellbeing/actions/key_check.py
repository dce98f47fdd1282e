"""Lists the keys, and says what is wrong with them; never shows one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.key_places import find_unfit_files, find_unfit_rounds
from wellbeing.actions.key_rotation import count_uses
from wellbeing.crypto.field_keys import FieldKeys, header_of
from wellbeing.crypto.key_folder import APP, INDEX, fields_name
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.errors import UnfitKeys
from wellbeing.domain.staff_cells import fold
from wellbeing.store.accounts import Person
from wellbeing.store.sealed_columns import find_samples

_EMAIL = "person.email"


class KeyKind(StrEnum):
    """What a key does."""

    APP = "signs cookies and links"
    OLD_APP = "signed before, still believed"
    FIELDS = "seals fields"
    OLD_FIELDS = "opens fields"
    INDEX = "finds addresses"
    ROUND = "opens or signs ballots"


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key by the name of its file; `uses`: how many values need it, None if none is counted."""

    name: str
    kind: KeyKind
    made_at: datetime
    uses: int | None


def list_keys(session: Session, keys: FieldKeys) -> list[KeyShown]:
    """Every key in the folder."""
    folder, uses = keys.folder, count_uses(session)
    numbers = folder.field_numbers()
    named: list[tuple[str, KeyKind, int | None]] = [
        *((name, KeyKind.APP, None) for name in (APP,) if folder.path(name).exists()),
        *((name, KeyKind.OLD_APP, None) for name in folder.old_app_keys()),
        *((fields_name(n), _kind(n, numbers), uses.get(n, 0)) for n in numbers),
        *((name, KeyKind.INDEX, None) for name in (INDEX,) if folder.path(name).exists()),
        *((name, KeyKind.ROUND, None) for name in folder.round_files()),
    ]
    return [KeyShown(name, kind, folder.made_at(name), used) for name, kind, used in named]


def find_faults(session: Session, keys: FieldKeys, rounds: RoundKeys) -> list[str]:
    """What is wrong, a sentence each; empty when every key is there, fits, and is nobody else's."""
    return [
        *find_unfit_files(keys),
        *_not_opened(session, keys),
        *find_unfit_rounds(session, rounds),
    ]


def _kind(number: int, numbers: list[int]) -> KeyKind:
    return KeyKind.FIELDS if number == numbers[-1] else KeyKind.OLD_FIELDS


def _not_opened(session: Session, keys: FieldKeys) -> Iterator[str]:
    """Of every key that rows need and every column, one value is opened; one address is found."""
    for number in sorted(count_uses(session)):
        for place, row, value in find_samples(session, header_of(number)):
            try:
                plain = value.open(row)
                if place == _EMAIL and not _is_found(session, row, plain):
                    yield f"{keys.folder.path(INDEX)} is not the key by which addresses are found."
            except UnfitKeys as fault:
                yield str(fault)
                break


def _is_found(session: Session, row: object, email: str) -> bool:
    query = select(Person.id).where(Person.email_index == fold(email.strip()))
    return session.scalar(query) == row
