"""The named cast: one small organisation that every test of pages and access plays with.

Østerhus / Bostøtte / Anemonen (8 people) and Kløveren (3), Østerhus / Døgntilbud / Bøgen (7).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from wellbeing.crypto.secrets import hash_password
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Credential, Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership, Unit

ORGANISATION = "Østerhus"
PASSWORD = "en lang tur langs havet"
FIRST_DAY = date(2024, 1, 1)

UNITS: tuple[tuple[str, str, str | None], ...] = (
    ("organisation", ORGANISATION, None),
    ("department_1", "Bostøtte", "organisation"),
    ("department_2", "Døgntilbud", "organisation"),
    ("team_a", "Anemonen", "department_1"),
    ("team_b", "Bøgen", "department_2"),
    ("team_c", "Kløveren", "department_1"),
)

PEOPLE: tuple[tuple[str, str, str | None], ...] = (
    ("Eva", "Eva Holm", "team_a"),
    ("Tom", "Tom Bæk", "team_a"),
    ("Sara", "Sara Krogh", "team_a"),
    ("Anne", "Anne Dahl", "team_a"),
    ("Bent", "Bent Friis", "team_a"),
    ("Carl", "Carl Juhl", "team_a"),
    ("Gry", "Gry Lund", "team_a"),
    ("Jens", "Jens Munk", "team_a"),
    ("Lis", "Lis Vestergaard", "department_1"),
    ("Ole", "Ole Nørgaard", "department_2"),
    ("Ida", "Ida Skov", "team_b"),
    ("Karl", "Karl Bruun", "team_b"),
    ("Mia", "Mia Toft", "team_b"),
    ("Nils", "Nils Riis", "team_b"),
    ("Pia", "Pia Østergaard", "team_b"),
    ("Rasmus", "Rasmus Kjær", "team_b"),
    ("Signe", "Signe Lind", "team_b"),
    ("Otto", "Otto Winther", "team_c"),
    ("Ulla", "Ulla Bech", "team_c"),
    ("Viggo", "Viggo Hald", "team_c"),
    ("Hanne", "Hanne Thomsen", "organisation"),
    ("Hugo", "Hugo Madsen", "department_2"),
    ("Adam", "Adam Ravn", "organisation"),
    ("Dina", "Dina Østrup", "organisation"),
    ("Susan", "Susan Clarke", None),
    ("Dan", "Dan Hauge", None),
)

_GRANTS: tuple[tuple[str, Role, str | None], ...] = (
    ("Lis", Role.LEADER, "team_a"),
    ("Ole", Role.LEADER, "team_b"),
    ("Hanne", Role.HR, None),
    ("Hugo", Role.HR, "department_2"),
    ("Sara", Role.SAFETY_REPRESENTATIVE, "team_a"),
    ("Susan", Role.SUPERVISOR, None),
    ("Adam", Role.ADMINISTRATOR, None),
    ("Dina", Role.DPO, None),
)

_STATUS = {"Ida": PersonStatus.INVITED, "Dan": PersonStatus.DISABLED}

# One person for each role, and nobody holds two.
WHO_PLAYS: dict[Role, str] = {
    Role.EMPLOYEE: "Eva",
    Role.LEADER: "Lis",
    Role.HR: "Hanne",
    Role.SAFETY_REPRESENTATIVE: "Sara",
    Role.SUPERVISOR: "Susan",
    Role.ADMINISTRATOR: "Adam",
    Role.DPO: "Dina",
}


@dataclass(frozen=True, slots=True)
class Cast:
    """The ids of the units ("team_a") and of the people ("Eva")."""

    units: Mapping[str, UUID]
    people: Mapping[str, UUID]

    def members_of(self, unit: str) -> list[UUID]:
        """The people whose home is this very unit, those already in it first to last."""
        return [self.people[name] for name, _, home in PEOPLE if home == unit]


def email_of(name: str) -> str:
    """The address the named person signs in with."""
    return f"{name.lower()}@osterhus.example"


def full_name_of(name: str) -> str:
    """The name as pages show it."""
    return next(full for known, full, _ in PEOPLE if known == name)


def make_cast(session: Session) -> Cast:
    """Puts the whole organisation into an empty database; everybody active knows PASSWORD."""
    units = {key: uuid4() for key, _, _ in UNITS}
    people = {name: uuid4() for name, _, _ in PEOPLE}
    for key, name, parent in UNITS:
        session.add(Unit(id=units[key], parent_id=units[parent] if parent else None, name=name))
    session.flush()
    for number, (name, full_name, _) in enumerate(PEOPLE, start=1001):
        _add_person(session, people[name], number, name, full_name)
    session.flush()
    session.add_all(
        Membership(person_id=people[name], unit_id=units[home], from_day=FIRST_DAY)
        for name, _, home in PEOPLE
        if home
    )
    session.add_all(
        Credential(person_id=people[name], password_hash=_hash_of_password())
        for name in people
        if _STATUS.get(name) is not PersonStatus.INVITED
    )
    for name, role, unit in _GRANTS:
        grant = RoleGrant(person_id=people[name], role=role, unit_id=units[unit] if unit else None)
        session.add(grant)
    session.flush()
    return Cast(units, people)


def _add_person(session: Session, person_id: UUID, number: int, name: str, full_name: str) -> None:
    person = Person(
        id=person_id,
        employee_number=str(number),
        name=full_name,
        email=email_of(name),
        language="en" if name == "Otto" else "da",
        status=_STATUS.get(name, PersonStatus.ACTIVE),
    )
    session.add(person)


@cache
def _hash_of_password() -> str:
    return hash_password(PASSWORD)
