"""Two organisations side by side, made by the command, and what tells them apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from tests.cast import Cast, make_cast
from wellbeing.cli import wellbeing
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.domain.errors import WellbeingError
from wellbeing.organisations import Organisation
from wellbeing.settings import Settings
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

NORD, SYD = "nord", "syd"


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit code and what it said; a mistake is what it said then."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Houses:
    """A folder of organisations, and the PostgreSQL database that holds them; "" for SQLite."""

    folder: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str | None]:
        """What every process of this installation has in common."""
        given: dict[str, str | None] = {"WELLBEING_ORGANISATIONS_FOLDER": str(self.folder)}
        return given | ({"WELLBEING_DATABASE_URL": self.url} if self.url else {})

    def run(self, *arguments: str, **more: str) -> Said:
        """`run("org", "list")` as typed at a terminal."""
        environment = {**self.environment, **more}
        ran = CliRunner().invoke(wellbeing, arguments, env=environment)
        if isinstance(ran.exception, WellbeingError):
            return Said(2, ran.stdout, str(ran.exception) + " ".join(ran.exception.faults))
        if ran.exception and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Said(ran.exit_code, ran.stdout, ran.stderr)

    def add(self, name: str) -> None:
        """An organisation at http://<name>.example."""
        said = self.run("org", "add", name, "--base-url", f"http://{name}.example")
        assert said.code == 0, said

    def organisation(self, name: str) -> Organisation:
        """One of them."""
        return Organisation(name, self.folder / name)

    def settings(self, name: str) -> Settings:
        """Its settings, as its processes read them."""
        with CliRunner().isolation(env=self.environment):
            return self.organisation(name).read_settings()

    @contextmanager
    def opened(self, name: str) -> Iterator[Database]:
        """The database of one, as its commands open it."""
        settings = self.settings(name)
        keys = FieldKeys(settings.key_folder)
        url, schema = settings.effective_database_url, settings.database_schema
        database = Database(url, keys, schema=schema, durable=False)
        yield database
        database.close()

    def cast(self, name: str) -> Cast:
        """The named cast, in one of them; once."""
        with self.opened(name) as database, database.writing(Reach.EVERYTHING) as session:
            return make_cast(session)
