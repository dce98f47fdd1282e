"""The schema of one organisation among many: made with an owner and roles of its own.

Nobody signs in as the owner. Whoever runs the commands, and the login of the organisation's jobs,
are members; the roles of other organisations are not, so that nothing of theirs can be read.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine, text

from wellbeing.store.grants import CLOSE_DOORS, make_role
from wellbeing.store.reach import Reach, role_name
from wellbeing.store.sessions import Database

_FIND_SCHEMA = text("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = :schema)")
_FIND_ROLES = text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:roles)")
_FIND_ORGANISATIONS = text(
    "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'org_') ORDER BY nspname"
)


def make_schema(database: Database) -> bool:
    """Makes what is missing of the schema and its roles, in one transaction; whether anything was.

    Needs a login that may make roles and schemas, unless all is there. Does nothing where the
    database has one organisation.
    """
    if not database.schema:
        return False
    with administering(database) as connection:
        missing = list(_find_missing(connection, database.schema))
        for statement in missing:
            connection.execute(text(statement))
    return bool(missing)


def drop_schema(database: Database) -> None:
    """Drops the schema with everything in it, and the roles; again is fine.

    Logins made of those roles lose them and stay, without anything they may do.
    """
    schema = database.schema
    roles = [role_name(reach, schema) for reach in Reach]
    database.close()
    with administering(database) as connection:
        there = set(connection.execute(_FIND_ROLES, {"roles": roles}).scalars())
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        for role in (role for role in roles if role in there):
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))


def find_schemas(connection: Connection) -> list[str]:
    """The schemas of organisations in this database, by name."""
    return list(connection.execute(_FIND_ORGANISATIONS).scalars())


@contextmanager
def administering(database: Database) -> Iterator[Connection]:
    """One transaction as the login itself, without the role of any organisation."""
    engine = create_engine(database.url, poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _find_missing(connection: Connection, schema: str) -> Iterator[str]:
    roles = [role_name(reach, schema) for reach in Reach]
    there = set(connection.execute(_FIND_ROLES, {"roles": roles}).scalars())
    yield from (make_role(role) for role in roles if role not in there)
    if not connection.execute(_FIND_SCHEMA, {"schema": schema}).scalar_one():
        yield CLOSE_DOORS
        # An operator class for all: in the schema of one it would go with that organisation.
        yield "CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public"
        yield f"CREATE SCHEMA {schema} AUTHORIZATION {schema}"
