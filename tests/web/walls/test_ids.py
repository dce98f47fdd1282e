"""Every id in every address, for everybody: one's own, a sibling's, another department's, none.

Nothing here is said per endpoint that follows from who reaches which unit: an argument stands for
a kind of thing, each kind is reached in one way, and an argument without an entry fails.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.databases import PostgreSQLServer, copied_postgresql
from tests.web.walls.asking import ids_for, outcome, rules_with_ids
from tests.web.walls.world import BY_CODE, PLACES, PLAYERS, STRANGER, World, opened_world
from wellbeing.domain.reporting import path_up
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.org import Membership, Unit
from wellbeing.store.reach import Reach
from wellbeing.store.support import Booking
from wellbeing.web.shared import policy

AREAS = ("employee", "leader", "hr", "supervisor", "admin")
NOBODY = {STRANGER, "Dan"}


@dataclass(frozen=True)
class Asked:
    """Somebody asks an address for the thing of a place."""

    name: str
    endpoint: str
    place: str


class Relations:
    """Who reaches what, read from the rows that say so and from nowhere else."""

    def __init__(self, world: World) -> None:
        self._world, self._people, self._units = world, world.cast.people, world.cast.units
        with world.database.reading(Reach.EVERYTHING) as session:
            self._parents = {unit.id: unit.parent_id for unit in session.scalars(select(Unit))}
            self._grants = list(session.scalars(select(RoleGrant)))
            self._homes = list(session.scalars(select(Membership)))
            self._invited = {(b.session_id, b.person_id) for b in session.scalars(select(Booking))}

    def roles(self, asked: Asked) -> frozenset[Role]:
        """What somebody is, wherever."""
        granted = (g.role for g in self._grants if g.person_id == self._people[asked.name])
        return frozenset({Role.EMPLOYEE, *granted})

    def reaches_unit(self, asked: Asked) -> bool:
        """Through a role that the address is for, granted for the unit or one above it."""
        return any(
            grant.unit_id in (None, *path_up(self._units[asked.place], self._parents))
            for grant in self._grants
            if grant.person_id == self._people[asked.name]
            and grant.role in policy.POLICY[asked.endpoint]
        )

    def reaches_whole(self, asked: Asked) -> bool:
        """The same for the whole organisation."""
        top = Asked(asked.name, asked.endpoint, "organisation")
        return self.reaches_unit(top)

    def has_role(self, asked: Asked) -> bool:
        """Things of the whole house, for everybody whose role the address is for."""
        return not self.roles(asked).isdisjoint(policy.POLICY[asked.endpoint])

    def is_concerned(self, asked: Asked) -> bool:
        """Belongs to the unit or to one below it."""
        homes = (m.unit_id for m in self._homes if m.person_id == self._people[asked.name])
        unit_id = self._units[asked.place]
        return any(unit_id in path_up(home, self._parents) for home in homes)

    def is_invited(self, asked: Asked) -> bool:
        """Was asked to the session."""
        held = self._world.ids[asked.place]["held_session"]
        return (held, self._people[asked.name]) in self._invited

    def leads_session(self, asked: Asked) -> bool:
        """Is the supervisor of it."""
        return asked.name == "Susan"


Relation = Callable[[Relations, Asked], bool]
# The kind of thing that an argument stands for in an area, and how such a thing is reached.
REACHED: Mapping[tuple[str, str], Relation] = {
    ("employee", "round_id"): Relations.has_role,
    ("employee", "session_id"): Relations.is_invited,
    ("employee", "incident_id"): Relations.is_concerned,
    ("leader", "unit_id"): Relations.reaches_unit,
    ("leader", "offer_id"): Relations.reaches_unit,
    ("leader", "action_id"): Relations.reaches_unit,
    ("leader", "incident_id"): Relations.reaches_unit,
    ("hr", "flag_id"): Relations.reaches_unit,
    ("hr", "offer_id"): Relations.reaches_unit,
    ("hr", "action_id"): Relations.reaches_unit,
    ("hr", "session_id"): Relations.reaches_unit,
    ("hr", "series_id"): Relations.reaches_unit,
    ("hr", "incident_id"): Relations.reaches_unit,
    ("hr", "request_id"): Relations.reaches_unit,
    ("hr", "group_id"): Relations.reaches_whole,
    ("hr", "theme_id"): Relations.reaches_whole,
    ("hr", "programme_id"): Relations.reaches_whole,
    ("hr", "round_id"): Relations.reaches_whole,
    ("hr", "place_id"): Relations.has_role,
    ("hr", "supervisor_id"): Relations.has_role,
    ("supervisor", "session_id"): Relations.leads_session,
    ("admin", "person_id"): Relations.has_role,
    ("admin", "wording_id"): Relations.has_role,
    ("admin", "webhook_id"): Relations.has_role,
}
# Where an address is reached otherwise than its kind of thing: letters hold those in reach only.
OTHERWISE: Mapping[str, Relation] = {
    "hr.letters": Relations.has_role,
    # An extra round asks everybody of a unit, so it takes HR of the whole.
    "hr.plan_extra_round": Relations.reaches_unit,
}


def expected_of(relations: Relations, rule: Rule, name: str, places: Mapping[str, str]) -> str:
    """What the answer has to mean when each id is of such a place."""
    if name in NOBODY:
        return "sign in first"
    if name == BY_CODE:
        is_theirs = rule.endpoint in policy.BY_CODE
        return "opens" if is_theirs else "nothing here"
    area = rule.endpoint.split(".")[0]
    for argument in (a for a in rule.arguments if a.endswith("_id")):
        asked = Asked(name, rule.endpoint, places[argument])
        reached = OTHERWISE.get(rule.endpoint, REACHED[area, argument])
        if not relations.has_role(asked) or not reached(relations, asked):
            return "nothing here"
    return "opens"


def is_let_in(relations: Relations, name: str, rule: Rule) -> bool:
    """Whether the address is for a role that somebody has."""
    if name in NOBODY or name == BY_CODE:
        return False
    return relations.has_role(Asked(name, rule.endpoint, "team_a"))


def combinations(rule: Rule, places: tuple[str, ...] = PLACES) -> Iterator[dict[str, str]]:
    """Every place for the ids of the address; of two ids, also one here and the other elsewhere."""
    arguments = sorted(a for a in rule.arguments if a.endswith("_id"))
    for chosen in product(places, repeat=len(arguments)):
        if len(set(chosen)) == 1 or "team_a" in chosen:
            yield dict(zip(arguments, chosen, strict=True))


def ids_of(world: World, rule: Rule, places: Mapping[str, str]) -> dict[str, UUID | str]:
    """The ids of the things of these places."""
    return {a: ids_for(world, rule, place).get(a, "") or "" for a, place in places.items()}


def ask(world: World, name: str, path: str, method: str) -> TestResponse:
    """A form carries its token and nothing else."""
    return world.send(name, path) if method == "POST" else world.ask(name, path, method)


def check_all(
    world: World, area: str, players: tuple[str, ...], places: tuple[str, ...] = PLACES
) -> int:
    """Asks for everything of these places as everybody; how many answers there were."""
    relations, found, expected = Relations(world), {}, {}
    for rule, method in rules_with_ids(world.app):
        if not rule.endpoint.startswith(f"{area}."):
            continue
        for chosen in combinations(rule, places):
            filled = {k: v for k, v in ids_of(world, rule, chosen).items() if v}
            path = world.address(rule, filled)
            for name in players:
                # Whoever has no such role is refused before an id is looked at: once is enough.
                if set(chosen.values()) != {"team_a"} and not is_let_in(relations, name, rule):
                    continue
                answer = ask(world, name, path, method)
                key = (rule.endpoint, method, name, *chosen.items())
                found[key] = outcome(answer)
                expected[key] = expected_of(relations, rule, name, chosen)
                if found[key] != "opens":
                    assert world.still.stored == [], key
    wrong = {key: found[key] for key in found if found[key] != expected[key]}
    assert wrong == {}
    return len(found)


@pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1")
@pytest.mark.parametrize("area", AREAS)
def test_everybody_opens_exactly_what_is_theirs(area: str, world: World) -> None:
    assert check_all(world, area, PLAYERS) > 0


def test_every_kind_of_thing_in_an_address_has_its_relation(world: World) -> None:
    kinds = {
        (rule.endpoint.split(".")[0], argument)
        for rule, _ in rules_with_ids(world.app)
        for argument in rule.arguments
        if argument.endswith("_id")
    }
    assert kinds == set(REACHED)


def test_somebody_opens_and_somebody_is_refused_each_kind_but_those_of_a_whole_role(
    world: World,
) -> None:
    relations = Relations(world)
    names = [n for n in PLAYERS if n not in NOBODY | {BY_CODE}]
    for rule, _ in rules_with_ids(world.app):
        answers = {
            expected_of(relations, rule, name, places)
            for name in names
            for places in combinations(rule)
        }
        assert "opens" in answers, rule.endpoint
        is_for_all = rule.endpoint.startswith("employee.") and "round_id" in rule.arguments
        assert is_for_all or "nothing here" in answers, rule.endpoint


MALFORMED = ("x", "0", "%00", "..%2f..", "'%20OR%201=1--", "0" * 5000, "{0}", "%F0%9F%98%80")


@pytest.mark.asvs("8.2.2", "2.2.1")
def test_an_id_of_nothing_and_what_is_no_id_are_not_found(world: World) -> None:
    for rule, method in rules_with_ids(world.app):
        needed = policy.POLICY[rule.endpoint]
        name = next(n for r, n in WHO_OPENS.items() if r in needed)
        nothing = {a: uuid4() for a in rule.arguments if a.endswith("_id") and a != "wording_id"}
        if nothing:
            path = world.address(rule, nothing)
            assert ask(world, name, path, method).status_code == 404, rule.endpoint
            for junk in MALFORMED:
                bad = path.replace(str(next(iter(nothing.values()))), junk)
                expected = 400 if junk == "%00" else 404
                assert ask(world, name, bad, method).status_code == expected, (rule.endpoint, junk)
                assert world.still.stored == []


WHO_OPENS = {
    Role.HR: "Hanne",
    Role.LEADER: "Lis",
    Role.SUPERVISOR: "Susan",
    Role.ADMINISTRATOR: "Adam",
    Role.EMPLOYEE: "Eva",
}


@pytest.mark.postgresql
def test_what_belongs_to_another_department_is_not_found_on_postgresql_either(
    tmp_path: Path, postgresql: PostgreSQLServer | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if postgresql is None:
        pytest.skip("PostgreSQL is not installed.")
    monkeypatch.setattr("wellbeing.pdf._render", lambda *_: b"%PDF-1.7 (not drawn)")
    with copied_postgresql(postgresql) as url, opened_world(tmp_path, url) as world:
        assert check_all(world, "leader", ("Ole",), ("team_a",)) > 0
        assert check_all(world, "hr", ("Hugo",), ("team_a",)) > 0
