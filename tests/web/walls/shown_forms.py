"""The forms that somebody is shown: where each leads, and what it sends untouched."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib

from tests.crawler import defaults_of
from tests.web.walls.asking import ids_for, rules_of
from tests.web.walls.world import World
from wellbeing.web.shared import policy

# These end a visit; what they do is tested elsewhere.
ENDINGS = {"shared.sign_out", "shared.leave", "shared.kiosk"}
_PLAUSIBLE = {"date": "2026-02-04", "time": "13:00", "number": "5", "hidden": "", "file": ""}


@dataclass(frozen=True)
class ShownForm:
    """A form on a page, as parsed."""

    name: str
    page: str
    element: Any

    @property
    def action(self) -> str:
        """Where it is sent."""
        return str(urljoin(self.page, self.element.get("action") or ""))

    @cached_property
    def fields(self) -> dict[str, str]:
        """What it sends when nobody has touched it."""
        return {k: v for k, v in defaults_of(self.element).items() if k != "csrf_token"}

    @cached_property
    def filled(self) -> dict[str, str]:
        """The same with something plausible in every field that is still empty."""
        kinds = {e.get("name"): e.get("type", "text") for e in self.element.iter("input")}
        return {
            name: value or _PLAUSIBLE.get(kinds.get(name, "textarea"), "Aftalt med teamet")
            for name, value in self.fields.items()
        }

    @cached_property
    def names(self) -> frozenset[str]:
        """Every field that could be filled in."""
        tags = ("input", "select", "textarea", "button")
        found = {e.get("name") for tag in tags for e in self.element.iter(tag)}
        return frozenset(name for name in found if name and name != "csrf_token")

    def offered(self, field: str) -> set[str]:
        """Every value that the form lets one choose in a field, or sends unseen."""
        chosen = [e for e in self.element.iter("select") if e.get("name") == field]
        options = {o.get("value") or "" for e in chosen for o in e.iter("option")}
        inputs = (e for e in self.element.iter("input") if e.get("name") == field)
        unseen = {"hidden", "radio", "checkbox"}
        return options | {e.get("value") or "" for e in inputs if e.get("type") in unseen}


def forms_of(world: World, name: str) -> Iterator[ShownForm]:
    """Every form on every page that somebody can open; of those that are alike, the first."""
    seen = set()
    for path in sorted(set(_pages(world))):
        answer = world.ask(name, path)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        html = answer.get_data(as_text=True)
        if 'method="post"' not in html:
            continue
        root = html5lib.parse(html, namespaceHTMLElements=False)
        for element in (e for e in root.iter("form") if e.get("method") == "post"):
            form = ShownForm(name, path, element)
            kind = (find_endpoint(world, form.action), form.names)
            if kind not in seen:
                seen.add(kind)
                yield form


def find_endpoint(world: World, path: str) -> str:
    """The endpoint that a form is sent to."""
    adapter = world.app.url_map.bind("localhost")
    return str(adapter.match(urlsplit(path).path, method="POST")[0])


def _pages(world: World) -> Iterator[str]:
    for endpoint in set(policy.POLICY) - {"static"}:
        for rule, method in rules_of(world.app, endpoint):
            if method == "GET" and not endpoint.endswith("_pdf"):
                place = "organisation" if endpoint.startswith("employee.") else "team_a"
                yield world.address(rule, ids_for(world, rule, place))
                if endpoint == "leader.ledger":
                    yield world.address(rule, ids_for(world, rule, "organisation"))
