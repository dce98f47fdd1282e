"""`wellbeing doctor`: is the service well, and what is to be done?"""

import json
import sys
from typing import TYPE_CHECKING

import click

from wellbeing.commands.context import read_settings

if TYPE_CHECKING:
    from wellbeing.settings import Settings
    from wellbeing.store.sessions import Database

_CONNECT_SECONDS = "5"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def doctor(*, as_json: bool) -> None:
    """Check database, clock, mail, keys, disk, rounds, jobs and backups; change nothing.

    Exit 0: all is well; 1: something wants a look; 2: something does not work.
    """
    from wellbeing.actions.health.checks import examine, worst
    from wellbeing.actions.health.findings import Finding, Patient, State
    from wellbeing.actions.key_check import find_faults
    from wellbeing.clock import utc_now
    from wellbeing.crypto.field_keys import FieldKeys
    from wellbeing.crypto.round_keys import RoundKeys
    from wellbeing.store.reach import Reach

    settings, found = read_settings(), list[tuple[str, Finding]]()
    database, keys = _open(settings), FieldKeys(settings.key_folder)
    rounds = RoundKeys(settings.key_folder, settings.mac_keys)
    patient = Patient(
        settings,
        database,
        utc_now(),
        Reach.EVERYTHING,
        lambda session: find_faults(session, keys, rounds),
    )
    try:
        for name, finding in examine(patient):
            found.append((name, finding))
            if not as_json:
                click.echo(f"{finding.state.value:<8}{name + ':':<15}{finding}")
    finally:
        database.close()
    state = worst([finding for _, finding in found])
    if as_json:
        checks = [
            {"check": name, "state": finding.state.value, "said": str(finding)}
            for name, finding in found
        ]
        click.echo(json.dumps({"state": state.value, "checks": checks}, ensure_ascii=False))
    sys.exit(list(State).index(state))


def _open(settings: "Settings") -> "Database":
    """The database whether it answers or not; BadInput where none was ever made."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    from wellbeing.crypto.field_keys import FieldKeys
    from wellbeing.domain.errors import BadInput
    from wellbeing.store.sessions import Database

    try:
        url = make_url(settings.effective_database_url)
    except ArgumentError:
        raise BadInput("The setting database_url is not the address of a database.") from None
    if not settings.database_url and not (settings.data / "wellbeing.db").exists():
        raise BadInput("There is no database yet. Run `wellbeing init` first.")
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"connect_timeout": _CONNECT_SECONDS})
    return Database(url.render_as_string(hide_password=False), FieldKeys(settings.key_folder))
