"""A login of its own for the process of each area: a member of the reaches it needs and no other.

With one login for all, raw SQL could say RESET ROLE and be everything again. Here that leaves a
login that may do nothing at all. With many organisations each has logins of its own, and one more
for its jobs: none is a member of a role of another organisation.
"""

import re
from collections.abc import Mapping

from sqlalchemy import Connection, text

from wellbeing.domain.errors import BadInput
from wellbeing.store.grants import PUBLIC
from wellbeing.store.reach import GRANTS, REACH_OF_AREA, Reach, role_name

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,49}")
_WAITS = {"idle_in_transaction_session_timeout": "'60s'"}
_WORKS = {"statement_timeout": "'30s'"}  # not the jobs: publishing takes as long as it takes
JOBS = "jobs"


def name_logins(database: str, prefix: str = "", schema: str = "") -> dict[str, str]:
    """The login of each area, and with many organisations of the jobs; BadInput unless the prefix,
    else the database's name and the schema's, is plain.
    """
    start = prefix or "_".join(filter(None, (database, schema)))
    if not _NAME.fullmatch(start):
        raise BadInput("The names of logins begin with small letters, digits and _: --prefix.")
    areas = (*REACH_OF_AREA, JOBS) if schema else REACH_OF_AREA
    return {area: f"{start}_{area}" for area in areas}


def login_statements(
    database: str, logins: Mapping[str, str], verifiers: Mapping[str, str], schema: str = ""
) -> list[str]:
    """SQL that makes the logins, or brings them back to what they may; again is fine.

    `verifiers` are SCRAM secrets by area: no password is ever in a statement or in its log.
    Nobody else may connect: roles of reaches belong to the whole cluster, logins to one database.
    """
    quoted = _quote(database)
    return [
        f"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC",
        *(
            statement
            for area, login in logins.items()
            for statement in _statements_of(quoted, area, login, verifiers[area], schema)
        ),
    ]


def make_verifier(connection: Connection, login: str, password: str) -> str:
    """What PostgreSQL keeps of a password, made here so that the password never travels."""
    driver = connection.connection.driver_connection
    made: bytes = driver.pgconn.encrypt_password(  # type: ignore[union-attr]
        password.encode(), login.encode(), b"scram-sha-256"
    )
    return made.decode()


def check_logins_are_plain(connection: Connection, logins: Mapping[str, str]) -> None:
    """BadInput where a login of that name exists already and may more than sign in."""
    query = text(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(:names) AND (rolsuper OR rolcreaterole"
        " OR rolcreatedb OR rolreplication OR rolbypassrls)"
    )
    found = connection.execute(query, {"names": list(logins.values())}).scalars().all()
    if found:
        raise BadInput("These logins exist and may more than a process should.", tuple(found))


def find_reaches_beyond(connection: Connection, areas: tuple[str, ...]) -> list[Reach]:
    """The reaches that this connection's login could take without being meant for them."""
    meant = {Reach.SIGN_IN, *(REACH_OF_AREA[area] for area in areas)}
    schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    own = "" if schema == PUBLIC else schema
    query = text("SELECT pg_has_role(session_user, :role, 'MEMBER')")
    return [
        reach
        for reach in Reach
        if reach is not Reach.EVERYTHING
        and reach not in meant
        and connection.execute(query, {"role": role_name(reach, own)}).scalar()
    ]


def _statements_of(database: str, area: str, login: str, verifier: str, schema: str) -> list[str]:
    is_jobs = area == JOBS
    needed = (Reach.EVERYTHING,) if is_jobs else (Reach.SIGN_IN, REACH_OF_AREA[area])
    roles = {reach: role_name(reach, schema) for reach in Reach if schema or reach in GRANTS}
    limits = {
        "search_path": f"{schema or PUBLIC}, pg_temp",
        **_WAITS,
        **({} if is_jobs else _WORKS),
    }
    return [
        f"DO $$ BEGIN CREATE ROLE {login} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"ALTER ROLE {login} LOGIN NOINHERIT PASSWORD {_literal(verifier)}",
        f"REVOKE {', '.join(r for reach, r in roles.items() if reach not in needed)} FROM {login}",
        f"GRANT {', '.join(roles[reach] for reach in needed)} TO {login}",
        f"GRANT CONNECT ON DATABASE {database} TO {login}",
        *(
            f"ALTER ROLE {login} IN DATABASE {database} SET {name} = {value}"
            for name, value in limits.items()
        ),
    ]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
