"""What most commands need: settings and an open database at the newest version."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from psycopg.errors import InvalidParameterValue
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from wellbeing.clock import utc_now
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.crypto.field_keys import FieldKeys, make_field_keys
from wellbeing.domain.errors import BadInput
from wellbeing.organisations import Organisation, get_organisation
from wellbeing.settings import Settings
from wellbeing.store.organisation_schemas import make_schema
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


class Moment(click.ParamType[datetime]):
    """An ISO 8601 moment with its offset, such as 2026-03-02T09:00+01:00."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment in UTC; a usage error when it cannot be read or has no offset."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a moment such as 2026-03-02T09:00+01:00.", param, ctx)
        if moment.tzinfo is None:
            self.fail("The moment needs an offset, such as +01:00 or Z.", param, ctx)
        return moment.astimezone(UTC)


def read_settings() -> Settings:
    """The settings, of the organisation that `--org` names; BadInput for each that is of no use."""
    context = click.get_current_context(silent=True)
    given = context.find_root().params.get("org") if context else None
    name = given or os.environ.get("WELLBEING_ORG", "")
    return read_settings_of(get_organisation(name)) if name else _read(Settings)


def read_settings_of(organisation: Organisation) -> Settings:
    """The settings of one organisation among many; BadInput as in `read_settings`."""
    return _read(organisation.read_settings)


def _read(read: Callable[[], Settings]) -> Settings:
    try:
        return read()
    except ValidationError as error:
        faults = tuple(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput("Some settings cannot be used.", faults) from None


@contextmanager
def reach_database(
    settings: Settings, reach: Reach = Reach.EVERYTHING, *, made: bool = False
) -> Iterator[Database]:
    """The database whatever its version; BadInput when it is none or does not answer.

    `made`: an organisation's schema and roles are made first where they are missing.
    """
    try:
        database = Database(
            settings.effective_database_url,
            FieldKeys(settings.key_folder),
            deletions=DeletionLog(settings.deletion_log_file, utc_now),
            schema=settings.database_schema,
        )
        if made:
            make_schema(database)
        database.engine(Reach.EVERYTHING if database.is_sqlite else reach).connect().close()
    except (ArgumentError, NoSuchModuleError):
        raise BadInput("The setting database_url is not the address of a database.") from None
    except OSError as fault:
        raise BadInput(f"The data folder cannot be used: {fault}.") from None
    except DBAPIError as fault:
        reason = str(fault.orig).strip().splitlines()[0]
        if settings.database_schema and isinstance(fault.orig, InvalidParameterValue):
            raise BadInput(
                "This organisation is not in the database yet. Run `wellbeing init` for it."
            ) from None
        raise BadInput(f"The database cannot be used: {reason}.") from None
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_database(settings: Settings, reach: Reach = Reach.EVERYTHING) -> Iterator[Database]:
    """The database; BadInput when it was never set up or is older than this program.

    `reach`: which rows of its own the version is read with, where that matters (PostgreSQL).
    """
    from wellbeing.store.copies import is_unfinished
    from wellbeing.store.schema import find_current, get_head

    if not settings.database_url and not (settings.data / "wellbeing.db").exists():
        raise BadInput("There is no database yet. Run `wellbeing init` first.")
    with reach_database(settings, reach) as database:
        reach = Reach.EVERYTHING if database.is_sqlite else reach
        current = find_current(database, reach)
        if current is None:
            raise BadInput("The database is empty. Run `wellbeing init` first.")
        if is_unfinished(database, reach):
            raise BadInput("A restore was cut short. Run `wellbeing restore` again.")
        if current != get_head():
            raise BadInput("The database is at another version. Run `wellbeing db upgrade`.")
        FieldKeys(settings.key_folder).check()
        yield database


def prepare_field_keys(database: Database, settings: Settings) -> None:
    """Makes the keys of sealed fields for a database that has sealed nothing yet.

    Where something is sealed, keys made now would open nothing: that they are missing is told.
    """
    from wellbeing.store.schema import SEALED_SINCE, find_current

    if (find_current(database) or "") < SEALED_SINCE:
        make_field_keys(settings.key_folder)
    FieldKeys(settings.key_folder).check()
