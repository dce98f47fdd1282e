"""The `wellbeing` command. Each command's module is imported only when it is called."""

import sys
from importlib import import_module

import click

from wellbeing.domain.errors import WellbeingError

COMMANDS = {
    "audit-log": "audit_log:audit_log",
    "backup": "backup:backup",
    "close-without-figures": "close_without_figures:close_without_figures",
    "db": "db:db",
    "deletions": "deletions:deletions",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "erase-person": "erase_person:erase_person",
    "import-form": "import_form:import_form",
    "import-staff": "import_staff:import_staff",
    "init": "init:init",
    "job": "job:job",
    "keys": "keys:keys",
    "law-documents": "law_documents:law_documents",
    "org": "org:org",
    "published": "published:published",
    "audit": "audit:audit",
    "recovery-key": "recovery_key:recovery_key",
    "restore": "restore:restore",
    "resume-round": "resume_round:resume_round",
    "scheduler": "scheduler:scheduler",
    "score": "score:score",
    "serve": "serve:serve",
    "simulate-flags": "simulate_flags:simulate_flags",
    "simulate-support": "simulate_support:simulate_support",
    "token": "token:token",  # nosec B105  # a name, no secret
}
SUMMARIES = {
    "audit-log": "Prove that the log of acts is whole.",
    "backup": "Write the database to one file while the service runs.",
    "close-without-figures": "Give up a round that can never be opened.",
    "db": "Bring the database up, down, or say where it is.",
    "deletions": "List the log of deletions, or replay it on a restored copy.",
    "demo": "Make an invented organisation and serve it.",
    "doctor": "Check the running service, and say what to do.",
    "erase-person": "Erase somebody who has left, at once.",
    "import-form": "Read the official ProQOL form in.",
    "import-staff": "Load the staff directory from CSV or XLSX.",
    "init": "Prepare data folder, keys and database.",
    "job": "Run one job of the timetable once.",
    "keys": "List, check, rotate and retire keys.",
    "law-documents": "Write the documents that the law asks for, with your own facts in them.",
    "org": "Add, list and remove organisations that share one installation.",
    "published": "Print everything ever published.",
    "audit": "Prove from the published record what a reader cannot learn.",
    "recovery-key": "Make a key that backups are sealed to.",
    "restore": "Put a backup in the database's place.",
    "resume-round": "Try a stopped round again.",
    "scheduler": "Run the timetable.",
    "score": "Score a file of answers.",
    "serve": "Serve the web pages.",
    "simulate-flags": "Measure false alarms and detection of the flag rules.",
    "simulate-support": "Measure how often it is rightly said that support helped.",
    "token": "Make, list and revoke the tokens of other systems.",  # nosec B105  # a name, no secret
}


class LazyGroup(click.Group):
    """Knows its commands by name; a summary is shown without importing any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in order."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(import_module(f"wellbeing.commands.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The summaries."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in sorted(COMMANDS)])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wellbeing")
@click.option("--org", metavar="NAME", help="The organisation, where there are many.")
def wellbeing(org: str | None) -> None:  # read_settings asks for it
    """Private check-ins, anonymous team trends, and support that happens."""


def main() -> None:
    """Runs the command; a fault of the user's is one sentence and exit code 2."""
    try:
        wellbeing(prog_name="wellbeing", standalone_mode=True)
    except WellbeingError as fault:
        click.echo(f"wellbeing: {fault}", err=True)
        for place in fault.faults:
            click.echo(f"  {place}", err=True)
        sys.exit(2)
