"""`wellbeing erase-person NUMBER`: erases somebody who has left, at once."""

import click

from wellbeing.commands.context import open_database, read_settings


@click.command()
@click.argument("employee_number")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_person(employee_number: str, *, yes: bool) -> None:
    """Erase the person with this number, whose access must be closed. It cannot be undone."""
    from sqlalchemy import select

    from wellbeing.actions.erasure import erase_person as erase
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.domain.errors import Missing
    from wellbeing.store.accounts import Person
    from wellbeing.store.reach import Reach

    with open_database(read_settings()) as database:
        with database.reading(Reach.EVERYTHING) as session:
            query = select(Person.id).where(Person.employee_number == employee_number)
            person_id = session.scalar(query)
        if person_id is None:
            raise Missing("Nobody has the number {number}.", number=employee_number)
        if not yes:
            click.confirm(f"Erase {employee_number} for good?", abort=True)
        with database.writing(Reach.EVERYTHING) as session:
            erase(session, person_id, now=utc_now(), by=Actor.command("erase-person"))
        database.scrub("person", "diary_key", "diary_entry")
    click.echo("Erased. Sessions and rounds under way count on, without a name.")
