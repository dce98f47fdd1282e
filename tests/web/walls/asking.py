"""What an address asks for, filled in with something of a place; and what an answer means."""

from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.web.walls.world import World

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
# Where an endpoint is about another thing of the place than others with the same argument.
_OTHER_THING = {
    "leader.finish_action": {"offer_id": "held_offer"},
    "employee.session_useful": {"session_id": "held_session"},
    "hr.mark_action": {"offer_id": "held_offer"},
}


def rules_of(app: Flask, endpoint: str) -> list[tuple[Rule, str]]:
    """Every address of an endpoint with each method it answers."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules(endpoint)
        for method in sorted((rule.methods or set()) & METHODS)
    ]


# One's own sign-ins and passkeys: nobody reaches another's in any role (test_own_ids.py).
OWN = frozenset({"sign_in_id", "passkey_id"})


def rules_with_ids(app: Flask) -> list[tuple[Rule, str]]:
    """Every address with a place for an id that others may reach, with each method it answers; of
    the API a token says what is in reach (tests/web/api).
    """
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("api.")
        and any(name.endswith("_id") and name not in OWN for name in rule.arguments)
        for method in sorted((rule.methods or set()) & METHODS)
    ]


def rules_with_own_ids(app: Flask) -> list[Rule]:
    """Every address with a place for the id of something that is one's own alone."""
    return [rule for rule in app.url_map.iter_rules() if OWN & rule.arguments]


def ids_for(world: World, rule: Rule, place: str) -> dict[str, UUID]:
    """The ids that the address would have for the things of a place."""
    things = world.ids[place]
    named = _OTHER_THING.get(rule.endpoint, {})
    found = {
        name: things[named.get(name, name)]
        for name in rule.arguments
        if named.get(name, name) in things
    }
    if "round_id" in rule.arguments:
        found["round_id"] = world.rounds[_which_round(rule.endpoint)]
    return found


def outcome(answer: TestResponse) -> str:
    """What an answer means for whoever asked."""
    location = answer.headers.get("Location", "")
    if location.startswith("/sign-in?next=") or location == "/sign-in":
        return "sign in first"
    if answer.status_code == 404:
        return "nothing here"
    is_answer = answer.status_code < 500 and answer.status_code != 405
    return "opens" if is_answer else f"fails: {answer.status_code}"


def _which_round(endpoint: str) -> str:
    if endpoint.startswith("employee.anonymity"):
        return "published"
    return "planned" if endpoint == "hr.open_round" else "open"
