"""Brings a database to a numbered version of the schema and back."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from wellbeing.domain.errors import BadInput
from wellbeing.resources import folder
from wellbeing.store.locks import hold_migrations
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

# From this version on names, addresses and what people wrote are sealed.
SEALED_SINCE = "0005"
_SEALED_TABLES = ("person", "incident", "support_request")


def upgrade(database: Database, version: str = "head") -> None:
    """Runs the missing migrations in one transaction and renews the grants; BadInput for a version
    that this program does not know.
    """
    before = find_current(database)
    _run(database, command.upgrade, version)
    after = find_current(database)
    if before and after and before < SEALED_SINCE <= after:
        # What was readable is otherwise left in the database's files, where it was deleted.
        database.scrub(*_SEALED_TABLES)


def downgrade(database: Database, version: str) -> None:
    """Runs migrations backwards down to `version` (or "base"); BadInput as in upgrade."""
    _run(database, command.downgrade, version)


def find_current(database: Database, reach: Reach = Reach.EVERYTHING) -> str | None:
    """The version the database is at; None for an empty database."""
    with database.engine(reach).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def get_head() -> str:
    """The newest version that ships with this program."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def is_known(version: str) -> bool:
    """Whether this program has migrations up to that version."""
    scripts = ScriptDirectory.from_config(_config())
    return any(script.revision == version for script in scripts.walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    return config


def _run(database: Database, step: Callable[[Config, str], None], version: str) -> None:
    config = _config()
    engine = database.engine(Reach.EVERYTHING).execution_options(wellbeing_changes_tables=True)
    with engine.begin() as connection:
        hold_migrations(connection)
        config.attributes["connection"] = connection
        try:
            step(config, version)
        except CommandError as fault:
            raise BadInput(f"The database cannot be brought to {version}: {fault}.") from None
        if database.is_sqlite and (broken := _find_broken(connection)):
            raise BadInput("Rows point to others that are not there.", tuple(broken))


def _find_broken(connection: Connection) -> set[str]:
    """Foreign keys are off while tables change on SQLite; here they are made up for."""
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return {f"{row[0]} to {row[2]}" for row in rows}
