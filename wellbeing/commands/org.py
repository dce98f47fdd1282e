"""`wellbeing org`: the organisations that share one installation."""

from datetime import UTC
from pathlib import Path

import click

from wellbeing.commands.context import reach_database, read_settings_of
from wellbeing.commands.init import set_up
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.organisations import (
    SETTINGS_FILE,
    Organisation,
    check_apart,
    check_name,
    find_organisations,
    folder_of_organisations,
    get_organisation,
)


@click.group()
def org() -> None:
    """Many organisations: a folder of settings and keys each, and a schema of the database."""


@org.command()
@click.argument("name")
@click.option("--base-url", required=True, help="The address people reach it by, https://…")
@click.option("--title", default="", help="What it is called on pages and in mails.")
@click.option("--administrator", metavar="E-MAIL", help="Mail an activation link to this person.")
@click.option("--administrator-name", default="Administrator", help="What that person is called.")
def add(
    name: str, base_url: str, title: str, administrator: str | None, administrator_name: str
) -> None:
    """Add the organisation NAME, or finish adding it; again is fine.

    NAME is that of its folder and its schema, and stays. Its settings are in the folder, to be
    changed there.
    """
    check_name(name)
    organisation = Organisation(name, folder_of_organisations() / name)
    is_new = not organisation.settings_file.exists()
    if is_new:
        _write_settings(organisation, {"organisation": title or name, "base_url": base_url})
    try:
        check_apart(find_organisations())
        settings = read_settings_of(organisation)
    except BadInput:
        if is_new:
            organisation.settings_file.unlink()
            organisation.folder.rmdir()
        raise
    click.echo(f"Settings: {organisation.settings_file}")
    set_up(settings, administrator, administrator_name)


@org.command("list")
def list_them() -> None:
    """Say which organisations there are, and where people reach them."""
    for organisation in find_organisations():
        try:
            said = str(organisation.own.get("base_url", "no base_url"))
        except BadInput as fault:
            said = str(fault)
        click.echo(f"{organisation.name:<28}  {said}")


@org.command()
@click.argument("name")
@click.option("--confirm", metavar="NAME", default="", help="The same name once more.")
def remove(name: str, confirm: str) -> None:
    """Delete the organisation NAME from the database, for good.

    Its folder with settings and keys is only set aside, for you to delete.
    """
    from wellbeing.clock import utc_now
    from wellbeing.store.organisation_schemas import drop_schema

    organisation = get_organisation(name)
    if confirm != name:
        raise Refused(
            f"Everything of {name} would be deleted. Take a last backup if you may keep one, stop "
            f"its processes, and say it again with --confirm {name}."
        )
    settings = read_settings_of(organisation)
    if settings.database_url:
        with reach_database(settings, made=True) as database:
            drop_schema(database)
    aside = _aside(organisation, f"{utc_now().astimezone(UTC):%Y%m%dT%H%M%S}")
    organisation.folder.rename(aside)
    click.echo(f"{name} is no longer in the database.")
    click.echo(f"Its keys are in {aside}. Once they are deleted no backup of it can be read.")


def _aside(organisation: Organisation, moment: str) -> Path:
    return organisation.folder.with_name(f"{organisation.name}.removed-{moment}")


def _write_settings(organisation: Organisation, values: dict[str, str]) -> None:
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items()]
    organisation.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = organisation.folder / SETTINGS_FILE
    path.touch(mode=0o600)
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _quoted(value: str) -> str:
    """A string of TOML; BadInput for what no address or name contains."""
    if not value.isprintable():
        raise BadInput("A name or address cannot have such characters.")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
