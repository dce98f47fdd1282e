"""`wellbeing import-staff FILE`: makes staff and units be as a CSV or XLSX file says."""

from pathlib import Path

import click

from wellbeing.commands.context import open_database, read_settings


@click.command("import-staff")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.csv|xlsx")
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--partial", is_flag=True, help="The file does not name everybody: nobody leaves.")
@click.option("--allow-mass-leave", is_flag=True, help="Allow more than half to leave at once.")
def import_staff(file: Path, *, dry_run: bool, partial: bool, allow_mass_leave: bool) -> None:
    """Load the staff directory and print every change.

    People with a unit who are not in the file have left: they are disabled, and units that are
    not in it close. When anything in the file is wrong, all faults are told and none is imported.

    \b
    Columns, in English or Danish; the first three are required:
      employee_number  medarbejdernummer
      name             navn
      unit             enhed             Organisation / Department / Team
      email            e-mail
      mobile           mobil             8 Danish digits, or + and country code
      language         sprog             da or en
      leader_of        leder af          units
      roles            roller            hr; hr: Organisation / Department; dpo
      parent_unit      overordnet enhed  then unit is one name, not a path

    Several values in a cell are parted by a semicolon, a bar or a new line. A slash, semicolon or
    bar inside a name is written with a backslash before it. What the file has no column for stays
    as it is.
    """
    from wellbeing.actions import staff
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.domain.staff import check_rows
    from wellbeing.staff_files import read_staff_file
    from wellbeing.store.reach import Reach

    settings = read_settings()
    directory = check_rows(read_staff_file(file, settings.default_language))
    with open_database(settings) as database:
        if dry_run:
            with database.reading(Reach.EVERYTHING) as session:
                changes = staff.plan_import(
                    session, directory, complete=not partial, allow_mass_leave=allow_mass_leave
                )
        else:
            with database.writing(Reach.EVERYTHING) as session:
                changes = staff.import_staff(
                    session,
                    directory,
                    now=utc_now(),
                    by=Actor.command("import-staff"),
                    zone=settings.zone,
                    complete=not partial,
                    allow_mass_leave=allow_mass_leave,
                )
    click.echo("\n".join(changes.describe()))
    if dry_run:
        click.echo("Dry run: nothing was changed.")
