"""Keys, disks and the security log: what lies beside the database."""

import os
from dataclasses import dataclass
from pathlib import Path

from wellbeing.actions.health.findings import N_, Finding, Patient, broken, look, ok
from wellbeing.actions.key_places import find_unfit_files, find_unfit_rounds
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.monitoring.security_log import SecurityLog

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Room:
    """How much has to be free: bytes, and the share of all names of files."""

    bytes: int
    share_of_files: float


ENOUGH = Room(2048 * _MEGABYTE, 0.05)
LEAST = Room(256 * _MEGABYTE, 0.005)


def check_keys(patient: Patient) -> Finding:
    """That every key is there and closed to others, and those of rounds under way, too."""
    settings = patient.settings
    keys = FieldKeys(settings.key_folder)
    rounds = RoundKeys(settings.key_folder, settings.mac_keys)
    # Which key it is stands in no page: the command says it, to whoever is on the machine.
    if next(find_unfit_files(keys), None):
        return broken(N_("A key cannot be used: wellbeing keys check says which, and what to do."))
    with patient.reading() as session:
        if next(find_unfit_rounds(session, rounds), None):
            return broken(N_("Keys of rounds do not fit: wellbeing keys check says which."))
        if patient.find_deep_key_faults(session):
            return broken(N_("A key does not open what it should: see wellbeing keys check."))
    return ok(N_("Every key is there and closed to others."))


def check_disk(patient: Patient, *, enough: Room = ENOUGH, least: Room = LEAST) -> Finding:
    """That there is room where something is written."""
    worst: Finding | None = None
    for name, path in find_places(patient):
        if not path.is_dir():
            return broken(
                N_("The folder {path} is missing: make it, or mend the setting."), path=path
            )
        if is_short(path, least):
            return broken(
                N_("The disk of {name} ({path}) is full: make room before anything else."),
                name=name,
                path=path,
            )
        if is_short(path, enough) and worst is None:
            worst = look(
                N_("The disk of {name} ({path}) is nearly full: make room."), name=name, path=path
            )
    return worst or ok(N_("There is room on every disk that is written to."))


def check_security_log(patient: Patient) -> Finding:
    """That sign-ins and refusals can be written down."""
    folder = patient.settings.security_folder
    try:
        SecurityLog(folder).check()
    except OSError:
        return broken(
            N_("The security log cannot be written: let the service write to {path}."), path=folder
        )
    return ok(N_("The security log can be written."))


def find_places(patient: Patient) -> list[tuple[str, Path]]:
    """The folders that are written to, by the name of what lies there."""
    settings, database = patient.settings, patient.database
    embedded = database.url.database if database.is_sqlite else None
    return [
        *([("database", Path(embedded).parent)] if embedded else []),
        ("data", settings.data),
        ("keys", settings.key_folder),
        ("deletion_log", settings.deletion_log_file.parent),
        ("anchor_file", settings.anchor_path.parent),
    ]


def is_short(path: Path, room: Room) -> bool:
    """Whether less than that is free for a service that is not root."""
    found = os.statvfs(path)
    few_files = found.f_files > 0 and found.f_favail < found.f_files * room.share_of_files
    return found.f_bavail * found.f_frsize < room.bytes or few_files
