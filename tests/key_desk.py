"""Key holders for tests: the cast takes keys and gives shares through the real actions."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tests.cast import ORGANISATION, Cast
from tests.rounds import RoundRunner
from wellbeing.actions.key_holders import become_holder
from wellbeing.actions.round_shares import SharedRound, find_shared_rounds, give_share
from wellbeing.domain.actor import Actor
from wellbeing.domain.duties import Duty
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.reach import Reach

CODES = {
    "Hanne": "grøn kaffekop og regnvejr",
    "Sara": "tre måger over havnen",
    "Dina": "rugbrød ved skovsøen",
    "Tom": "blå cykel bag laden",
}
REACH = {Duty.HR: Reach.WORKPLACE, Duty.SAFETY_REPRESENTATIVE: Reach.LEADER}


@dataclass
class KeyDesk:
    """Hanne holds HR's key and Sara that of the safety representatives."""

    rounds: RoundRunner
    cast: Cast

    def take(self, name: str, duty: Duty) -> None:
        """A key for this person, who knows CODES."""
        person_id, now = self.cast.people[name], self.rounds.now
        with self.rounds.database.writing(REACH[duty]) as session:
            become_holder(
                session,
                CODES[name],
                duty,
                person_id=person_id,
                organisation=ORGANISATION,
                today=now.date(),
                now=now,
                by=Actor.person(person_id),
            )

    def take_both(self) -> None:
        """One holder on each side."""
        self.take("Hanne", Duty.HR)
        self.take("Sara", Duty.SAFETY_REPRESENTATIVE)

    def grant(self, name: str, role: Role) -> None:
        """The role for the whole organisation."""
        with self.rounds.database.writing(Reach.EVERYTHING) as session:
            session.add(RoleGrant(person_id=self.cast.people[name], role=role))

    def give(
        self,
        name: str,
        round_id: UUID,
        code: str | None = None,
        *,
        after: timedelta = timedelta(days=15),
        closes_early: bool = False,
    ) -> bool:
        """This person's share, `after` from the runner's now, from their own part of the pages."""
        person_id = self.cast.people[name]
        duty = Duty.HR if name in ("Hanne", "Dina") else Duty.SAFETY_REPRESENTATIVE
        with self.rounds.database.writing(REACH[duty]) as session:
            return give_share(
                session,
                round_id,
                code or CODES[name],
                person_id=person_id,
                folder=self.rounds.keys.folder,
                closes_early=closes_early,
                now=self.rounds.now + after,
                by=Actor.person(person_id),
            )

    def announce(self, after: timedelta = timedelta(days=15)) -> None:
        """The publishing process says that it is there."""
        self.rounds.handover.announce(now=self.rounds.now + after)

    def look(self, after: timedelta = timedelta(days=15)) -> SharedRound:
        """The one round with two keys that is under way, as the pages read it."""
        folder, now = self.rounds.keys.folder, self.rounds.now + after
        with self.rounds.database.reading(Reach.LEADER) as session:
            (found,) = find_shared_rounds(session, folder, now=now)
        return found
