"""A round that a whole region has answered, put straight into the tables: only counting it is
measured. Its tree, key and wordings come from the real opening; names are no names.
"""

from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from random import Random
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from tests.rounds import RoundRunner
from wellbeing.crypto.ballot_batches import count_cores
from wellbeing.crypto.ballots import OpenedBallot, ballot_mac, seal_ballot
from wellbeing.domain.instrument import load_wording
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.base import Base
from wellbeing.store.bulk import insert_rows
from wellbeing.store.org import Round, Unit
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.sealed import Plain, columns_of
from wellbeing.store.sessions import Database

PEOPLE_PER_TEAM = 20
UNITS_PER_UNIT = 25
_SILENT = 0.1
_AT_ONCE = 2000
_PARTS_AT_ONCE = 20


def fill_ballot_box(database: Database, rounds: RoundRunner, answers: int) -> UUID:
    """An open round with so many ballots, twenty a team, and a tenth more people on its roster."""
    teams = _add_units(database, answers // PEOPLE_PER_TEAM)
    round_id = rounds.open()
    homes = [team for team in teams for _ in range(PEOPLE_PER_TEAM)]
    _add_people(database, round_id, homes, is_done=True)
    _add_people(database, round_id, homes[:: round(1 / _SILENT)], is_done=False)
    with database.reading(Reach.EVERYTHING) as session:
        key = session.get_one(Round, round_id).public_key
    assert key
    mac_key = rounds.keys.get_mac(round_id)
    parts = [
        (round_id, key, mac_key, homes[start : start + _AT_ONCE], start)
        for start in range(0, len(homes), _AT_ONCE)
    ]
    with (
        get_context("fork").Pool(count_cores()) as pool,
        database.writing(Reach.EVERYTHING) as session,
    ):
        # A few parts at once: what is sealed faster than it is stored would wait in memory.
        for start in range(0, len(parts), _PARTS_AT_ONCE):
            for rows in pool.imap(_seal, parts[start : start + _PARTS_AT_ONCE]):
                insert_rows(session, Ballot, rows)
    return round_id


def _add_units(database: Database, teams: int) -> list[UUID]:
    """A tree with this many teams at the bottom, up to one unit at its top; the teams."""
    sizes = [teams]
    while sizes[0] > 1:
        sizes.insert(0, -(-sizes[0] // UNITS_PER_UNIT))
    above: list[UUID] = []
    with database.writing(Reach.EVERYTHING) as session:
        for level, size in enumerate(sizes):
            units = [uuid4() for _ in range(size)]
            insert_rows(session, Unit, _unit_rows(units, above, level))
            above = units
    return above


def _unit_rows(
    units: Sequence[UUID], above: Sequence[UUID], level: int
) -> Iterator[dict[str, object]]:
    for at, unit in enumerate(units):
        parent = above[at // UNITS_PER_UNIT] if above else None
        yield {"id": unit, "parent_id": parent, "name": f"Enhed {level}-{at}"}


def _add_people(
    database: Database, round_id: UUID, homes: Sequence[UUID], *, is_done: bool
) -> None:
    people = [uuid4() for _ in homes]
    # Nothing here opens a name: the sealed name of one stands for all.
    name = columns_of(Person, people[0], name="Nobody")["sealed_name"]
    with database.writing(Reach.EVERYTHING) as session:
        for start in range(0, len(people), _AT_ONCE):
            rows = [
                {
                    "id": person,
                    "employee_number": str(person),
                    "sealed_name": name,
                    "language": "da",
                    "status": PersonStatus.ACTIVE,
                    "reminders_stopped": False,
                }
                for person in people[start : start + _AT_ONCE]
            ]
            session.execute(insert(Base.metadata.tables["person"]), rows)
            if isinstance(name, Plain):
                name = session.scalars(select(Person.sealed_name).limit(1)).one()
        asked = (
            {
                "round_id": round_id,
                "person_id": person,
                "reporting_unit_id": home,
                "done": is_done,
            }
            for person, home in zip(people, homes, strict=True)
        )
        insert_rows(session, Participation, asked)


def _seal(part: tuple[UUID, str, bytes, Sequence[UUID], int]) -> list[dict[str, object]]:
    round_id, key, mac_key, homes, start = part
    random, wording = Random(start), load_wording("da").sha256
    rows: list[dict[str, object]] = []
    for unit in homes:
        id_ = uuid4()
        scores = (random.randint(25, 48), random.randint(14, 36), random.randint(11, 33))
        ballot = OpenedBallot(scores, unit, wording)
        sealed = seal_ballot(ballot, ballot_id=id_, public_key_hex=key)
        mac = ballot_mac(mac_key, ballot_id=id_, round_id=round_id, unit_id=unit, sealed=sealed)
        rows.append(
            {"id": id_, "round_id": round_id, "unit_id": unit, "sealed": sealed, "mac": mac}
        )
    return rows
