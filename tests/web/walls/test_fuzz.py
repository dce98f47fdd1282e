"""Nonsense and attacks, sent to every address as everybody who may open it.

Every form is sent payloads in all its fields, every address in its query and its path; then
hypothesis mixes. More examples and every payload for every form: WELLBEING_FUZZ=5000.
"""

import os
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.web.walls.asking import ids_for, rules_of
from tests.web.walls.shown_forms import ENDINGS, find_endpoint, forms_of
from tests.web.walls.world import BY_CODE, STRANGER, World
from wellbeing.domain.roles import Role
from wellbeing.web.shared import policy
from wellbeing.web.shared.headers import CONTENT_SECURITY_POLICY

EXAMPLES = int(os.environ.get("WELLBEING_FUZZ", "150"))
LONGEST_SECONDS = 20
MARK = "wbq7"
SEVEN = "{{191*7}}${191*7}<%=191*7%>#{191*7}"
PAYLOADS = (
    f"\"'><{MARK} onfocus=x>{SEVEN}",
    "9" * 400,
    "\x01\x07\x1b[31m\x7f\x85\u202eevil\u2066\ufeff",
    # The rest takes turns.
    f"javascript:{MARK}",
    "' OR 1=1; DROP TABLE person;--",
    "=cmd|' /C calc'!A0",
    "%s%n%x{0.__class__}{}%(name)s",
    "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
    "-1e309",
    "NaN",
    "../../../../etc/passwd",
    "å" * 5000,
    "[" * 3000,
    "\U0001f4a9\u0301" * 50,
    "0001-01-01",
    "9999-12-31T23:59:60+99:99",
)
ALWAYS = 3
RAW = ("%00", "%ed%a0%80", "%ff%fe", "%c0%ae", "%", "%zz", "%0d%0aX:1", "%25%30%30", "//", "\\")
SENDERS = ("Eva", "Lis", "Hanne", "Susan", "Adam", STRANGER)
ROLE_OF = {
    "Eva": Role.EMPLOYEE,
    "Lis": Role.LEADER,
    "Hanne": Role.HR,
    "Susan": Role.SUPERVISOR,
    "Adam": Role.ADMINISTRATOR,
    "Dina": Role.DPO,
}
PLAYERS = (STRANGER, BY_CODE, "Eva", "Lis", "Hanne", "Hugo", "Sara", "Susan", "Adam", "Dina")
ODD_HEADERS: tuple[dict[str, str], ...] = (
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-For": "a, b"},
    {"X-Forwarded-Prefix": "//evil.example", "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin"},
    {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "PUT"},
    {"Range": "bytes=0-,-1,5-3", "If-Range": "x"},
    {"If-None-Match": '"x', "If-Modified-Since": "no date", "If-Match": "*"},
    {"Accept-Language": "da;q=x, ../../etc, *;q=" + "9" * 200},
    {"Accept": "\\*/\\*;q=-1", "Accept-Encoding": "identity;q=0, *;q=0"},
    {"Referer": "javascript:1", "Origin": "null", "User-Agent": "\x7f\t" * 50},
    {"Authorization": "Basic %%%", "Cookie2": "x", "Sec-Fetch-Site": "cross-site"},
    {"Transfer-Encoding": "chunked, identity", "Expect": "100-continue", "Upgrade": "h2c"},
)
QUERIES = ("week", "day", "from", "next", "unit", "form", "q", "kind", "page", "show", "after")
COOKIES = ("wellbeing=x", "wellbeing=.eJx.x.x", "locale=../../x; wellbeing=\x80", "=;=;" * 400)
CONTENT_TYPES = (
    "application/json",
    "text/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "x" * 300,
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=idna",
    "\x00",
    "",
)
BODIES = (b"", b"\xff" * 300, b"{" * 3000, b"a=" + b"%ed%a0%80", b"--x\r\n\r\n", b"&" * 3000)


def check(world: World, answer: TestResponse, about: object) -> None:
    """What holds for every answer, whatever was asked."""
    body = answer.get_data()
    assert answer.status_code < 500, (about, answer.status_code)
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, about
    assert answer.headers["X-Content-Type-Options"] == "nosniff", about
    assert not {h for h, _ in answer.headers if h.startswith("Access-Control-")}, about
    assert "x=1" not in answer.headers.getlist("Set-Cookie"), about
    assert b"Traceback" not in body, about
    assert b"sqlalchemy" not in body, about
    if answer.mimetype == "text/html":
        assert f"<{MARK}".encode() not in body, about
        assert b"1337" not in body, about
        for link in ("href", "src", "action", "formaction", "content"):
            assert f'{link}="javascript:{MARK}'.encode() not in body, about
    location = urlsplit(answer.headers.get("Location", ""))
    assert not location.netloc or location.hostname == "localhost", about
    if answer.status_code >= 400:
        assert world.still.changed == [], about


