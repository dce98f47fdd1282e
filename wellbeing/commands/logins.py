"""`wellbeing db logins`: a database login of its own for the process of each area."""

import os
import secrets
from pathlib import Path

import click

from wellbeing.commands.context import reach_database, read_settings
from wellbeing.domain.errors import BadInput


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Where a file with the password of each login is kept; those there already stay.",
)
@click.option("--prefix", default="", help="What the names begin with; else the database's name.")
@click.option("--renew", is_flag=True, help="Give every login a new password.")
@click.option("--sql", is_flag=True, help="Print the statements instead of running them.")
def logins(folder: Path, prefix: str, renew: bool, sql: bool) -> None:
    """Make the logins on PostgreSQL; again is fine."""
    from wellbeing.store.logins import (
        check_logins_are_plain,
        login_statements,
        make_verifier,
        name_logins,
    )
    from wellbeing.store.organisation_schemas import administering

    with reach_database(read_settings()) as database:
        name = database.url.database
        if database.is_sqlite or not name:
            raise BadInput("Logins are for PostgreSQL; SQLite has none.")
        named = name_logins(name, prefix, database.schema)
        with administering(database) as connection:
            check_logins_are_plain(connection, named)
            verifiers = {
                area: make_verifier(connection, login, _password(folder, login, renew=renew))
                for area, login in named.items()
            }
            statements = login_statements(name, named, verifiers, database.schema)
            if not sql:
                for statement in statements:
                    connection.exec_driver_sql(statement)
        if sql:
            click.echo("\n".join(f"{statement};" for statement in statements))
            return
        for area, login in named.items():
            address = database.url.set(username=login, password=None).render_as_string()
            click.echo(f"{area}: WELLBEING_DATABASE_URL={address}")
            click.echo(f"  WELLBEING_DATABASE_PASSWORD_FILE={_file(folder, login)}")


def _password(folder: Path, login: str, *, renew: bool) -> str:
    path = _file(folder, login)
    if path.exists() and not renew:
        return path.read_text(encoding="utf-8").strip()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = secrets.token_urlsafe(32)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{password}\n")
    return password


def _file(folder: Path, login: str) -> Path:
    return folder / f"{login}.password"
