"""The jobs that write and send mail, run against a real server at moments the test chooses."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update

from jobs.context import JobContext
from jobs.invite import invite_open_rounds
from jobs.remind import remind_open_rounds
from tests.clock import InventedClock
from tests.mail_server import MailServer
from wellbeing.actions.delivery import Delivery
from wellbeing.actions.outbox_outcomes import Delivered
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sealed import columns_of
from wellbeing.store.sessions import Database

BASE_URL = "https://trivsel.osterhus.example"


@dataclass
class PostOffice:
    """Everything delivery needs, and looks into the outbox."""

    database: Database
    settings: Settings
    clock: InventedClock

    @classmethod
    def open(
        cls, database: Database, folder: Path, server: MailServer, now: datetime
    ) -> "PostOffice":
        """A post office of the cast's organisation that sends through this server."""
        settings = Settings(
            data=folder,
            database_url=database.url.render_as_string(hide_password=False),
            organisation="Østerhus",
            base_url=BASE_URL,
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            mail_from="trivsel@osterhus.example",
        )
        return cls(database, settings, InventedClock(now))

    @property
    def context(self) -> JobContext:
        """What jobs are given."""
        return JobContext(self.database, self.settings, self.clock.now)

    def invite(self) -> str:
        """Runs the inviting job."""
        return invite_open_rounds(self.context)

    def remind(self) -> str:
        """Runs the reminding job."""
        return remind_open_rounds(self.context)

    def deliver(self) -> Delivered:
        """Runs one pass of delivery."""
        return Delivery(self.database, self.settings, clock=self.clock.now).run()

    def change(self, person_id: UUID, **values: object) -> None:
        """Changes columns of a person."""
        with self.database.writing(Reach.EVERYTHING) as session:
            changed = columns_of(Person, person_id, **values)
            session.execute(update(Person).where(Person.id == person_id).values(changed))

    def rows(self) -> list[OutboxMessage]:
        """All messages of the outbox."""
        with self.database.reading(Reach.EVERYTHING) as session:
            return list(session.scalars(select(OutboxMessage)))

    def row(self) -> OutboxMessage:
        """The only message of the outbox."""
        (row,) = self.rows()
        return row

    def states(self) -> set[MailState]:
        """The states that occur."""
        return {row.state for row in self.rows()}