def timed(world: World, name: str, path: str, method: str, **options: object) -> None:
    """Asks, and checks the answer and how long it took."""
    started = time.monotonic()
    answer = world.ask(name, path, method, **options)
    check(world, answer, (name, method, path[:200], str(options)[:300]))
    assert time.monotonic() - started < LONGEST_SECONDS, path[:200]


@pytest.mark.asvs("1.2.1", "1.2.4", "2.2.1", "2.2.2", "16.5.1")
@pytest.mark.parametrize("name", SENDERS)
def test_every_form_withstands_payloads_in_all_its_fields(name: str, world: World) -> None:
    tried = 0
    for place, form in enumerate(forms_of(world, name)):
        endpoint = find_endpoint(world, form.action)
        if endpoint in ENDINGS or first_sender(world, endpoint) != name:
            continue
        for payload in payloads_for(place):
            for fields in (dict.fromkeys(form.names, payload), only_texts(form.filled, payload)):
                check(world, world.send(name, form.action, fields), (form.action, payload[:40]))
                tried += 1
    assert tried > 5


def first_sender(world: World, endpoint: str) -> str:
    """Who sends a form that several are shown: it is the same form."""
    needed = policy.POLICY[endpoint]
    return next((n for n in SENDERS if ROLE_OF.get(n) in needed), STRANGER)


def payloads_for(place: int) -> tuple[str, ...]:
    """Those that every form is sent, and some of the others in turn; all of them when asked for."""
    if "WELLBEING_FUZZ" in os.environ:
        return PAYLOADS
    others = PAYLOADS[ALWAYS:]
    return (*PAYLOADS[:ALWAYS], *(others[(place * 2 + n) % len(others)] for n in range(2)))


def only_texts(filled: Mapping[str, str], payload: str) -> dict[str, str]:
    """The form as somebody would fill it in, but for its texts: these get past the other fields."""
    return {k: payload if v == "Aftalt med teamet" else v for k, v in filled.items()}


@pytest.mark.asvs("1.2.1", "3.4.2", "16.5.1")
def test_every_address_withstands_payloads_in_its_query_and_its_path(world: World) -> None:
    for place, endpoint in enumerate(sorted(set(policy.POLICY) - {"static"})):
        needed = policy.POLICY[endpoint]
        name = next((n for n, role in ROLE_OF.items() if role in needed), STRANGER)
        for rule, method in rules_of(world.app, endpoint):
            path = world.address(rule, ids_for(world, rule, "team_a"))
            payload = PAYLOADS[place % len(PAYLOADS)]
            query = "&".join(f"{n}={quote(payload, safe='')}" for n in QUERIES)
            timed(world, name, f"{path}?{query}", method)
            timed(world, name, f"{path}?{RAW[place % len(RAW)]}&next=%2f%2fevil.example", method)
            timed(world, STRANGER, path.replace("/x", "/" + RAW[place % len(RAW)]) + RAW[0], method)


@pytest.mark.asvs("4.1.3", "1.3.6", "16.5.1")
@settings(
    max_examples=EXAMPLES,
    derandomize="WELLBEING_FUZZ" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_mix_of_method_header_cookie_type_and_body_is_answered(
    data: st.DataObject, world: World
) -> None:
    draw = data.draw
    endpoint = draw(st.sampled_from(sorted(set(policy.POLICY) - {"static"})))
    rule, _ = draw(st.sampled_from(rules_of(world.app, endpoint)))
    path = world.address(rule, ids_for(world, rule, "team_a"))
    path += draw(st.sampled_from(("", "/", "/..", "/%2e%2e/", ";x", "?a=%ff", "/.", "%20")))
    method = draw(st.sampled_from(("GET", "POST", "HEAD", "OPTIONS", "PUT", "TRACE", "BREW")))
    name = draw(st.sampled_from(PLAYERS))
    headers = draw(st.sampled_from(ODD_HEADERS))
    if draw(st.booleans()):
        headers = {**headers, "Cookie": draw(st.sampled_from(COOKIES))}
    body = draw(st.one_of(st.sampled_from(BODIES), st.binary(max_size=200)))
    fields = draw(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=30)), max_size=6))
    content_type = draw(st.sampled_from(CONTENT_TYPES))
    headers = {k: v for k, v in headers.items() if v.isprintable()}
    if draw(st.booleans()):
        pairs = [(k, v) for k, v in fields if k.isprintable() and v.isprintable()]
        answer = world.send(name, path, pairs)
        check(world, answer, (name, path, pairs))
    elif content_type.isprintable():
        options = {"headers": headers, "data": body, "content_type": content_type}
        timed(world, name, path, method, **options)
