"""Addresses that one area gives of another are those where the other's pages are."""

import re

from werkzeug.routing import Map

from tests.web.walls.world import World
from wellbeing.web.shared.addresses import PATHS, PREFIX_OF_AREA

_PLACE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


def rules_by_endpoint(url_map: Map) -> dict[str, set[str]]:
    """Every address with its places named as in `PATHS`."""
    found: dict[str, set[str]] = {}
    for rule in url_map.iter_rules():
        found.setdefault(rule.endpoint, set()).add(_PLACE.sub(r"{\1}", rule.rule))
    return found


def test_the_address_of_a_page_is_the_one_of_its_endpoint(world: World) -> None:
    found = rules_by_endpoint(world.app.url_map)
    wrong = {n: p for n, p in PATHS.items() if p.partition("?")[0] not in found.get(n, set())}
    assert wrong == {}


def test_every_page_of_an_area_is_below_its_prefix(world: World) -> None:
    outside = [
        (endpoint, path)
        for endpoint, paths in rules_by_endpoint(world.app.url_map).items()
        for path in paths
        if (prefix := PREFIX_OF_AREA.get(endpoint.split(".")[0]))
        and not (path == prefix or path.startswith(f"{prefix}/"))
    ]
    assert outside == []
