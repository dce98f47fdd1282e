"""Ids inside forms: a choice that the form did not offer is not accepted from anybody."""

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests.web.walls.shown_forms import ENDINGS, ShownForm, find_endpoint, forms_of
from tests.web.walls.world import PLACES, World

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Made with the page, to know a form that is sent twice.
MADE_WITH_THE_PAGE = {"form_id"}
SENDERS = ("Eva", "Lis", "Hugo", "Hanne", "Susan")


def fields_with_ids(form: ShownForm) -> list[str]:
    """The fields whose values are ids, or hold one."""
    return [
        field
        for field in sorted(form.names - MADE_WITH_THE_PAGE)
        if any(_ID.search(value) for value in form.offered(field))
    ]


def foreign_values(world: World, form: ShownForm, field: str) -> Iterator[str]:
    """The offered value with each id there is in place of its own, unless that is offered too."""
    offered = form.offered(field)
    shape = next(value for value in sorted(offered) if _ID.search(value))
    for other in every_id(world):
        value = _ID.sub(str(other), shape)
        if value not in offered:
            yield value


def every_id(world: World) -> set[UUID]:
    """Things of each kind, people and units here and elsewhere, and nothing."""
    kinds = ("offer_id", "session_id", "place_id", "theme_id")
    things = {world.ids[place][kind] for place in ("team_a", "team_b") for kind in kinds}
    units = (world.cast.units[place] for place in PLACES)
    people = (world.cast.people[name] for name in ("Eva", "Karl", "Dan", "Lis", "Sonja"))
    return {*things, *units, *people, uuid4()}


@pytest.mark.asvs("8.2.2", "2.2.1", "2.2.2")
@pytest.mark.parametrize("name", SENDERS)
def test_an_id_that_a_form_did_not_offer_is_not_accepted(name: str, world: World) -> None:
    accepted, tried = [], 0
    for form in forms_of(world, name):
        for field in fields_with_ids(form):
            for value in foreign_values(world, form, field):
                answer = world.send(name, form.action, {**form.filled, field: value})
                tried += 1
                assert answer.status_code < 500
                if world.still.changed:
                    accepted.append((form.action, field, value, world.still.changed))
    assert accepted == []
    assert tried or name == "Eva"


def test_a_form_as_it_is_shown_is_accepted_somewhere(world: World) -> None:
    # Else the test above would be proved by forms that are refused for another reason.
    stored = set()
    for form in forms_of(world, "Hanne"):
        endpoint = find_endpoint(world, form.action)
        if endpoint not in ENDINGS:
            world.send("Hanne", form.action, form.filled)
            stored |= {endpoint} if world.still.changed else set()
    assert len(stored) >= 8, stored
