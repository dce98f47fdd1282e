"""An invented organisation: Fjordhjem, 14 units on three levels, about 120 people.

Every name is put together from lists of common Danish names; nobody here exists.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NAME = "Fjordhjem"
MAIL_DOMAIN = "fjordhjem.example"

TEAMS: dict[str, dict[str, int]] = {
    "Herberger": {"Natherberget": 13, "Kvindeherberget": 11, "Varmestuen": 9, "Opsøgende team": 3},
    "Socialpsykiatri": {"Birkehuset": 12, "Åhuset": 10, "Hjemmevejledningen": 9},
    "Rusmiddelbehandling": {"Dagbehandlingen": 12, "Døgnafsnittet": 11, "Efterværnet": 7},
}
OFFICES = {"Herberger": 4, "Socialpsykiatri": 3, "Rusmiddelbehandling": 3}
SMALL_TEAM = "Opsøgende team"
SHARED_LEADER_TEAM = "Varmestuen"
BURNOUT_TEAM = "Natherberget"
INCIDENT_TEAM = "Døgnafsnittet"
HELPED_TEAM = "Birkehuset"
NIGHT_TEAM, WITHOUT_MAIL = "Natherberget", 2

_FIRST_NAMES = """
Anne Bodil Camilla Ditte Emma Freja Gitte Helle Ida Jytte Karen Lone Mette Nanna Oda Pernille
Rikke Sofie Tine Ulla Vibeke Yrsa Amalie Birgit Anders Bjarne Casper Daniel Erik Frederik
Gustav Henrik Ivan Jakob Kenneth Lars Mikkel Niels Ole Peter Rune Søren Thomas Uffe Villy
Amir Fatima Layla Mehmet Nadia
"""
_LAST_NAMES = """
Aagaard Bech Christoffersen Dam Eskildsen Fink Gade Holst Iversen Jespersen Koch Lauridsen
Mikkelsen Nygaard Overgaard Poulsen Ravn Schou Toft Vester Ali Demir Haddad Kaya
"""
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A row of the invented staff file."""

    number: str
    name: str
    unit: str
    leads: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    language: str = "da"
    mobile: str = ""

    @property
    def email(self) -> str:
        """The invented address, unique by its number; whoever has a telephone only has none."""
        return "" if self.mobile else f"m{self.number}@{MAIL_DOMAIN}"


def path_of(unit: str) -> str:
    """The path of a unit by its name."""
    if unit == NAME:
        return NAME
    if unit in TEAMS:
        return f"{NAME} / {unit}"
    department = next(name for name, teams in TEAMS.items() if unit in teams)
    return f"{NAME} / {department} / {unit}"


def make_people() -> tuple[DemoPerson, ...]:
    """Everyone: the front office, leaders, staff of departments and teams, one supervisor."""
    names = _names()
    people = [*_office(names)]
    for department, teams in TEAMS.items():
        for led in _led_units(department):
            people.append(_make(people, next(names), department, leads=led))
        for _ in range(OFFICES[department]):
            people.append(_make(people, next(names), department))
        for team, size in teams.items():
            for place in range(size):
                is_reached = team != NIGHT_TEAM or place < size - WITHOUT_MAIL
                mobile = "" if is_reached else f"+451000{place:04}"
                roles = _elected(team, place)
                people.append(_make(people, next(names), team, roles=roles, mobile=mobile))
    return tuple(people)


def staff_csv(people: tuple[DemoPerson, ...]) -> str:
    """The staff file that `wellbeing import-staff` takes."""
    lines = ["employee_number;name;e-mail;mobile;language;unit;leader_of;roles"]
    for person in people:
        leads = "|".join(path_of(unit) for unit in person.leads)
        roles = "|".join(person.roles)
        lines.append(
            f"{person.number};{person.name};{person.email};{person.mobile};{person.language};"
            f"{path_of(person.unit)};{leads};{roles}"
        )
    return "\n".join(lines) + "\n"


def _office(names: Iterator[str]) -> Iterator[DemoPerson]:
    yield DemoPerson("100", next(names), NAME, leads=(NAME,))
    yield DemoPerson("101", next(names), NAME, roles=("hr",))
    yield DemoPerson("102", next(names), NAME, roles=("administrator",))
    yield DemoPerson("103", next(names), NAME, roles=("dpo",))
    yield DemoPerson("104", next(names), NAME, roles=("supervisor",))
    yield DemoPerson("105", next(names), NAME, roles=("supervisor",), language="en")


def _led_units(department: str) -> Iterator[tuple[str, ...]]:
    """What each leader leads: the department, or a team; two teams share one leader."""
    yield (department,)
    for team in TEAMS[department]:
        if team == SHARED_LEADER_TEAM:
            yield (team, SMALL_TEAM)
        elif team != SMALL_TEAM:
            yield (team,)


def _elected(team: str, place: int) -> tuple[str, ...]:
    elected = place == 1 and team in (BURNOUT_TEAM, HELPED_TEAM, INCIDENT_TEAM)
    return (f"safety_representative: {path_of(team)}",) if elected else ()


def _make(people: list[DemoPerson], name: str, unit: str, **more: Any) -> DemoPerson:
    number = str(100 + len(people))
    english = "en" if len(people) % 17 == 16 else "da"
    return DemoPerson(number, name, unit, language=english, **more)


def _names() -> Iterator[str]:
    """Names in a fixed, mixed order; 50 first and 24 last names repeat a pair after 600."""
    for at in range(600):
        yield f"{_FIRST[at * 7 % len(_FIRST)]} {_LAST[at * 5 % len(_LAST)]}"
