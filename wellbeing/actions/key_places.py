"""Is every key where it has to be, and closed to others? No value of the database is opened."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.crypto.key_folder import APP, KeyFolder, check_private
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.errors import UnfitKeys
from wellbeing.store.org import Round, RoundState

_OVER = (RoundState.PUBLISHED, RoundState.CANCELLED)
_UNDER_WAY = (RoundState.OPEN, RoundState.CLOSED, RoundState.STOPPED)


def find_unfit_files(keys: FieldKeys) -> Iterator[str]:
    """What is wrong with the files themselves, without a look into the database."""
    yield from _open_to_others(keys.folder)
    yield from _unreadable(keys)


def find_unfit_rounds(session: Session, keys: RoundKeys) -> Iterator[str]:
    """Keys of rounds that are left over, or missing."""
    for round_id, state in session.execute(select(Round.id, Round.state)):
        if state in _OVER and keys.exist(round_id):
            yield f"A key of round {round_id} is left, which is over: run `wellbeing keys retire`."
        if state in _UNDER_WAY and not keys.can_open(round_id):
            yield f"Keys of round {round_id} are missing: its ballots cannot be opened."


def _open_to_others(folder: KeyFolder) -> Iterator[str]:
    inside = sorted(folder.folder.iterdir()) if folder.folder.is_dir() else []
    for path in (folder.folder, *inside):
        try:
            check_private(path)
        except (UnfitKeys, OSError) as fault:
            yield str(fault)


def _unreadable(keys: FieldKeys) -> Iterator[str]:
    folder = keys.folder
    for name in (APP, *folder.old_app_keys()):
        try:
            folder.read(name)
        except UnfitKeys as fault:
            yield str(fault)
    try:
        keys.check()
    except UnfitKeys as fault:
        yield str(fault)
