"""Puts the grants of each reach on the connection: roles on PostgreSQL, an authoriser on SQLite."""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from wellbeing.store.base import Base
from wellbeing.store.reach import GRANTS, Reach, role_name

PUBLIC = "public"  # the schema of an installation with one organisation
_ALWAYS_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
_PRIVILEGE_OF = {
    sqlite3.SQLITE_READ: "SELECT",
    sqlite3.SQLITE_INSERT: "INSERT",
    sqlite3.SQLITE_UPDATE: "UPDATE",
    sqlite3.SQLITE_DELETE: "DELETE",
}


def sqlite_authoriser(reach: Reach) -> Callable[..., int]:
    """A function for `set_authorizer` that denies whatever the reach does not name."""
    granted = GRANTS[reach]
    referred = _referred_columns(reach)

    def authorise(action: int, subject: str | None, value: str | None, *_: Any) -> int:
        if action in _ALWAYS_ALLOWED:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and (subject, value) in referred:
            return sqlite3.SQLITE_OK
        privilege = _PRIVILEGE_OF.get(action)
        allowed = privilege is not None and privilege in granted.get(subject or "", ())
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return authorise


def _referred_columns(reach: Reach) -> frozenset[tuple[str, str]]:
    # SQLite asks whoever writes a row for leave to look up what its foreign keys name.
    tables = Base.metadata.tables
    written = [t for t, p in GRANTS[reach].items() if p & {"INSERT", "UPDATE"} and t in tables]
    names = (key.target_fullname for table in written for key in tables[table].foreign_keys)
    return frozenset((table, column) for table, _, column in (n.partition(".") for n in names))


def grant_reaches(connection: Connection) -> None:
    """On PostgreSQL: makes the role of each reach and gives it exactly its grants; else nothing.

    Roles belong to the whole cluster and are kept; the grants are those of this database, and with
    many organisations of this schema, whose roles `organisation_schemas` has made. What PostgreSQL
    gives everybody is taken back: tables of one's own, lasting or temporary.
    """
    if connection.dialect.name != "postgresql":
        return
    schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    own = "" if schema == PUBLIC else schema
    if not own:
        connection.execute(text(CLOSE_DOORS))
    for reach, tables in GRANTS.items():
        role = role_name(reach, own)
        if not own:
            connection.execute(text(make_role(role)))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {role}"))
        connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}"))
        for table, privileges in tables.items():
            connection.execute(text(f"GRANT {', '.join(sorted(privileges))} ON {table} TO {role}"))
    # A process whose login reaches nothing else has to know whether the database is its own age.
    sign_in = role_name(Reach.SIGN_IN, own)
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {sign_in}"))


def make_role(role: str) -> str:
    """A statement that makes a role nobody signs in with, and lets who makes it take it on."""
    return _MAKE_ROLE.format(role=role)


# Whoever migrates without owning the database cannot; `wellbeing db logins` does it as well.
CLOSE_DOORS = """
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
"""

_MAKE_ROLE = """
DO $$ BEGIN
  CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT {role} TO CURRENT_USER;
"""
